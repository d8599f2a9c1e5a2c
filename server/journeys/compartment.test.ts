import request from 'supertest'
import { demoSession } from './harness/demo-session.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let token: string

const send = (method: 'get' | 'put' | 'post', path = '', bearer = token) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`.replace(/\/(?=$|\?)/, ''))
    .set('Authorization', `Bearer ${bearer}`)
const put = (resource: { resourceType: string; id: string }) =>
  send('put', `${resource.resourceType}/${resource.id}`).type('application/fhir+json').send(resource).expect(201)

const TAG = { system: 'urn:tag', code: 'compartment' }
const observation = (id: string, subject: string, text: string) => ({
  ...{ resourceType: 'Observation', id, meta: { tag: [TAG] }, status: 'final', code: { text: 'x' } },
  ...{ subject: { reference: subject }, valueString: text },
})

beforeAll(async () => {
  server = await startServer()
  token = await server.token()
  for (const id of ['a', 'b']) {
    await put({ resourceType: 'Patient', id, meta: { tag: [TAG] } } as never)
    await put(observation(`${id}1`, `Patient/${id}`, 'one'))
    await put(observation(`${id}2`, `Patient/${id}`, 'two'))
  }
  await put({ resourceType: 'Condition', id: 'a3', subject: { reference: 'Patient/a' } } as never)
  await put({ resourceType: 'Organization', id: 'o', name: 'O', meta: { tag: [TAG] } } as never)
})
afterAll(() => server.dispose())

type Entry = { fullUrl?: string; search: { mode: string } }
const found = ({ body }: request.Response): string[] =>
  (body.entry ?? [])
    .filter(({ search }: Entry) => search.mode === 'match')
    .map(({ fullUrl }: Entry) => fullUrl?.replace(`${server.fhir}/`, ''))
    .sort()

test('one type in a patient’s compartment, with that type’s parameters, by GET and by POST', async () => {
  expect(found(await send('get', 'Patient/a/Observation'))).toEqual(['Observation/a1', 'Observation/a2'])
  expect(found(await send('get', 'Patient/a/Observation?value-string=two'))).toEqual(['Observation/a2'])
  expect(
    found(await send('post', 'Patient/a/Observation/_search').type('form').send({ 'value-string': 'one' })),
  ).toEqual(['Observation/a1'])
  expect(found(await send('get', 'Patient/none/Observation'))).toEqual([])
  const { body } = await send('get', 'Patient/a/Observation?_count=1')
  expect(body.link[1]).toMatchObject({
    relation: 'next',
    url: expect.stringContaining('/fhir/Patient/a/Observation?_count=1&_cursor='),
  })
})

test('everything in a compartment, the Patient included, page after page', async () => {
  const all = ['Condition/a3', 'Observation/a1', 'Observation/a2', 'Patient/a']
  expect(found(await send('get', 'Patient/a/*'))).toEqual(all)
  expect(found(await send('get', 'Patient/a/*?_type=Condition,Patient'))).toEqual(['Condition/a3', 'Patient/a'])
  const pages: string[][] = []
  let next: string | undefined = 'Patient/a/*?_count=3&_sort=-_lastUpdated'
  while (next) {
    const page: request.Response = await send('get', next).expect(200)
    pages.push(found(page))
    next = page.body.link
      .find(({ relation }: { relation: string }) => relation === 'next')
      ?.url.replace(`${server.fhir}/`, '')
  }
  expect(pages.map(({ length }) => length)).toEqual([3, 1])
  expect(pages.flat().sort()).toEqual(all)
})

test('several types at once, by what all have, by GET and by POST', async () => {
  const tagged = '_tag=urn:tag|compartment'
  expect(found(await send('get', `?_type=Patient,Organization&${tagged}`))).toEqual([
    'Organization/o',
    'Patient/a',
    'Patient/b',
  ])
  expect(found(await send('get', `?${tagged}`))).toHaveLength(7)
  expect((await send('get', `?${tagged}&_summary=count`)).body.total).toBe(7)
  expect(found(await send('get', '?_id=a,a1'))).toEqual(['Observation/a1', 'Patient/a'])
  expect(
    found(await send('post', '_search').type('form').send({ _type: 'Organization', _tag: 'urn:tag|compartment' })),
  ).toEqual(['Organization/o'])
  const pages = await send('get', `?${tagged}&_count=2&_sort=_lastUpdated`)
  expect(found(pages)).toEqual(['Observation/a1', 'Patient/a'])
})

test('several types at once, by what the chosen ones share', async () => {
  const both = '?_type=Observation,Condition&patient=Patient/a'
  expect(found(await send('get', both))).toEqual(['Condition/a3', 'Observation/a1', 'Observation/a2'])
  expect(found(await send('get', `${both}&code:missing=false`))).toEqual(['Observation/a1', 'Observation/a2'])
  expect(found(await send('get', '?_type=Patient&_has:Observation:patient:_id=b1'))).toEqual(['Patient/b'])
  expect(found(await send('get', 'Patient/b/*?_type=Observation,Condition&subject=Patient/a'))).toEqual([])
  expect((await send('get', `${both}&_summary=count`)).body.total).toBe(3)
  const first = await send('get', `${both}&_count=2&_sort=_id`)
  expect(found(first)).toEqual(['Observation/a1', 'Observation/a2'])
  const next: string = first.body.link.find(({ relation }: { relation: string }) => relation === 'next').url
  expect(found(await send('get', next.slice(server.fhir.length)))).toEqual(['Condition/a3'])
  const including = await send('get', `${both}&_id=a1&_include=Observation:patient`)
  expect(including.body.entry.map(({ fullUrl }: Entry) => fullUrl?.replace(`${server.fhir}/`, ''))).toEqual([
    'Observation/a1',
    'Patient/a',
  ])
})

test('words are looked for in all types', async () => {
  const ofBoth = '_content=kompartmentord'
  for (const type of ['Condition', 'Procedure'] as const) {
    const named = type === 'Procedure' ? { status: 'completed' } : {}
    const resource = { resourceType: type, id: 'words', ...named, code: { text: 'Kompartmentord' } }
    const whose = { subject: { reference: 'Patient/words' } }
    await send('put', `${type}/words`)
      .send({ ...resource, ...whose })
      .expect(201)
  }
  expect(found(await send('get', `?${ofBoth}`))).toEqual(['Condition/words', 'Procedure/words'])
  expect(found(await send('get', `Patient/words/*?${ofBoth}`))).toEqual(['Condition/words', 'Procedure/words'])
  expect(found(await send('get', `Patient/a/*?${ofBoth}`))).toEqual([])
  expect(found(await send('get', `?_text=kompartmentord`))).toEqual([])
  const list = await send('get', '?_list=1').set('Prefer', 'handling=strict')
  expect([list.status, list.body.issue[0].expression]).toEqual([400, ['_list']])
  expect(list.body.issue[0].diagnostics).toContain('_type')
})

test('what types do not share is left out and said, or refused in strict handling', async () => {
  const lenient = await send('get', '?_type=Patient,Organization&family=x&_id=a')
  expect(found(lenient)).toEqual(['Patient/a'])
  expect(lenient.body.entry.at(-1)).toMatchObject({ search: { mode: 'outcome' } })
  const strict = await send('get', '?_type=Patient,Organization&family=x').set('Prefer', 'handling=strict')
  expect([strict.status, strict.body.issue[0].expression]).toEqual([400, ['family']])
  const incomparable = await send('get', '?_type=GraphDefinition,Slot&_sort=start')
  expect([incomparable.status, incomparable.body.issue[0].code, incomparable.body.issue[0].expression]).toEqual([
    400,
    'not-supported',
    ['_sort'],
  ])
  expect((await send('get', '?_type=Slot,Encounter&_sort=status')).status).toBe(200)
  const wrong = await send('get', '?_type=Nonsense')
  expect([wrong.status, wrong.body.issue[0].expression]).toEqual([400, ['_type']])
  expect((await send('get', 'Patient/a/Nonsense')).status).toBe(404)
})

test('the reach of the caller holds for each type', async () => {
  const small = await server.token('system/Patient.s')
  expect(found(await send('get', '?_tag=urn:tag|compartment', small))).toEqual(['Patient/a', 'Patient/b'])
  expect(found(await send('get', 'Patient/a/*', small))).toEqual(['Patient/a'])
  expect((await send('get', 'Patient/a/Observation', small)).status).toBe(403)
  expect((await send('get', '?_type=Patient', await server.token('system/Patient.r'))).status).toBe(403)
  const asLine = await demoSession(server, 'patient')
  expect(found(await send('get', '?_type=Patient', asLine))).toEqual(['Patient/demo-line'])
  expect(found(await send('get', 'Patient/a/*', asLine))).toEqual([])
  expect(found(await send('get', '?_type=Organization&_tag=urn:tag|compartment', asLine))).toEqual(['Organization/o'])
})

test('one type in the compartment of a device, an encounter, a practitioner, a related person', async () => {
  await put({ ...observation('d1', 'Patient/a', 'three'), device: { reference: 'Device/scale' } } as never)
  await put({ ...observation('d2', 'Device/scale', 'four'), performer: [{ reference: 'Practitioner/kari' }] } as never)
  await put({ ...observation('d3', 'Patient/b', 'five'), performer: [{ reference: 'RelatedPerson/liv' }] } as never)
  expect(found(await send('get', 'Device/scale/Observation'))).toEqual(['Observation/d1', 'Observation/d2'])
  expect(found(await send('get', 'Device/scale/Observation?value-string=four'))).toEqual(['Observation/d2'])
  expect(found(await send('get', 'Practitioner/kari/Observation'))).toEqual(['Observation/d2'])
  expect(found(await send('get', 'RelatedPerson/liv/Observation'))).toEqual(['Observation/d3'])
  expect(found(await send('get', 'Device/other/Observation'))).toEqual([])
  const response = await send('get', 'Device/scale/Patient')
  expect([response.status, response.body.issue[0].code]).toEqual([400, 'not-supported'])
})
