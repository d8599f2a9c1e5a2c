import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditEvent, Bundle, CapabilityStatement, OperationOutcome } from '@medplum/fhirtypes'
import { demoSession } from './harness/demo-session.ts'
import { newClientKey, registerClient, SmartApp, type TokenResponse } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

// The numbers in the names are those of the checks that the public test kits for Bulk Data make.

const LINE = 'demo-line'
const OTHER = 'patient-other'

let server: RunningServer
let token: string
/** Of another client. */
let others: string
let backend: SmartApp
let tokenOf: (scope: string, client?: SmartApp) => Promise<string>
const GROUP = 'bulk-group'
type Manifest = {
  transactionTime: string
  request: string
  requiresAccessToken: boolean
  output: { type: string; url: string; count: number }[]
  error: object[]
}
const ask = (url: string, { by = token, ...init }: RequestInit & { by?: string } = {}) =>
  fetch(url.startsWith('http') ? url : `${server.fhir}/${url}`, {
    ...init,
    headers: { accept: 'application/fhir+json', authorization: `Bearer ${by}`, ...init.headers },
  })
const begin = (path: string, ...more: string[]) =>
  ask(path, { headers: { prefer: ['respond-async', ...more].join(', ') } })
const placeOf = async (path: string) => {
  const response = await begin(path)
  expect([path, response.status]).toEqual([path, 202])
  return String(response.headers.get('content-location'))
}
async function manifestAt(place: string, by = token): Promise<Manifest> {
  for (;;) {
    const response = await ask(place, { by })
    if (response.status === 200) {
      expect(response.headers.get('content-type')).toMatch(/^application\/json/)
      return (await response.json()) as Manifest
    }
    expect([response.status, response.headers.get('retry-after')]).toEqual([202, '1'])
    await sleep(300)
  }
}
type Line = { resourceType: string; id: string; meta: { versionId: string } }
const linesAt = async (url: string, by = token) => {
  const response = await ask(url, { by })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/fhir\+ndjson/),
  ])
  return (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line)
}
async function put(resource: { resourceType: string; id: string }): Promise<void> {
  const response = await ask(`${resource.resourceType}/${resource.id}`, {
    ...{ method: 'PUT', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(resource) },
  })
  expect([response.status < 300, response.status < 300 ? '' : await response.text()]).toEqual([true, ''])
}
const goal = (description: string, patient = LINE) => ({
  ...{ resourceType: 'Goal', id: `bulk-${patient}`, lifecycleStatus: 'active', description: { text: description } },
  subject: { reference: `Patient/${patient}` },
})
const post = (path: string, ...given: object[][]) =>
  ask(path, {
    ...{ method: 'POST', body: JSON.stringify({ resourceType: 'Parameters', parameter: given.flat() }) },
    headers: { prefer: 'respond-async', 'content-type': 'application/fhir+json' },
  })
const of = (...references: string[]) =>
  references.map((reference) => ({ name: 'patient', valueReference: { reference } }))
/** Which of these the server finds faults with, each judged by itself as it was given out. */
async function invalidOf(lines: readonly { resourceType: string; id: string }[]): Promise<string[]> {
  const entry = lines.map((resource) => ({
    request: { method: 'POST', url: `${resource.resourceType}/$validate` },
    resource: { resourceType: 'Parameters', parameter: [{ name: 'resource', resource }] },
  }))
  const body = JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry })
  const response = await ask('', { method: 'POST', body, headers: { 'content-type': 'application/fhir+json' } })
  const { entry: answers = [] } = (await response.json()) as Bundle
  return lines.flatMap(({ resourceType, id }, i) => {
    const outcome = (answers[i]?.resource ?? answers[i]?.response?.outcome) as OperationOutcome
    return outcome.issue.some(({ severity }) => severity === 'error' || severity === 'fatal')
      ? [`${resourceType}/${id}`]
      : []
  })
}
function placeIn(response: Response): string {
  expect(response.status).toBe(202)
  return String(response.headers.get('content-location'))
}

/** An export can be read after two seconds: those that nothing must lie between are begun at once. */
const begun = {
  shown: '',
  whole: '',
  group: '',
  several: '',
  removed: '',
  parts: '',
  one: '',
  lenient: '',
  narrowed: '',
  told: '',
}

