import type { Bundle, CarePlan, OperationOutcome, Parameters, RequestGroup, Task } from '@medplum/fhirtypes'
import request from 'supertest'
import type { Resource } from '../core/fhir/resource.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

const EXAMPLE = 'http://example.org/cql'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const LIBRARY_TYPE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/library-type', code: 'logic-library' }],
}
const library = (name: string, source: string, more: object = {}) => ({
  ...{ resourceType: 'Library', id: name, name, url: `${EXAMPLE}/Library/${name}`, version: '1.0.0', status: 'active' },
  type: LIBRARY_TYPE,
  content: [{ contentType: 'text/cql', data: base64(`library ${name} version '1.0.0'\n${source}`) }],
  ...more,
})
const LUNGS = {
  ...{ resourceType: 'ValueSet', id: 'cql-lungs', url: `${EXAMPLE}/ValueSet/lungs`, status: 'active' },
  compose: { include: [{ system: `${EXAMPLE}/codes`, concept: [{ code: 'copd' }] }] },
}
const SHARED = library(
  'CqlShared',
  `using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "LOINC": 'http://loinc.org'
code "SpO2": '59408-5' from "LOINC"
context Patient
define "SpO2 Values": [Observation: "SpO2"] O return (O.value as Quantity)`,
)
const RULES = library(
  'CqlRules',
  `using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
include CqlShared version '1.0.0' called Shared
valueset "Lungs": '${LUNGS.url}'
parameter "Floor" Decimal default 88.0
context Patient
define "Is Strict": "Floor" > 90.0
define "Is Low": exists(Shared."SpO2 Values" V where V < 88 '%')
define "Has Lung Disease": exists([Condition: "Lungs"])
define "Next Year": Today() + 1 year
define "Hangs": Count(expand { Interval[1, 100000000] } per 1) > 0`,
)
const cql = (expression: string, language = 'text/cql-identifier') => ({ language, expression })
const when = (expression: string, language?: string) => [
  { kind: 'applicability', expression: cql(expression, language) },
]
const CALL = {
  ...{ resourceType: 'ActivityDefinition', id: 'cql-call', url: `${EXAMPLE}/ActivityDefinition/call`, version: '1' },
  ...{ status: 'active', kind: 'Task', library: [RULES.url] },
  dynamicValue: [{ path: 'restriction.period.end', expression: cql('Next Year') }],
}
const plan = (id: string, ...action: object[]) => ({
  ...{ resourceType: 'PlanDefinition', id, url: `${EXAMPLE}/PlanDefinition/${id}`, version: '1', status: 'active' },
  library: [`${RULES.url}|1.0.0`],
  action,
})
const observation = (value: number) => ({
  ...{ resourceType: 'Observation', id: `low-${value}`, status: 'final', subject: { reference: 'Patient/demo-line' } },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: new Date().toISOString(),
  valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})
const COPD = {
  ...{ resourceType: 'Condition', id: 'copd', subject: { reference: 'Patient/demo-line' } },
  code: { coding: [{ system: `${EXAMPLE}/codes`, code: 'copd' }] },
}

const send = (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
const put = (resource: { resourceType: string; id: string; [element: string]: unknown }) =>
  send('put', `${resource.resourceType}/${resource.id}`).send(resource)

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  // Together: the second includes the first, which nobody has stored yet.
  const entry = [RULES, SHARED, LUNGS, CALL].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }))
  await send('post', '').send({ resourceType: 'Bundle', type: 'transaction', entry }).expect(200)
})
afterAll(() => server.giveBack())

