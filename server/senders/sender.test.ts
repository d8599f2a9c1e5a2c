import type { Consent, DetectedIssue, Observation, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import type { AuditRecord } from '../audit/record.ts'
import { type TaskCode, taskCode, taskInput, triageColour } from '../core/decide/words/coded-words.ts'
import { tellSendingReason } from '../core/decide/words/sending-reason.ts'
import { reasonIn } from '../core/decide/words/told.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { ORGANIZATION_NUMBER } from '../national-numbers/systems.ts'
import { GIVE_UP_MILLISECONDS } from './deliver.ts'
import { keepPlaces } from './feed-place.ts'
import type { HttpAnswer } from './http-answer.ts'
import { jftReceiver } from './jft/jft-receiver.ts'
import type { Receiver } from './message.ts'
import { claimDue } from './message-table.ts'
import { followOrganization } from './receiving-organization.ts'
import { senderTurn } from './sender.ts'
import { messageOf } from './sending-failed.ts'
import { createSentMessages } from './sent-messages.ts'
import { startTestGround, TESTER, type TestGround } from './test-ground.ts'

const ORGANIZATION = '312229544'
const KARI = { ...TESTER, actor: 'Practitioner/kari' }
/** Published numbers for tests that nobody bears; to the rules they are real ones. */
const NUMBERS = { line: '13116900216', roland: '05073500186' }
const clock = { now: new Date('2026-11-23T08:00:00Z') }
const later = (milliseconds: number) => {
  clock.now = new Date(clock.now.getTime() + milliseconds)
}
const MINUTE = 60_000

/** What the receiver is asked, and what it answers: a list is used up, one after the other. */
let asked: { url: string; body: string }[]
let answers: (HttpAnswer | Error)[]
let statuses: string[]
let noted: AuditRecord[]
let auditFails: boolean
let isWithoutToken: boolean

const answer = (status: number, headers: Record<string, string> = {}, body = ''): HttpAnswer => ({
  ...{ status, header: (name) => headers[name] ?? null, body },
})
let taken = 0
const receipt = () => answer(202, { location: `/v1/Bundle/r${++taken}` })

let ground: TestGround
let database: TestGround['database']
let store: TestGround['store']
let put: TestGround['put']
let receiver: Receiver

beforeAll(async () => {
  ground = await startTestGround(() => clock.now)
  ;({ database, store, put } = ground)
  receiver = jftReceiver(
    {
      ...{ organization: ORGANIZATION, url: 'https://write.example', readUrl: 'https://read.example' },
      ...{ sourceSystem: 'Fylgje', numbers: 'real', timeoutSeconds: 5 },
    },
    {
      ...{ store, now: () => clock.now },
      search: ground.search,
      accessNow: followOrganization(database.pool, ORGANIZATION, () => clock.now),
      async ready() {
        if (isWithoutToken) throw Object.assign(new Error('no token'), { code: 'OAUTH_RESPONSE_BODY_ERROR' })
      },
      async call({ url, body = '' }) {
        if (url.endsWith('$status'))
          return answer(200, {}, JSON.stringify({ status: statuses.shift() ?? 'registered' }))
        asked.push({ url, body })
        const next = answers.shift() ?? receipt()
        if (next instanceof Error) throw next
        return next
      },
    },
  )
  await put(
    { resourceType: 'Organization', id: 'kommune', identifier: [{ system: ORGANIZATION_NUMBER, value: ORGANIZATION }] },
    {
      ...{ resourceType: 'Practitioner', id: 'kari', name: [{ family: 'Nordlys', given: ['Kari'] }] },
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9144889' }],
    },
    ...Object.entries(NUMBERS).flatMap(([id, value]) => [
      { resourceType: 'Patient', id, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value }] },
      {
        ...{
          resourceType: 'EpisodeOfCare',
          id: `${id}-episode`,
          status: 'active',
          patient: { reference: `Patient/${id}` },
        },
        managingOrganization: { reference: 'Organization/kommune' },
      },
    ]),
    { resourceType: 'Patient', id: 'stranger' },
    { resourceType: 'Patient', id: 'numberless' },
    {
      ...{ resourceType: 'EpisodeOfCare', id: 'e', status: 'active', patient: { reference: 'Patient/numberless' } },
      managingOrganization: { reference: 'Organization/kommune' },
    },
  )
})
afterAll(() => database.stop())

