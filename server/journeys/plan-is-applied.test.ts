import type { Bundle, CarePlan, Library } from '@medplum/fhirtypes'
import request from 'supertest'
import type { Resource } from '../core/fhir/resource.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

const EXAMPLE = 'http://example.org'
const CALL = {
  ...{ resourceType: 'ActivityDefinition', id: 'apply-call', url: `${EXAMPLE}/ActivityDefinition/call` },
  ...{ version: '1', status: 'active', kind: 'Task', description: 'Call' },
}
const MEDICINE = {
  ...{ resourceType: 'ActivityDefinition', id: 'apply-medicine', url: `${EXAMPLE}/ActivityDefinition/medicine` },
  ...{ version: '1', status: 'active', kind: 'MedicationRequest' },
}
const LUNGS = {
  ...{ resourceType: 'ValueSet', id: 'apply-lungs', url: `${EXAMPLE}/ValueSet/lungs`, status: 'active' },
  compose: { include: [{ system: `${EXAMPLE}/codes`, concept: [{ code: 'copd' }, { code: 'asthma' }] }] },
}
const when = (expression: string) => [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }]
const PLAN = {
  ...{ resourceType: 'PlanDefinition', id: 'apply-plan', url: `${EXAMPLE}/PlanDefinition/plan` },
  ...{ version: '1', status: 'active' },
  goal: [{ description: { text: 'Breathe' } }],
  action: [
    {
      id: 'call',
      input: [{ id: 'lungs', type: 'Condition', codeFilter: [{ path: 'code', valueSet: LUNGS.url }] }],
      condition: when('%lungs.count() = 1'),
      definitionCanonical: CALL.url,
    },
    { id: 'medicine', definitionCanonical: MEDICINE.url },
    { id: 'home', title: 'At home', condition: when("%setting.coding.code = 'home'") },
  ],
}
const ASTHMA = {
  ...{ resourceType: 'Condition', id: 'c1', subject: { reference: 'Patient/demo-line' } },
  code: { coding: [{ system: `${EXAMPLE}/codes`, code: 'asthma' }] },
}
const BROKEN_LEG = { ...ASTHMA, id: 'c2', code: { coding: [{ system: `${EXAMPLE}/codes`, code: 'leg' }] } }

const send = (method: 'get' | 'put' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
  for (const resource of [CALL, MEDICINE, LUNGS, PLAN]) {
    await send('put', `${resource.resourceType}/${resource.id}`).send(resource).expect(201)
  }
})
afterAll(() => server.giveBack())

const SUBJECT = { name: 'subject', valueString: 'Patient/demo-line' }
const data = (...resources: object[]) => ({
  name: 'data',
  resource: { resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ resource })) },
})
const post = (path: string, ...parameter: object[]) =>
  send('post', path).send({ resourceType: 'Parameters', parameter })

test('a plan gives a CarePlan: the condition sees the codes of a value set, what lacks something is told', async () => {
  const { body } = await post('PlanDefinition/apply-plan/$apply', SUBJECT, data(ASTHMA, BROKEN_LEG)).expect(200)
  const carePlan = body as CarePlan
  const contained = carePlan.contained as Resource[]
  const [group] = contained.filter(({ resourceType }) => resourceType === 'RequestGroup')
  expect((group as unknown as { action: { id: string }[] }).action.map(({ id }) => id)).toEqual(['call', 'medicine'])
  expect(contained.map(({ resourceType }) => resourceType).sort()).toEqual([
    ...['Goal', 'OperationOutcome', 'RequestGroup', 'Task'],
  ])
  const messages = contained.find(({ resourceType }) => resourceType === 'OperationOutcome')
  expect(messages?.issue).toMatchObject([
    { diagnostics: expect.stringContaining('needs product'), expression: ['PlanDefinition.action[1].definition'] },
  ])
})

test('what the setting is can be asked by expressions; only data is looked at when the server is not to be', async () => {
  const setting = { name: 'setting', valueCodeableConcept: { coding: [{ code: 'home' }] } }
  const language = { name: 'userLanguage', valueCodeableConcept: { coding: [{ code: 'nn' }] } }
  const only = { name: 'useServerData', valueBoolean: false }
  const { body } = await post('PlanDefinition/apply-plan/$apply', SUBJECT, setting, language, only).expect(200)
  expect(body.language).toBe('nn')
  const group = body.contained.find(({ resourceType }: Resource) => resourceType === 'RequestGroup')
  expect(group.action.map(({ id }: Resource) => id)).toEqual(['medicine', 'home'])
})

