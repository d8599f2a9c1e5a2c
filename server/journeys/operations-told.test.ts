import type { CapabilityStatement, CapabilityStatementRestResourceOperation } from '@medplum/fhirtypes'
import request from 'supertest'
import { OPERATIONS } from '../operations/operations.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
})
afterAll(() => server.dispose())

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
    OPERATIONS.filter(({ resource }) => resource.includes(type) || resource.includes('Resource')).map(
      ({ code }) => code,
    )
  const codesOf = (type: string) =>
    operations
      .get(type)
      ?.map(({ name }) => name)
      .sort()
  for (const type of ['Patient', 'Encounter', 'Observation', 'ValueSet', 'CodeSystem', 'ConceptMap', 'Basic']) {
    expect(codesOf(type)).toEqual(declared(type).sort())
  }
  expect(codesOf('')).toEqual(['meta'])
  expect(codesOf('Patient')).toContain('everything')
})

test('each has a definition at the address that is told, and the definition is valid', async () => {
  const definitions = new Set([...(await told()).values()].flat().map(({ definition }) => definition))
  expect(definitions.size).toBeGreaterThanOrEqual(OPERATIONS.length)
  for (const definition of definitions) {
    const { body } = await send('get', String(definition).replace(`${server.fhir}/`, '')).expect(200)
    expect(body).toMatchObject({ resourceType: 'OperationDefinition', url: definition, kind: 'operation' })
    const { body: outcome } = await send('post', 'OperationDefinition/$validate').send(body).expect(200)
    const errors = outcome.issue.filter(({ severity }: { severity: string }) => severity === 'error')
    expect([definition, errors]).toEqual([definition, []])
  }
})

test('a definition that is not here is not found; one that was stored is read', async () => {
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
