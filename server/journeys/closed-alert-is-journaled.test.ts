import type {
  AuditEvent,
  Bundle,
  DetectedIssue,
  EpisodeOfCare,
  Observation,
  Parameters,
  Resource,
  Task,
} from '@medplum/fhirtypes'
import request from 'supertest'
import { taskCode, taskInput } from '../core/decide/words/coded-words.ts'
import { syntheticOrganisasjonsnummer } from '../demo/organisasjonsnummer.ts'
import { eventually } from './harness/eventually.ts'
import {
  type Jft,
  type NationalService,
  startJft,
  startPmd,
  type TakenMeasurement,
} from './harness/national-services.ts'
import { privateJwk } from './harness/signed-in-elsewhere.ts'
import { newClientKey } from './harness/smart-app.ts'
import { freePort, type RunningServer, startServer } from './harness/start-server.ts'

/** Of Fjordvik kommune in the demo. */
const ORGANIZATION = syntheticOrganisasjonsnummer(2)

let jft: Jft
let pmd: NationalService<TakenMeasurement>
let server: RunningServer
let token: string
let start: () => Promise<void>

beforeAll(async () => {
  const key = await newClientKey('PS256')
  jft = await startJft(key.publicJwk)
  pmd = await startPmd(jft.issuer)
  const senders = [
    { receiver: 'jft', organization: ORGANIZATION, url: jft.url, sourceSystem: 'Fylgje', timeoutSeconds: 2 },
    {
      ...{ receiver: 'pmd', organization: ORGANIZATION, url: pmd.url, sourceSystem: 'Fylgje', timeoutSeconds: 2 },
      ...{ scope: 'nhn:pmd/api', municipality: '0301' },
    },
  ]
  const env = {
    ...{ PORT: String(await freePort()), HELSEID_ISSUER: jft.issuer, HELSEID_CLIENT_ID: 'fylgje-helseid' },
    ...{ HELSEID_KEY: JSON.stringify(await privateJwk(key)), SENDERS: JSON.stringify(senders) },
  }
  start = async () => {
    server = await startServer({ env, ...(server ? { dataDir: server.dataDir } : {}) })
    token = await server.token()
  }
  await start()
  const followed: EpisodeOfCare = {
    ...{
      resourceType: 'EpisodeOfCare',
      id: 'line-fjordvik',
      status: 'active',
      patient: { reference: 'Patient/demo-line' },
    },
    managingOrganization: { reference: 'Organization/demo-fjordvik' },
  }
  await put(followed)
})
afterAll(async () => {
  await server.dispose()
  await Promise.all([jft.stop(), pmd.stop()])
})
beforeEach(() => jft.behave('well'))

