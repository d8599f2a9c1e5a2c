import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const XML = 'application/fhir+xml'
const send = (method: 'get' | 'put' | 'post' | 'head', path = '') =>
  request(server.baseUrl)[method](`/fhir/${path}`.replace(/\/$/, '')).set('Authorization', `Bearer ${token}`)
const asXml = (method: 'put' | 'post', path: string, xml: string) =>
  send(method, path)
    .type(XML)
    .set('Accept', XML)
    .serialize((text) => text)
    .send(xml)

const xmlPatient = (id: string, rest = '') =>
  `<Patient xmlns="http://hl7.org/fhir"><id value="${id}"/>${rest}<birthDate value="1970-01-01"/></Patient>`
const patient = (id: string, rest: object = {}) => ({
  ...{ resourceType: 'Patient', id, active: true, name: [{ family: 'Danser' }], gender: 'female' },
  ...rest,
})
const put = (resource: { resourceType: string; id: string }) =>
  send('put', `${resource.resourceType}/${resource.id}`).type('application/fhir+json').send(resource)

test('what is sent as XML is stored, and read as JSON and as XML', async () => {
  const created = await asXml('put', 'Patient/x1', xmlPatient('x1', '<active value="true"/>'))
  expect([created.status, created.headers['content-type']]).toEqual([201, 'application/fhir+xml; charset=utf-8'])
  expect(created.text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?><Patient xmlns="http:\/\/hl7.org\/fhir"><id value="x1"\/><meta>/,
  )
  expect((await send('get', 'Patient/x1')).body).toMatchObject({ active: true, birthDate: '1970-01-01' })
  const xml = await send('get', 'Patient/x1').set('Accept', XML)
  expect(xml.text).toBe(created.text)
  expect(xml.headers.etag).toBe('W/"1"')
})