const apply = (definition: object, ...data: object[]) => applyWith([], definition, ...data)
async function applyWith(given: object[], definition: object, ...data: object[]): Promise<CarePlan> {
  const entry = data.map((resource) => ({ resource }))
  const { body } = await send('post', 'PlanDefinition/$apply')
    .send({
      resourceType: 'Parameters',
      parameter: [
        { name: 'subject', valueString: 'Patient/demo-line' },
        { name: 'planDefinition', resource: definition },
        { name: 'useServerData', valueBoolean: false },
        { name: 'data', resource: { resourceType: 'Bundle', type: 'collection', entry } },
        { name: 'parameters', resource: { resourceType: 'Parameters', parameter: given } },
      ],
    })
    .expect(200)
  return body as CarePlan
}
const contained = <T>(carePlan: CarePlan, type: string) =>
  ((carePlan.contained ?? []) as Resource[]).filter(({ resourceType }) => resourceType === type) as T[]
const ids = (carePlan: CarePlan) =>
  contained<RequestGroup>(carePlan, 'RequestGroup')
    .flatMap(({ action }) => action ?? [])
    .map(({ id }) => id)
const issues = (carePlan: CarePlan) =>
  contained<OperationOutcome>(carePlan, 'OperationOutcome').flatMap(({ issue }) => issue)

test('conditions and values in CQL, from libraries that were translated when they were stored', async () => {
  const definition = plan(
    'cql-plan',
    { id: 'low', condition: when('Is Low'), definitionCanonical: CALL.url },
    { id: 'lungs', title: 'Lungs', condition: when('CqlRules."Has Lung Disease"') },
    { id: 'inline', title: 'Inline', condition: when('"Is Low" and not "Has Lung Disease"', 'text/cql') },
    { id: 'older', title: 'Older', condition: when('"Is Low"', 'text/cql.identifier') },
    { id: 'never', title: 'Never', condition: when('AgeInYears() > 150', 'text/cql-expression') },
  )
  const low = await apply(definition, observation(84))
  expect(issues(low)).toEqual([])
  expect(ids(low)).toEqual(['low', 'inline', 'older'])
  const [task] = contained<Task>(low, 'Task')
  expect(task?.restriction?.period?.end).toMatch(`${new Date().getUTCFullYear() + 1}-`)
  expect(ids(await apply(definition, observation(95), COPD))).toEqual(['lungs'])
})

test('the parameters of $apply are those of the libraries; what is not given has its default', async () => {
  const definition = plan('cql-parameters', { id: 'strict', title: 'Strict', condition: when('Is Strict') })
  const floor = (value: object) => [{ name: 'Floor', ...value }]
  expect(ids(await apply(definition))).toEqual([])
  expect(ids(await applyWith(floor({ valueDecimal: 92.5 }), definition))).toEqual(['strict'])
  const wrong = await applyWith(floor({ valueString: 'high' }), definition)
  expect([ids(wrong), issues(wrong)[0]?.diagnostics]).toEqual([
    [],
    expect.stringContaining('The parameter "Floor" is Decimal, not "high"'),
  ])
})

test('what a plan needs tells what its libraries retrieve, take and include, each with its version', async () => {
  await put(plan('cql-needs', { id: 'low', title: 'Low', condition: when('Is Low') })).expect(201)
  const { body } = await send('get', 'PlanDefinition/cql-needs/$data-requirements').expect(200)
  expect(body.parameter).toEqual([{ name: 'Floor', use: 'in', min: 0, max: '1', type: 'decimal' }])
  expect(body.dataRequirement).toEqual(
    expect.arrayContaining([
      {
        type: 'Observation',
        codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: '59408-5' }] }],
      },
      { type: 'Condition', codeFilter: [{ path: 'code', valueSet: LUNGS.url }] },
    ]),
  )
  const named = body.relatedArtifact.map(({ resource }: { resource: string }) => resource)
  expect(named).toEqual(expect.arrayContaining([`${RULES.url}|1.0.0`, `${SHARED.url}|1.0.0`, LUNGS.url]))
})