beforeAll(async () => {
  server = await startServer()
  const [key, otherKey] = [await newClientKey('ES384'), await newClientKey('RS384')]
  const service = async (of: typeof key) => {
    const client = await registerClient(server.baseUrl, {
      ...{ client_name: 'Tjeneste', token_endpoint_auth_method: 'private_key_jwt' },
      ...{ grant_types: ['client_credentials'], jwks: { keys: [of.publicJwk] }, scope: 'system/*.cruds' },
    })
    return new SmartApp(server, { ...client, key: of })
  }
  backend = await service(key)
  const another = await service(otherKey)
  tokenOf = async (scope, client = backend) => {
    const response = await client.token({ grant_type: 'client_credentials', scope })
    return ((await response.json()) as TokenResponse).access_token
  }
  token = await tokenOf('system/*.cruds')
  others = await tokenOf('system/*.cruds', another)
  await put({ resourceType: 'Patient', id: OTHER } as never)
  await put(goal('before'))
  await put(goal('of another', OTHER))
  for (const n of [1, 2, 3]) await put({ ...goal(`narrow ${n}`), id: `bulk-narrow-${n}` })
  for (const target of [`Goal/bulk-${LINE}`, `Patient/${LINE}`])
    await put({
      ...{ resourceType: 'Provenance', id: `bulk-of-${target.split('/')[0]}`, recorded: '2026-01-01T00:00:00Z' },
      ...{ target: [{ reference: target }], agent: [{ who: { reference: `Patient/${LINE}` } }] },
    } as never)
  const member = [LINE, 'demo-nobody'].map((id) => ({ entity: { reference: `Patient/${id}` } }))
  await put({ resourceType: 'Group', id: GROUP, type: 'person', actual: true, member } as never)
  begun.shown = await placeOf('Patient/$export?_type=Goal')
  begun.whole = await placeOf('$export?_type=Goal,Patient')
  begun.group = await placeOf(`Group/${GROUP}/$export`)
  const several = [LINE, OTHER].map((id) => ({ entity: { reference: `Patient/${id}` } }))
  await put({ resourceType: 'Group', id: 'bulk-several', type: 'person', actual: true, member: several } as never)
  begun.several = await placeOf('Group/bulk-several/$export')
  begun.removed = await placeOf('Patient/$export?_type=Goal')
  begun.parts = await placeOf('Patient/$export?_type=Goal,Patient&_elements=id,Goal.description')
  begun.one = placeIn(
    await post('Patient/$export', of(`Patient/${OTHER}`), [{ name: '_type', valueString: 'Goal,Patient' }]),
  )
  begun.lenient = placeIn(await begin('Patient/$export?_type=Goal&colour=red&_summary=true', 'handling=lenient'))
  begun.narrowed = await placeOf(
    `Patient/$export?_type=Goal&_typeFilter=${encodeURIComponent('Goal?lifecycle-status=active&_id=bulk-narrow-1,bulk-narrow-2')}`,
  )
  begun.told = await placeOf('Patient/$export?_type=Goal&includeAssociatedData=RelevantProvenanceResources')
  await put(goal('after'))
})
afterAll(() => server?.dispose())

