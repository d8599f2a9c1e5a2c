import type { Bundle, BundleEntry, Observation, Task } from '@medplum/fhirtypes'
import { DELAYED_RELEASE_SYSTEM, RELEASE_AT } from '../../access/vocabulary.ts'
import type { AuditRecord } from '../../audit/record.ts'
import { tellSendingReason } from '../../core/decide/words/sending-reason.ts'
import { reasonIn } from '../../core/decide/words/told.ts'
import { ORGANIZATION_NUMBER } from '../../national-numbers/systems.ts'
import { keepPlaces } from '../feed-place.ts'
import type { HttpAnswer } from '../http-answer.ts'
import type { Receiver } from '../message.ts'
import { claimDue } from '../message-table.ts'
import { followOrganization } from '../receiving-organization.ts'
import { senderTurn } from '../sender.ts'
import { createSentMessages } from '../sent-messages.ts'
import { startTestGround, TESTER, type TestGround } from '../test-ground.ts'
import { pmdReceiver } from './pmd-receiver.ts'

const ORGANIZATION = '312229544'
const NUMBERS = ['13116900216', '05073500186']
const clock = { now: new Date('2026-11-23T08:00:00Z') }
const later = (minutes: number) => {
  clock.now = new Date(clock.now.getTime() + minutes * 60_000)
}

let ground: TestGround
let receiver: Receiver
let asked: Bundle[]
let noted: AuditRecord[]
/** What is answered next; without one everything is taken. */
let answers: ((bundle: Bundle) => HttpAnswer)[]

const reply = (status: number, body: object): HttpAnswer => ({
  ...{ status, header: () => null, body: JSON.stringify(body) },
})
/** @param of the status of each entry, 201 where it says nothing */
const taken = (bundle: Bundle, of: (entry: BundleEntry) => string | undefined = () => undefined) =>
  reply(200, {
    ...{ resourceType: 'Bundle', type: 'batch-response' },
    entry: (bundle.entry ?? []).map((entry) => {
      const name = (entry.resource as Observation).identifier?.[0]?.value?.slice(9, 17)
      return {
        fullUrl: entry.fullUrl,
        response: { status: of(entry) ?? '201', location: `Observation/${name}/_history/1` },
      }
    }),
  })

beforeAll(async () => {
  ground = await startTestGround(() => clock.now)
  const { store, search, database } = ground
  receiver = pmdReceiver(
    {
      ...{ organization: ORGANIZATION, url: 'https://pmd.example', sourceSystem: 'Fylgje', municipality: '0301' },
      ...{ bundle: 'batch', numbers: 'real', timeoutSeconds: 5 },
    },
    {
      ...{ store, search, db: database.pool, now: () => clock.now, ready: async () => {} },
      accessNow: followOrganization(database.pool, ORGANIZATION, () => clock.now),
      async call({ body = '' }) {
        const bundle = JSON.parse(body) as Bundle
        asked.push(bundle)
        return (answers.shift() ?? taken)(bundle)
      },
    },
  )
  await ground.put(
    { resourceType: 'Organization', id: 'kommune', identifier: [{ system: ORGANIZATION_NUMBER, value: ORGANIZATION }] },
    ...NUMBERS.flatMap((value, i) => [
      { resourceType: 'Patient', id: `p${i}`, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value }] },
      {
        ...{ resourceType: 'EpisodeOfCare', id: `e${i}`, status: 'active', patient: { reference: `Patient/p${i}` } },
        managingOrganization: { reference: 'Organization/kommune' },
      },
    ]),
    { resourceType: 'Patient', id: 'stranger' },
  )
})
afterAll(() => ground.database.stop())
beforeEach(async () => {
  ;[asked, answers, noted] = [[], [], []]
  await ground.database.pool.query('TRUNCATE outgoing_message, outgoing_place')
  await keepPlaces(ground.database.pool, [receiver])
})

