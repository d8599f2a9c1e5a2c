import type { CapabilityStatement, CapabilityStatementRestResourceOperation } from '@medplum/fhirtypes'
import request from 'supertest'
import { definitionsOf } from '../operations/operation.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'post', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')

type Told = CapabilityStatementRestResourceOperation

async function told(): Promise<Map<string, Told[]>> {
  const { body } = await request(server.baseUrl).get('/fhir/metadata').expect(200)
  const [rest] = (body as CapabilityStatement).rest ?? []
  const ofTypes = (rest?.resource ?? []).map(({ type, operation = [] }) => [String(type), operation] as const)
  return new Map([['', rest?.operation ?? []], ...ofTypes])
}

test('metadata tells the operations of each type exactly', async () => {
  const operations = await told()
  const declared = (type: string) =>
    OPERATIONS.filter(({ resource }) => resource.includes(type) || resource.includes('Resource'))
      .filter(({ on }) => on.some((place) => place !== 'system'))
      .map(({ code }) => code)
  const codesOf = (type: string) =>
    operations
      .get(type)
      ?.map(({ name }) => name)
      .sort()
  for (const type of ['Patient', 'Encounter', 'Observation', 'ValueSet', 'CodeSystem', 'ConceptMap', 'Basic']) {
    expect(codesOf(type)).toEqual(declared(type).sort())
  }
  const ofTheSystem = OPERATIONS.filter(({ on }) => on.includes('system')).map(({ code }) => code)
  expect(codesOf('')).toEqual(ofTheSystem.sort())
  expect(codesOf('Patient')).toContain('everything')
})

test('each has a definition that is found by the url that is told, and the definition is valid', async () => {
  const definitions = new Set([...(await told()).values()].flat().map(({ definition }) => definition))
  expect(definitions.size).toBeGreaterThanOrEqual(OPERATIONS.length)
  for (const definition of definitions) {
    const { body } = await send('get', `OperationDefinition?url=${definition}`).expect(200)
    const { resource } = body.entry[0]
    expect(resource).toMatchObject({ resourceType: 'OperationDefinition', url: definition, kind: 'operation' })
    const { body: outcome } = await send('post', 'OperationDefinition/$validate').send(resource).expect(200)
    const errors = outcome.issue.filter(({ severity }: { severity: string }) => severity === 'error')
    expect([definition, errors]).toEqual([definition, []])
  }
})

test('the definitions are read, searched and counted as any resource is', async () => {
  const ofAll = definitionsOf(OPERATIONS)
  const { body: counted } = await send('get', 'OperationDefinition?_summary=count').expect(200)
  expect(counted.total).toBe(ofAll.length)
  const { body: found } = await send('get', 'OperationDefinition?code=claim&_elements=code').expect(200)
  expect(found.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual(['Task-claim'])
  const { body } = await send('get', 'OperationDefinition/Task-claim').expect(200)
  expect(body).toMatchObject(JSON.parse(JSON.stringify(ofAll.find(({ id }) => id === 'Task-claim'))))
})

test('a definition that is not here is not found', async () => {
  const { status, body } = await send('get', 'OperationDefinition/Patient-dance')
  expect([status, body.issue[0].code]).toEqual([404, 'not-found'])
})

test('what it knows of terminology is told without a token, and is valid', async () => {
  const { body } = await request(server.baseUrl).get('/fhir/metadata?mode=terminology').expect(200)
  expect(body).toMatchObject({ resourceType: 'TerminologyCapabilities', kind: 'instance', expansion: { paging: true } })
  const systems = body.codeSystem.map(({ uri }: { uri: string }) => uri)
  expect(systems).toContain('http://hl7.org/fhir/administrative-gender')
  expect(systems).not.toContain('http://snomed.info/sct')
  const { body: outcome } = await send('post', 'TerminologyCapabilities/$validate').send(body).expect(200)
  expect(outcome.issue.filter(({ severity }: { severity: string }) => severity === 'error')).toEqual([])
})

test('operations stand in a batch as any request does', async () => {
  const { body } = await send('post', '')
    .send({
      resourceType: 'Bundle',
      type: 'batch',
      entry: [
        { request: { method: 'GET', url: 'Patient/demo-line/$everything?_count=1' } },
        { request: { method: 'GET', url: 'Patient/$meta' } },
        { request: { method: 'GET', url: '$meta?_format=json' } },
        {
          request: { method: 'POST', url: 'ValueSet/$validate-code' },
          resource: {
            resourceType: 'Parameters',
            parameter: [
              { name: 'url', valueUri: 'http://hl7.org/fhir/ValueSet/administrative-gender' },
              {
                name: 'codeableConcept',
                valueCodeableConcept: {
                  coding: [
                    { system: 'http://example.org', code: 'x' },
                    { system: 'http://hl7.org/fhir/administrative-gender', code: 'other' },
                  ],
                },
              },
            ],
          },
        },
        { request: { method: 'GET', url: 'ValueSet/none/$expand' } },
      ],
    })
    .expect(200)
  type Answer = {
    response: { status: string }
    resource?: { parameter?: { valueBoolean?: boolean }[]; total?: number }
  }
  const answers: Answer[] = body.entry
  expect(answers.map(({ response }) => response.status)).toEqual(['200 OK', '200 OK', '200 OK', '200 OK', '404'])
})

test('a condition of a create may ask by value set, inside a transaction too', async () => {
  const observation = {
    resourceType: 'Basic',
    code: { coding: [{ system: 'http://hl7.org/fhir/administrative-gender', code: 'other' }] },
  }
  const ifNoneExist = 'code:in=http://hl7.org/fhir/ValueSet/administrative-gender'
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ request: { method: 'POST', url: 'Basic', ifNoneExist }, resource: observation }],
  }
  // More at once than there are connections: none may wait for another's.
  const answers = await Promise.all(Array.from({ length: 60 }, () => send('post', '').send(bundle)))
  const statuses = answers.map(({ body }) => body.entry?.[0]?.response.status)
  expect(statuses.filter((status) => status === '201 Created')).toHaveLength(1)
  expect(statuses.filter((status) => status === '200 OK')).toHaveLength(59)
})
