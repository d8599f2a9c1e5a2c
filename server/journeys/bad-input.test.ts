import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const observation = (rest: object = {}) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  subject: { reference: 'Patient/bad-input' },
  effectiveDateTime: '2026-11-20T08:00:00+01:00',
  valueQuantity: { value: 95, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  ...rest,
})

const post = (path: string, body: string | Buffer, contentType = 'application/fhir+json') =>
  request(server.baseUrl)
    .post(`/fhir/${path}`.replace(/\/$/, ''))
    .set('Authorization', `Bearer ${token}`)
    .set('Content-Type', contentType)
    // As it is: supertest would write JSON anew.
    .serialize((sent) => sent)
    .send(body)

const deep = (levels: number) => `${'{"extension":['.repeat(levels)}${']}'.repeat(levels)}`

type Case = {
  name: string
  body: string | Buffer
  status: number
  /** `issue[0].code` */
  code: string
  /** FHIRPath of the element at fault, where there is one */
  expression?: string
  contentType?: string
}
const bad = (
  name: string,
  body: string | Buffer | object,
  status: number,
  code: string,
  expression?: string,
): Case => ({
  name,
  body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  status,
  code,
  ...(expression ? { expression } : {}),
})

const XML = 'application/fhir+xml'

const cases: Case[] = [
  bad('malformed JSON', '{"resourceType":"Observation",', 400, 'invalid'),
  bad('no JSON object', '[1,2]', 400, 'structure'),
  bad('no body', '', 400, 'required'),
  bad('another resourceType than the URL', { resourceType: 'Patient' }, 400, 'invalid'),
  bad('a resourceType that R4 does not have', { resourceType: 'Observatoin' }, 400, 'invalid'),
  bad('an unknown element', observation({ valuequantity: {} }), 400, 'structure', 'Observation.valuequantity'),
  bad('a wrong type', observation({ status: 7 }), 400, 'structure', 'Observation.status'),
  bad(
    'a required element left out',
    { resourceType: 'Observation', status: 'final' },
    400,
    'required',
    'Observation.code',
  ),
  bad('a code outside its value set', observation({ status: 'done' }), 400, 'code-invalid', 'Observation.status'),
  bad(
    'a day no calendar has',
    observation({ effectiveDateTime: '2024-02-30' }),
    400,
    'value',
    'Observation.effective.ofType(dateTime)',
  ),
  { ...bad('XML that is cut short', '<Observation xmlns="http://hl7.org/fhir">', 400, 'invalid'), contentType: XML },
  {
    ...bad('XML with entities of its own', '<!DOCTYPE a [<!ENTITY b "c">]><Observation/>', 400, 'invalid'),
    contentType: XML,
  },
  bad('invalid UTF-8', Buffer.from('{"resourceType":"\xc3\x28"}', 'latin1'), 400, 'invalid'),
  bad('deep nesting', deep(20_000), 400, 'invalid'),
  bad('a body of 20 MB', `{"status":"${'x'.repeat(20 * 1024 * 1024)}"}`, 413, 'too-long'),
]

test.each(cases)('$name is refused with $status and $code, and nothing is stored', async (sent) => {
  const before = await countObservations()
  const { status, body } = await post('Observation', sent.body, sent.contentType)
  expect(body.resourceType).toBe('OperationOutcome')
  expect([status, body.issue[0].code]).toEqual([sent.status, sent.code])
  const expressions = body.issue.flatMap((issue: { expression?: string[] }) => issue.expression ?? [])
  if (sent.expression) expect(expressions).toContain(sent.expression)
  expect(await countObservations()).toBe(before)
})

test('a reference to another server is kept as it is: it is legal, and nothing is fetched', async () => {
  const elsewhere = observation({ performer: [{ reference: 'https://other.example.org/fhir/Practitioner/1' }] })
  const response = await post('Observation', JSON.stringify(elsewhere))
  expect(response.status).toBe(201)
  expect(response.body.performer[0].reference).toBe('https://other.example.org/fhir/Practitioner/1')
})

test('a reference that is no reference is refused', async () => {
  const response = await post('Observation', JSON.stringify(observation({ subject: { reference: 'Patient/a b' } })))
  expect(response.status).toBe(400)
  expect(response.body.issue[0].expression).toEqual(['Observation.subject.reference'])
})