test('the cases of a plan are decided by its CQL', async () => {
  const trigger = [{ type: 'data-added', data: [{ type: 'Observation' }] }]
  await put({
    ...plan('cql-cases', { id: 'low', title: 'Low', trigger, condition: when('Is Low') }),
    status: 'draft',
  }).expect(201)
  const given = (value: number, tasks: object[]) => ({
    title: `${value} %`,
    patient: {},
    events: [{ at: '2026-11-10T08:00:00+01:00', measured: { id: 'm', code: '59408-5', value, unit: '%' } }],
    tasks,
  })
  const cases = {
    ...{ resourceType: 'Library', status: 'draft', type: LIBRARY_TYPE },
    content: [given(84, [{ rule: 'low' }]), given(95, []), given(96, [{ rule: 'low' }])].map((one) => ({
      ...{ contentType: 'application/json', title: one.title, data: base64(JSON.stringify(one)) },
    })),
  }
  const { body } = await send('post', 'PlanDefinition/cql-cases/$test')
    .send({ resourceType: 'Parameters', parameter: [{ name: 'library', resource: cases }] })
    .expect(200)
  const told = (body as Parameters).parameter
    ?.filter(({ name }) => name === 'case')
    .map(({ part = [] }) => part.find(({ name }) => name === 'passed')?.valueBoolean)
  expect(told).toEqual([true, true, false])
})

test('what cannot be worked out is told with its action, and the others go on', async () => {
  const definition = plan(
    'cql-wrong',
    { id: 'hangs', title: 'Hangs', condition: when('Hangs') },
    { id: 'unknown', title: 'Unknown', condition: when('Nobody Knows') },
    { id: 'bad', title: 'Bad', condition: when("1 + 'a'", 'text/cql') },
    { id: 'fine', title: 'Fine', condition: when('Has Lung Disease') },
  )
  const told = await apply(definition, COPD)
  expect(ids(told)).toEqual(['fine'])
  expect(issues(told)).toMatchObject([
    {
      code: 'too-costly',
      diagnostics: expect.stringContaining("Action 'hangs'"),
      expression: [expect.stringContaining('action[0].condition[0]')],
    },
    { code: 'processing', diagnostics: expect.stringContaining("'Nobody Knows' is not defined in CqlRules|1.0.0") },
    { code: 'processing', diagnostics: expect.stringContaining('Could not resolve call to operator Add') },
  ])
})

test('a pattern that backtracks for ever is stopped, and others are answered meanwhile', async () => {
  const evil = { language: 'text/fhirpath', expression: `'${'a'.repeat(50)}!'.matches('^(a+)+$')` }
  const definition = {
    ...plan('evil'),
    action: [{ id: 'evil', condition: [{ kind: 'applicability', expression: evil }] }],
  }
  let isAnswered = false
  const applying = apply(definition).then((carePlan) => {
    isAnswered = true
    return carePlan
  })
  await send('get', 'Patient/demo-line').expect(200)
  expect(isAnswered).toBe(false)
  expect(issues(await applying)).toMatchObject([
    { code: 'too-costly', diagnostics: expect.stringContaining("Action 'evil'") },
  ])
})

test.each([
  [
    'CQL that is wrong',
    library('CqlBad', "define X: 1 + 'a'\ndefine Y: Nobody"),
    ['Line 2, column 11: Could not resolve call', 'Line 3, column 11: Could not resolve identifier Nobody'],
  ],
  [
    'CQL that includes what is not there',
    library('CqlLonely', "include Elsewhere version '1'"),
    ['Could not load source for library Elsewhere'],
  ],
  [
    'ELM that is none',
    library('CqlNoElm', '', { content: [{ contentType: 'application/elm+json', data: base64('{"library":{}}') }] }),
    ['The ELM has no library with an identifier.'],
  ],
])(
  '%s is refused, with the place',
  async (_name, resource, diagnostics) => {
    const { body } = await put(resource).expect(400)
    const { issue } = body as OperationOutcome
    for (const [i, text] of diagnostics.entries()) {
      expect(issue[i]).toMatchObject({
        code: 'invalid',
        diagnostics: expect.stringContaining(text),
        expression: ['Library.content[0].data'],
      })
    }
    const entry = [{ resource, request: { method: 'PUT', url: `Library/${resource.id}` } }]
    const bundle = await send('post', '')
      .send({ resourceType: 'Bundle', type: 'transaction', entry } as Bundle)
      .expect(400)
    expect((bundle.body as OperationOutcome).issue[0]?.expression?.[0]).toContain('Bundle.entry[0]')
    await put({ ...resource, status: 'draft' }).expect(201)
  },
  60_000,
)