test('48: the metadata say that it is there', async () => {
  const statement = (await (await fetch(`${server.fhir}/metadata`)).json()) as CapabilityStatement
  expect(statement.instantiates).toEqual([expect.stringMatching(/\/bulk-data$/)])
  const operations = statement.rest?.[0]?.resource?.flatMap(({ operation = [] }) => operation.map(({ name }) => name))
  expect(operations).toContain('export')
})
test('49, 53: nobody begins one, or reads or removes one, without a token or with one of nobody’s; nor anything else of the API', async () => {
  const { output } = await manifestAt(begun.shown)
  const kickOffs = ['$export', 'Patient/$export', `Group/${GROUP}/$export`].map((path) => ['GET', path])
  const job = [
    ['GET', begun.shown],
    ['GET', output[0]?.url ?? ''],
    ['DELETE', begun.shown],
  ]
  const others = [
    ['GET', `Patient/${LINE}`],
    ['GET', 'Patient?_count=1'],
    ['POST', 'Patient/_search'],
    ['GET', '_history'],
    ['POST', ''],
    ['GET', `Patient/${LINE}/$everything`],
    ['POST', '$graphql'],
    ['POST', '$import'],
    ['DELETE', `Patient/${LINE}`],
  ]
  for (const [method = '', path = ''] of [...kickOffs, ...job, ...others])
    for (const authorization of [
      undefined,
      'Bearer x',
      'Bearer',
      `Basic ${Buffer.from('demo:demo').toString('base64')}`,
    ]) {
      const response = await fetch(path.startsWith('http') ? path : `${server.fhir}/${path}`, {
        method,
        headers: {
          ...{ accept: 'application/fhir+json', 'content-type': 'application/fhir+json', prefer: 'respond-async' },
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(method === 'POST' ? { body: '{}' } : {}),
      })
      const { issue } = (await response.json()) as OperationOutcome
      expect([path, authorization, response.status, issue?.[0]?.code]).toEqual([path, authorization, 401, 'login'])
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  // It is there still.
  expect((await manifestAt(begun.shown)).output).toEqual(output)
})
test('50–52, 54: what there is at one moment comes as lines, each of its type', async () => {
  const manifest = await manifestAt(begun.whole)
  expect(manifest).toMatchObject({
    request: `${server.fhir}/$export?_type=Goal%2CPatient`,
    requiresAccessToken: true,
    error: [],
  })
  expect(manifest.output.map(({ type }) => type)).toEqual(['Goal', 'Patient'])
  expect(await manifestAt(begun.whole)).toEqual(manifest)
  const [goals, patients] = await Promise.all(manifest.output.map(({ url }) => linesAt(url)))
  expect(new Set(patients?.map(({ resourceType }) => resourceType))).toEqual(new Set(['Patient']))
  expect(patients?.length).toBeGreaterThan(1)
  // As it was then, and not as it has become.
  const own = goals?.filter(({ id }) => id === `bulk-${LINE}`)
  expect(own).toEqual([expect.objectContaining({ description: { text: 'before' } })])
})
test('a file is fetched in parts too, and a part that no manifest has is refused', async () => {
  const { output } = await manifestAt(begun.whole)
  const { url = '' } = output.find(({ type }) => type === 'Patient') ?? {}
  const all = (await linesAt(url)).map(({ id }) => id)
  const wrong = await ask(`${url}?_after=demo-line`)
  const { issue } = (await wrong.json()) as OperationOutcome
  expect([wrong.status, issue[0]?.code, issue[0]?.expression]).toEqual([400, 'value', ['_after']])
  const place = '0000000000000-00'
  expect((await linesAt(`${url}?_after=${place}`)).map(({ id }) => id)).toEqual(all)
  expect(await linesAt(`${url}?_until=${place}`)).toEqual([])
})

test('54: of a group, its members’ alone', async () => {
  const { output } = await manifestAt(begun.group)
  const lines = await Promise.all(output.map(async ({ type, url }) => [type, await linesAt(url)] as const))
  expect(lines.find(([type]) => type === 'Patient')?.[1].map(({ id }) => id)).toEqual([LINE])
  expect(JSON.stringify(lines.filter(([type]) => type === 'Goal'))).not.toMatch(/of another/)
  expect(output.map(({ type }) => type)).not.toContain('Organization')
})
test('54: of a group of several all that is theirs, and every line is valid and of the type that its file says', async () => {
  const { output } = await manifestAt(begun.several)
  const files = await Promise.all(
    output.map(async ({ type, url, count }) => ({ type, count, lines: await linesAt(url) })),
  )
  for (const { type, count, lines } of files)
    expect([type, lines.length, new Set(lines.map(({ resourceType }) => resourceType))]).toEqual([
      ...[type, count, new Set([type])],
    ])
  const of = (wanted: string) => files.flatMap(({ type, lines }) => (type === wanted ? lines.map(({ id }) => id) : []))
  expect(of('Patient').sort()).toEqual([LINE, OTHER].sort())
  expect(of('Goal')).toEqual(expect.arrayContaining([`bulk-${LINE}`, `bulk-${OTHER}`]))
  const all = files.flatMap(({ lines }) => lines)
  expect(await invalidOf(all)).toEqual([])
  expect(await invalidOf([{ resourceType: 'Goal', id: 'bulk-invalid' }])).toEqual(['Goal/bulk-invalid'])
})
test('55: it is there until it is removed, and for whoever began it', async () => {
  const { removed: place } = begun
  const { output } = await manifestAt(place)
  for (const url of [place, output[0]?.url ?? '']) {
    const foreign = await ask(url, { by: others })
    expect([foreign.status, (await foreign.json()).issue[0].code]).toEqual([404, 'not-found'])
  }
  expect((await ask(place, { by: others, method: 'DELETE' })).status).toBe(404)
  expect((await ask(place, { method: 'DELETE' })).status).toBe(202)
  for (const url of [place, output[0]?.url ?? '']) {
    const gone = await ask(url)
    expect([gone.status, (await gone.json()).resourceType]).toEqual([404, 'OperationOutcome'])
  }
})
test('56: in each of the names of its format', async () => {
  for (const format of ['application/fhir%2Bndjson', 'application/ndjson', 'ndjson'])
    expect((await begin(`Patient/$export?_outputFormat=${format}`)).status).toBe(202)
})
test('57: what has changed since', async () => {
  const since = (await manifestAt(begun.whole)).transactionTime
  await put(goal('since'))
  const { output } = await manifestAt(await placeOf(`$export?_type=Goal&_since=${encodeURIComponent(since)}`))
  expect(await linesAt(output[0]?.url ?? '')).toEqual([expect.objectContaining({ description: { text: 'since' } })])
})
test('57: what has been deleted since', async () => {
  await put({ ...goal('to go'), id: 'bulk-to-go' })
  await put({ ...goal('of another', 'patient-other'), id: 'bulk-other-to-go' })
  const since = new Date().toISOString()
  for (const id of ['bulk-to-go', 'bulk-other-to-go']) await ask(`Goal/${id}`, { method: 'DELETE' })
  const query = `?_type=Goal&_since=${encodeURIComponent(since)}`
  const places = await Promise.all([`$export${query}`, `Group/${GROUP}/$export${query}`].map(placeOf))
  // What goes later is not in it.
  await ask(`Goal/bulk-patient-other`, { method: 'DELETE' })
  const found = []
  for (const place of places) {
    const { deleted = [] } = (await manifestAt(place)) as Manifest & { deleted?: { type: string; url: string }[] }
    expect(deleted).toEqual([{ type: 'Bundle', url: `${place}/deleted` }])
    found.push(await linesAt(deleted[0]?.url ?? ''))
  }
  const gone = (...ids: string[]) => [
    {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ids.map((id) => ({ request: { method: 'DELETE', url: `Goal/${id}` } })),
    },
  ]
  expect(found).toEqual([gone('bulk-to-go', 'bulk-other-to-go'), gone('bulk-to-go')])
  expect((await ask(`${begun.shown}/deleted`)).status).toBe(404)
})
test('of a type only what one of the searches finds', async () => {
  const filters = [
    'Goal?_id=bulk-narrow-1,bulk-none',
    'Goal?_id=bulk-narrow-2&lifecycle-status=active',
    'Task?_id=none',
  ]
  const query = filters.map((filter) => `_typeFilter=${encodeURIComponent(filter)}`).join('&')
  const { output } = await manifestAt(await placeOf(`Patient/$export?_type=Goal,Patient,Task&${query}`))
  expect(output.map(({ type }) => type)).toEqual(['Goal', 'Patient'])
  const goals = await linesAt(output[0]?.url ?? '')
  expect(goals.map(({ id }) => id).sort()).toEqual(['bulk-narrow-1', 'bulk-narrow-2'])
})
test('what the searches found stays found, as it was: what changes afterwards moves nothing in or out', async () => {
  const { output } = await manifestAt(begun.narrowed)
  await put({ ...goal('narrow 1, done'), id: 'bulk-narrow-1', lifecycleStatus: 'completed' } as never)
  const goals = await linesAt(output[0]?.url ?? '')
  expect([output[0]?.count, goals]).toEqual([
    2,
    [1, 2].map((n) => expect.objectContaining({ id: `bulk-narrow-${n}`, lifecycleStatus: 'active' })),
  ])
})
test('of each resource only the elements that are asked for, marked as a part', async () => {
  const { output } = await manifestAt(begun.parts)
  const [goals, patients] = await Promise.all(output.map(({ url }) => linesAt(url)))
  const tag = [expect.objectContaining({ code: 'SUBSETTED' })]
  expect(goals?.find(({ id }) => id === `bulk-${LINE}`)).toEqual({
    ...{ resourceType: 'Goal', id: `bulk-${LINE}`, meta: expect.objectContaining({ tag }) },
    ...{ lifecycleStatus: 'active', description: { text: 'before' }, subject: { reference: `Patient/${LINE}` } },
  })
  expect(patients?.find(({ id }) => id === LINE)).not.toHaveProperty('name')
})
test('of one patient, and of a member of the group, alone', async () => {
  const { output } = await manifestAt(begun.one)
  const lines = (await Promise.all(output.map(({ url }) => linesAt(url)))).flat()
  expect(lines.map(({ resourceType, id }) => `${resourceType}/${id}`)).toEqual([
    `Goal/bulk-${OTHER}`,
    `Patient/${OTHER}`,
  ])
  expect((await post(`Group/${GROUP}/$export`, of(`Patient/${LINE}`))).status).toBe(202)
})
test('what there is of no parameter is left out where the caller prefers that', async () => {
  const { output } = await manifestAt(begun.lenient)
  expect(await linesAt(output[0]?.url ?? '')).toContainEqual(
    expect.objectContaining({ id: `bulk-${LINE}`, description: { text: 'before' } }),
  )
})
test('with the Provenances that tell of what is taken out, and no others', async () => {
  const { output } = await manifestAt(begun.told)
  expect(output.map(({ type }) => type)).toEqual(['Goal', 'Provenance'])
  const told = await linesAt(output[1]?.url ?? '')
  expect(told.map(({ id }) => id)).toContain('bulk-of-Goal')
  expect(told.map(({ id }) => id)).not.toContain('bulk-of-Patient')
})
test('a file says how many there are in it and until when it is there, and comes packed where that is taken', async () => {
  const { output } = await manifestAt(begun.shown)
  const { url = '', count } = output[0] ?? {}
  const plain = await linesAt(url)
  expect(plain).toHaveLength(count ?? 0)
  const packed = await ask(url, { headers: { 'accept-encoding': 'gzip' } })
  // fetch unpacks what it says is packed.
  expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual([
    'gzip',
    expect.stringContaining('Accept-Encoding'),
  ])
  expect(await packed.text()).toBe(
    plain
      .map((line) => JSON.stringify(line))
      .join('\n')
      .concat('\n'),
  )
  const whole = await ask(url, { headers: { 'accept-encoding': 'identity' } })
  expect(whole.headers.get('content-encoding')).toBeNull()
  expect(Date.parse(whole.headers.get('expires') ?? '')).toBeGreaterThan(Date.now())
})
test('a granular scope holds for every line', async () => {
  const by = await tokenOf('system/Goal.rs?description=none system/Patient.rs?_id=demo-line')
  const place = placeIn(await ask('Patient/$export', { by, headers: { prefer: 'respond-async' } }))
  const { output } = await manifestAt(place, by)
  expect(output.map(({ type, count }) => [type, count])).toEqual([['Patient', 1]])
  expect((await linesAt(output[0]?.url ?? '', by)).map(({ id }) => id)).toEqual([LINE])
})
test('that it was begun, and what was fetched of it, is written down with how many; the patient’s log tells of it', async () => {
  const { output } = await manifestAt(begun.one)
  const [{ count } = { count: 0 }] = output
  await linesAt(output[0]?.url ?? '')
  const events = (await (await ask(`AuditEvent?patient=${OTHER}&subtype=export`)).json()) as Bundle<AuditEvent>
  const counts = (events.entry ?? []).flatMap(({ resource }) =>
    (resource?.entity ?? []).flatMap(({ name, detail }) =>
      name === 'Resources' ? detail?.map((one) => one.valueString) : [],
    ),
  )
  expect(counts).toContain(String(count))
  const begunBy = (await (await ask('AuditEvent?subtype=export&_count=200')).json()) as Bundle<AuditEvent>
  const queries = (begunBy.entry ?? []).flatMap(({ resource }) =>
    (resource?.entity ?? []).map(({ query }) => Buffer.from(query ?? '', 'base64').toString()),
  )
  expect(queries).toEqual(expect.arrayContaining([expect.stringMatching(/^Patient\/\$export/)]))
  const log = JSON.stringify(await (await ask(`Patient/${OTHER}/$access-log`)).json())
  expect(log).toMatch(/Tjeneste/)
})
test('a token that was revoked fetches nothing any more', async () => {
  const by = await tokenOf('system/*.rs')
  const { output } = await manifestAt(begun.shown, by)
  expect((await backend.post('/auth/revoke', { token: by })).status).toBe(200)
  for (const url of [begun.shown, output[0]?.url ?? '']) expect((await ask(url, { by })).status).toBe(401)
})
test.each<[string, string, number, string, Record<string, string>]>([
  ['without Prefer', 'Patient/$export', 400, 'required', {}],
  ['in another format', 'Patient/$export?_outputFormat=csv', 400, 'value', { prefer: 'respond-async' }],
  ['of a type that is none', '$export?_type=Goal,Nothing', 400, 'value', { prefer: 'respond-async' }],
  ['of a type that is no patient’s', 'Patient/$export?_type=Organization', 400, 'value', { prefer: 'respond-async' }],
  ['since no moment', '$export?_since=yesterday', 400, 'value', { prefer: 'respond-async' }],
  ['with what is not known', '$export?colour=red', 400, 'not-supported', { prefer: 'respond-async' }],
  ['of summaries', '$export?_summary=true', 400, 'not-supported', { prefer: 'respond-async' }],
  ['of elements that can be none', '$export?_elements=Patient..name', 400, 'value', { prefer: 'respond-async' }],
  ['of patients from everything', '$export?patient=Patient/1', 400, 'not-supported', { prefer: 'respond-async' }],
  ['of a patient in the address', 'Patient/$export?patient=Patient/1', 400, 'value', { prefer: 'respond-async' }],
  [
    'with data that is not there',
    '$export?includeAssociatedData=LatestProvenanceResources',
    400,
    'not-supported',
    { prefer: 'respond-async' },
  ],
  [
    'of a group, with data that is nobody’s',
    `Group/${GROUP}/$export?includeAssociatedData=RelevantProvenanceResources&_type=Goal`,
    400,
    'not-supported',
    { prefer: 'respond-async' },
  ],
  ['narrowed by no search', '$export?_typeFilter=Goal', 400, 'value', { prefer: 'respond-async' }],
  ['narrowed by an order', '$export?_typeFilter=Goal%3F_sort%3Ddate', 400, 'value', { prefer: 'respond-async' }],
  [
    'narrowed by what is not known',
    '$export?_typeFilter=Goal%3Fcolour%3Dred',
    400,
    'not-supported',
    { prefer: 'respond-async' },
  ],
  [
    'narrowed of another type',
    '$export?_type=Task&_typeFilter=Goal%3F_id%3D1',
    400,
    'value',
    { prefer: 'respond-async' },
  ],
  ['of a group that is not there', 'Group/none/$export', 404, 'not-found', { prefer: 'respond-async' }],
])('one %s is refused', async (_what, path, status, code, headers) => {
  const response = await ask(path, { headers })
  expect([response.status, (await response.json()).issue[0].code]).toEqual([status, code])
})
test.each([
  ['who is not there', 'Patient/$export', 'Patient/nobody', 404, 'not-found'],
  ['who is no Patient', 'Patient/$export', 'Practitioner/demo-nurse', 400, 'value'],
  ['who is no member', `Group/${GROUP}/$export`, `Patient/${OTHER}`, 400, 'value'],
])('one of a patient %s is refused', async (_who, path, reference, status, code) => {
  const response = await post(path, of(reference))
  expect([response.status, (await response.json()).issue[0].code]).toEqual([status, code])
})
test('a person, a token for one patient, and a system whose scopes do not go so far, are refused at once', async () => {
  const persons = [await demoSession(server, 'nurse'), await demoSession(server, 'patient')]
  for (const by of [...persons, await tokenOf('system/Goal.rs')]) {
    expect(by).toEqual(expect.any(String))
    const response = await ask('$export?_type=Goal,Patient', { by, headers: { prefer: 'respond-async' } })
    expect([response.status, (await response.json()).issue[0].code]).toEqual([403, 'forbidden'])
  }
})

describe('resources are sent line by line', () => {
  type Issue = { extension?: { valueInteger: number }[]; code: string; diagnostics: string; expression?: string[] }
  type Report = { refused: Issue[]; told: string[]; counts?: Record<string, number> }
  const ndjson = { 'content-type': 'application/fhir+ndjson', accept: 'application/fhir+ndjson' }
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, by = token) =>
    ask('$import', { by, method: 'POST', body, headers: { ...ndjson, ...headers } })
  const linesFrom = (...resources: unknown[]) =>
    resources.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n')
  function reportIn(text: string): Report {
    const all = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
    const issues = all.flatMap(({ issue = [] }) => issue as Issue[])
    const parameter = all.flatMap((one) => (one.resourceType === 'Parameters' ? one.parameter : []))
    return {
      refused: issues.filter(({ code }) => code !== 'informational'),
      told: issues.filter(({ code }) => code === 'informational').map(({ diagnostics }) => diagnostics),
      ...(parameter.length > 0
        ? {
            counts: Object.fromEntries(
              parameter.map(({ name, valueInteger }: { name: string; valueInteger: number }) => [name, valueInteger]),
            ),
          }
        : {}),
    }
  }
  async function imported(...resources: unknown[]): Promise<Report> {
    const response = await send(linesFrom(...resources))
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('application/fhir+ndjson'),
    ])
    return reportIn(await response.text())
  }
  const sent = (n: number | string, text = 'sent') => ({ ...goal(text), id: `sent-${n}` })
  const known = (value: string, text: string) => {
    const { id: _id, ...rest } = goal(text)
    return { ...rest, identifier: [{ system: 'urn:test:import', value }] }
  }

  test('each is stored as the update that it is, and the same lines sent again change nothing', async () => {
    const lines = [sent(1), '', sent(2), known('a,b', 'by identifier'), known('c', 'another')]
    const counts = { lines: 5, created: 4, updated: 0, unchanged: 0, refused: 0 }
    expect(await imported(...lines)).toEqual({ refused: [], told: ['created: lines 1, 3–5'], counts })
    expect(await imported(...lines)).toEqual({
      ...{ refused: [], told: ['unchanged: lines 1, 3–5'] },
      counts: { ...counts, created: 0, unchanged: 4 },
    })
    const [first] = (await (await ask('Goal?identifier=urn:test:import%7Ca%5C,b')).json()).entry
    expect(first.resource).toMatchObject({ description: { text: 'by identifier' }, meta: { versionId: '1' } })
  })

  test('of two about the same resource the later one stays; what differs is updated', async () => {
    const report = await imported(
      sent(1, 'changed'),
      sent(1, 'changed again'),
      known('c', 'changed'),
      known('c', 'again'),
    )
    expect(report.counts).toMatchObject({ updated: 4, refused: 0 })
    expect(await (await ask('Goal/sent-1')).json()).toMatchObject({ description: { text: 'changed again' } })
    const found = await (await ask('Goal?identifier=urn:test:import%7Cc')).json()
    expect(found.entry).toEqual([
      expect.objectContaining({ resource: expect.objectContaining({ description: { text: 'again' } }) }),
    ])
  })

  test('what is refused is told with its line and its element, and keeps nothing else from being stored', async () => {
    const { id: _id, ...nameless } = goal('neither')
    const { refused, counts } = await imported(
      ...[sent('good 1'.replace(' ', '-')), '{"resourceType":', { ...sent(7), lifecycleStatus: 'perhaps' }, nameless],
      ...[{ resourceType: 'Nothing', id: '1' }, '[]', { ...sent('no id'), id: 'no id' }, sent('good-2')],
    )
    expect(refused.map(({ extension, code, expression }) => [extension?.[0]?.valueInteger, code, expression])).toEqual([
      [2, 'invalid', undefined],
      [3, 'code-invalid', ['Goal.lifecycleStatus']],
      [4, 'required', ['Goal.id']],
      [5, 'not-supported', ['resourceType']],
      [6, 'required', ['resourceType']],
      [7, 'value', undefined],
    ])
    expect(counts).toEqual({ lines: 8, created: 2, updated: 0, unchanged: 0, refused: 6 })
    expect((await ask('Goal/sent-7')).status).toBe(404)
  })

  test('each as far as the scopes go, and written down', async () => {
    const by = await tokenOf('system/Goal.crus')
    const response = await send(linesFrom(sent('narrow'), { resourceType: 'Patient', id: 'sent-narrow' }), {}, by)
    const { refused, counts } = reportIn(await response.text())
    expect([refused.map(({ code }) => code), counts]).toEqual([
      ['forbidden'],
      expect.objectContaining({ created: 1, refused: 1 }),
    ])
    const events = (await (await ask('AuditEvent?entity=Goal/sent-narrow')).json()) as Bundle<AuditEvent>
    expect(JSON.stringify(events.entry?.map(({ resource }) => resource?.subtype))).toMatch(/update|create/)
  })

  test('packed lines are read too; a line that is no UTF-8 ends it, and what came before is stored', async () => {
    const { gzipSync } = await import('node:zlib')
    const packed = await send(new Uint8Array(gzipSync(linesFrom(sent('packed')))), { 'content-encoding': 'gzip' })
    expect(reportIn(await packed.text()).counts).toMatchObject({ created: 1 })
    const broken = new Uint8Array(
      Buffer.concat([Buffer.from(`${linesFrom(sent('whole'))}\n`), Buffer.from([0xff, 0x0a])]),
    )
    const report = reportIn(await (await send(broken)).text())
    expect([report.refused[0]?.code, report.refused[0]?.extension?.[0]?.valueInteger, report.counts]).toEqual([
      'invalid',
      2,
      undefined,
    ])
    expect((await ask('Goal/sent-whole')).status).toBe(200)
  })

  test.each([
    [
      'other than lines',
      { 'content-type': 'application/fhir+json', accept: 'application/fhir+json' },
      '{"resourceType":"Parameters"}',
      400,
      'required',
    ],
    ['packed in another way', { ...ndjson, 'content-encoding': 'br' }, 'x', 400, 'not-supported'],
  ])('a body %s is refused', async (_what, headers, body, status, code) => {
    const response = await send(body, headers)
    expect([response.status, (await response.json()).issue[0].code]).toEqual([status, code])
  })

  test('a person is refused', async () => {
    const response = await send(linesFrom(sent(1)), {}, await demoSession(server, 'nurse'))
    expect([response.status, (await response.json()).issue[0].code]).toEqual([403, 'forbidden'])
  })

  // The last one: it ends the server.
  test('when the server is killed, what the report has told is stored, and all of it can be sent again', async () => {
    const count = 2_000
    const lines = Array.from({ length: count }, (_, n) => sent(`killed-${n}`))
    const response = await send(linesFrom(...lines))
    let text = ''
    const decoder = new TextDecoder()
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        if (text === '') await server.kill9()
        text += decoder.decode(chunk, { stream: true })
      }
    } catch {
      // Cut off.
    }
    const told = text.slice(0, text.lastIndexOf('\n') + 1)
    expect(reportIn(told).counts).toBeUndefined()
    const toldCount = reportIn(told).told.reduce((sum, words) => sum + countIn(words), 0)
    expect(toldCount).toBeGreaterThan(0)
    server = await startServer({ dataDir: server.dataDir, env: { PORT: new URL(server.baseUrl).port } })
    for (let n = 0; n < toldCount; n += 50) expect((await ask(`Goal/sent-killed-${n}`)).status).toBe(200)
    const { counts } = await imported(...lines)
    expect(counts).toMatchObject({ lines: count, refused: 0, updated: 0 })
    expect(counts?.unchanged).toBeGreaterThanOrEqual(toldCount)
    expect((counts?.unchanged ?? 0) + (counts?.created ?? 0)).toBe(count)
  })

  /** Of words such as `created: lines 1–3, 5`. */
  const countIn = (words: string): number =>
    [...words.matchAll(/(\d+)(?:–(\d+))?/g)].reduce(
      (sum, [, from, to]) => sum + Number(to ?? from) - Number(from) + 1,
      0,
    )
})