test('searches, histories, transactions and refusals are written as XML too', async () => {
  await put(patient('x2'))
  const search = await send('get', 'Patient?_id=x2&_format=xml')
  expect(search.text).toContain('<entry><fullUrl value="')
  expect(search.text).toContain('<resource><Patient><id value="x2"/>')
  expect((await send('get', 'Patient/x2/_history?_format=application/fhir%2Bxml')).text).toContain(
    '<type value="history"/>',
  )
  const bundle = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource>${xmlPatient('x3')}</resource>
    <request><method value="PUT"/><url value="Patient/x3"/></request></entry></Bundle>`
  const transaction = await asXml('post', '', bundle)
  expect([transaction.status, transaction.text]).toEqual([
    200,
    expect.stringContaining('<status value="201 Created"/>'),
  ])
  const refused = await send('get', 'Patient/x-none').set('Accept', XML)
  expect([refused.status, refused.text]).toEqual([404, expect.stringContaining('<code value="not-found"/>')])
  const unknown = await asXml('post', 'Patient', '<Patient xmlns="http://hl7.org/fhir"><colour value="red"/></Patient>')
  expect([unknown.status, unknown.text]).toEqual([400, expect.stringContaining('<expression value="Patient.colour"/>')])
  expect((await send('get', 'metadata?_format=xml')).text).toContain('<fhirVersion value="4.0.1"/>')
})

test.each([
  ['application/fhir+json', 'json'],
  ['application/xml', 'xml'],
  ['application/fhir+json;q=0.5, application/fhir+xml', 'xml'],
  ['application/fhir+xml;q=0.5, application/json', 'json'],
  ['application/fhir+xml; fhirVersion=4.0', 'xml'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
  ['*/*', 'json'],
] as const)('who accepts %s gets %s', async (accept, format) => {
  await put(patient('a1'))
  expect((await send('get', 'Patient/a1').set('Accept', accept)).headers['content-type']).toContain(`fhir+${format}`)
})

test.each([
  ['Accept', 'image/png'],
  ['Accept', 'application/fhir+json; fhirVersion=3.0'],
  ['_format', 'yaml'],
] as const)('%s %s is refused with 406', async (where, what) => {
  const answer =
    where === 'Accept'
      ? await send('get', 'Patient/a1').set('Accept', what)
      : await send('get', `Patient/a1?_format=${what}`)
  expect([answer.status, answer.body.issue[0].code]).toEqual([406, 'not-supported'])
})

test('_summary and _elements show a part, marked as one, on read, vread, search, history and POST _search', async () => {
  await put(patient('s1'))
  const parts = [
    (await send('get', 'Patient/s1?_elements=gender')).body,
    (await send('get', 'Patient/s1/_history/1?_elements=gender')).body,
    (await send('get', 'Patient?_id=s1&_elements=gender')).body.entry[0].resource,
    (await send('get', 'Patient/s1/_history?_elements=gender')).body.entry[0].resource,
    (await send('post', 'Patient/_search').type('form').send({ _id: 's1', _elements: 'gender' })).body.entry[0]
      .resource,
  ]
  for (const part of parts) {
    expect(Object.keys(part).sort()).toEqual(['active', 'gender', 'id', 'meta', 'resourceType'])
    expect(part.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })])
  }
  expect((await send('get', 'Patient/s1?_summary=data')).body.name).toBeDefined()
  expect((await send('get', 'Patient/s1?_summary=false')).body.meta.tag).toBeUndefined()
  expect((await send('get', 'Patient?_id=s1&_summary=count')).body).toMatchObject({ total: 1 })
  const wrong = await send('get', 'Patient/s1?_summary=short')
  expect([wrong.status, wrong.body.issue[0].expression]).toEqual([400, ['_summary']])
})

test('_pretty spreads the same over lines', async () => {
  await put(patient('p1'))
  const [plain, pretty] = [await send('get', 'Patient/p1'), await send('get', 'Patient/p1?_pretty=true')]
  expect(pretty.text).toContain('\n  "resourceType"')
  expect(pretty.body).toEqual(plain.body)
})

test('HEAD answers as GET does, without a body', async () => {
  await put(patient('h1'))
  const [get, head] = [await send('get', 'Patient/h1'), await send('head', 'Patient/h1')]
  expect([head.status, head.text ?? '']).toEqual([200, ''])
  for (const name of ['etag', 'last-modified', 'content-length', 'content-type']) {
    expect(head.headers[name]).toBe(get.headers[name])
  }
  expect((await send('head', 'Patient/h-none')).status).toBe(404)
})

test('If-Modified-Since', async () => {
  await put(patient('m1'))
  const at = (await send('get', 'Patient/m1')).headers['last-modified'] ?? ''
  expect((await send('get', 'Patient/m1').set('If-Modified-Since', at)).status).toBe(304)
  expect((await send('get', 'Patient/m1').set('If-Modified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT')).status).toBe(200)
})

test('a large answer is packed for who takes gzip, and for nobody else', async () => {
  await put(patient('g1', { address: Array.from({ length: 200 }, (_, n) => ({ text: `Storgata ${n}` })) }))
  const read = async (acceptEncoding: string) => {
    const answer = await request(server.baseUrl)
      .get('/fhir/Patient/g1')
      .set({ Authorization: `Bearer ${token}`, 'Accept-Encoding': acceptEncoding })
      .buffer()
    return answer
  }
  const [packed, plain] = [await read('gzip'), await read('identity')]
  expect([packed.headers['content-encoding'], plain.headers['content-encoding']]).toEqual(['gzip', undefined])
  expect(Number(packed.headers['content-length'])).toBeLessThan(Number(plain.headers['content-length']) / 3)
  expect(packed.text).toBe(plain.text)
  expect((await read('gzip;q=0')).headers['content-encoding']).toBeUndefined()
})

describe('a Binary', () => {
  const content = (method: 'put' | 'post', path: string, type: string, body: string) =>
    send(method, path)
      .type(type)
      .serialize((text) => text)
      .send(body)

  test('is sent and read as what it holds, or as the resource', async () => {
    const created = await content('post', 'Binary', 'text/plain; charset=utf-8', 'hei, på deg')
    expect([created.status, created.body.resourceType]).toEqual([201, 'Binary'])
    const path = `Binary/${created.body.id}`
    const read = await send('get', path).set('Accept', 'text/plain')
    expect([read.status, read.text, read.headers.etag]).toEqual([200, 'hei, på deg', 'W/"1"'])
    expect(read.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(read.headers['content-security-policy']).toContain('sandbox')
    const resource = await send('get', path).set('Accept', 'application/fhir+json')
    expect(Buffer.from(resource.body.data, 'base64').toString()).toBe('hei, på deg')
    expect((await send('get', path)).body.resourceType).toBe('Binary')
  })

  test('is replaced by PUT under its own id, and its security context is a header', async () => {
    await content('put', 'Binary/b1', 'text/csv', 'a,b').set('X-Security-Context', 'Patient/x')
    const { body } = await send('get', 'Binary/b1')
    expect(body).toMatchObject({ id: 'b1', contentType: 'text/csv', securityContext: { reference: 'Patient/x' } })
  })

  test('that is not there is refused in FHIR’s words', async () => {
    const answer = await send('get', 'Binary/none').set('Accept', 'image/png')
    expect([answer.status, answer.body.issue[0].code]).toEqual([404, 'not-found'])
  })
})