test('a request inside a Bundle to another server is refused', async () => {
  const response = await postBundle('transaction', [
    { request: { method: 'POST', url: 'https://other.example.org/fhir/Observation' }, resource: observation() },
  ])
  expect(response.status).toBe(400)
  expect(response.body.issue[0].expression).toEqual(['Bundle.entry[0].request.url'])
})

test('the same id twice in a transaction is refused, and neither is stored', async () => {
  const entry = (value: number) => ({
    request: { method: 'PUT', url: 'Observation/twice' },
    resource: observation({ id: 'twice', valueQuantity: { value } }),
  })
  const response = await postBundle('transaction', [entry(1), entry(2)])
  expect([response.status, response.body.issue[0].code]).toEqual([400, 'invalid'])
  expect(response.body.issue[0].expression).toEqual(['Bundle.entry[1]'])
  expect((await get('Observation/twice')).status).toBe(404)
})

test('the same fullUrl twice is refused', async () => {
  const entry = {
    fullUrl: 'urn:uuid:0d6f0c2e-3d5b-4c7b-8f44-0d8b3a2f6c11',
    request: { method: 'POST', url: 'Observation' },
    resource: observation(),
  }
  const response = await postBundle('transaction', [entry, entry])
  expect(response.status).toBe(400)
  expect(response.body.issue[0].expression).toEqual(['Bundle.entry[1].fullUrl'])
})

test('one bad entry refuses the whole transaction, and says which entry and element', async () => {
  const before = await countObservations()
  const response = await postBundle('transaction', [
    { request: { method: 'POST', url: 'Observation' }, resource: observation() },
    { request: { method: 'POST', url: 'Observation' }, resource: observation({ effectiveDateTime: 'yesterday' }) },
  ])
  expect(response.status).toBe(400)
  expect(response.body.issue[0].expression).toEqual(['Bundle.entry[1].resource.effective.ofType(dateTime)'])
  expect(await countObservations()).toBe(before)
})

test('a body that is neither JSON nor XML by its own word gets 415, a caller who takes neither gets 406', async () => {
  expect((await post('Observation', 'status,code', 'text/csv')).status).toBe(415)
  expect((await post('Observation', '{}', 'application/fhir+json; fhirVersion=5.0')).status).toBe(415)
  const response = await request(server.baseUrl)
    .get('/fhir/Patient/x')
    .set('Authorization', `Bearer ${token}`)
    .set('Accept', 'image/png')
  expect([response.status, response.body.issue[0].code]).toEqual([406, 'not-supported'])
})

test.each([
  ['GET', '/fhir/Nonsense/1', 404, 'not-supported'],
  ['GET', '/fhir/Observation/a_b', 400, 'value'],
  ['GET', '/fhir/Observation/none', 404, 'not-found'],
  ['GET', '/fhir/Observation/none/_history', 404, 'not-found'],
  ['GET', '/fhir/Observation/none/_history/1', 404, 'not-found'],
  ['GET', '/fhir/no/such/path/at/all', 404, 'not-supported'],
  ['DELETE', '/fhir/Observation', 405, 'not-supported'],
] as const)('%s %s gets %d', async (method, path, status, code) => {
  const response = await request(server.baseUrl)
    [method === 'GET' ? 'get' : 'delete'](path)
    .set('Authorization', `Bearer ${token}`)
  expect([response.status, response.body.issue[0].code]).toEqual([status, code])
  // RFC 9110 §15.5.6: what is not allowed here says what is.
  expect(response.headers.allow).toBe(status === 405 ? 'GET, POST' : undefined)
})

test('outside of FHIR, what nobody answers is an OperationOutcome for programs and a page for people', async () => {
  const { status, body } = await request(server.baseUrl).get('/nowhere')
  expect([status, body.issue[0].code]).toEqual([404, 'not-found'])
  const page = await request(server.baseUrl).get('/nowhere').set('Accept', 'text/html').set('Accept-Language', 'nn')
  expect([page.status, page.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
  expect(page.text).toContain('Sida finst ikkje')
  expect(page.text).toContain(`href="${server.baseUrl}/"`)
})

const get = (path: string) => request(server.baseUrl).get(`/fhir/${path}`).set('Authorization', `Bearer ${token}`)
const postBundle = (type: string, entry: object[]) => post('', JSON.stringify({ resourceType: 'Bundle', type, entry }))

async function countObservations(): Promise<number> {
  const { body } = await get('Observation?_summary=count')
  return body.total
}
