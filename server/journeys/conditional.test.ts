import request from 'supertest'
import { type SharedServer, shareServer } from './harness/share-server.ts'

let server: SharedServer
let token: string

beforeAll(async () => {
  server = await shareServer()
  token = await server.token()
})
afterAll(() => server.giveBack())

const as =
  (bearer: string) =>
  (method: 'get' | 'put' | 'post' | 'patch' | 'delete', path: string, headers: Record<string, string> = {}) =>
    request(server.baseUrl)
      [method](`/fhir/${path}`.replace(/\/$/, ''))
      .set('Authorization', `Bearer ${bearer}`)
      .type('application/fhir+json')
      .set(headers)
const send: ReturnType<typeof as> = (...all) => as(token)(...all)

const patient = (value: string, rest: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:c', value }],
  ...rest,
})
const criteria = (value: string) => `Patient?identifier=urn:c|${value}`
const countOf = async (value: string) => (await send('get', `${criteria(value)}&_summary=count`)).body.total
const outcome = ({ status, body }: request.Response) => [status, body.issue?.[0]?.code]

describe('conditional update', () => {
  test('creates where nothing matches, then updates what matches', async () => {
    const created = await send('put', criteria('u1')).send(patient('u1'))
    expect([created.status, created.headers.etag]).toEqual([201, 'W/"1"'])
    const updated = await send('put', criteria('u1')).send(patient('u1', { active: true }))
    expect([updated.status, updated.body.id, updated.headers.etag]).toEqual([200, created.body.id, 'W/"2"'])
  })

  test('creates under the id that the resource brings, unless that is another resource', async () => {
    expect((await send('put', criteria('u2')).send(patient('u2', { id: 'u2' }))).body.id).toBe('u2')
    expect(outcome(await send('put', criteria('u2-other')).send(patient('u2-other', { id: 'u2' })))).toEqual([
      409,
      'conflict',
    ])
    expect((await send('get', 'Patient/u2')).headers.etag).toBe('W/"1"')
  })

  test('refuses an id that is not the match’s', async () => {
    await send('put', criteria('u3')).send(patient('u3', { id: 'u3' }))
    const answer = await send('put', criteria('u3')).send(patient('u3', { id: 'u3-not' }))
    expect([...outcome(answer), answer.body.issue[0].expression]).toEqual([400, 'invalid', ['Patient.id']])
  })

  test('refuses more than one match', async () => {
    await send('post', 'Patient').send(patient('u4'))
    await send('post', 'Patient').send(patient('u4'))
    expect(outcome(await send('put', criteria('u4')).send(patient('u4')))).toEqual([412, 'multiple-matches'])
  })

  test('obeys If-Match, also where there is nothing to match', async () => {
    await send('put', criteria('u5')).send(patient('u5'))
    const stale = { 'If-Match': 'W/"7"' }
    expect(outcome(await send('put', criteria('u5'), stale).send(patient('u5')))).toEqual([412, 'conflict'])
    expect(outcome(await send('put', criteria('u5-none'), stale).send(patient('u5-none')))).toEqual([412, 'conflict'])
    expect((await send('put', criteria('u5'), { 'If-Match': 'W/"1"' }).send(patient('u5'))).status).toBe(200)
    expect(await countOf('u5-none')).toBe(0)
  })

  test('with If-None-Match: * creates, and changes nothing that is there', async () => {
    const isNew = { 'If-None-Match': '*' }
    expect((await send('put', 'Patient/u7', isNew).send(patient('u7', { id: 'u7' }))).status).toBe(201)
    const again = await send('put', 'Patient/u7', isNew).send(patient('u7', { id: 'u7', active: true }))
    expect(outcome(again)).toEqual([412, 'conflict'])
    expect(outcome(await send('put', criteria('u7'), isNew).send(patient('u7', { active: true })))).toEqual([
      412,
      'conflict',
    ])
    expect((await send('get', 'Patient/u7')).headers.etag).toBe('W/"1"')
    // What was deleted is not there.
    await send('delete', 'Patient/u7').expect(204)
    expect((await send('put', 'Patient/u7', isNew).send(patient('u7', { id: 'u7' }))).status).toBe(201)
  })

  test('of twelve at once, one creates and the others update the same', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => send('put', criteria('u6')).send(patient('u6'))))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(11).fill(200), 201])
    expect(await countOf('u6')).toBe(1)
  })

  test.each([
    ['no criteria', 'Patient', 405, 'not-supported'],
    ['a parameter that R4 does not have', 'Patient?colour=red', 400, 'not-supported'],
    ['parameters that single nothing out', 'Patient?_count=1', 400, 'required'],
  ] as const)('refuses %s', async (_, path, status, code) => {
    expect(outcome(await send('put', path).send(patient('never')))).toEqual([status, code])
    expect(outcome(await send('delete', path))).toEqual([status, code])
    expect(outcome(await send('patch', path).send([{ op: 'remove', path: '/active' }]))).toEqual([status, code])
    expect(await countOf('never')).toBe(0)
  })

  test('needs the right to search too: who finds nothing would make everything twice', async () => {
    await send('put', criteria('u7')).send(patient('u7'))
    const writer = as(await server.token('system/Patient.cud'))
    expect(outcome(await writer('put', criteria('u7')).send(patient('u7')))).toEqual([403, 'forbidden'])
    expect(
      outcome(await writer('post', 'Patient', { 'If-None-Exist': 'identifier=urn:c|u7' }).send(patient('u7'))),
    ).toEqual([403, 'forbidden'])
  })
})

