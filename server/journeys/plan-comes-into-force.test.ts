import type { OperationOutcome, ParametersParameter, PlanDefinition, Provenance, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { copdDefinition } from '../demo/copd-pathway.ts'
import { isInStage } from '../lifecycle/stage.ts'
import { demoSession } from './harness/demo-session.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
/** The author is a system here, the second person a nurse who has signed in. */
let author: string
let nurse: string
beforeAll(async () => {
  server = await startServer()
  author = await server.token()
  nurse = await demoSession(server, 'nurse')
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'put' | 'post', path: string, token = author) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })
const act = (id: string | undefined, name: string, ...parameter: object[]) =>
  send('post', `PlanDefinition/${id}/$${name}`).send(parameter.length > 0 ? parameters(...parameter) : undefined)
const PROPOSALS = { name: 'proposals', valueBoolean: true }
const approve = (id: string | undefined, ...given: object[]) =>
  send('post', `PlanDefinition/${id}/$approve`, nurse).send(parameters(PROPOSALS, ...given))
const reason = { name: 'reason', valueString: 'Tried, and too loud' }
const told = ({ status, body }: { status: number; body: OperationOutcome }) => [
  status,
  body.issue?.[0]?.code,
  body.issue?.[0]?.expression,
]
const statusOf = async (id: string | undefined) => (await send('get', `PlanDefinition/${id}`)).body.status

async function draft(version: string): Promise<PlanDefinition> {
  const { body } = await act('copd', 'draft', { name: 'version', valueString: version }).expect(201)
  return body as PlanDefinition
}
async function approved(version: string): Promise<PlanDefinition> {
  const plan = await draft(version)
  await act(plan.id, 'submit').expect(200)
  await approve(plan.id).expect(200)
  return plan
}

test('drafted, submitted, approved by a second person, activated: the version before is retired', async () => {
  const plan = await draft('1.11.0')
  expect(told(await approve(plan.id))).toEqual([409, 'conflict', undefined])
  await act(plan.id, 'submit').expect(200)
  expect(told(await act(plan.id, 'approve'))).toEqual([403, 'forbidden', undefined])
  expect(told(await act(plan.id, 'activate'))).toEqual([422, 'business-rule', ['PlanDefinition.approvalDate']])
  await approve(plan.id).expect(200)
  const { body } = await act(plan.id, 'activate').expect(200)
  expect(body).toMatchObject({ status: 'active', version: '1.11.0', approvalDate: expect.any(String) })
  expect(await statusOf('copd')).toBe('retired')
  const { version } = (await send('get', 'PlanDefinition/copd')).body as PlanDefinition
  const named = `Library?url=http://fylgje.no/fhir/Library/copd-cases&version=${version}`
  const cases = await send('get', named).expect(200)
  expect(cases.body.entry[0].resource.status).toBe('active')

  const { body: history } = await send('get', `Provenance?target=PlanDefinition/${plan.id}`).expect(200)
  const acts = (history.entry as { resource: Provenance }[]).map(({ resource }) => [
    resource.activity?.coding?.[0]?.code,
    resource.agent[0]?.who?.reference ?? resource.agent[0]?.who?.display,
  ])
  expect(acts.sort()).toEqual([
    ['activate', 'demo-service'],
    ['approve', 'Practitioner/demo-nurse'],
    ['submit', 'demo-service'],
  ])
  expect(told(await act(plan.id, 'submit'))).toEqual([409, 'conflict', ['PlanDefinition.status']])

  const back = await act(plan.id, 'roll-back', reason).expect(200)
  expect([back.body.status, await statusOf('copd')]).toEqual(['retired', 'active'])
})