let count = 0
const measured = (value: number, patient = 'p0', more: Partial<Observation> = {}): Observation & { id: string } => ({
  ...{ resourceType: 'Observation', id: `o${++count}`, status: 'final' },
  subject: { reference: `Patient/${patient}` },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: '2026-11-23T07:00:00Z',
  valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  ...more,
})
async function work(): Promise<void> {
  const turn = senderTurn(
    ground.roomsFor(receiver, async (...records) => void noted.push(...records)),
    receiver,
  )
  while (await turn());
}
const messages = async () =>
  (await createSentMessages(ground.database.pool, () => clock.now).list({ countMax: 100 })).messages
    .reverse()
    .map(({ reason, ...message }) => ({
      ...message,
      ...(reason ? { reason: tellSendingReason(reason).en } : {}),
    }))
const states = async () => (await messages()).map(({ state }) => state)
const subjectIn = ({ entry = [] }: Bundle) =>
  (entry[0]?.resource as Observation | undefined)?.subject?.identifier?.value
const valuesIn = ({ entry = [] }: Bundle) => entry.map(({ resource }) => (resource as Observation).valueQuantity?.value)

test('the measurements of one patient go together, in their order, those of another by themselves, and each is audited', async () => {
  const all = [measured(91), measured(92), measured(97, 'p1'), measured(93)]
  await ground.put(...all)
  await ground.put(measured(50, 'stranger'), { ...measured(1), code: { text: 'Humør' } })
  await work()
  expect(asked.map(valuesIn).sort()).toEqual([[91, 92, 93], [97]])
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
  expect((await messages()).map(({ nextAt }) => nextAt)).toEqual([undefined, undefined, undefined, undefined])
  expect(noted.map(({ what }) => what?.[0]).sort()).toEqual(all.map(({ id }) => `Observation/${id}/_history/1`).sort())
})

test('a correction goes in the place of what it was, a deletion as void; what was withdrawn before it was sent is never sent', async () => {
  const one = measured(84)
  await ground.put(one)
  await work()
  await ground.put({ ...one, note: [{ text: 'Etter trapp' }] })
  await work()
  expect(asked).toHaveLength(1)
  await ground.put({ ...one, status: 'corrected', valueQuantity: { ...one.valueQuantity, value: 94 } })
  await work()
  await ground.store.writeAll(TESTER, [{ interaction: 'delete', type: 'Observation', id: one.id }])
  await work()
  const place = `Observation/${(asked[0]?.entry?.[0]?.resource as Observation | undefined)?.identifier?.[0]?.value?.slice(9, 17)}`
  expect(asked.map(({ entry }) => entry?.[0]?.request)).toEqual([
    { method: 'POST', url: 'Observation' },
    { method: 'PUT', url: place },
    { method: 'PUT', url: place },
  ])
  expect(asked.map(({ entry }) => (entry?.[0]?.resource as Observation | undefined)?.status)).toEqual([
    ...['final', 'corrected', 'entered-in-error'],
  ])
  expect(asked.map(valuesIn)).toEqual([[84], [94], [undefined]])

  const other = measured(70)
  await ground.put(other)
  await ground.put({ ...other, status: 'entered-in-error' })
  await work()
  expect(asked).toHaveLength(3)
  expect((await messages()).slice(-2)).toMatchObject([
    { state: 'withheld', reason: 'It was withdrawn before it was sent.' },
    { state: 'withheld', reason: 'It was withdrawn before it was sent.' },
  ])
})

const KELVIN = { value: 310, unit: 'K', system: 'http://unitsofmeasure.org', code: 'K' }