beforeEach(async () => {
  ;[asked, answers, statuses, noted, auditFails, isWithoutToken] = [[], [], [], [], false, false]
  await database.pool.query('TRUNCATE outgoing_message, outgoing_place')
  await keepPlaces(database.pool, [receiver])
})

let count = 0
/** An alert of a low SpO2 that somebody has, and then closes. @returns the id of its Task */
async function close(
  patient: string,
  code: TaskCode = 'assess-measurement',
  more: Partial<Task> = {},
): Promise<string> {
  const id = `t${++count}`
  const observation: Observation = {
    ...{ resourceType: 'Observation', id: `o${count}`, status: 'final', subject: { reference: `Patient/${patient}` } },
    ...{
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      effectiveDateTime: clock.now.toISOString(),
    },
    valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }
  await put(observation)
  const task: Task = {
    ...{ resourceType: 'Task', id, status: 'accepted', intent: 'order', code: taskCode(code) },
    ...{ for: { reference: `Patient/${patient}` }, owner: { reference: 'Practitioner/kari' } },
    ...{ authoredOn: clock.now.toISOString(), reasonCode: { text: 'SpO2 84 %' } },
    input: [{ type: taskInput('evidence'), valueReference: { reference: `Observation/o${count}/_history/1` } }],
    ...more,
  }
  await put(task)
  const closed = { ...task, status: 'completed' } as unknown as Resource
  await store.writeAll(KARI, [{ interaction: 'update', resource: closed, id }])
  return id
}

const rooms = () =>
  ground.roomsFor(receiver, async (...records) => {
    if (auditFails) throw new Error('the audit cannot be written')
    noted.push(...records)
  })
/** Until there is nothing more to do now. */
async function work(turn = senderTurn(rooms(), receiver)): Promise<void> {
  while (await turn());
}
const messages = async () =>
  (await createSentMessages(database.pool, () => clock.now).list({ countMax: 100 })).messages
    .reverse()
    .map(({ reason, ...message }) => ({
      ...message,
      ...(reason ? { reason: tellSendingReason(reason).en } : {}),
    }))
const states = async () => (await messages()).map(({ state }) => state)
const tasksOfSender = async (): Promise<Task[]> => {
  const { rows } = await database.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE type = 'Task' AND NOT deleted ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Task)
}
const tasksOfOutage = async (): Promise<Task[]> =>
  (await tasksOfSender()).filter(({ identifier }) => identifier?.[0]?.value?.startsWith('receiver|sending-late|'))
const tasksOfOperators = async (): Promise<Task[]> => {
  // Those of other tests are about messages that are gone.
  const known = new Set((await messages()).map(({ id }) => id))
  return (await tasksOfSender()).filter((task) => known.has(messageOf(task) ?? ''))
}
const issueIn = (body: string): DetectedIssue =>
  JSON.parse(body)
    .entry.map(({ resource }: { resource: Resource }) => resource)
    .find(({ resourceType }: Resource) => resourceType === 'DetectedIssue')
const causesSent = () => asked.map(({ body }) => JSON.parse(body).identifier.value as string)