test('each part that rests on a proposal must have been looked at by who approves', async () => {
  const plan = await draft('1.11.1')
  await act(plan.id, 'submit').expect(200)
  const without = () => send('post', `PlanDefinition/${plan.id}/$approve`, nurse)
  const { body } = await without().expect(422)
  // A limit's own source counts, or else its goal's.
  const proposed = (plan.goal ?? []).flatMap(({ documentation = [], target = [] }) =>
    target.filter(({ extension = [] }) => {
      const parts = extension.flatMap((one) => one.extension ?? [])
      const own = parts.flatMap(({ url, valueRelatedArtifact }) => (url === 'source' ? [valueRelatedArtifact] : []))
      return (own.length > 0 ? own : documentation).some((one) => one?.label === 'P')
    }),
  )
  expect(proposed.length).toBeGreaterThan(0)
  const of = (kind: string) =>
    (body as OperationOutcome).issue.filter(({ expression }) => expression?.[0]?.includes(kind))
  expect(of('.goal[')).toHaveLength(proposed.length)
  expect(of('.action[').length).toBeGreaterThan(0)
  expect(new Set((body as OperationOutcome).issue.map(({ code }) => code))).toEqual(new Set(['business-rule']))
  await without()
    .send(parameters({ name: 'proposals', valueBoolean: false }))
    .expect(422)
  expect(told(await act(plan.id, 'activate'))).toEqual([422, 'business-rule', ['PlanDefinition.approvalDate']])
  await approve(plan.id).expect(200)
  await act(plan.id, 'activate').expect(200)
  await act(plan.id, 'roll-back', reason).expect(200)
})

test('an approval is of what was read: a change afterwards needs another', async () => {
  const plan = await approved('1.12.0')
  const changed = { ...(await send('get', `PlanDefinition/${plan.id}`)).body, title: 'Other' }
  await send('put', `PlanDefinition/${plan.id}`).send(changed).expect(200)
  expect(told(await act(plan.id, 'activate'))[0]).toBe(422)
  expect(told(await approve(plan.id))[0]).toBe(409)
  await act(plan.id, 'submit').expect(200)
  await approve(plan.id).expect(200)
  // Whoever has a hand in it is no second person any more.
  await send('put', `PlanDefinition/${plan.id}`, nurse).send(changed).expect(200)
  expect(told(await act(plan.id, 'activate'))[0]).toBe(422)
  expect(told(await approve(plan.id))).toEqual([403, 'forbidden', undefined])
})

test('a person stores no plan as active', async () => {
  const plan = {
    resourceType: 'PlanDefinition',
    id: 'by-hand',
    url: 'http://x/by-hand',
    version: '1',
    status: 'active',
  }
  expect(told(await send('put', 'PlanDefinition/by-hand', nurse).send(plan))).toEqual([
    ...[422, 'business-rule', ['PlanDefinition.status']],
  ])
  expect(told(await send('post', 'PlanDefinition', nurse).send(plan))[0]).toBe(422)
})

test('everything that stands against a plan is told at once, with the action', async () => {
  const plan = await draft('1.13.0')
  const { body } = await send('get', `PlanDefinition/${plan.id}`)
  const [measure, ...actions] = body.action
  const broken = {
    ...body,
    extension: body.extension.slice(1),
    action: [
      {
        ...measure,
        condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression: '1 +' } }],
        trigger: [{ type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ searchParam: 'colour' }] }] }],
        goalId: ['nowhere'],
        definitionCanonical: 'http://x/ActivityDefinition/nowhere',
      },
      ...actions,
    ],
  }
  await send('put', `PlanDefinition/${plan.id}`).send(broken).expect(200)
  const answer = await act(plan.id, 'submit')
  expect(answer.status).toBe(422)
  const expressions = answer.body.issue.map(({ expression }: { expression: string[] }) => expression[0])
  expect(expressions).toEqual(
    expect.arrayContaining([
      'PlanDefinition.action[0].definitionCanonical',
      'PlanDefinition.action[0].condition[0].expression.expression',
      'PlanDefinition.action[0].trigger[0].data[0].codeFilter[0].searchParam',
      'PlanDefinition.action[0].goalId[0]',
      'PlanDefinition.relatedArtifact',
      'PlanDefinition.extension',
    ]),
  )
  expect(JSON.stringify(answer.body)).toContain('not-measured')
  expect(JSON.stringify(answer.body)).toContain('No case shows rule')
})