test.each([
  ['has words for a value now', [{ valueQuantity: undefined, valueString: 'ikke målt, ruset' }]],
  ['has no value, and a reason of its own', [{ valueQuantity: undefined, dataAbsentReason: { text: 'ruset' } }]],
  ['is of something that is not told of', [{ code: { text: 'ruset' }, valueQuantity: KELVIN }]],
  [
    'was corrected to a unit that is not taken, and was entered in error',
    [{ valueQuantity: KELVIN }, { valueQuantity: KELVIN, status: 'entered-in-error' as const }],
  ],
])('a measurement that %s is void, and nothing is sent of what it says now', async (_what, changes) => {
  const one = measured(84)
  await ground.put(one)
  await work()
  for (const change of changes) {
    await ground.put({ ...one, ...change })
    await work()
  }
  const first = asked[0]?.entry?.[0]?.resource as Observation
  expect(asked).toHaveLength(2)
  const { valueQuantity: _value, ...kept } = first
  expect(asked[1]?.entry?.[0]?.resource).toEqual({
    ...kept,
    id: first.identifier?.[0]?.value?.slice(9, 17),
    status: 'entered-in-error',
    dataAbsentReason: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'error' }],
    },
  })
  expect((await states()).at(-1)).toBe('accepted')
})

const told = (bundle: Bundle | undefined) =>
  (bundle?.entry ?? []).map(({ request, resource }) => {
    const { status, subject } = resource as Observation
    return [request?.method, status, subject?.identifier?.value]
  })
const [FIRST, SECOND] = ['13116900216', '05073500186']

test('a measurement that turns out to be of somebody whom the organisation does not follow is void for the patient whose it was said to be', async () => {
  const one = measured(84)
  await ground.put(one)
  await work()
  await ground.put({
    ...{ ...one, status: 'corrected', subject: { reference: 'Patient/stranger' } },
    ...{ effectiveDateTime: '2026-11-22T01:00:00Z' },
  })
  await work()
  expect(asked.map(told)).toEqual([[['POST', 'final', FIRST]], [['PUT', 'entered-in-error', FIRST]]])
  expect(asked[1]?.entry?.[0]?.resource).toMatchObject({ effectiveDateTime: one.effectiveDateTime })
  expect(noted.map(({ patients }) => patients)).toEqual([['p0'], ['p0']])
  expect(await states()).toEqual(['accepted', 'accepted'])
})

test('one that turns out to be of somebody whom it follows takes the place of what it was; before it was sent it never goes as the former’s', async () => {
  const [one, other] = [measured(84), measured(85)]
  await ground.put(one)
  await work()
  await ground.put({ ...one, subject: { reference: 'Patient/p1' } })
  await work()
  expect(asked.map(told)).toEqual([[['POST', 'final', FIRST]], [['PUT', 'final', SECOND]]])
  await ground.put(other)
  await ground.put({ ...other, subject: { reference: 'Patient/p1' } })
  await work()
  expect(asked.slice(2).map(told)).toEqual([[['POST', 'final', SECOND]]])
  expect((await states()).slice(2)).toEqual(['withheld', 'accepted'])
})

test('what may have come though its answer was lost is told to be void when it is withdrawn', async () => {
  const one = measured(84)
  await ground.put(one)
  answers = [() => reply(500, {})]
  await work()
  expect(await states()).toEqual(['failed'])
  await ground.put({ ...one, status: 'entered-in-error' })
  later(1)
  await work()
  // The measurement, and its withdrawal, are one entry by now.
  expect(asked.slice(1).flatMap(({ entry = [] }) => entry)).toMatchObject([
    { request: { method: 'POST' }, resource: { status: 'entered-in-error' } },
  ])
  expect(await states()).toEqual(['accepted', 'accepted'])
})

test('one that is refused, or not answered, leaves the others; what is not answered comes again under the same name', async () => {
  await ground.put(measured(91), measured(92), measured(93))
  answers = [
    (bundle) => {
      const { body, ...answer } = taken(bundle, (entry) =>
        (entry.resource as Observation).valueQuantity?.value === 91 ? '400' : undefined,
      )
      const told = JSON.parse(body) as Bundle
      told.entry?.pop()
      return { ...answer, body: JSON.stringify(told) }
    },
  ]
  await work()
  expect(await messages()).toMatchObject([
    { state: 'dead', reason: 'The receiver answered 400.' },
    { state: 'accepted' },
    { state: 'failed', reason: 'The receiver did not say what became of it.' },
  ])
  later(1)
  await work()
  expect(await states()).toEqual(['dead', 'accepted', 'accepted'])
  expect(asked[1]?.entry?.[0]?.fullUrl).toBe(asked[0]?.entry?.[2]?.fullUrl)
})