test('an alert that is closed arrives, and what becomes of it is asked until it is in the journal', async () => {
  const id = await close('line')
  await work()
  expect(await messages()).toMatchObject([{ state: 'accepted', cause: `Task/${id}/_history/2`, attempts: 1 }])
  expect(asked).toMatchObject([{ url: 'https://write.example/v1/Bundle' }])
  const [composition] = JSON.parse(asked[0]?.body ?? '{}').entry
  expect(composition.resource.author).toEqual([
    { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.4', value: '9144889' }, display: 'Kari Nordlys' },
  ])
  expect(noted).toMatchObject([{ code: 'sent', patients: ['line'], what: [`Task/${id}/_history/2`] }])
  statuses = ['read', 'journaled']
  later(MINUTE)
  await work()
  expect(await states()).toEqual(['accepted'])
  later(2 * MINUTE)
  await work()
  expect(await states()).toEqual(['journaled'])
  expect(await tasksOfOperators()).toEqual([])
})

const observationsIn = (body = '{}'): Observation[] =>
  JSON.parse(body)
    .entry.map(({ resource }: { resource: Resource }) => resource)
    .filter(({ resourceType }: Resource) => resourceType === 'Observation')

test.each([
  ['is entered in error', { status: 'entered-in-error' }, []],
  ['was corrected', { status: 'corrected', valueQuantity: { value: 94, unit: '%', code: '%' } }, [94]],
] as const)('a measurement that %s when it is sent is not told of as it first was', async (_case, change, values) => {
  await close('line')
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${count}`)
  await put({ ...JSON.parse(text), ...change })
  await work()
  expect(await states()).toEqual(['accepted'])
  expect(observationsIn(asked[0]?.body).map(({ valueQuantity }) => valueQuantity?.value)).toEqual(values)
})

const issuesIn = (body = '{}'): DetectedIssue[] =>
  JSON.parse(body)
    .entry.map(({ resource }: { resource: Resource }) => resource)
    .filter(({ resourceType }: Resource) => resourceType === 'DetectedIssue')

test('an alert whose measurement was withdrawn is told as something handled, and names the value nowhere', async () => {
  await close('line', 'assess-measurement', {
    description: 'Vurder SpO2 84 %',
    note: [{ text: 'Ringte: satt feil på.' }],
  })
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${count}`)
  await put({ ...JSON.parse(text), status: 'entered-in-error' })
  await work()
  const [body = ''] = asked.map((one) => one.body)
  expect(body).not.toContain('84 %')
  expect(body).toContain('trukket tilbake som feilført')
  expect(body).toContain('Ringte: satt feil på.')
  const [issue] = issuesIn(body)
  expect([issue?.code?.coding?.[0]?.code, issue?.severity, issue?.implicated]).toEqual(['5.2.3', undefined, undefined])
})

test('an alert whose measurement was corrected says that it was, and names the former value and its colour nowhere', async () => {
  await close('line', 'assess-measurement', {
    ...{ description: 'Vurder SpO2 84 %', businessStatus: triageColour('red') },
    note: [{ text: 'Ringte: satt feil på.' }],
  })
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${count}`)
  await put({ ...JSON.parse(text), status: 'corrected', valueQuantity: { value: 94, unit: '%', code: '%' } })
  await work()
  const [body = ''] = asked.map((one) => one.body)
  expect(body).not.toMatch(/84 %|"value":84/)
  expect(body).not.toContain('Rød')
  expect(body).toContain('er korrigert siden')
  expect(body).toContain('Ringte: satt feil på.')
  expect(observationsIn(body).map(({ valueQuantity }) => valueQuantity?.value)).toEqual([94])
  const [issue] = issuesIn(body)
  expect([issue?.code?.coding?.[0]?.code, issue?.severity, issue?.implicated?.length]).toEqual(['5.2.1', undefined, 1])
})

test('what was only commented since is no correction: the words of the alert stand', async () => {
  await close('line')
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${count}`)
  await put({ ...JSON.parse(text), note: [{ text: 'Etter trapp' }] })
  await work()
  expect(asked[0]?.body).toContain('SpO2 84 %')
  expect(asked[0]?.body).not.toContain('korrigert')
})

