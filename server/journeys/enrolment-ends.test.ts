import type { Bundle, CarePlan, Composition, ServiceRequest, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { copdDefinition } from '../demo/copd-pathway.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string
beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post' | 'delete', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
const put = async (
  resource: { resourceType: string; id?: string; [element: string]: unknown } | CarePlan | ServiceRequest,
) => {
  const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`).send(resource)
  expect([status, status < 300 ? undefined : body]).toEqual([expect.any(Number), undefined])
  return body
}
const read = async <T>(path: string): Promise<T> => (await send('get', path).expect(200)).body as T
async function search<T>(query: string): Promise<T[]> {
  const { entry = [] } = await read<Bundle>(query)
  return entry.map(({ resource }) => resource as T)
}
async function until<T>(look: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const value = await look()
    if (isDone(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return look()
}

const { url, version } = copdDefinition()
const COPD = `${url}|${version}`
const later = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString()
const of = (patient: string) => ({ reference: `Patient/${patient}` })

/** A person in the COPD plan, with an activity, a red finding and its Task. */
async function enrol(patient: string, more: Partial<CarePlan> = {}): Promise<CarePlan> {
  await put({ resourceType: 'Patient', id: patient })
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status: 'active', intent: 'plan', subject: of(patient) },
    ...{ instantiatesCanonical: [COPD], period: { start: later(-86_400_000) } },
    activity: [{ detail: { kind: 'ServiceRequest', status: 'in-progress', description: 'Gå tur' } }],
    ...more,
  }
  await put(carePlan)
  for (const [id, status] of [
    ['weigh', 'active'],
    ['rest', 'on-hold'],
  ] as const) {
    const activity: ServiceRequest = {
      ...{ resourceType: 'ServiceRequest', id: `${patient}-${id}`, status, intent: 'order', subject: of(patient) },
      ...{ basedOn: [{ reference: `CarePlan/${carePlan.id}` }], code: { text: id } },
    }
    await put(activity)
  }
  const observation = {
    ...{ resourceType: 'Observation', status: 'final', subject: of(patient), effectiveDateTime: later(0) },
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
    valueQuantity: { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }
  await send('post', 'Observation').send(observation).expect(201)
  await until(
    () => tasksOf(patient),
    (tasks) => tasks.length === 1,
  )
  return read<CarePlan>(`CarePlan/${carePlan.id}`)
}
const tasksOf = (patient: string) => search<Task>(`Task?patient=${patient}`)
const statusOf = async (path: string) => (await read<{ status: string }>(path)).status

test('when its period is over, an enrolment ends by itself, with all that it has set going, and leaves a summary', async () => {
  const carePlan = await enrol('ends-by-period')
  await put({ ...carePlan, period: { ...carePlan.period, end: later(1_500) } })
  const [summary] = await until(
    () => search<Composition>('Composition?patient=ends-by-period'),
    ({ length }) => length > 0,
  )
  expect(await read(`CarePlan/${carePlan.id}`)).toMatchObject({
    status: 'completed',
    activity: [{ detail: { status: 'completed' } }],
  })
  expect(await statusOf('ServiceRequest/ends-by-period-weigh')).toBe('completed')
  expect(await tasksOf('ends-by-period')).toMatchObject([
    { status: 'cancelled', statusReason: { text: 'Oppfølgingen er avsluttet.' } },
  ])
  expect(summary).toMatchObject({ status: 'final', subject: of('ends-by-period') })
  const told = JSON.stringify(summary)
  expect(told).toContain(`KOLS: digital hjemmeoppfølging ${version}`)
  expect(told).toContain('<td>SpO2 (%)</td><td>1</td><td>84')
  expect(told).toContain('avbrutt')
  const document = await read<Bundle>(`Composition/${summary?.id}/$document`)
  const types = document.entry?.map(({ resource }) => resource?.resourceType)
  expect(types).toEqual(expect.arrayContaining(['Composition', 'CarePlan', 'Task', 'Observation']))
})

test('a person ends it: the same follows, once, however it is written', async () => {
  const carePlan = await enrol('ends-by-hand')
  await put({ ...carePlan, status: 'revoked' })
  await until(
    () => search<Composition>('Composition?patient=ends-by-hand'),
    ({ length }) => length > 0,
  )
  expect(await statusOf('ServiceRequest/ends-by-hand-weigh')).toBe('revoked')
  const ended = await read<CarePlan>(`CarePlan/${carePlan.id}`)
  expect(ended.period?.end).toBeDefined()
  // Begun again by mistake, and ended again: there is one summary.
  await put({ ...ended, status: 'active' })
  await put({ ...ended, status: 'completed' })
  await until(
    async () => (await read<CarePlan>(`CarePlan/${carePlan.id}`)).meta?.versionId,
    (version) => Number(version) >= 5,
  )
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(await search('Composition?patient=ends-by-hand')).toHaveLength(1)
})

test('what pauses rests, and what rested with it goes on with it; the work stays', async () => {
  const carePlan = await enrol('pauses')
  await put({ ...carePlan, status: 'on-hold' })
  await until(
    () => statusOf('ServiceRequest/pauses-weigh'),
    (status) => status === 'on-hold',
  )
  expect(await tasksOf('pauses')).toMatchObject([{ status: 'requested' }])
  await put({ ...carePlan, status: 'active' })
  await until(
    () => statusOf('ServiceRequest/pauses-weigh'),
    (status) => status === 'active',
  )
  expect(await statusOf('ServiceRequest/pauses-weigh')).toBe('active')
  expect(await statusOf('ServiceRequest/pauses-rest')).toBe('on-hold')
})

describe('ends-when', () => {
  const plan = (id: string, expression: string) => ({
    ...{ resourceType: 'PlanDefinition', id, url: `http://x/PlanDefinition/${id}`, version: '1', status: 'active' },
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/ends-when',
        valueExpression: { language: 'text/fhirpath', expression },
      },
    ],
  })
  const goal = (patient: string, achieved: string) => ({
    ...{ resourceType: 'Goal', id: `${patient}-goal`, lifecycleStatus: 'active', subject: of(patient) },
    ...{ description: { text: 'Gå 5 km' } },
    achievementStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/goal-achievement', code: achieved }],
    },
  })

  test('the goal is achieved: the enrolment is completed', async () => {
    await put(plan('walks', "%goals.exists() and %goals.all(achievementStatus.coding.code = 'achieved')"))
    await put({ resourceType: 'Patient', id: 'walker' })
    await put(goal('walker', 'in-progress'))
    const carePlan: CarePlan = {
      ...{ resourceType: 'CarePlan', id: 'walker-plan', status: 'active', intent: 'plan', subject: of('walker') },
      ...{ instantiatesCanonical: ['http://x/PlanDefinition/walks'], goal: [{ reference: 'Goal/walker-goal' }] },
    }
    await put(carePlan)
    await put(goal('walker', 'improving'))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await statusOf('CarePlan/walker-plan')).toBe('active')
    await put(goal('walker', 'achieved'))
    await until(
      () => statusOf('CarePlan/walker-plan'),
      (status) => status === 'completed',
    )
    expect(await statusOf('CarePlan/walker-plan')).toBe('completed')
  })

  test('what cannot be evaluated is a Task, not silence', async () => {
    await put(plan('breaks', '%nobody.exists()'))
    await put({ resourceType: 'Patient', id: 'broken' })
    const carePlan: CarePlan = {
      ...{ resourceType: 'CarePlan', id: 'broken-plan', status: 'active', intent: 'plan', subject: of('broken') },
      instantiatesCanonical: ['http://x/PlanDefinition/breaks|1'],
    }
    await put(carePlan)
    const tasks = await until(
      () => tasksOf('broken'),
      ({ length }) => length > 0,
    )
    expect(tasks).toMatchObject([{ code: { coding: [{ code: 'rule-unevaluable' }] } }])
    expect(JSON.stringify(tasks)).toContain('nobody')
  })
})
