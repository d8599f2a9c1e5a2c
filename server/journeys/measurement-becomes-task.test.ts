import { setTimeout as sleep } from 'node:timers/promises'
import type { Bundle, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
})
afterAll(() => server.stop())

const get = (path: string) => request(server.baseUrl).get(`/fhir/${path}`).set('Authorization', `Bearer ${token}`)
const post = (path: string, body: object) =>
  request(server.baseUrl).post(`/fhir/${path}`).set('Authorization', `Bearer ${token}`).send(body)

const measure = (value: number, code = '59408-5') =>
  post('Observation', {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    subject: { reference: 'Patient/demo-line' },
    effectiveDateTime: new Date().toISOString(),
    valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }).expect(201)

async function openTasks(): Promise<Task[]> {
  const { body } = await get('Task?patient=Patient/demo-line&status=requested&_count=100').expect(200)
  return ((body as Bundle).entry ?? []).map(({ resource }) => resource as Task)
}

async function untilThereAre(count: number): Promise<Task[]> {
  for (let i = 0; i < 100; i++) {
    const tasks = await openTasks()
    if (tasks.length >= count) return tasks
    await sleep(50)
  }
  throw new Error(`There are not ${count} Tasks.`)
}

const colourOf = (task: Task | undefined) => task?.businessStatus?.coding?.[0]?.code

test('Line Danser has no open Task; 95 % makes none, 89 % a yellow one, 84 % exactly one red one, at once', async () => {
  expect(await openTasks()).toEqual([])
  await measure(95)
  await measure(89, '2708-6')
  const [yellow] = await untilThereAre(1)
  expect(colourOf(yellow)).toBe('yellow')
  const posted = await measure(84)
  const tasks = await untilThereAre(2)
  const red = tasks.filter((task) => colourOf(task) === 'red')
  expect(red).toMatchObject([
    {
      priority: 'stat',
      focus: { reference: `Observation/${posted.body.id}` },
      reasonCode: { text: 'SpO2 84 %, rød grense 88 %' },
    },
  ])
  await measure(83)
  await sleep(500)
  expect((await openTasks()).map(colourOf).sort()).toEqual(['red', 'yellow'])
})

test('$apply proposes the plan for a patient and stores nothing', async () => {
  const before = (await get('CarePlan?_total=accurate&_count=0').expect(200)).body.total
  const { body } = await get('PlanDefinition/copd/$apply?subject=Patient/demo-line').expect(200)
  expect(body).toMatchObject({
    resourceType: 'CarePlan',
    status: 'draft',
    intent: 'proposal',
    subject: { reference: 'Patient/demo-line' },
  })
  const types = body.contained.map(({ resourceType }: { resourceType: string }) => resourceType)
  expect(types).toEqual(expect.arrayContaining(['RequestGroup', 'Goal', 'ServiceRequest', 'Task']))
  const parameters = { resourceType: 'Parameters', parameter: [{ name: 'subject', valueString: 'Patient/demo-line' }] }
  await post('PlanDefinition/copd/$apply', parameters).expect(200)
  expect((await get('CarePlan?_total=accurate&_count=0')).body.total).toBe(before)
})

test.each([
  ['without a subject', 'copd/$apply', 400, 'required'],
  ['for somebody unknown', 'copd/$apply?subject=Patient/nobody', 404, 'not-found'],
  ['of an unknown plan', 'none/$apply?subject=Patient/demo-line', 404, 'not-found'],
  ['without a plan', '$apply?subject=Patient/demo-line', 400, 'required'],
  ['with a subject that is no reference', 'copd/$apply?subject=Line', 400, 'value'],
])('$apply %s is refused', async (_name, path, status, code) => {
  const { body } = await get(`PlanDefinition/${path}`).expect(status)
  expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code }] })
})

test('$apply needs a token like all else', async () => {
  await request(server.baseUrl).get('/fhir/PlanDefinition/copd/$apply?subject=Patient/demo-line').expect(401)
})