test('at a time: it comes into force then, and a refusal at that moment is a Task', async () => {
  const at = new Date(Date.now() + 60_000).toISOString()
  const soon = { name: 'at', valueDateTime: at }
  const plan = await approved('1.14.0')
  const spoiled = await approved('1.15.0')
  const { body } = await act(plan.id, 'activate', soon).expect(200)
  expect(body.status).toBe('draft')
  await act(spoiled.id, 'activate', soon).expect(200)
  // Whoever follows the newest version is told with each explanation what comes.
  const subject = { reference: 'Patient/newest' }
  await send('put', 'Patient/newest').send({ resourceType: 'Patient', id: 'newest' }).expect(201)
  await send('post', 'CarePlan')
    .send({
      ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject },
      instantiatesCanonical: ['http://fylgje.no/fhir/PlanDefinition/copd'],
    })
    .expect(201)
  const { body: explained } = await send('get', 'Patient/newest/$explain?language=en').expect(200)
  const coming = explained.parameter.filter(({ name }: { name: string }) => name === 'plannedChange')
  expect(coming.map(({ part }: ParametersParameter) => part?.slice(0, 4).map((one) => Object.values(one)[1]))).toEqual([
    [{ reference: `PlanDefinition/${plan.id}` }, at, '1.14.0', 100],
    [{ reference: `PlanDefinition/${spoiled.id}` }, at, '1.15.0', 100],
  ])
  expect(explained.parameter[0].valueString).toContain('Version 1.14.0 of the plan is to be in force from')
  await send('put', `PlanDefinition/${spoiled.id}`)
    .send({ ...spoiled, title: 'Spoiled' })
    .expect(200)
  await send('post', '$advance-clock')
    .send(parameters({ name: 'to', valueDateTime: at }))
    .expect(200)
  for (let tries = 0; tries < 600 && (await statusOf(plan.id)) !== 'active'; tries++) await sleep(100)
  expect(await statusOf(plan.id)).toBe('active')
  let tasks: Task[] = []
  for (let tries = 0; tries < 600 && tasks.length === 0; tries++) {
    const found = await send('get', 'Task?code=plan-not-activated').expect(200)
    tasks = (found.body.entry ?? []).map(({ resource }: { resource: Task }) => resource)
    if (tasks.length === 0) await sleep(100)
  }
  expect(tasks).toMatchObject([{ focus: { reference: `PlanDefinition/${spoiled.id}` }, status: 'requested' }])
  expect(tasks[0]?.reasonCode?.text).toContain('approved')
  expect(await statusOf(spoiled.id)).toBe('draft')
  await act(plan.id, 'roll-back', reason).expect(200)
})

test('staged: for some, then for all; back in one act', async () => {
  const plan = await approved('1.16.0')
  const share = (valueInteger: number) => ({ name: 'share', valueInteger })
  await act(plan.id, 'activate', share(5)).expect(200)
  expect([await statusOf(plan.id), await statusOf('copd')]).toEqual(['active', 'active'])
  const other = await approved('1.17.0')
  expect(told(await act(other.id, 'activate'))[0]).toBe(409)
  await act(plan.id, 'stage', share(50)).expect(200)
  // By its url alone each patient is proposed the version that is in force for them, as the engine would follow them.
  const url = 'http://fylgje.no/fhir/PlanDefinition/copd'
  const { body: found } = await send('get', 'Patient?_count=16').expect(200)
  const patients = (found.entry as { resource: { id: string } }[]).map(({ resource }) => `Patient/${resource.id}`)
  const subjects = patients.map((valueString) => ({ name: 'subject', valueString }))
  const asked = parameters({ name: 'url', valueUri: url }, ...subjects)
  const { body: proposed } = await send('post', 'PlanDefinition/$apply').send(asked).expect(200)
  type Proposal = { resource: { subject: { reference: string }; instantiatesCanonical: string[] } }
  const versions = (proposed.parameter as Proposal[]).map(({ resource }) => [
    resource.subject.reference,
    resource.instantiatesCanonical[0],
  ])
  const expected = patients.map((patient) => [
    patient,
    `${url}|${isInStage(url, patient, 50) ? '1.16.0' : copdDefinition().version}`,
  ])
  expect(versions).toEqual(expected)
  expect(new Set(versions.map(([, canonical]) => canonical)).size).toBe(2)
  const { body } = await act(plan.id, 'stage', share(100)).expect(200)
  expect(JSON.stringify(body)).not.toContain('staged-start')
  expect(await statusOf('copd')).toBe('retired')
  expect(told(await act(plan.id, 'stage', share(50)))[0]).toBe(422)
  await act(plan.id, 'roll-back', reason).expect(200)
  expect([await statusOf(plan.id), await statusOf('copd')]).toEqual(['retired', 'active'])
  expect(told(await act('copd', 'roll-back', reason))[0]).toBe(422)
})

