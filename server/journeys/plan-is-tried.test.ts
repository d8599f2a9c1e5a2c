import type { Goal, OperationOutcome, Parameters, ParametersParameter, PlanDefinition, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import { demoSession } from './harness/demo-session.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string
let patient: string
beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  patient = await demoSession(server, 'patient')
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post' | 'delete', path: string, as = token) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${as}`).type('application/fhir+json')
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })
const told = ({ status, body }: { status: number; body: OperationOutcome }) => [
  status,
  body.issue?.[0]?.code,
  body.issue?.[0]?.expression,
]
const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
const line = { name: 'subject', valueReference: { reference: 'Patient/demo-line' } }

const all = (body: Parameters, name: string): ParametersParameter[] =>
  (body.parameter ?? []).filter((one) => one.name === name)
const part = (one: ParametersParameter | undefined, name: string) => one?.part?.find((inner) => inner.name === name)
const countOf = (body: Parameters, name: string, side: string) =>
  part(all(body, name)[0], side)?.valueInteger ?? Number.NaN

/** The plan for COPD with another red limit for oxygen. */
async function draftWithRedBelow(version: string, value: number): Promise<PlanDefinition> {
  const { body } = await send('post', 'PlanDefinition/copd/$draft')
    .send(parameters({ name: 'version', valueString: version }))
    .expect(201)
  const text = JSON.stringify(body).replaceAll('"value":88', `"value":${value}`).replaceAll('"value":92', '"value":96')
  const { body: changed } = await send('put', `PlanDefinition/${body.id}`).send(JSON.parse(text)).expect(200)
  return changed as PlanDefinition
}