test.each([400, 413, 422])(
  'a Bundle that is refused as a whole by %i is sent entry by entry: one at fault takes no others with it',
  async (status) => {
    await ground.put(measured(91), measured(92))
    const refusing = (bundle: Bundle) => (valuesIn(bundle).includes(92) ? reply(status, {}) : taken(bundle))
    answers = [refusing, refusing, refusing]
    await work()
    expect(asked.map(valuesIn)).toEqual([[91, 92], [91], [92]])
    expect(await states()).toEqual(['accepted', 'dead'])
  },
)

test('what was taken entry by entry is not sent again when a later one finds nobody there', async () => {
  await ground.put(measured(91), measured(92), measured(93))
  answers = [
    () => reply(400, {}),
    taken,
    () => {
      throw Object.assign(new Error('reset'), { code: 'ECONNRESET' })
    },
  ]
  await work()
  expect(asked.map(valuesIn)).toEqual([[91, 92, 93], [91], [92]])
  const reason = 'The receiver was not reached: ECONNRESET'
  expect(await messages()).toMatchObject([
    { state: 'accepted', location: expect.any(String) },
    { state: 'failed', reason },
    { state: 'failed', reason },
  ])
  later(1)
  await work()
  expect(asked.slice(3).map(valuesIn)).toEqual([[92, 93]])
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted'])
})

test('entries that go by themselves are sent for no longer than nobody else takes them; the others go another time', async () => {
  await ground.put(...[91, 92, 93, 94, 95].map((value) => measured(value)))
  const slow = (bundle: Bundle) => {
    clock.now = new Date(clock.now.getTime() + 4_900)
    return bundle.entry?.length === 1 ? taken(bundle) : reply(413, {})
  }
  answers = [slow, slow, slow, slow, slow, slow]
  await work()
  expect(asked.map(valuesIn)).toEqual([[91, 92, 93, 94, 95], [91], [92], [93]])
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted', 'failed', 'failed'])
  later(1)
  await work()
  expect(await states()).toEqual(['accepted', 'accepted', 'accepted', 'accepted', 'accepted'])
})

test.each([
  ['to another organisation', 'Organization/elsewhere', 'withheld'],
  ['to the organisation itself', 'Organization/kommune', 'withheld'],
  ['to one of next of kin, who has no way there', 'RelatedPerson/datter', 'accepted'],
])('what the patient has closed %s (%s) when it would be sent is %s', async (_whom, whom, state) => {
  const one = measured(84)
  const deny = (status: string) => ({
    ...{ resourceType: 'Consent', id: `closed-${count}`, status, patient: { reference: 'Patient/p0' } },
    dateTime: '2026-11-01',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: {
      type: 'deny',
      data: [{ meaning: 'instance', reference: { reference: `Observation/${one.id}` } }],
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: whom },
        },
      ],
    },
  })
  await ground.put(...[{ resourceType: 'Organization', id: 'elsewhere' }, one, deny('active')], {
    resourceType: 'RelatedPerson',
    id: 'datter',
    patient: { reference: 'Patient/p0' },
  })
  await work()
  const sent = state === 'accepted' ? [[84]] : []
  expect([asked.map(valuesIn), noted.length]).toEqual([sent, sent.length])
  expect(await states()).toEqual([state])
  await ground.put(deny('inactive'), measured(85))
  await work()
  expect(asked.map(valuesIn)).toEqual([...sent, [85]])
})

