import { SignJWT } from 'jose'
import { newClientKey, registerClient, SmartApp, type TokenResponse } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

// What no public test kit looks at: that a token does what it says and nothing else, on every way in. The nurse who signs in may see
// both patients and may write; whatever is refused here is refused because of the token alone.

const REDIRECT = 'https://app.example.org/callback'
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category'
const CONDITION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/condition-category'
const LINE = 'demo-line'
let server: RunningServer
let service: string
let app: SmartApp
/** For Line alone, and everything of her. */
let ofLine: TokenResponse
/** For her vital signs alone. */
let ofVitalSigns: TokenResponse

type Resource = { resourceType: string; id?: string; [element: string]: unknown }
type Sent = { status: number; body: Resource; text: string }
async function send(method: string, path: string, token: string, body?: unknown, more: object = {}): Promise<Sent> {
  const response = await fetch(`${server.fhir}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...more },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, text, body: text ? JSON.parse(text) : {} }
}
async function put(resource: Resource): Promise<void> {
  const { status, text } = await send('PUT', `${resource.resourceType}/${resource.id}`, service, resource)
  if (status >= 300) throw new Error(`${status} ${text}`)
}
const observation = (id: string, patient: string, category: string, more: object = {}): Resource & { id: string } => ({
  ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: `Patient/${patient}` } },
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: `secret-of-${patient}` },
  identifier: [{ system: 'urn:bounds', value: id }],
  ...more,
})
const condition = (id: string, patient: string, category: string): Resource & { id: string } => ({
  ...{ resourceType: 'Condition', id, subject: { reference: `Patient/${patient}` } },
  category: [{ coding: [{ system: CONDITION_CATEGORY, code: category }] }],
  code: { text: 'x' },
})
const OTHER = 'bounds-other'

beforeAll(async () => {
  server = await startServer()
  service = await server.token()
  const client = await registerClient(server.baseUrl, {
    ...{ client_name: 'Prøveapp', token_endpoint_auth_method: 'none', redirect_uris: [REDIRECT] },
    ...{ grant_types: ['authorization_code'], scope: 'patient/*.cruds user/*.cruds' },
    cors_origins: ['https://frontend.example.org'],
  })
  app = new SmartApp(server, { ...client, redirect_uri: REDIRECT })
  await put({ resourceType: 'Patient', id: OTHER, name: [{ family: 'Bortenfor' }], identifier: [{ value: 'bounds' }] })
  await put({
    ...{ resourceType: 'CareTeam', id: 'bounds', status: 'active', subject: { reference: `Patient/${OTHER}` } },
    participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
  })
  for (const patient of [LINE, OTHER])
    for (const category of ['vital-signs', 'laboratory'])
      await put(observation(`bounds-${patient}-${category}`, patient, category))
  for (const category of ['problem-list-item', 'encounter-diagnosis'])
    await put(condition(`bounds-${category}`, LINE, category))
  const launch = (scope: string) =>
    app.launch({ scope: `launch/patient ${scope}` }, { account: 'demo-nurse', patient: LINE })
  const everyPart = ['survey', 'laboratory', 'social-history', 'activity', 'imaging', 'procedure', 'exam', 'therapy']
  ofLine = await launch('patient/*.cruds')
  ofVitalSigns = await app.launch(
    { scope: 'launch/patient patient/Patient.rs patient/Observation.cruds patient/Condition.rs' },
    {
      ...{ account: 'demo-nurse', patient: LINE },
      untick: [...everyPart.map((part) => `Observation|${part}`), 'Condition|encounter-diagnosis'],
    },
  )
})
afterAll(() => server?.dispose())

test('both patients are seen by the nurse herself: what follows is the token’s doing', async () => {
  const { access_token } = await app.launch({ scope: 'user/*.cruds' }, { account: 'demo-nurse' })
  for (const patient of [LINE, OTHER])
    expect((await send('GET', `Observation/bounds-${patient}-laboratory`, access_token)).status).toBe(200)
  expect(ofLine).toMatchObject({ patient: LINE, scope: 'launch/patient patient/*.cruds' })
})

describe('a token for one patient', () => {
  const OF_OTHER = `bounds-${OTHER}-laboratory`
  const GRAPHQL = (id: string) => ({ query: `{ Observation(id: "${id}") { id code { text } } }` })
  test.each<[string, string, string, unknown?]>([
    ['reads', 'GET', `Observation/${OF_OTHER}`],
    ['reads a version of', 'GET', `Observation/${OF_OTHER}/_history/1`],
    ['reads the history of', 'GET', `Observation/${OF_OTHER}/_history`],
    ['reads the history of the type with', 'GET', 'Observation/_history?_count=1000'],
    ['reads the history of everything with', 'GET', '_history?_count=1000'],
    ['searches', 'GET', `Observation?identifier=urn:bounds|${OF_OTHER}`],
    ['searches by the patient of', 'GET', `Observation?patient=${OTHER}`],
    ['searches by a chain to', 'GET', 'Observation?subject:Patient.family=Bortenfor'],
    ['searches in reverse from', 'GET', `Patient?_has:Observation:patient:identifier=urn:bounds|${OF_OTHER}`],
    ['searches the compartment of', 'GET', `Patient/${OTHER}/Observation`],
    ['includes', 'GET', 'CareTeam?_id=bounds&_include=CareTeam:patient&_include=CareTeam:subject'],
    ['includes in reverse', 'GET', `Patient?_id=${OTHER}&_revinclude=Observation:patient`],
    ['reads everything of', 'GET', `Patient/${OTHER}/$everything`],
    ['asks by GraphQL for', 'POST', '$graphql', GRAPHQL(OF_OTHER)],
    ['asks by GraphQL at the record of', 'POST', `Patient/${OTHER}/$graphql`, { query: '{ id name { family } }' }],
    [
      'asks in a batch for',
      'POST',
      '',
      {
        ...{ resourceType: 'Bundle', type: 'batch' },
        entry: [
          { request: { method: 'GET', url: `Observation/${OF_OTHER}` } },
          { request: { method: 'GET', url: `Observation?patient=${OTHER}` } },
        ],
      },
    ],
  ])('that %s another’s gets nothing of it', async (_what, method, path, ...[body]) => {
    const { status, body: answer } = await send(method, path, ofLine.access_token, body)
    expect(status).toBeLessThan(500)
    // What was asked for stands in the links of the answer.
    const text = JSON.stringify({ ...answer, link: [] })
    expect([`secret-of-${OTHER}`, 'Bortenfor'].filter((word) => text.includes(word))).toEqual([])
    if (path.includes('patient=') || path.includes('identifier=')) expect(answer.total ?? 0).toBe(0)
    // The same for her own, that the way itself is open.
    const own = path.replaceAll(OTHER, LINE).replaceAll('Bortenfor', 'Danser')
    const ownBody = body && JSON.parse(JSON.stringify(body).replaceAll(OTHER, LINE))
    const opened = await send(method, own, ofLine.access_token, ownBody)
    if (!path.startsWith('CareTeam')) expect([opened.status, opened.text.includes(LINE)]).toEqual([200, true])
  })

  const entry = (method: string, url: string, resource?: object, more: object = {}) => ({
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: [{ ...(resource ? { resource } : {}), request: { method, url, ...more } }],
  })
  const patched = [{ op: 'replace', path: '/status', value: 'amended' }]
  const asPatch = { 'content-type': 'application/json-patch+json' }
  const moved = [{ op: 'replace', path: '/subject/reference', value: `Patient/${OTHER}` }]
  const { id: _, ...newOne } = observation('new', OTHER, 'laboratory', { identifier: [{ value: 'bounds-new' }] })
  test.each<[string, string, string, unknown?, object?]>([
    ['creates', 'POST', 'Observation', newOne],
    ['creates by PUT', 'PUT', 'Observation/bounds-by-put', observation('bounds-by-put', OTHER, 'laboratory')],
    ['updates', 'PUT', `Observation/${OF_OTHER}`, observation(OF_OTHER, OTHER, 'laboratory', { status: 'amended' })],
    ['takes over', 'PUT', `Observation/${OF_OTHER}`, observation(OF_OTHER, LINE, 'laboratory')],
    ['patches', 'PATCH', `Observation/${OF_OTHER}`, patched, asPatch],
    [
      'updates, by a condition,',
      'PUT',
      `Observation?identifier=urn:bounds|${OF_OTHER}`,
      { ...observation(OF_OTHER, OTHER, 'laboratory'), id: undefined },
    ],
    ['patches, by a condition,', 'PATCH', `Observation?identifier=urn:bounds|${OF_OTHER}`, patched, asPatch],
    ['gives her own to', 'PATCH', `Observation/bounds-${LINE}-laboratory`, moved, asPatch],
    [
      'gives her own, as a whole, to',
      'PUT',
      `Observation/bounds-${LINE}-laboratory`,
      observation(`bounds-${LINE}-laboratory`, OTHER, 'laboratory'),
    ],
    ['creates in a transaction', 'POST', '', entry('POST', 'Observation', newOne)],
  ])('that %s another’s is refused', async (_what, method, path, ...[body, headers]) => {
    const before = await versionsNow()
    const { status, body: outcome } = await send(method, path, ofLine.access_token, body, headers)
    expect([403, 404, 412]).toContain(status)
    expect(outcome).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] })
    expect(await versionsNow()).toEqual(before)
  })

  // What one cannot see is not there, and what is not there is deleted already: 204 tells nothing, and nothing happens. Were it refused,
  // whoever tries ids would learn which of them are somebody's. FHIR has 204 for what is not there: https://hl7.org/fhir/R4/http.html#delete
  test.each<[string, string, string, unknown?]>([
    ['deletes', 'DELETE', `Observation/${OF_OTHER}`],
    ['deletes, by a condition,', 'DELETE', `Observation?identifier=urn:bounds|${OF_OTHER}`],
    ['deletes, in a transaction,', 'POST', '', entry('DELETE', `Observation/${OF_OTHER}`)],
  ])('that %s another’s finds nothing to delete', async (_what, method, path, ...[body]) => {
    const before = await versionsNow()
    const ofNobody = (text: string) => text.replaceAll(OF_OTHER, 'nobody-has-this')
    const answerTo = async (name: (text: string) => string, headers: object = {}) => {
      const asked = body === undefined ? undefined : (JSON.parse(name(JSON.stringify(body))) as unknown)
      const { status, body: answer } = await send(method, name(path), ofLine.access_token, asked, headers)
      return ofNobody(JSON.stringify([status, answer])).replace(/[0-9a-f-]{36}|\d{4}-[\dT:.]+Z/g, '')
    }
    for (const headers of [{}, { 'if-match': 'W/"1"' }]) {
      expect(await answerTo((text) => text, headers)).toBe(await answerTo(ofNobody, headers))
    }
    expect(await versionsNow()).toEqual(before)
  })

  test('that creates on condition is not told that another has it: it makes its own', async () => {
    const { id: _, ...own } = observation('conditional', LINE, 'laboratory')
    const ifNoneExist = { 'if-none-exist': `identifier=urn:bounds|${OF_OTHER}` }
    const { status, body } = await send('POST', 'Observation', ofLine.access_token, own, ifNoneExist)
    expect([status, body.id]).toEqual([201, expect.any(String)])
    expect(body.id).not.toBe(OF_OTHER)
    await send('DELETE', `Observation/${body.id}`, service)
  })

  /** Of both patients' resources that this test made, as the service sees them. */
  async function versionsNow(): Promise<unknown> {
    const { body } = await send('GET', 'Observation?identifier=urn:bounds|,bounds-new&_count=100', service)
    return (body.entry as { resource: Resource }[]).map(({ resource: { id, meta, subject } }) => ({
      id,
      meta,
      subject,
    }))
  }
})

describe('a token for parts of a type', () => {
  const vital = `bounds-${LINE}-vital-signs`
  const laboratory = `bounds-${LINE}-laboratory`
  const token = () => ofVitalSigns.access_token
  const idsOf = (body: Resource) =>
    ((body.entry ?? []) as { resource: Resource; search?: { mode: string } }[])
      .filter(({ search }) => search?.mode !== 'outcome')
      .map(({ resource }) => resource.id)
      .sort()

  test('44: has the part that was left ticked and not the type', () => {
    expect(ofVitalSigns.scope.split(' ').filter((word) => word.startsWith('patient/Observation'))).toEqual([
      `patient/Observation.cruds?category=${CATEGORY}|vital-signs`,
    ])
  })
  const parts: [type: string, part: string, own: string, otherPart: string, other: string][] = [
    ['Observation', 'vital-signs', vital, `${CATEGORY}|laboratory`, laboratory],
    [
      ...(['Condition', 'problem-list-item', 'bounds-problem-list-item'] as const),
      ...([`${CONDITION_CATEGORY}|encounter-diagnosis`, 'bounds-encounter-diagnosis'] as const),
    ],
  ]
  test.each(parts)(
    '45: of %s finds the matching ones (%s) of what the whole scope finds, no more and no fewer',
    async (type, part, own, otherPart, other) => {
      const path = `${type}?patient=${LINE}&_count=1000`
      const whole = (await send('GET', path, ofLine.access_token)).body
      const matching = (
        (whole.entry ?? []) as { resource: Resource & { category?: { coding: { code: string }[] }[] } }[]
      )
        .filter(({ resource }) => resource.category?.some(({ coding }) => coding.some(({ code }) => code === part)))
        .map(({ resource }) => resource.id)
        .sort()
      expect(idsOf(whole)).toContain(other)
      expect(matching).toContain(own)
      expect(matching).not.toContain(other)
      expect(idsOf((await send('GET', path, token())).body)).toEqual(matching)
      expect(idsOf((await send('GET', `${path}&category=${otherPart}`, token())).body)).toEqual([])
    },
  )
  test.each(
    parts.flatMap(([type, , own, , other]) =>
      [
        ['read', ''],
        ['its version', '/_history/1'],
        ['its history', '/_history'],
      ].map(([what = '', path = '']) => ({ type, what, own, other, path })),
    ),
  )('45: $type that matches: $what is there; one that does not: it is not', async ({ type, own, other, path }) => {
    expect((await send('GET', `${type}/${own}${path}`, token())).status).toBe(200)
    const { status, body } = await send('GET', `${type}/${other}${path}`, token())
    expect([403, 404]).toContain(status)
    expect(body.resourceType).toBe('OperationOutcome')
  })
  test('writes what matches', async () => {
    const { id: _, ...created } = observation('x', LINE, 'vital-signs')
    const { status, body } = await send('POST', 'Observation', token(), created)
    expect(status).toBe(201)
    expect((await send('PUT', `Observation/${body.id}`, token(), { ...created, id: body.id })).status).toBe(200)
    expect((await send('DELETE', `Observation/${body.id}`, token())).status).toBeLessThan(300)
  })
  test('deletes nothing that does not match', async () => {
    await send('DELETE', `Observation/${laboratory}`, token())
    expect((await send('GET', `Observation/${laboratory}`, service)).body.meta).toMatchObject({ versionId: '1' })
  })
  const asPatch = { 'content-type': 'application/json-patch+json' }
  const toLaboratory = [{ op: 'replace', path: '/category/0/coding/0/code', value: 'laboratory' }]
  const toVitalSigns = [{ op: 'replace', path: '/category/0/coding/0/code', value: 'vital-signs' }]
  test.each<[string, string, string, unknown, object?]>([
    ['creates what does not match', 'POST', 'Observation', { ...observation('x', LINE, 'laboratory'), id: undefined }],
    [
      'updates what matched before, and not after',
      'PUT',
      `Observation/${vital}`,
      observation(vital, LINE, 'laboratory'),
    ],
    [
      'updates what did not match before',
      'PUT',
      `Observation/${laboratory}`,
      observation(laboratory, LINE, 'vital-signs'),
    ],
    ['patches what matched before, and not after', 'PATCH', `Observation/${vital}`, toLaboratory, asPatch],
    ['patches what did not match before', 'PATCH', `Observation/${laboratory}`, toVitalSigns, asPatch],
  ])('that %s is refused', async (_what, method, path, ...[body, headers]) => {
    const { status, body: outcome } = await send(method, path, token(), body, headers)
    expect([403, 404]).toContain(status)
    expect(outcome).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] })
    expect((await send('GET', `Observation/${laboratory}`, service)).body.meta).toMatchObject({ versionId: '1' })
    expect((await send('GET', `Observation/${vital}`, service)).body.meta).toMatchObject({ versionId: '1' })
  })
})

test('scopes that are none give nothing, and take nothing from those beside them', async () => {
  const none = [
    ...['patient/Observation.sr', 'patient/Observation.dus', 'patient/Observation.readx', 'patient/Observation.rrs'],
    ...['patient/observation.rs', 'patient/*.RS', 'patient/Observation.rs?', 'system/*.rs'],
    'http://smarthealthit.org/fhir/scopes/patient/Observation.sr',
  ]
  const granted = await app.launch(
    { scope: `launch/patient patient/Patient.r ${none.join(' ')}` },
    { account: 'demo-nurse', patient: LINE },
  )
  expect(granted.scope.split(' ').sort()).toEqual(['launch/patient', 'patient/Patient.r'])
  expect((await send('GET', 'Observation?_count=1', granted.access_token)).status).toBe(403)
})

test('an assertion with a signature of a shared secret is none', async () => {
  const key = await newClientKey('ES384', 'es')
  const client = await registerClient(server.baseUrl, {
    ...{ client_name: 'Tjeneste', token_endpoint_auth_method: 'private_key_jwt', scope: 'system/*.rs' },
    ...{ grant_types: ['client_credentials'], jwks: { keys: [key.publicJwk] } },
  })
  const backend = new SmartApp(server, { ...client, key })
  const form = { grant_type: 'client_credentials' }
  expect((await backend.token(form)).status).toBe(200)
  const now = Math.floor(Date.now() / 1000)
  // What everybody knows, taken for the secret: the trick of old libraries.
  const client_assertion = await new SignJWT({ jti: 'hs', iat: now, exp: now + 200 })
    .setIssuer(client.client_id)
    .setSubject(client.client_id)
    .setAudience(backend.tokenUrl)
    .setProtectedHeader({ alg: 'HS256', kid: 'es', typ: 'JWT' })
    .sign(new TextEncoder().encode(JSON.stringify(key.publicJwk)))
  const response = await backend.token({ ...form, client_assertion })
  expect([response.status, (await response.json()).error]).toEqual([401, 'invalid_client'])
})

describe('pages of other origins', () => {
  const preflight = (path: string, origin: string) =>
    fetch(server.baseUrl + path, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    })
  test.each(['/fhir/Patient', '/auth/token'])(
    'may call %s when a client is registered there, and else not',
    async (path) => {
      for (const origin of ['https://frontend.example.org', 'https://app.example.org'])
        expect((await preflight(path, origin)).headers.get('access-control-allow-origin')).toBe(origin)
      const foreign = await preflight(path, 'https://evil.example.org')
      // At the token endpoint nobody is known before the body is there; the answer itself then cannot be read.
      if (path === '/fhir/Patient') expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
  test.each([
    ['https://frontend.example.org', 'https://frontend.example.org'],
    ['https://evil.example.org', null],
    ['null', null],
  ])('read the answers of FHIR and of the token endpoint: %s', async (origin, allowed) => {
    const read = await fetch(`${server.fhir}/Patient/${LINE}`, {
      headers: { origin, authorization: `Bearer ${ofLine.access_token}` },
    })
    expect([read.status, read.headers.get('access-control-allow-origin')]).toEqual([200, allowed])
    const redeemed = await app.token(
      { grant_type: 'authorization_code', code: 'BAD', redirect_uri: REDIRECT },
      { origin },
    )
    expect([redeemed.status, redeemed.headers.get('access-control-allow-origin')]).toEqual([400, allowed])
  })
})