describe('conditional delete', () => {
  test('deletes the one match; nothing to delete is no error', async () => {
    await send('put', criteria('d1')).send(patient('d1', { id: 'd1' }))
    expect((await send('delete', criteria('d1'))).status).toBe(204)
    expect((await send('get', 'Patient/d1')).status).toBe(410)
    expect((await send('delete', criteria('d1'))).status).toBe(204)
  })

  test('deletes nothing where more than one matches', async () => {
    await send('post', 'Patient').send(patient('d2'))
    await send('post', 'Patient').send(patient('d2'))
    expect(outcome(await send('delete', criteria('d2')))).toEqual([412, 'multiple-matches'])
    expect(await countOf('d2')).toBe(2)
  })
})

describe('patch', () => {
  const jsonPatch = { 'Content-Type': 'application/json-patch+json' }
  const setActive = [{ op: 'add', path: '/active', value: true }]
  const replaceGender = (code: string) => ({
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'Patient.gender' },
          { name: 'value', valueCode: code },
        ],
      },
    ],
  })

  test('JSON Patch and FHIRPath Patch change what is there, as a new version', async () => {
    await send('put', 'Patient/patched').send(patient('patched', { id: 'patched', gender: 'male' }))
    const first = await send('patch', 'Patient/patched', jsonPatch).send(setActive)
    expect([first.status, first.headers.etag, first.body.active]).toEqual([200, 'W/"2"', true])
    const second = await send('patch', 'Patient/patched').send(replaceGender('other'))
    expect([second.status, second.headers.etag, second.body.gender]).toEqual([200, 'W/"3"', 'other'])
    expect((await send('get', 'Patient/patched')).text).toBe(second.text)
  })

  test('decimals that the patch does not touch keep their digits', async () => {
    const body =
      '{"resourceType":"Basic","id":"p2","code":{"text":"x"},"extension":[{"url":"http://x.example","valueDecimal":1.00}]}'
    await send('put', 'Basic/p2')
      .serialize((text) => text)
      .send(body)
    const patched = await send('patch', 'Basic/p2', jsonPatch).send([{ op: 'replace', path: '/code/text', value: 'y' }])
    expect(patched.text).toContain('"valueDecimal":1.00')
  })

  test.each([
    ['what comes out is not valid', [{ op: 'add', path: '/gender', value: 'unclear' }], 400, 'code-invalid'],
    ['an element that R4 does not have', [{ op: 'add', path: '/colour', value: 'red' }], 400, 'structure'],
    ['a test fails', [{ op: 'test', path: '/active', value: true }], 422, 'processing'],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }], 400, 'invalid'],
    ['no patch', { op: 'remove', path: '/active' }, 400, 'invalid'],
  ] as const)('is refused, and nothing changes: %s', async (name, body, status, code) => {
    const id = `p3-${name.replace(/\W/g, '')}`
    await send('put', `Patient/${id}`).send(patient(id, { id }))
    expect(outcome(await send('patch', `Patient/${id}`, jsonPatch).send(body))).toEqual([status, code])
    expect((await send('get', `Patient/${id}`)).headers.etag).toBe('W/"1"')
  })

  test('needs something to patch, at the version that the caller means', async () => {
    expect(outcome(await send('patch', 'Patient/p4-none', jsonPatch).send(setActive))).toEqual([404, 'not-found'])
    await send('put', 'Patient/p4').send(patient('p4', { id: 'p4' }))
    const stale = { ...jsonPatch, 'If-Match': 'W/"9"' }
    expect(outcome(await send('patch', 'Patient/p4', stale).send(setActive))).toEqual([412, 'conflict'])
    await send('delete', 'Patient/p4')
    expect(outcome(await send('patch', 'Patient/p4', jsonPatch).send(setActive))).toEqual([410, 'deleted'])
  })

  test('of twenty at once, none is lost', async () => {
    await send('put', 'Patient/p5').send(patient('p5', { id: 'p5' }))
    const add = (n: number) => [{ op: 'add', path: '/identifier/-', value: { system: 'urn:n', value: String(n) } }]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => send('patch', 'Patient/p5', jsonPatch).send(add(n))),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect((await send('get', 'Patient/p5')).body.identifier).toHaveLength(21)
  })

  test('by criteria: one match is patched, none and many are refused', async () => {
    await send('put', criteria('p6')).send(patient('p6'))
    expect((await send('patch', criteria('p6'), jsonPatch).send(setActive)).body.active).toBe(true)
    expect(outcome(await send('patch', criteria('p6-none'), jsonPatch).send(setActive))).toEqual([404, 'not-found'])
    await send('post', 'Patient').send(patient('p6'))
    expect(outcome(await send('patch', criteria('p6'), jsonPatch).send(setActive))).toEqual([412, 'multiple-matches'])
  })

  test('another kind of body is refused; who may only read, too', async () => {
    await send('put', 'Patient/p7').send(patient('p7', { id: 'p7' }))
    const xml = await send('patch', 'Patient/p7', { 'Content-Type': 'application/xml-patch+xml' })
      .serialize(String)
      .send('<diff/>')
    expect(outcome(xml)).toEqual([415, 'not-supported'])
    const reader = as(await server.token('system/Patient.rs'))
    expect(outcome(await reader('patch', 'Patient/p7', jsonPatch).send(setActive))).toEqual([403, 'forbidden'])
  })
})