test('at the type, the plan comes by url and version, or whole', async () => {
  const query = `url=${PLAN.url}&version=1&subject=Patient/demo-line`
  const { body } = await send('get', `PlanDefinition/$apply?${query}`).expect(200)
  expect(body.instantiatesCanonical).toEqual([`${PLAN.url}|1`])
  const draft = { ...PLAN, url: `${EXAMPLE}/PlanDefinition/draft`, status: 'draft', action: [] as object[] | undefined }
  draft.action = undefined
  const whole = await post('PlanDefinition/$apply', SUBJECT, { name: 'planDefinition', resource: draft }).expect(200)
  expect(whole.body.instantiatesCanonical).toEqual([`${EXAMPLE}/PlanDefinition/draft|1`])
})

test('the newer form is a Bundle that begins with the RequestGroup', async () => {
  const { body } = await post('PlanDefinition/apply-plan/$r5.apply', SUBJECT, data(ASTHMA)).expect(200)
  const entries = ((body as Bundle).entry ?? []).map(({ resource }) => resource as Resource)
  expect(entries[0]).toMatchObject({
    resourceType: 'RequestGroup',
    extension: [
      { valueReference: { reference: expect.stringMatching(/^OperationOutcome\//) } },
      { valueReference: { reference: expect.stringMatching(/^Goal\//) } },
    ],
  })
  const names = entries.map(({ resourceType, id }) => `${resourceType}/${id}`)
  const references = [...JSON.stringify(entries).matchAll(/"reference":"((?:Task|Goal|RequestGroup)\/[^"]+)"/g)]
  expect(references.length).toBeGreaterThan(1)
  for (const [, reference] of references) expect(names).toContain(reference)
})

test('an activity alone gives its request', async () => {
  const { body } = await post('ActivityDefinition/apply-call/$apply', SUBJECT).expect(200)
  expect(body).toMatchObject({ resourceType: 'Task', status: 'draft', for: { reference: 'Patient/demo-line' } })
  const query = `url=${CALL.url}&subject=Patient/demo-line`
  const byUrl = await send('get', `ActivityDefinition/$apply?${query}`).expect(200)
  expect(byUrl.body).toMatchObject({ resourceType: 'Task', instantiatesCanonical: `${CALL.url}|1` })
})

test('what a plan needs is a Library', async () => {
  const { body } = await send('get', 'PlanDefinition/apply-plan/$data-requirements').expect(200)
  const { type, dataRequirement, relatedArtifact } = body as Library
  expect(type?.coding?.[0]?.code).toBe('module-definition')
  expect(dataRequirement).toMatchObject([{ type: 'Condition' }])
  expect(relatedArtifact?.map(({ resource }) => resource)).toEqual([CALL.url, MEDICINE.url, LUNGS.url])
})

test.each([
  ['no subject', 'PlanDefinition/apply-plan/$apply', [], 400, 'required', ['subject']],
  [
    'an unknown subject',
    'PlanDefinition/apply-plan/$apply',
    [{ ...SUBJECT, valueString: 'Patient/nobody' }],
    404,
    'not-found',
    ['subject'],
  ],
  ['no plan', 'PlanDefinition/$apply', [SUBJECT], 400, 'required', ['planDefinition']],
  [
    'an unknown plan',
    'PlanDefinition/$apply',
    [SUBJECT, { name: 'url', valueUri: `${PLAN.url}|9` }],
    404,
    'not-found',
    ['url'],
  ],
  [
    'a version of nothing',
    'PlanDefinition/$apply',
    [SUBJECT, { name: 'version', valueString: '1' }],
    400,
    'required',
    ['url'],
  ],
  [
    'data that are none',
    'PlanDefinition/apply-plan/$apply',
    [SUBJECT, { name: 'data', resource: CALL }],
    400,
    'value',
    ['data'],
  ],
  [
    'an activity without its product',
    'ActivityDefinition/apply-medicine/$apply',
    [SUBJECT],
    400,
    'required',
    ['ActivityDefinition.product'],
  ],
  [
    'a plan that is not valid',
    'PlanDefinition/$apply',
    [SUBJECT, { name: 'planDefinition', resource: { resourceType: 'PlanDefinition' } }],
    400,
    'required',
    ['PlanDefinition.status'],
  ],
  ['requirements of no plan', 'PlanDefinition/$data-requirements', [], 400, 'required', ['url']],
] as const)('%s is refused', async (_name, path, parameter, status, code, expression) => {
  const { status: given, body } = await post(path, ...parameter)
  expect([given, body.issue[0].code, body.issue[0].expression]).toEqual([status, code, expression])
})