const send = (method: 'get' | 'post' | 'put', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
async function put(resource: Pick<Resource, 'resourceType' | 'id'>): Promise<void> {
  const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  if (status >= 300) throw new Error(JSON.stringify(body))
}
const find = async <T>(query: string): Promise<T[]> =>
  ((await send('get', query).expect(200)).body as Bundle).entry?.map(({ resource }) => resource as T) ?? []
/** Lets time pass: what waits for its next attempt is tried. */
const pass = (minutes: number) =>
  send('post', '$advance-clock')
    .send({
      resourceType: 'Parameters',
      parameter: [{ name: 'by', valueDuration: { value: minutes, system: 'http://unitsofmeasure.org', code: 'min' } }],
    })
    .expect(200)

const issueIn = ({ entry = [] }: Bundle) =>
  entry.map(({ resource }) => resource).find((one) => one?.resourceType === 'DetectedIssue') as DetectedIssue

const sent = async (receiver = 'jft') => {
  const { parameter = [] } = (await send('get', `$sent-messages?receiver=${receiver}&count=1000`).expect(200))
    .body as Parameters
  const of = (part: Parameters['parameter'], name: string) => {
    const { name: _, ...value } = part?.find((one) => one.name === name) ?? {}
    return Object.values(value)[0] as unknown
  }
  return parameter.flatMap(({ name, part }) =>
    name === 'message'
      ? [{ state: of(part, 'state'), cause: (of(part, 'cause') as { reference: string }).reference }]
      : [],
  )
}

test('a red measurement of a patient at home, once it is decided, stands in the journal of the municipality', async () => {
  const measured: Observation = {
    ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/demo-line' } },
    ...{
      effectiveDateTime: new Date().toISOString(),
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
    },
    valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }
  const { body: stored } = await send('post', 'Observation').send(measured).expect(201)
  const [task] = await eventually(
    () => find<Task>(`Task?patient=demo-line&focus=Observation/${stored.id}`),
    (found) => found.length === 1,
  )
  const claimed = {
    resourceType: 'Parameters',
    parameter: [{ name: 'performer', valueReference: { reference: 'Practitioner/demo-nurse' } }],
  }
  const { body: taken } = await send('post', `Task/${task?.id}/$claim`).send(claimed).expect(200)
  expect(await jft.taken()).toEqual([])
  await put({ ...taken, status: 'completed', note: [{ text: 'Ringt pasienten; målt på nytt i ro.' }] })

  const [document] = await eventually(jft.taken, (all) => all.length === 1)
  expect(document).toMatchObject({ organization: ORGANIZATION, times: 1 })
  const bundle = document?.bundle ?? { resourceType: 'Bundle', type: 'document' }
  const { entry = [] } = bundle
  expect(entry.map(({ resource }) => resource?.resourceType)).toEqual(['Composition', 'DetectedIssue', 'Observation'])
  expect(issueIn(bundle)).toMatchObject({ severity: 'high', code: { coding: [{ code: '5.2.1' }] } })
  expect(entry[0]?.resource).toMatchObject({
    subject: { identifier: { value: '13116900216' } },
    author: [{ display: 'Kari Nordlys' }],
  })
  expect(JSON.stringify(entry[0])).toContain('Ringt pasienten')

  expect((await sent()).map(({ state }) => state)).toEqual(['accepted'])
  await eventually(
    async () => {
      await pass(60)
      return (await sent()).map(({ state }) => state)
    },
    ([state]) => state === 'journaled',
  )
  const log = await find<AuditEvent>('AuditEvent?patient=Patient/demo-line&subtype=sent')
  const told = log.map(({ entity }) => entity?.find(({ type }) => type?.code === '2')?.what?.reference?.split('/')[0])
  expect(told.sort()).toEqual(['Observation', 'Task'])
})

let count = 0
/** An alert that rests on nothing stored, closed at once by a system. @returns the id of its Task */
async function close(): Promise<string> {
  const id = `closed-${++count}`
  const task: Task = {
    ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', code: taskCode('carry-out') },
    ...{ for: { reference: 'Patient/demo-line' }, owner: { reference: 'CareTeam/demo-responssenter' } },
    ...{ reasonCode: { text: `Tiltak ${count}` }, description: `Tiltak nummer ${count}` },
    input: [{ type: taskInput('moment'), valueDateTime: '2026-03-02T08:00:00Z' }],
  }
  await put(task)
  const closed: Task = { ...task, status: 'completed' }
  await put(closed)
  return id
}

test('what the receiver refuses is a Task with the reason for the administrator, who sends it again', async () => {
  const before = (await jft.taken()).length
  await jft.behave('well', 'refusing')
  const id = await close()
  const failed = () =>
    find<Task>('Task?code=http://fylgje.no/fhir/CodeSystem/task-code|sending-failed&status=requested')
  const [task] = await eventually(failed, (found) => found.length === 1)
  expect(task).toMatchObject({
    reasonCode: { text: 'Mottakeren svarte 400: «Ukjent pasient. (Composition.subject)»' },
    focus: { reference: `Task/${id}` },
  })
  const { body: done } = await send('post', `Task/${task?.id}/$resend`).send({ resourceType: 'Parameters' }).expect(200)
  expect(done).toMatchObject({ status: 'completed', note: [{ text: 'Sendt på nytt.' }] })
  await eventually(jft.taken, (all) => all.length === before + 1)
  const { body: again } = await send('post', `Task/${task?.id}/$resend`)
    .send({ resourceType: 'Parameters' })
    .expect(422)
  expect(again.issue[0]).toMatchObject({ code: 'business-rule', expression: ['Task.status'] })
  const { body: other } = await send('post', `Task/${id}/$resend`).send({ resourceType: 'Parameters' }).expect(422)
  expect(other.issue[0]).toMatchObject({ code: 'business-rule', expression: ['Task.code'] })
})

const red: Observation = {
  ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/demo-line' } },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: '2026-03-02T08:00:00Z',
  valueQuantity: { value: 85, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
}

test('a measurement stands in Pasientens måledata with its zones, corrected once it is, and as void once it is deleted', async () => {
  await pmd.behave('well', 'failing', 'wrong-status')
  const { body: stored } = await send('post', 'Observation').send(red).expect(201)
  const mine = async () => {
    await pass(10)
    const taken = await pmd.taken()
    return taken.find(({ versions }) => versions[0]?.effectiveDateTime === red.effectiveDateTime)
  }
  const first = await eventually(mine, (one) => (one?.times ?? 0) >= 2)
  await eventually(
    () => sent('pmd'),
    (all) => all.every(({ state }) => state === 'accepted'),
  )
  expect(first).toMatchObject({ organization: ORGANIZATION })
  expect(first?.versions[0]?.referenceRange?.map(({ low, type }) => [low?.value, type?.coding?.[0]?.code])).toEqual([
    [90, 'Y'],
    [88, 'R'],
  ])
  await put({ ...stored, status: 'corrected', valueQuantity: { ...red.valueQuantity, value: 95 } })
  const corrected = await eventually(mine, (one) => one?.versions.length === 2)
  expect(corrected?.versions[1]).toMatchObject({ id: first?.id, status: 'corrected', valueQuantity: { value: 95 } })
  await request(server.baseUrl)
    .delete(`/fhir/Observation/${stored.id}`)
    .set('Authorization', `Bearer ${token}`)
    .expect((answer) => expect(answer.status).toBeLessThan(300))
  const gone = await eventually(mine, (one) => one?.versions.length === 3)
  expect(gone?.versions[2]).toMatchObject({ id: first?.id, status: 'entered-in-error' })
  expect(gone?.versions[2]).not.toHaveProperty('valueQuantity')
})

test.each([
  ['state=eaten', 'state'],
  ['before=yesterday', 'before'],
])('$sent-messages?%s is refused', async (query, expression) => {
  const { body } = await send('get', `$sent-messages?${query}`).expect(400)
  expect(body.issue[0]).toMatchObject({ code: 'value', expression: [expression] })
})

test('with a receiver that is slow, fails, breaks off and gives wrong receipts, and a server that is killed: all arrive, in order', async () => {
  const before = new Set((await jft.taken()).map(({ identifier }) => identifier))
  const moods = ['failing', 'no-location', 'down', 'busy', 'slow', 'wrong-status', 'token-refusing']
  await jft.behave('well', ...moods)
  const closed: string[] = []
  for (let i = 0; i < 3; i++) closed.push(await close())
  await server.kill9()
  await start()
  for (let i = 0; i < 3; i++) closed.push(await close())
  await server.kill9()
  await start()
  const arrived = await eventually(
    async () => {
      await pass(10)
      return (await jft.taken()).filter(({ identifier }) => !before.has(identifier))
    },
    (all) => all.length >= closed.length,
  )
  const told = arrived.map(({ bundle }) => /Tiltak nummer \d+/.exec(JSON.stringify(bundle))?.[0])
  expect(told).toEqual(closed.map((id) => `Tiltak nummer ${id.split('-')[1]}`))
  const states = await eventually(sent, (all) =>
    all.every(({ state }) => state === 'accepted' || state === 'journaled'),
  )
  const causes = states.map(({ cause }) => cause.split('/_history/')[0])
  expect(closed.filter((id) => !causes.includes(`Task/${id}`))).toEqual([])
  expect(new Set(causes).size).toBe(causes.length)
})