test('whoever brings a plan into force is told which other plans in force advise the opposite, in their language; it is not stored', async () => {
  const advising = (direction: string) => ({
    url: 'http://fylgje.no/fhir/StructureDefinition/advice',
    extension: [
      { url: 'topic', valueCodeableConcept: { text: 'drikke' } },
      { url: 'direction', valueCode: direction },
    ],
  })
  const kidney = { resourceType: 'PlanDefinition', id: 'kidney', url: 'http://x/PlanDefinition/kidney', version: '1' }
  await send('put', 'PlanDefinition/kidney')
    .send({
      ...kidney,
      status: 'active',
      title: 'Nyre',
      action: [{ title: 'Drikk mer', extension: [advising('more')] }],
    })
    .expect(201)
  const plan = await draft('1.18.0')
  const [first, ...others] = plan.action ?? []
  const action = [{ ...first, extension: [...(first?.extension ?? []), advising('less')] }, ...others]
  await send('put', `PlanDefinition/${plan.id}`)
    .send({ ...plan, action })
    .expect(200)
  await act(plan.id, 'submit').expect(200)
  await approve(plan.id).expect(200)
  const { body } = await act(plan.id, 'activate').set('Accept-Language', 'en').expect(200)
  const warnings = (body as PlanDefinition).contained?.find(({ id }) => id === 'warnings')
  expect(warnings).toMatchObject({
    resourceType: 'OperationOutcome',
    issue: [
      {
        ...{ severity: 'warning', code: 'conflict' },
        expression: ["PlanDefinition.where(url = 'http://x/PlanDefinition/kidney')"],
        diagnostics: expect.stringMatching(/"?Nyre"?.* give opposite advice on drikke/),
      },
    ],
  })
  const { body: stored } = await send('get', `PlanDefinition/${plan.id}`)
  expect(JSON.stringify(stored)).not.toContain('OperationOutcome')
  await act(plan.id, 'roll-back', reason).expect(200)
})

test('beyond its alarm budget a plan asks for a reason', async () => {
  const plan = await draft('2.0.0')
  const { body } = await send('get', `PlanDefinition/${plan.id}`)
  const budget = {
    url: 'http://fylgje.no/fhir/StructureDefinition/alarm-budget',
    extension: [{ url: 'tasksPer100PatientDays', valueDecimal: 0.0001 }],
  }
  await send('put', `PlanDefinition/${plan.id}`)
    .send({ ...body, extension: [...body.extension, budget] })
    .expect(200)
  await act(plan.id, 'submit').expect(200)
  await approve(plan.id).expect(200)
  const refused = await act(plan.id, 'activate')
  expect(told(refused)).toEqual([422, 'business-rule', ['reason']])
  // It is the new version that is asked about, not those before it.
  expect(refused.body.issue[0].diagnostics).toContain('played over the last 30 days with this version')
  await act(plan.id, 'activate', { name: 'reason', valueString: 'The team has been doubled' }).expect(200)
})

test.each([
  ['half a date', 'activate', { name: 'at', valueDateTime: '2026-12-01' }, 'at'],
  ['no share', 'activate', { name: 'share', valueInteger: 0 }, 'share'],
  ['too large a share', 'stage', { name: 'share', valueInteger: 101 }, 'share'],
])('%s is refused', async (_what, name, parameter, expression) => {
  expect(told(await act('copd', name, parameter))).toEqual([400, 'value', [expression]])
})

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