test('the engine decides by CQL: a measurement becomes a Task, and a rule that cannot be worked out one about the rule', async () => {
  const trigger = [{ type: 'data-added', data: [{ type: 'Observation' }] }]
  const engine = plan(
    'cql-engine',
    { id: 'low', title: 'Low by CQL', trigger, condition: when('Is Low') },
    { id: 'lost', title: 'Lost', trigger, condition: when('Nobody Knows') },
  )
  await put(engine)
  await put({ resourceType: 'Patient', id: 'cql-patient' })
  await put({
    ...{ resourceType: 'CarePlan', id: 'cql-enrolment', status: 'active', intent: 'plan' },
    ...{ subject: { reference: 'Patient/cql-patient' }, instantiatesCanonical: [`${engine.url}|1`] },
  })
  await put({ ...observation(84), id: 'cql-84', subject: { reference: 'Patient/cql-patient' } })
  let reasons: (string | undefined)[] = []
  for (let i = 0; i < 900 && reasons.length < 2; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const { body } = await send('get', 'Task?patient=Patient/cql-patient')
    reasons = ((body as Bundle<Task>).entry ?? []).map(({ resource }) => resource?.reasonCode?.text)
  }
  const { body: task } = await send('get', 'Task?patient=Patient/cql-patient&_count=1')
  const { body: again } = await send('get', `Task/${(task as Bundle<Task>).entry?.[0]?.resource?.id}/$replay`).expect(
    200,
  )
  expect(again.parameter[0]).toEqual({ name: 'equal', valueBoolean: true })
  expect(reasons.toSorted()).toEqual([expect.stringContaining("'Nobody Knows' is not defined"), 'Low by CQL'])
})

test('an enrolment ends by itself when the CQL of its plan says so, and what cannot be worked out is a Task', async () => {
  const endsWhen = (name: string) => [
    { url: 'http://fylgje.no/fhir/StructureDefinition/ends-when', valueExpression: cql(name) },
  ]
  for (const [id, name] of Object.entries({ 'cql-ends': 'Has Lung Disease', 'cql-lost': 'Nobody Knows' })) {
    await put({ ...plan(id), action: undefined, extension: endsWhen(name) })
  }
  const enrolled = (id: string, title: string) => ({
    ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', title },
    ...{ subject: { reference: `Patient/${id}` }, instantiatesCanonical: [`${EXAMPLE}/PlanDefinition/${id}|1`] },
  })
  for (const id of ['cql-ends', 'cql-lost']) {
    await put({ resourceType: 'Patient', id })
    await put(enrolled(id, 'Before'))
  }
  const until = async <T>(look: () => Promise<T>, isIt: (found: T) => boolean): Promise<T> => {
    let found = await look()
    for (let i = 0; i < 300 && !isIt(found); i++) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      found = await look()
    }
    return found
  }
  const [trouble] = await until(
    async () => ((await send('get', 'Task?patient=Patient/cql-lost')).body as Bundle<Task>).entry ?? [],
    ({ length }) => length > 0,
  )
  expect(trouble?.resource?.reasonCode?.text).toContain("'Nobody Knows' is not defined")
  // Both were looked at in one turn: the other one was not ended.
  expect((await send('get', 'CarePlan/cql-ends')).body.status).toBe('active')
  await put({ ...COPD, id: 'cql-ends-copd', subject: { reference: 'Patient/cql-ends' } })
  await put(enrolled('cql-ends', 'After'))
  const status = await until(
    async () => (await send('get', 'CarePlan/cql-ends')).body.status,
    (now) => now !== 'active',
  )
  expect(status).toBe('completed')
})