const delayed = (until?: Date) => ({
  security: [
    {
      ...{ system: DELAYED_RELEASE_SYSTEM, code: 'NORU' },
      ...(until ? { extension: [{ url: RELEASE_AT, valueDateTime: until.toISOString() }] } : {}),
    },
  ],
})
const inHours = (hours: number) => new Date(clock.now.getTime() + hours * 3_600_000)

test('what its patient may not see yet is sent when they may, and holds up nothing meanwhile', async () => {
  const until = inHours(48)
  await ground.put(measured(91, 'p0', { meta: delayed(until) }), measured(92))
  await work()
  expect(asked.map(valuesIn)).toEqual([[92]])
  expect(await messages()).toMatchObject([
    { state: 'withheld', reason: expect.stringContaining('sees this later'), nextAt: until.toISOString() },
    { state: 'accepted' },
  ])
  later(47 * 60)
  await work()
  expect(await states()).toEqual(['withheld', 'accepted'])
  later(60)
  await work()
  expect(asked.map(valuesIn)).toEqual([[92], [91]])
  expect(await messages()).toMatchObject([{ state: 'accepted', attempts: 1 }, { state: 'accepted' }])
})

test('what is withdrawn before its patient may see it is never sent, nor told to be void', async () => {
  const one = measured(91, 'p0', { meta: delayed(inHours(24)) })
  await ground.put(one)
  await work()
  await ground.put({ ...one, status: 'entered-in-error' })
  later(25 * 60)
  await work()
  expect([asked, new Set(await states())]).toEqual([[], new Set(['withheld'])])
})

test('a delay that somebody takes away, or moves, counts as it is then', async () => {
  const one = measured(91, 'p0', { meta: delayed() })
  const other = measured(92, 'p1', { meta: delayed(inHours(24)) })
  await ground.put(one, other)
  await work()
  expect(asked).toEqual([])
  await ground.put({ ...one, meta: {} }, { ...other, meta: delayed(inHours(72)) })
  await work()
  expect(asked.map(valuesIn)).toEqual([[91]])
  later(25 * 60)
  await work()
  expect(asked.map(valuesIn)).toEqual([[91]])
  later(48 * 60)
  await work()
  expect(asked.map(valuesIn)).toEqual([[91], [92]])
})

test('a unit that is not taken is told to the administrator, and the other measurements go', async () => {
  await ground.put(
    measured(0, 'p0', { code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] }, valueQuantity: KELVIN }),
    measured(95),
  )
  await work()
  expect(await messages()).toMatchObject([
    { state: 'dead', reason: expect.stringContaining('is sent in Cel') },
    { state: 'accepted' },
  ])
})

const tasksOfOutage = async (): Promise<Task[]> => {
  const { rows } = await ground.database.pool.query<{ content: string }>(
    "SELECT content FROM resource WHERE type = 'Task' AND NOT deleted ORDER BY rk",
  )
  return rows
    .map(({ content }) => JSON.parse(content) as Task)
    .filter(({ identifier }) => identifier?.[0]?.value?.startsWith('receiver|sending-late|pmd '))
}

