import { randomUUID } from 'node:crypto'
import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const send = (method: 'get' | 'put' | 'post', path = '', bearer = token) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`.replace(/\/$/, ''))
    .set('Authorization', `Bearer ${bearer}`)
    .type('application/fhir+json')
const transact = (...entry: object[]) => send('post').send({ resourceType: 'Bundle', type: 'transaction', entry })
const batch = (...entry: object[]) => send('post').send({ resourceType: 'Bundle', type: 'batch', entry })

const patient = (value: string, rest: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:t', value }],
  ...rest,
})
const observation = (subject: string, rest: object = {}) => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: subject } },
  ...rest,
})
const post = (resource: { resourceType: string }, rest: object = {}) => ({
  resource,
  request: { method: 'POST', url: resource.resourceType, ...rest },
})
const put = (url: string, resource: object, rest: object = {}) => ({
  resource,
  request: { method: 'PUT', url, ...rest },
})
const criteria = (value: string) => `Patient?identifier=urn:t|${value}`
const ifNoneExist = (value: string) => ({ ifNoneExist: `identifier=urn:t|${value}` })
const countOf = async (value: string) => (await send('get', `${criteria(value)}&_summary=count`)).body.total

type Refused = { response: { outcome: { issue: [{ expression: string[] }] } } }
type Answer = { response: { status: string; location?: string; etag?: string } }
const statuses = ({ body }: request.Response) => body.entry.map((entry: Answer) => entry.response.status.slice(0, 3))
const places = ({ body }: request.Response): string[] =>
  body.entry.map(
    (entry: Answer) => entry.response.location?.replace(`${server.fhir}/`, '').replace(/\/_history.*/, '') ?? '',
  )
const refusal = ({ status, body }: request.Response) => [status, body.issue?.[0]?.code, body.issue?.[0]?.expression]

describe('references that are searches', () => {
  test('become what they find, stored before or by an entry with the same criteria', async () => {
    await send('put', 'Patient/c1').send(patient('c1', { id: 'c1' }))
    const answer = await transact(
      post(observation(criteria('c1'))),
      post(observation(criteria('c1-new'))),
      post(patient('c1-new'), ifNoneExist('c1-new')),
    )
    expect(statuses(answer)).toEqual(['201', '201', '201'])
    const [first = '', second = '', made = ''] = places(answer)
    expect((await send('get', first)).body.subject.reference).toBe('Patient/c1')
    expect((await send('get', second)).body.subject.reference).toBe(made)
  })

  test.each([
    ['nothing', 0, 404, 'not-found'],
    ['more than one', 2, 412, 'multiple-matches'],
  ] as const)('that find %s refuse everything, and name the entry', async (name, count, status, code) => {
    const value = `c2-${count}`
    for (let i = 0; i < count; i++) await send('post', 'Patient').send(patient(value))
    const answer = await transact(post(patient(`${value}-beside`)), post(observation(criteria(value))))
    expect([name, ...refusal(answer)]).toEqual([name, status, code, ['Bundle.entry[1].resource.subject.reference']])
    expect(await countOf(`${value}-beside`)).toBe(0)
  })

  test('stand in transactions only', async () => {
    await send('put', 'Patient/c3').send(patient('c3', { id: 'c3' }))
    expect((await send('post', 'Observation').send(observation(criteria('c3')))).status).toBe(400)
    expect(statuses(await batch(post(observation(criteria('c3')))))).toEqual(['400'])
  })
})

describe('links to other entries', () => {
  test('are replaced where R4 says: references, uris, the narrative, extensions, contained resources; and nowhere else', async () => {
    const fullUrl = `urn:uuid:${randomUUID()}`
    const div = (href: string) => `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${href}#a">x</a> ${fullUrl}</div>`
    const answer = await transact(
      {
        ...post(
          observation(fullUrl, {
            text: { status: 'generated', div: div(fullUrl) },
            extension: [
              { url: 'http://x.example/a', valueUri: fullUrl },
              { url: 'http://x.example/b', valueReference: { reference: fullUrl } },
              { url: 'http://x.example/c', valueString: fullUrl },
              { url: 'http://x.example/d', valueCanonical: fullUrl },
            ],
            _status: { extension: [{ url: 'http://x.example/e', valueUrl: fullUrl }] },
            identifier: [{ system: 'urn:ietf:rfc:3986', value: fullUrl }],
            contained: [observation(fullUrl, { id: 'in' })],
            hasMember: [{ reference: '#in' }],
          }),
        ),
      },
      { ...post(patient('l1')), fullUrl },
    )
    const [made = '', target = ''] = places(answer)
    const { body } = await send('get', made)
    expect(body.subject.reference).toBe(target)
    // Prose stays as it is.
    expect(body.text.div).toBe(div(target))
    expect(
      body.extension.map((one: Record<string, unknown>) => one.valueUri ?? one.valueString ?? one.valueCanonical),
    ).toEqual([...[target, undefined, fullUrl, fullUrl]])
    expect(body.extension[1].valueReference.reference).toBe(target)
    expect(body._status.extension[0].valueUrl).toBe(target)
    expect(body.identifier[0].value).toBe(fullUrl)
    expect(body.contained[0].subject.reference).toBe(target)
  })

  test('a relative reference means the server of the entry that has it', async () => {
    const root = 'https://other.example.org/fhir'
    const answer = await transact(
      { ...post(observation('Patient/7')), fullUrl: `${root}/Observation/8` },
      { ...post(patient('l2')), fullUrl: `${root}/Patient/7` },
    )
    const [made = '', target = ''] = places(answer)
    expect((await send('get', made)).body.subject.reference).toBe(target)
  })

  test('lead to what a condition found, updated or created', async () => {
    await send('put', 'Patient/l3').send(patient('l3', { id: 'l3' }))
    const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()].map((id) => `urn:uuid:${id}`)
    const answer = await transact(
      { ...post(patient('l3'), ifNoneExist('l3')), fullUrl: one },
      { ...put(criteria('l3-new'), patient('l3-new')), fullUrl: two },
      { ...put('Patient/l3-put', patient('l3-put', { id: 'l3-put' })), fullUrl: three },
      post({ ...observation(one ?? ''), performer: [{ reference: two }, { reference: three }] } as never),
    )
    expect(statuses(answer)).toEqual(['200', '201', '201', '201'])
    const [found, made, given, last = ''] = places(answer)
    expect([found, given]).toEqual(['Patient/l3', 'Patient/l3-put'])
    const { body } = await send('get', last)
    expect([body.subject.reference, ...body.performer.map((p: { reference: string }) => p.reference)]).toEqual([
      found,
      made,
      given,
    ])
  })
})