test('a draft is tried on what has happened to a fifth of the patients, and nothing is written', async () => {
  const draft = await draftWithRedBelow('3.0.0', 94)
  const period = [
    { name: 'start', valueInstant: daysAgo(5) },
    { name: 'share', valueInteger: 20 },
  ]
  const asked = parameters(
    ...period,
    { name: 'minutesPerTask', valueInteger: 10 },
    { name: 'forPatients', valueInteger: 500 },
  )
  const { body: now } = await send('post', 'PlanDefinition/copd/$simulate').send(asked).expect(200)
  const { body: next } = await send('post', `PlanDefinition/${draft.id}/$simulate`).send(asked).expect(200)
  expect(all(next, 'plan')[0]?.valueCanonical).toBe(`${draft.url}|3.0.0`)
  expect(all(next, 'patients')[0]?.valueInteger).toBe(all(now, 'patients')[0]?.valueInteger)
  expect(countOf(next, 'tasks', 'simulated')).toBeGreaterThan(countOf(now, 'tasks', 'simulated'))
  const reds = all(next, 'newRed')
  expect(reds.length).toBeGreaterThan(0)
  expect(part(reds[0], 'focus')?.valueReference?.reference).toMatch(/^(?:Observation|QuestionnaireResponse)\//)
  expect(part(reds[0], 'reason')?.valueString).toBeDefined()
  // By day, by team and by shift it is the same number.
  const sum = (name: string) => all(next, name).reduce((total, one) => total + sumOfColours(one), 0)
  expect(sum('day')).toBe(countOf(next, 'tasks', 'simulated'))
  expect(sum('team')).toBe(countOf(next, 'tasks', 'simulated'))
  expect(all(next, 'shift').length).toBeGreaterThan(0)
  expect(part(part(all(next, 'shift')[0], 'expected'), 'people')?.valueInteger).toBeDefined()
  // Whoever works there is held against who is needed.
  for (const shift of all(next, 'shift')) {
    const [there, needed] = [part(shift, 'people')?.valueDecimal, part(part(shift, 'expected'), 'people')?.valueInteger]
    const judged = there === undefined || needed === undefined ? undefined : there < needed
    expect(part(shift, 'tooFew')?.valueBoolean).toBe(judged)
  }
  // The demo's history was seeded just now: of these days hardly any has decisions to compare with.
  const [days, recorded] = [all(next, 'patientDays')[0]?.valueDecimal, all(next, 'recordedDays')[0]?.valueDecimal]
  expect(recorded).toBeLessThan(0.2 * Number(days))
  // The engine goes on with the plan that is in force meanwhile; what a trial made would name the draft.
  const tasks = (await send('get', 'Task?_count=500').expect(200)).body.entry as { resource: Task }[]
  expect(tasks.filter(({ resource }) => resource.instantiatesCanonical === `${draft.url}|3.0.0`)).toEqual([])
})

const sumOfColours = (one: ParametersParameter): number =>
  ['red', 'yellow', 'grey', 'green'].reduce(
    (sum, colour) => sum + (part(part(one, colour), 'simulated')?.valueInteger ?? 0),
    0,
  )

test('other limits are tried for one person', async () => {
  const goal = (value: number): Goal => ({
    resourceType: 'Goal',
    lifecycleStatus: 'active',
    description: { text: 'Egne grenser' },
    subject: { reference: 'Patient/demo-line' },
    target: [
      {
        extension: [
          {
            url: 'http://fylgje.no/fhir/StructureDefinition/limit',
            extension: [
              { url: 'zone', valueCode: 'red' },
              { url: 'side', valueCode: 'low' },
            ],
          },
        ],
        measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
        detailQuantity: { value, comparator: '<', unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
      },
    ],
  })
  const { body: mine } = await send('get', 'Goal?patient=demo-line').expect(200)
  const own = (mine.entry as { resource: Goal }[]).find(({ resource }) =>
    JSON.stringify(resource).includes('59408-5'),
  )?.resource
  const tried = (value: number) =>
    send('post', 'CarePlan/demo-line-kols/$simulate').send(
      parameters(
        { name: 'goal', resource: { ...goal(value), id: own?.id } },
        { name: 'start', valueInstant: daysAgo(10) },
      ),
    )
  const { body: strict } = await tried(96).expect(200)
  const { body: mild } = await tried(70).expect(200)
  expect(all(strict, 'patients')[0]?.valueInteger).toBe(1)
  expect(countOf(strict, 'comparedRed', 'new')).toBeGreaterThan(countOf(mild, 'comparedRed', 'new'))
  const stranger = { ...goal(90), subject: { reference: 'Patient/somebody' } }
  const refused = await send('post', 'CarePlan/demo-line-kols/$simulate').send(
    parameters({ name: 'goal', resource: stranger }),
  )
  expect(told(refused)).toEqual([400, 'value', ['Goal.subject']])
})

/** What makes a rule of the plan for COPD red. */
const RED = "%limits.where(zone = 'red' and hit).exists()"

test('a draft runs in shadow: it makes nothing, and what it would have made is told with its conditions', async () => {
  // Somebody new: nothing of theirs is open that a finding could join.
  await send('put', 'Patient/shadow').send({ resourceType: 'Patient', id: 'shadow' }).expect(201)
  await send('put', 'CarePlan/shadow')
    .send({
      ...{ resourceType: 'CarePlan', id: 'shadow', status: 'active', intent: 'plan' },
      subject: { reference: 'Patient/shadow' },
      instantiatesCanonical: ['http://fylgje.no/fhir/PlanDefinition/copd'],
      period: { start: new Date().toISOString() },
    })
    .expect(201)
  const { body: drafted } = await send('post', 'PlanDefinition/copd/$draft')
    .send(parameters({ name: 'version', valueString: '3.1.0' }))
    .expect(201)
  const text = JSON.stringify(drafted).replaceAll(RED, '%current.value.value < 97')
  const { body: draft } = await send('put', `PlanDefinition/${drafted.id}`).send(JSON.parse(text)).expect(200)
  const report = () =>
    send('post', `PlanDefinition/${draft.id}/$shadow-report`).send(
      parameters({ name: 'subject', valueReference: { reference: 'Patient/shadow' } }),
    )
  expect(told(await report())[0]).toBe(422)
  expect(told(await send('post', 'PlanDefinition/copd/$shadow'))[0]).toBe(409)

  await send('post', `PlanDefinition/${draft.id}/$shadow`).expect(200)
  expect(told(await send('post', `PlanDefinition/${draft.id}/$shadow`))[0]).toBe(409)
  const { body: measured } = await send('post', 'Observation')
    .send({
      resourceType: 'Observation',
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      subject: { reference: 'Patient/shadow' },
      effectiveDateTime: new Date().toISOString(),
      valueQuantity: { value: 95, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
    })
    .expect(201)
  const { body } = await report()
  const fresh = all(body, 'newRed').filter(
    (one) => part(one, 'focus')?.valueReference?.reference === `Observation/${measured.id}`,
  )
  const red = fresh.find((one) => part(one, 'rule')?.valueString === 'spo2-red')
  expect(part(part(red, 'condition'), 'outcome')?.valueCode).toBe('true')
  const { body: tasks } = await send('get', `Task?focus=Observation/${measured.id}&_summary=count`).expect(200)
  expect(tasks.total).toBe(0)

  await send('post', `PlanDefinition/${draft.id}/$shadow`)
    .send(parameters({ name: 'end', valueBoolean: true }))
    .expect(200)
  expect(told(await report())[0]).toBe(422)
})

test('who does not wait is told where to look, and how far it is; only they', async () => {
  const begun = await send('post', 'PlanDefinition/copd/$simulate')
    .set('Prefer', 'respond-async')
    .send(parameters(line, { name: 'start', valueInstant: daysAgo(3) }))
    .expect(202)
  const place = String(begun.headers['content-location']).replace(`${server.fhir}/`, '')
  expect(place).toMatch(/^\$simulations\/[\w-]+$/)
  let done = await send('get', place)
  for (let tries = 0; tries < 300 && done.status === 202; tries++) {
    expect(done.headers['x-progress']).toBeDefined()
    expect(Number(done.headers['retry-after'])).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 100))
    done = await send('get', place)
  }
  expect(done.status).toBe(200)
  expect(done.body).toMatchObject({ requiresAccessToken: true, output: [{ type: 'Parameters' }], error: [] })
  const { body } = await send('get', `${place}/result`).expect(200)
  expect(all(body, 'patients')[0]?.valueInteger).toBe(1)
  expect(told(await send('get', place, patient))[0]).toBe(404)
  expect(told(await send('delete', place, patient))[0]).toBe(404)
  await send('delete', place).expect(202)
  expect(told(await send('get', `${place}/result`))).toEqual([404, 'not-found', undefined])
})

test.each([
  ['a period that ends before it begins', [{ name: 'start', valueInstant: daysAgo(-1) }], [400, 'value', ['start']]],
  ['a period that has not been', [{ name: 'end', valueInstant: daysAgo(-1) }], [400, 'value', ['end']]],
  ['three years', [{ name: 'start', valueInstant: daysAgo(1_100) }], [422, 'too-costly', ['start']]],
  ['a clock that nobody has', [{ name: 'clock', valueCode: 'sun' }], [400, 'value', ['clock']]],
  ['a share of nobody', [{ name: 'share', valueInteger: 0 }], [400, 'value', ['share']]],
  [
    'somebody who is no patient',
    [{ name: 'subject', valueReference: { reference: 'Practitioner/demo-nurse' } }],
    [400, 'value', ['subject']],
  ],
  ['a mark that nobody knows', [{ name: 'deterioration', valueCode: 'mood' }], [400, 'value', ['deterioration']]],
])('%s is refused', async (_what, given, expected) => {
  expect(told(await send('post', 'PlanDefinition/copd/$simulate').send(parameters(...given)))).toEqual(expected)
})

test('a patient learns nothing of others by it', async () => {
  const other = { name: 'subject', valueReference: { reference: 'Patient/demo-aerfugl' } }
  const { status } = await send('post', 'PlanDefinition/copd/$simulate', patient).send(parameters(other))
  expect([403, 404]).toContain(status)
})