test('a day without an answer loses nothing: it is told after an hour, and then all goes in its order, as it is now', async () => {
  const rooms = ground.roomsFor(receiver, async () => {})
  const turn = senderTurn(rooms, receiver)
  const down = (): HttpAnswer => {
    throw Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } })
  }
  const before = (await tasksOfOutage()).length
  const hours = Array.from({ length: 24 }, (_, hour) => [measured(60 + hour, 'p0'), measured(60 + hour, 'p1')])
  answers = Array.from({ length: 1_000 }, () => down)
  for (const [hour, both] of hours.entries()) {
    await ground.put(...both)
    while (await turn());
    if (hour === 0) expect(await tasksOfOutage()).toHaveLength(before)
    later(60)
  }
  // Meanwhile the first of one was corrected, and the second entered in error.
  const [[first], [second]] = hours as [Observation[], Observation[]]
  await ground.put(
    { ...first, status: 'corrected', valueQuantity: { ...first?.valueQuantity, value: 99 } },
    { ...second, status: 'entered-in-error' },
  )
  while (await turn());
  const attempts = 1_000 - answers.length
  // Each hour somebody asks whether it answers again, and not for every message.
  expect(attempts).toBeGreaterThanOrEqual(24)
  expect(attempts).toBeLessThan(24 * 4)
  const [task, ...others] = (await tasksOfOutage()).slice(before)
  expect(others).toEqual([])
  expect(task).toMatchObject({ status: 'requested', code: { coding: [{ code: 'sending-failed' }] } })
  expect(reasonIn(task as Task).nb).toContain('Fikk ikke kontakt med mottakeren (ECONNREFUSED).')
  expect(reasonIn(task as Task).en).toContain('The receiver was not reached: ECONNREFUSED')

  ;[answers, asked] = [[], []]
  later(60)
  while (await turn());
  expect(new Set(await states())).toEqual(new Set(['accepted']))
  const voids = asked.flatMap(({ entry = [] }) =>
    entry.filter(({ resource }) => (resource as Observation).status === 'entered-in-error'),
  )
  // Nobody knows whether any of the attempts arrived.
  expect(new Set(voids.map(({ fullUrl }) => fullUrl)).size).toBe(1)
  const values = (patient: number) =>
    asked
      .filter((bundle) => subjectIn(bundle) === NUMBERS[patient])
      .flatMap(valuesIn)
      .filter((value) => value !== undefined)
  const all = hours.map((_, hour) => 60 + hour)
  expect(values(1)).toEqual(all)
  expect([...new Set(values(0))]).toEqual([99, ...all.slice(2)])
  expect((await tasksOfOutage()).at(-1)).toMatchObject({
    ...{ id: task?.id, status: 'cancelled', statusReason: { text: 'Meldingene har kommet fram.' } },
  })
})

test('several processes at once, a receiver that fails and forgets at random, and processes that die: all arrive, each patient’s in order', async () => {
  const patients = ['p0', 'p1']
  const all = Array.from({ length: 40 }, (_, i) => measured(50 + i, patients[i % 2]))
  await ground.put(...all)
  // The same every time: a generator of its own.
  let seed = 11
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648
  }
  const arrived: number[] = []
  const answer = (bundle: Bundle): HttpAnswer => {
    const chance = random()
    if (chance < 0.3) return reply(500, {})
    arrived.push(...valuesIn(bundle).map(Number))
    if (chance < 0.45) throw new Error('reset before the answer came')
    const { body, ...rest } = taken(bundle)
    const told = JSON.parse(body) as Bundle
    if (chance < 0.7) told.entry?.splice(Math.floor(random() * told.entry.length))
    return { ...rest, body: JSON.stringify(told) }
  }
  const rooms = ground.roomsFor(receiver, async () => {})
  const haveAllArrived = (now: string[]) => now.length === 40 && now.every((state) => state === 'accepted')
  for (let round = 0; round < 400 && !haveAllArrived(await states()); round++) {
    answers = Array.from({ length: 8 }, () => answer)
    // One takes messages and dies with them.
    if (random() < 0.2)
      await claimDue(
        ground.database.pool,
        { ...receiver, togetherMax: 3 },
        { now: clock.now, countMax: 1, leaseMilliseconds: 1_000 },
      )
    await Promise.all([senderTurn(rooms, receiver)(), senderTurn(rooms, receiver)(), senderTurn(rooms, receiver)()])
    later(1)
  }
  expect(await states()).toEqual(all.map(() => 'accepted'))
  const first = [...new Set(arrived)]
  expect(first).toHaveLength(40)
  for (const odd of [0, 1]) {
    const ofOne = first.filter((value) => value % 2 === odd)
    expect(ofOne).toEqual(ofOne.toSorted((one, other) => one - other))
  }
})