describe('entries with conditions', () => {
  test('each kind does in a transaction what it does alone, with ETag and Location', async () => {
    for (const id of ['e1-put', 'e1-delete', 'e1-patch']) await send('put', `Patient/${id}`).send(patient(id, { id }))
    const operations = Buffer.from(JSON.stringify([{ op: 'add', path: '/active', value: true }])).toString('base64')
    const answer = await transact(
      put(criteria('e1-put'), patient('e1-put', { active: true })),
      { request: { method: 'DELETE', url: criteria('e1-delete') } },
      { request: { method: 'DELETE', url: criteria('e1-none') } },
      {
        request: { method: 'PATCH', url: criteria('e1-patch') },
        resource: { resourceType: 'Binary', contentType: 'application/json-patch+json', data: operations },
      },
      { request: { method: 'GET', url: 'Patient/e1-patch' } },
      { request: { method: 'GET', url: `${criteria('e1-put')}&_summary=count` } },
    )
    expect(statuses(answer)).toEqual(['200', '204', '204', '200', '200', '200'])
    expect(answer.body.entry[0].response).toMatchObject({
      etag: 'W/"2"',
      location: `${server.fhir}/Patient/e1-put/_history/2`,
    })
    expect(answer.body.entry[4].resource).toMatchObject({ active: true, meta: { versionId: '2' } })
    expect(answer.body.entry[5].resource.total).toBe(1)
  })

  test('of ten transactions at once that would create the same, one does; all refer to it', async () => {
    const once = () => {
      const fullUrl = `urn:uuid:${randomUUID()}`
      return transact({ ...post(patient('e2'), ifNoneExist('e2')), fullUrl }, post(observation(fullUrl)))
    }
    const answers = await Promise.all(Array.from({ length: 10 }, once))
    expect(answers.map((answer) => statuses(answer)[0]).sort()).toEqual([...Array(9).fill('200'), '201'])
    const subjects = await Promise.all(
      answers.map(async (answer) => (await send('get', places(answer)[1] ?? '')).body.subject.reference),
    )
    expect(new Set(subjects)).toEqual(new Set([places(answers[0] as request.Response)[0]]))
    expect(await countOf('e2')).toBe(1)
  })

  test('two creates under one If-None-Exist make one, and what refers to either refers to it', async () => {
    const [one, two] = [randomUUID(), randomUUID()].map((id) => `urn:uuid:${id}`) as [string, string]
    const answer = await transact(
      { ...post(patient('e6'), ifNoneExist('e6')), fullUrl: one },
      { ...post(patient('e6'), ifNoneExist('e6')), fullUrl: two },
      post(observation(two)),
    )
    expect(statuses(answer)).toEqual(['201', '200', '201'])
    const [first, second, last = ''] = places(answer)
    expect(second).toBe(first)
    expect((await send('get', last)).body.subject.reference).toBe(first)
    expect(await countOf('e6')).toBe(1)
  })

  test('two entries that come to the same resource are refused', async () => {
    await send('put', 'Patient/e3').send(patient('e3', { id: 'e3' }))
    const answer = await transact(
      put('Patient/e3', patient('e3', { id: 'e3' })),
      put(criteria('e3'), patient('e3', { active: true })),
    )
    expect(refusal(answer)).toEqual([400, 'invalid', ['Bundle.entry[1]']])
    expect((await send('get', 'Patient/e3')).headers.etag).toBe('W/"1"')
  })

  test.each([
    ['two updates', (value: string) => put(criteria(value), patient(value))],
    ['a create and an update', (value: string) => post(patient(value), ifNoneExist(value))],
  ])('%s that would make the same resource are refused', async (name, first) => {
    const value = name.replaceAll(' ', '-')
    const answer = await transact(first(value), put(criteria(value), patient(value)))
    expect(refusal(answer)).toEqual([400, 'invalid', ['Bundle.entry[1]']])
    expect(await countOf(value)).toBe(0)
  })

  test('what an entry deletes is not there for a create, whatever stands first in the Bundle', async () => {
    await send('put', 'Patient/e7').send(patient('e7', { id: 'e7' }))
    const answer = await transact(post(patient('e7'), ifNoneExist('e7')), {
      request: { method: 'DELETE', url: criteria('e7') },
    })
    expect(statuses(answer)).toEqual(['201', '204'])
    expect(places(answer)[0]).not.toBe('Patient/e7')
    expect(await countOf('e7')).toBe(1)
  })

  test.each([
    ['many matches', put(criteria('e4'), patient('e4')), 412, 'multiple-matches', 'Bundle.entry[1]'],
    ['many for If-None-Exist', post(patient('e4'), ifNoneExist('e4')), 412, 'multiple-matches', 'Bundle.entry[1]'],
    [
      'an If-Match that is stale',
      put('Patient/e4', patient('e4', { id: 'e4' }), { ifMatch: 'W/"9"' }),
      412,
      'conflict',
      'Bundle.entry[1]',
    ],
    ['a read of nothing', { request: { method: 'GET', url: 'Patient/e4-none' } }, 404, 'not-found', 'Bundle.entry[1]'],
    [
      'a patch that fails',
      {
        request: { method: 'PATCH', url: 'Patient/e4' },
        resource: {
          resourceType: 'Parameters',
          parameter: [
            {
              name: 'operation',
              part: [
                { name: 'type', valueCode: 'delete' },
                { name: 'path', valueString: 'Patient.id' },
              ],
            },
          ],
        },
      },
      400,
      'invalid',
      'Bundle.entry[1].resource.id',
    ],
    [
      'an unknown criterion',
      put('Patient?colour=red', patient('e4')),
      400,
      'not-supported',
      'Bundle.entry[1].request.url',
    ],
    [
      'an unknown criterion of If-None-Exist',
      post(patient('e4'), { ifNoneExist: 'colour=red' }),
      400,
      'not-supported',
      'Bundle.entry[1].request.ifNoneExist',
    ],
    [
      'an If-Match that is none',
      put('Patient/e4', patient('e4', { id: 'e4' }), { ifMatch: 'nine' }),
      400,
      'invalid',
      'Bundle.entry[1].request.ifMatch',
    ],
    [
      'an If-None-Match of what is there',
      put('Patient/e4', patient('e4', { id: 'e4' }), { ifNoneMatch: '*' }),
      412,
      'conflict',
      'Bundle.entry[1]',
    ],
    [
      'a read in an order that there is not',
      { request: { method: 'GET', url: 'Patient?_sort=colour' } },
      400,
      'not-supported',
      'Bundle.entry[1].request.url',
    ],
    [
      'a reference that finds nothing',
      post(observation('Patient/e4', { performer: [{ reference: 'Patient/e4' }, { reference: criteria('nobody') }] })),
      404,
      'not-found',
      'Bundle.entry[1].resource.performer[1].reference',
    ],
    [
      'a reference by an unknown criterion',
      post(observation('Patient?colour=red')),
      400,
      'not-supported',
      'Bundle.entry[1].resource.subject.reference',
    ],
  ] as const)('refused as a whole, with the entry at fault: %s', async (name, entry, status, code, expression) => {
    await send('put', 'Patient/e4').send(patient('e4', { id: 'e4' }))
    await send('put', 'Patient/e4-2').send(patient('e4', { id: 'e4-2' }))
    const beside = `e4-${name.replace(/\W/g, '')}`
    const answer = await transact(post(patient(beside)), entry)
    expect(refusal(answer)).toEqual([status, code, [expression]])
    expect(await countOf(beside)).toBe(0)
  })

  test('in a batch each stands for itself', async () => {
    await send('put', 'Patient/e5').send(patient('e5', { id: 'e5' }))
    const answer = await batch(
      put(criteria('e5'), patient('e5')),
      put(criteria('e4'), patient('e4')),
      { request: { method: 'DELETE', url: criteria('e5-none') } },
      { request: { method: 'GET', url: 'Patient/e5?_elements=active' } },
      { request: { method: 'POST', url: 'Patient/_search?_id=e5' } },
      { resource: patient('e5'), request: { method: 'POST', url: 'Patient/$validate' } },
      { request: { method: 'POST', url: 'Patient' } },
      { request: { method: 'GET', url: 'https://other.example.org/fhir/Patient/1' } },
    )
    expect(statuses(answer)).toEqual(['200', '412', '204', '200', '200', '200', '400', '400'])
    const wrong = answer.body.entry.slice(6).map(({ response }: Refused) => response.outcome.issue[0].expression)
    expect(wrong).toEqual([['Bundle.entry[6].resource'], ['Bundle.entry[7].request.url']])
    expect(answer.body.entry[5].resource.issue[0].code).toBe('informational')
    expect(answer.body.entry[4].resource.entry[0].resource.id).toBe('e5')
    expect(answer.body.entry[3].resource.identifier).toBeUndefined()
  })
})