test('of several measurements one was corrected: how grave it was is told, and the words of the alert are not', async () => {
  await close('line')
  const other = count
  await close('line', 'assess-measurement', {
    ...{ reasonCode: { text: 'SpO2 84 % og 83 %' }, businessStatus: triageColour('red') },
    input: [other, count + 1].map((n) => ({
      type: taskInput('evidence'),
      valueReference: { reference: `Observation/o${n}/_history/1` },
    })),
  })
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${other}`)
  await put({ ...JSON.parse(text), valueQuantity: { value: 94, unit: '%', code: '%' } })
  await work()
  const body = asked.at(-1)?.body
  expect(body).not.toContain('83 %')
  expect(issuesIn(body)[0]).toMatchObject({ severity: 'high', detail: 'Rød' })
})

test('of several measurements one was withdrawn: the others are told, and the words of the alert are not', async () => {
  await close('line')
  const other = count
  await close('line', 'assess-measurement', {
    reasonCode: { text: 'SpO2 84 % og 83 %' },
    input: [other, count + 1].map((n) => ({
      type: taskInput('evidence'),
      valueReference: { reference: `Observation/o${n}/_history/1` },
    })),
  })
  const { text = '{}' } = await store.read(TESTER, 'Observation', `o${other}`)
  await put({ ...JSON.parse(text), status: 'entered-in-error' })
  await work()
  const body = asked.at(-1)?.body
  expect(observationsIn(body)).toHaveLength(1)
  expect(body).not.toContain('83 %')
  expect(issuesIn(body)[0]?.code?.coding?.[0]?.code).toBe('5.2.1')
})

test('the author is who closed it, whoever has the Task', async () => {
  await put({ resourceType: 'Practitioner', id: 'ola', name: [{ text: 'Ola Vakt' }] })
  await close('line', 'assess-measurement', { owner: { reference: 'Practitioner/ola' } })
  await work()
  const [composition] = JSON.parse(asked[0]?.body ?? '{}').entry
  expect(composition.resource.author).toMatchObject([{ display: 'Kari Nordlys' }])
})

test('what is read twice from the feed is one message, sent once', async () => {
  const { rows } = await database.pool.query<{ xid: string; seq: string }>('SELECT xid, seq FROM outgoing_place')
  await close('line')
  await work()
  await database.pool.query(sql`UPDATE outgoing_place SET xid = ${rows[0]?.xid}::xid8, seq = ${rows[0]?.seq}::bigint`)
  await work()
  expect(await messages()).toMatchObject([{ state: 'accepted', attempts: 1 }])
  expect(asked).toHaveLength(1)
})

test('nothing is put down of whom the organisation does not follow, of what the engine takes back, and while nobody is switched on', async () => {
  await close('stranger')
  const closed = await close('line')
  const open: Task = {
    ...{
      resourceType: 'Task',
      id: `t${++count}`,
      status: 'requested',
      intent: 'order',
      code: taskCode('assess-measurement'),
    },
    for: { reference: 'Patient/line' },
  }
  await put(open)
  const ENGINE = engineAccess('plan-engine')
  const takenBack = { ...open, status: 'cancelled' } as unknown as Resource
  await store.writeAll(ENGINE, [{ interaction: 'update', resource: takenBack, id: String(open.id) }])
  await work()
  expect(await messages()).toMatchObject([{ cause: `Task/${closed}/_history/2` }])
  await keepPlaces(database.pool, [])
  await close('line')
  await work()
  await keepPlaces(database.pool, [receiver])
  await work()
  expect(await messages()).toHaveLength(1)
})

test.each([
  ['in the same transaction', true],
  ['before anybody has read of it', false],
])(
  'an enrolment that ends with its alert, %s, does not take it away unseen: it is withheld, and stands in what was sent',
  async (_when, together) => {
    const patient = together ? 'leaves' : 'left'
    const episode = (status: string) => ({
      ...{
        resourceType: 'EpisodeOfCare',
        id: `${patient}-episode`,
        status,
        patient: { reference: `Patient/${patient}` },
      },
      managingOrganization: { reference: 'Organization/kommune' },
    })
    await put({ resourceType: 'Patient', id: patient }, episode('active'), {
      ...{
        resourceType: 'Task',
        id: `${patient}-last`,
        status: 'accepted',
        intent: 'order',
        code: taskCode('assess-measurement'),
      },
      for: { reference: `Patient/${patient}` },
    })
    const { text = '{}' } = await store.read(TESTER, 'Task', `${patient}-last`)
    const changes = [{ ...JSON.parse(text), status: 'completed' }, episode('finished')].map((one) => ({
      interaction: 'update' as const,
      resource: one as Resource,
      id: String(one.id),
    }))
    if (together) await store.writeAll(KARI, changes)
    else for (const change of changes) await store.writeAll(KARI, [change])
    await work()
    expect(await messages()).toMatchObject([
      { state: 'withheld', cause: expect.stringContaining(`Task/${patient}-last/_history/`) },
    ])
    expect(asked).toEqual([])
    // What closes after the end is nothing of the organisation's.
    later(MINUTE)
    await close(patient)
    await work()
    expect(await messages()).toHaveLength(1)
  },
)

test('an enrolment that ends in a transaction whose alerts are read in two rounds takes neither away unseen', async () => {
  const episode = (status: string) => ({
    ...{ resourceType: 'EpisodeOfCare', id: 'cut-episode', status, patient: { reference: 'Patient/cut' } },
    managingOrganization: { reference: 'Organization/kommune' },
  })
  const task = (id: string, status: string) => ({
    ...{ resourceType: 'Task', id, status, intent: 'order', code: taskCode('assess-measurement') },
    for: { reference: 'Patient/cut' },
  })
  const ids = ['cut-a', 'cut-b']
  await put({ resourceType: 'Patient', id: 'cut' }, episode('active'), ...ids.map((id) => task(id, 'accepted')))
  const changes = [episode('finished'), ...ids.map((id) => task(id, 'completed'))]
  await store.writeAll(
    KARI,
    changes.map((one) => ({ interaction: 'update', resource: one as unknown as Resource, id: one.id })),
  )
  // As if the first of them had been the last of a round.
  const { rows } = await database.pool.query<{ id: string; xid: string; seq: string }>(sql`
    SELECT id, xid, seq FROM event WHERE id IN ('cut-episode', 'cut-a', 'cut-b') AND version = 2 ORDER BY seq`)
  expect(rows.map(({ id }) => id)).toEqual(['cut-episode', ...ids])
  await database.pool.query(sql`UPDATE outgoing_place SET xid = ${rows[1]?.xid}::xid8, seq = ${rows[1]?.seq}::bigint`)
  await work()
  expect(await messages()).toMatchObject([{ state: 'withheld', cause: 'Task/cut-b/_history/2' }])
})

test('what the patient has closed to the organisation when it would be sent is not sent; nothing is said of what it was', async () => {
  const id = await close('line')
  const deny = (status: Consent['status']): Consent => ({
    ...{
      resourceType: 'Consent',
      id: 'closed',
      status,
      patient: { reference: 'Patient/line' },
      dateTime: '2026-11-01',
    },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: {
      type: 'deny',
      data: [{ meaning: 'instance', reference: { reference: `Observation/o${count}` } }],
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: 'Organization/kommune' },
        },
      ],
    },
  })
  await put(deny('active'))
  await work()
  expect(await messages()).toMatchObject([{ state: 'withheld', reason: 'The receiver may not see all of it.' }])
  expect([asked, noted]).toEqual([[], []])
  expect(JSON.stringify(await messages())).not.toContain('84')
  // Withdrawn before the next is sent: that one goes.
  await put(deny('inactive'))
  const next = await close('line')
  await work()
  expect(await messages()).toMatchObject([
    { cause: `Task/${id}/_history/2` },
    { state: 'accepted', cause: `Task/${next}/_history/2` },
  ])
})

test('of a patient whom the organisation does not follow any more when it would be sent, nothing is sent', async () => {
  const episode = (status: string) => ({
    ...{ resourceType: 'EpisodeOfCare', id: 'roland-episode', status, patient: { reference: 'Patient/roland' } },
    managingOrganization: { reference: 'Organization/kommune' },
  })
  await close('roland')
  answers = [answer(500)]
  const turn = senderTurn(rooms(), receiver)
  await work(turn)
  await put(episode('finished'))
  later(MINUTE)
  await work(turn)
  expect(await messages()).toMatchObject([{ state: 'withheld', reason: 'The receiver may not see the patient.' }])
  expect(asked).toHaveLength(1)
  await put(episode('active'))
})

test('the messages about one patient go out in their order: a later one waits for an earlier, others do not', async () => {
  await close('line')
  await close('line')
  await close('roland')
  answers = [answer(503), receipt()]
  const turn = senderTurn(rooms(), receiver)
  await turn()
  expect(await states()).toEqual(['failed', 'queued', 'accepted'])
  expect((await messages())[0]).toMatchObject({ reason: 'The receiver answered 503.', attempts: 1 })
  later(10_000)
  await work(turn)
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted'])
  const [first, , again, second] = causesSent()
  expect([first === again, first === second]).toEqual([true, false])
})

test('a process that is killed with a message leaves it to others, and what they send bears the same names', async () => {
  await close('line')
  answers = [new Error('killed before the answer came')]
  await work()
  later(10_000)
  const claimed = await claimDue(database.pool, receiver, { now: clock.now, countMax: 9, leaseMilliseconds: 35_000 })
  expect(claimed).toHaveLength(1)
  await work()
  expect(asked).toHaveLength(1)
  expect(await states()).toEqual(['sent'])
  later(36_000)
  await work()
  expect(await states()).toEqual(['accepted'])
  expect(asked[1]?.body).toBe(asked[0]?.body)
})

test('what the receiver refuses is a Task with the reason at once; later messages go on, and by $resend it goes again', async () => {
  const body = JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'value', diagnostics: 'Ukjent pasient', expression: ['Composition.subject'] }],
  })
  await close('line')
  await close('line')
  answers = [answer(400, {}, body)]
  await work()
  expect(await states()).toEqual(['dead', 'accepted'])
  const [task, ...others] = await tasksOfOperators()
  expect(others).toEqual([])
  expect(task).toMatchObject({
    ...{ status: 'requested', code: { coding: [{ code: 'sending-failed' }] } },
    reasonCode: { text: 'Mottakeren svarte 400: «Ukjent pasient (Composition.subject)»' },
    performerType: [{ coding: [{ code: 'administrator' }] }],
  })
  expect(reasonIn(task as Task).nn).toBe('Mottakaren svarte 400: «Ukjent pasient (Composition.subject)»')
  expect(task).not.toHaveProperty('for')
  const { resend } = createSentMessages(database.pool, () => clock.now)
  const id = messageOf(task as Task) ?? ''
  expect(await resend(id)).toBe(true)
  expect(await resend(id)).toBe(false)
  await work()
  expect(await states()).toEqual(['accepted', 'accepted'])
})

test.each([
  ['of a patient without a national number', 'numberless', {}, 'The patient has no fødselsnummer'],
  ['too large', 'line', { reasonCode: { text: 'x'.repeat(1_000_001) } }, 'the receiver takes 1000000'],
] as const)('one that is %s is dead before it is sent', async (_case, patient, more, reason) => {
  await close(patient, 'assess-measurement', more as Partial<Task>)
  await work()
  expect(await messages()).toMatchObject([{ state: 'dead', reason: expect.stringContaining(reason) }])
  expect(asked).toEqual([])
  expect(await tasksOfOperators()).toHaveLength(1)
})

test('429 is obeyed for as long as it says', async () => {
  await close('line')
  answers = [answer(429, { 'retry-after': '600' })]
  const turn = senderTurn(rooms(), receiver)
  await work(turn)
  later(9 * MINUTE)
  await work(turn)
  expect(asked).toHaveLength(1)
  later(2 * MINUTE)
  await work(turn)
  expect(await states()).toEqual(['accepted'])
})

test('but for an hour at most', async () => {
  await close('line')
  answers = [answer(429, { 'retry-after': '604800' })]
  const turn = senderTurn(rooms(), receiver)
  await work(turn)
  later(59 * MINUTE)
  await work(turn)
  expect(asked).toHaveLength(1)
  later(2 * MINUTE)
  await work(turn)
  expect(await states()).toEqual(['accepted'])
})

test('a receiver that is down for a day loses nothing; one that is down for longer is told of', async () => {
  for (const patient of ['line', 'roland', 'line']) await close(patient)
  const down = () => Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
  const turn = senderTurn(rooms(), receiver)
  for (let hour = 0; hour < 24; hour++) {
    answers = [down(), down(), down(), down()]
    await work(turn)
    later(60 * MINUTE)
  }
  expect(await states()).toEqual(['failed', 'failed', 'queued'])
  expect((await messages())[0]?.reason).toBe('The receiver was not reached: ECONNREFUSED')
  expect(await tasksOfOutage()).toMatchObject([
    {
      status: 'requested',
      reasonCode: { text: expect.stringContaining('Fikk ikke kontakt med mottakeren (ECONNREFUSED).') },
    },
  ])
  answers = []
  await work(turn)
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted'])
  expect(await tasksOfOperators()).toEqual([])
  expect(await tasksOfOutage()).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Meldingene har kommet fram.' } },
  ])
  statuses = ['journaled', 'journaled', 'journaled']
  later(MINUTE)
  await work(turn)

  await close('line')
  answers = [down()]
  await work(turn)
  later(GIVE_UP_MILLISECONDS + MINUTE)
  answers = [down()]
  await work(turn)
  expect((await messages()).at(-1)).toMatchObject({
    state: 'dead',
    reason: expect.stringContaining('Given up after 2'),
  })
  expect(await tasksOfOperators()).toHaveLength(1)
})

test('that no one Organization has the number is a Task at once, taken back when one has; what closed meanwhile is sent then', async () => {
  const twin = { resourceType: 'Organization', id: 'twin' }
  await put({ ...twin, identifier: [{ system: ORGANIZATION_NUMBER, value: ORGANIZATION }] })
  const turn = senderTurn(rooms(), receiver)
  await close('line')
  await work(turn)
  await work(senderTurn(rooms(), receiver))
  const told = async () =>
    (await tasksOfSender()).filter(({ identifier }) =>
      identifier?.[0]?.value?.startsWith('receiver|organization-unknown|jft 312229544|'),
    )
  expect(await told()).toMatchObject([
    {
      ...{ status: 'requested', performerType: [{ coding: [{ code: 'administrator' }] }] },
      reasonCode: { text: expect.stringContaining('312229544') },
    },
  ])
  expect(await messages()).toEqual([])
  await put(twin)
  await work(turn)
  expect(await told()).toMatchObject([{ status: 'cancelled' }])
  expect(await states()).toEqual(['accepted'])
})

test('a message that is sent anew does not hide that others have waited for long', async () => {
  const turn = senderTurn(rooms(), receiver)
  answers = [answer(400)]
  await close('line')
  await work(turn)
  answers = [answer(503)]
  await close('roland')
  await work(turn)
  answers = [answer(503), answer(503)]
  later(61 * MINUTE)
  const [first] = await messages()
  expect(await createSentMessages(database.pool, () => clock.now).resend(String(first?.id))).toBe(true)
  await work(turn)
  expect(await tasksOfOutage()).toContainEqual(expect.objectContaining({ status: 'requested' }))
  answers = []
  later(60_000)
  await work(turn)
  expect(await tasksOfOutage()).not.toContainEqual(expect.objectContaining({ status: 'requested' }))
})

test.each([
  ['could not be journaled', ['failed'], 0, 'could not be journaled'],
  ['lies in no journal after three days', [], GIVE_UP_MILLISECONDS, 'accepted 72 hours ago'],
] as const)('what was accepted and %s is a Task', async (_case, said, wait, reason) => {
  await close('line')
  await work()
  statuses = [...said]
  later(wait + MINUTE)
  await work()
  expect(await messages()).toMatchObject([{ state: 'dead', reason: expect.stringContaining(reason) }])
  expect(await tasksOfOperators()).toHaveLength(1)
})

test('what cannot be written down in the audit is not sent', async () => {
  await close('line')
  auditFails = true
  await expect(work()).rejects.toThrow('audit')
  expect(asked).toEqual([])
  auditFails = false
  later(MINUTE)
  await work()
  expect(await states()).toEqual(['accepted'])
})

test('without a token nothing is sent, and nothing is written down as sent', async () => {
  await close('line')
  isWithoutToken = true
  const turn = senderTurn(rooms(), receiver)
  await work(turn)
  expect([asked, noted]).toEqual([[], []])
  expect(await messages()).toMatchObject([
    { state: 'failed', reason: 'The receiver was not reached: OAUTH_RESPONSE_BODY_ERROR' },
  ])
  isWithoutToken = false
  later(MINUTE)
  await work(turn)
  expect(await states()).toEqual(['accepted'])
  expect(noted).toHaveLength(1)
})

test('a note to the organisation is sent once, whoever changes it later', async () => {
  const note = {
    ...{
      resourceType: 'Communication',
      id: `c${++count}`,
      status: 'completed',
      subject: { reference: 'Patient/line' },
    },
    ...{ sender: { reference: 'Practitioner/kari' }, recipient: [{ reference: 'Organization/kommune' }] },
    ...{ sent: clock.now.toISOString(), payload: [{ contentString: 'Snakket om pust' }] },
  }
  await put(note)
  await put({ ...note, payload: [{ contentString: 'Rettet' }] })
  await put({ ...note, id: `c${++count}`, recipient: [{ reference: 'Patient/line' }] })
  await work()
  expect(asked).toHaveLength(1)
  expect(asked[0]?.body).toContain('Snakket om pust')
})

test('several processes at once, a receiver that fails at random, and processes that die: all arrive, each patient’s in order', async () => {
  const patients = ['line', 'roland']
  const causes = new Map<string, string[]>(patients.map((patient) => [patient, []]))
  for (let i = 0; i < 24; i++) {
    const patient = patients[i % 2] as string
    causes.get(patient)?.push(`Task/${await close(patient)}/_history/2`)
  }
  // The same every time: a generator of its own.
  let seed = 7
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  const failing = [answer(500), answer(202), answer(200), new Error('reset'), answer(429, { 'retry-after': '1' })]
  const haveAllArrived = (all: string[]) => all.length === 24 && all.every((state) => state === 'accepted')
  for (let round = 0; round < 400 && !haveAllArrived(await states()); round++) {
    answers = Array.from(
      { length: 4 },
      () => (random() < 0.5 ? failing[Math.floor(random() * failing.length)] : receipt()) as HttpAnswer,
    )
    // One takes messages and dies with them.
    if (random() < 0.2)
      await claimDue(database.pool, receiver, { now: clock.now, countMax: 2, leaseMilliseconds: 1_000 })
    const turns = [senderTurn(rooms(), receiver), senderTurn(rooms(), receiver)]
    await Promise.all(turns.map((turn) => turn()))
    later(20_000)
  }
  const sent = await messages()
  expect(sent.map(({ state }) => state)).toEqual(sent.map(() => 'accepted'))
  expect(sent).toHaveLength(24)
  for (const patient of patients) {
    const arrived = asked.filter(({ body }) => body.includes(NUMBERS[patient as keyof typeof NUMBERS]))
    const order = [...new Set(arrived.map(({ body }) => JSON.parse(body).identifier.value as string))]
    expect(order).toHaveLength(12)
    expect(sent.filter(({ cause }) => causes.get(patient)?.includes(cause)).map(({ cause }) => cause)).toEqual(
      causes.get(patient),
    )
    const issued = arrived.map(({ body }) => issueIn(body).identifiedDateTime ?? '')
    expect(issued).toEqual([...issued].sort())
  }
})
