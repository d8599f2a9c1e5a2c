import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle, Parameters as FhirParameters, OperationOutcome } from '@medplum/fhirtypes'
import { HPR_NUMBER } from '../national-numbers/systems.ts'
import { demoSession } from './harness/demo-session.ts'
import { startEhr, type TestEhr } from './harness/ehr.ts'
import { eventually } from './harness/eventually.ts'
import { type NoticeSocket, openSocket } from './harness/notice-socket.ts'
import { forNurse, privacyConsent } from './harness/privacy-consent.ts'
import { registerClient, SmartApp } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'
import { type Subscriber, startSubscriber, statusOf, subscription } from './harness/subscriber.ts'

/** Two processes of one server: what ends in the first must have ended in the second within five seconds. */
let first: RunningServer
let second: RunningServer
let service: string
let nurse: string
/** An EHR that asks the second process for cards. */
let ehr: TestEhr
const IN_FORCE_MILLISECONDS_MAX = 5_000
const REQUESTS_PER_MINUTE = 900
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const LINE_FNR = '13116900216'
/** What was sent that no log may hold. */
const secrets: string[] = [LINE_FNR, 'et hemmelig ord']

beforeAll(async () => {
  ehr = await startEhr()
  const { issuer } = ehr
  const jwksUri = `${issuer}/jwks`
  const trusted = { issuer, fhirBase: `${issuer}/fhir`, clientId: 'fylgje-at-ehr', jwksUri, patients: 'any-shown' }
  first = await startServer({ env: { LOG_LEVEL: 'trace' } })
  second = await startServer({
    dataDir: first.dataDir,
    env: {
      ...{ DATABASE_URL: first.databaseUrl(), BASE_URL: first.baseUrl, ROLE: 'api', DEMO: 'on', LOG_LEVEL: 'trace' },
      REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
      TRUSTED_EHRS: JSON.stringify([{ ...trusted, cdsHooks: { issuer, jwksUri } }]),
    },
  })
  service = await first.token()
  nurse = await demoSession(first, 'nurse')
  secrets.push(service, nurse)
})
afterAll(async () => {
  ehr?.stop()
  await second?.stop()
  await first?.dispose()
})

const ask = (server: RunningServer, path: string, token: string, init: RequestInit = {}) =>
  fetch(`${server.fhir}/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...init.headers },
  })
async function put(
  resource: { resourceType: string; id: string; [element: string]: unknown },
  server = first,
): Promise<void> {
  const path = `${resource.resourceType}/${resource.id}`
  const response = await ask(server, path, service, { method: 'PUT', body: JSON.stringify(resource) })
  if (response.status >= 300) throw new Error(`${response.status} ${await response.text()}`)
}
/** Asks the second process again and again. @returns how long it took until the answer was this one */
async function millisecondsUntil(status: number, path: string, token: string): Promise<number> {
  const startedAt = performance.now()
  await eventually(
    async () => (await ask(second, path, token)).status,
    (seen) => seen === status,
  )
  return performance.now() - startedAt
}

const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ family: id }] })
const team = (id: string, more: object = {}) => ({
  ...{ resourceType: 'CareTeam', id, status: 'active', subject: { reference: `Patient/${id}` } },
  participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
  ...more,
})
/** By which the patient lets the nurse in, or closes the record to her. */
const consent = (id: string, type: 'permit' | 'deny', more: object = {}) => ({
  ...privacyConsent(`Patient/${id}`, { type, actor: forNurse }),
  id,
  ...more,
})

test('a token that is revoked', async () => {
  const token = await first.token()
  secrets.push(token)
  expect((await ask(second, 'Patient/demo-line', token)).status).toBe(200)
  const revoked = await fetch(`${first.baseUrl}/auth/revoke`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-service:demo-service-secret').toString('base64')}` },
    body: new URLSearchParams({ token }),
  })
  expect(revoked.status).toBe(200)
  expect(await millisecondsUntil(401, 'Patient/demo-line', token)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
})

test('an authorization that the patient takes back: what it gave, and what a refresh would give', async () => {
  const redirect_uri = 'https://app.example.org/callback'
  const client = await registerClient(first.baseUrl, {
    ...{ client_name: 'Prøveapp', token_endpoint_auth_method: 'none', redirect_uris: [redirect_uri] },
    ...{ grant_types: ['authorization_code', 'refresh_token'], scope: 'patient/*.rs' },
  })
  const app = new SmartApp(first, { ...client, redirect_uri })
  const scope = 'openid offline_access launch/patient patient/*.rs'
  const tokens = await app.launch({ scope }, { account: 'demo-line' })
  const { access_token, refresh_token = '', id_token = '' } = tokens
  secrets.push(access_token, refresh_token, id_token)
  expect((await ask(second, 'Patient/demo-line', access_token)).status).toBe(200)
  expect((await app.post('/auth/revoke', { token: refresh_token })).status).toBe(200)
  expect(await millisecondsUntil(401, 'Patient/demo-line', access_token)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
  const elsewhere = new SmartApp(second, { ...client, redirect_uri })
  expect((await elsewhere.refresh(refresh_token)).status).toBe(400)
})

test('a client that is removed', async () => {
  const client = await registerClient(first.baseUrl, {
    ...{ client_name: 'Tjeneste', token_endpoint_auth_method: 'client_secret_basic' },
    ...{ grant_types: ['client_credentials'], scope: 'system/*.rs' },
  })
  const { client_secret = '', registration_access_token } = client
  secrets.push(client_secret, registration_access_token)
  const response = await new SmartApp(first, client).token({ grant_type: 'client_credentials' })
  const { access_token } = (await response.json()) as { access_token: string }
  expect((await ask(second, 'Patient/demo-line', access_token)).status).toBe(200)
  await fetch(`${first.baseUrl}/auth/register/${client.client_id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${registration_access_token}` },
  })
  expect(await millisecondsUntil(401, 'Patient/demo-line', access_token)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
})

type Written = Parameters<typeof put>[0]
type Ending = { what: string; path: string; opens: Written[]; ends: Written }

const permission = consent('permission', 'permit')
const closing = consent('closing', 'deny')
const role = {
  ...{ resourceType: 'PractitionerRole', id: 'ended-role', active: true },
  practitioner: { reference: 'Practitioner/demo-nurse' },
  organization: { reference: 'Organization/ended-unit' },
}
const NURSE = { reference: 'Practitioner/demo-nurse' }
const episode = {
  ...{ resourceType: 'EpisodeOfCare', id: 'episode', status: 'active', careManager: NURSE },
  patient: { reference: 'Patient/episode' },
}
const task = {
  ...{ resourceType: 'Task', id: 'task-relation', status: 'requested', intent: 'order', owner: NURSE },
  for: { reference: 'Patient/task' },
}
const ENDINGS: Ending[] = [
  {
    ...{ what: 'an episode of care that she manages', path: 'Patient/episode' },
    ...{ opens: [patient('episode'), episode], ends: { ...episode, status: 'finished' } },
  },
  {
    ...{ what: 'being the patient’s general practitioner', path: 'Patient/gp' },
    ...{ opens: [{ ...patient('gp'), generalPractitioner: [NURSE] }], ends: patient('gp') },
  },
  {
    ...{ what: 'a Task about the patient', path: 'Patient/task' },
    ...{ opens: [patient('task'), task], ends: { ...task, status: 'cancelled' } },
  },
  {
    ...{ what: 'a place in a care team', path: 'Patient/place' },
    ...{ opens: [patient('place'), team('place')], ends: team('place', { period: { end: '2020-01-01' } }) },
  },
  {
    ...{ what: 'a care team', path: 'Patient/team' },
    ...{ opens: [patient('team'), team('team')], ends: team('team', { status: 'inactive' }) },
  },
  {
    ...{ what: 'a permission of the patient’s', path: 'Patient/permission' },
    ...{ opens: [patient('permission'), permission], ends: { ...permission, status: 'inactive' } },
  },
  {
    ...{ what: 'what is open until the patient closes it', path: 'Observation/closing' },
    opens: [
      patient('closing'),
      team('closing'),
      {
        ...{ resourceType: 'Observation', id: 'closing', status: 'final', subject: { reference: 'Patient/closing' } },
        code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'et hemmelig ord' },
      },
    ],
    ends: closing,
  },
  {
    ...{ what: 'a role at the unit that cares', path: 'Patient/unit' },
    opens: [
      { resourceType: 'Organization', id: 'ended-unit', name: 'Enhet' },
      ...[role, patient('unit')],
      team('unit', { participant: [{ member: { reference: 'Organization/ended-unit' } }] }),
    ],
    ends: { ...role, active: false },
  },
]

test('relations, permissions and restrictions: what began is in force, and what ended is not', async () => {
  for (const { opens } of ENDINGS) for (const resource of opens) await put(resource)
  const waits = (status: number) =>
    Promise.all(
      ENDINGS.map(async ({ what, path }) => ({
        what,
        isInTime: (await millisecondsUntil(status, path, nurse)) < IN_FORCE_MILLISECONDS_MAX,
      })),
    )
  const inTime = ENDINGS.map(({ what }) => ({ what, isInTime: true }))
  expect(await waits(200)).toEqual(inTime)
  await Promise.all(ENDINGS.map(({ ends }) => put(ends)))
  expect(await waits(404)).toEqual(inTime)
  await put({ ...closing, status: 'inactive' })
  expect(await millisecondsUntil(200, 'Observation/closing', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
})

test('a record that was opened in an emergency, when the opening is taken back', async () => {
  await put(patient('emergency'))
  expect((await ask(second, 'Patient/emergency', nurse)).status).toBe(404)
  const opened = await ask(first, 'Patient/emergency/$break-glass', nurse, {
    method: 'POST',
    body: JSON.stringify({
      resourceType: 'Parameters',
      parameter: [
        { name: 'purpose', valueCode: 'ETREAT' },
        { name: 'reason', valueString: 'Tung pust, ringte selv' },
      ],
    }),
  })
  expect(opened.status).toBe(201)
  expect(await millisecondsUntil(200, 'Patient/emergency', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
  await put({ ...((await opened.json()) as typeof task), status: 'cancelled' })
  expect(await millisecondsUntil(404, 'Patient/emergency', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
})

test('whoever has left, whatever teams still name them', async () => {
  await put(patient('left'))
  await put(team('left'))
  expect(await millisecondsUntil(200, 'Patient/left', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
  const practitioner = (await (await ask(first, NURSE.reference, service)).json()) as typeof task
  await put({ ...practitioner, active: false } as Written)
  expect(await millisecondsUntil(403, 'Patient/left', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
  await put({ ...practitioner, active: true } as Written)
  expect(await millisecondsUntil(200, 'Patient/left', nurse)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
})

describe('every way to a patient’s data ends in every process', () => {
  let subscriber: Subscriber
  let socket: NoticeSocket | undefined
  beforeAll(async () => {
    subscriber = await startSubscriber()
  })
  afterAll(async () => {
    socket?.terminate()
    await subscriber?.stop()
  })

  /** How she has to do with each of these, and what ends it. Their numbers are made up, as Tenor makes them. */
  const RELATIONS: { id: string; fnr: string; opens: Written; ends: Written }[] = [
    {
      id: 'way-team',
      fnr: '01907050064',
      opens: team('way-team'),
      ends: team('way-team', { period: { end: '2020-01-01' } }),
    },
    {
      ...{ id: 'way-episode', fnr: '01907050145' },
      opens: { ...episode, id: 'way-episode', patient: { reference: 'Patient/way-episode' } },
      ends: {
        ...{ ...episode, id: 'way-episode', patient: { reference: 'Patient/way-episode' } },
        period: { start: '2019-01-01', end: '2020-01-01' },
      },
    },
    {
      ...{ id: 'way-consent', fnr: '01907050226' },
      opens: consent('way-consent', 'permit'),
      ends: consent('way-consent', 'permit', { status: 'inactive' }),
    },
  ]

  const measurement = (id: string, about: string): Written => ({
    ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: `Patient/${about}` } },
    code: { coding: [{ system: 'urn:way', code: '1' }] },
  })
  async function make(): Promise<void> {
    for (const { id, fnr, opens } of RELATIONS) {
      await put({ ...patient(id), identifier: [{ system: FNR, value: fnr }] } as Written)
      await put(opens)
      await put(measurement(id, id))
      await put({
        resourceType: 'Task',
        id,
        status: 'requested',
        intent: 'order',
        for: { reference: `Patient/${id}` },
      } as Written)
    }
  }

  const body = async <T>(response: Promise<Response>) => (await (await response).json()) as T
  const graphql = (id: string, token: string) =>
    ask(second, '$graphql', token, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ query: `{ObservationList(subject: "Patient/${id}") {id}}` }),
    })
  async function cardsFor(fnr: string): Promise<unknown[]> {
    const path = '/cds-services/home-monitoring'
    const call = {
      ...{ hook: 'patient-view', hookInstance: randomUUID() },
      context: { userId: 'Practitioner/nurse', patientId: 'p' },
      prefetch: {
        patient: { resourceType: 'Patient', id: 'p', identifier: [{ system: FNR, value: fnr }] },
        user: { resourceType: 'Practitioner', id: 'nurse', identifier: [{ system: HPR_NUMBER, value: '999000001' }] },
      },
    }
    const response = await fetch(`${second.baseUrl}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await ehr.hookJwt(`${first.baseUrl}${path}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(call),
    })
    return ((await response.json()) as { cards: unknown[] }).cards
  }
  /** Whether she comes to the patient's data, each way, by the second process. */
  const WAYS: { way: string; opens: (one: { id: string; fnr: string }) => Promise<boolean> }[] = [
    {
      way: 'search',
      opens: async ({ id }) =>
        ((await body<Bundle>(ask(second, `Observation?patient=Patient/${id}`, nurse))).entry ?? []).length > 0,
    },
    {
      way: '$everything',
      opens: async ({ id }) => (await ask(second, `Patient/${id}/$everything`, nurse)).status === 200,
    },
    {
      way: 'GraphQL',
      opens: async ({ id }) =>
        (await body<{ data: { ObservationList: unknown[] } }>(graphql(id, nurse))).data.ObservationList.length > 0,
    },
    { way: 'a card of CDS Hooks', opens: async ({ fnr }) => (await cardsFor(fnr)).length > 0 },
  ]
  const all = RELATIONS.flatMap((one) =>
    WAYS.map(({ way, opens }) => ({ what: `${one.id} by ${way}`, opens: () => opens(one) })),
  )

  /** How the answers of all came to be that: which did not in time. */
  async function tooLate(isOpen: boolean): Promise<string[]> {
    const startedAt = performance.now()
    const waits = all.map(async ({ what, opens }) => {
      await eventually(opens, (seen) => seen === isOpen)
      // How fast something opens is promised to nobody: the first question in GraphQL waits for its schema.
      return isOpen || performance.now() - startedAt < IN_FORCE_MILLISECONDS_MAX ? [] : [what]
    })
    return (await Promise.all(waits)).flat()
  }

  const focuses = (texts: string[]) =>
    texts.flatMap((text) => statusOf({ text }).events.map(({ focus = '' }) => focus.split('/').at(-1) ?? ''))
  const MEASURED = ['Observation?code=urn:way|']
  /** Told to her by the second process, where the Subscription is not made. */
  async function subscribe(server: RunningServer, token: string, channel: object): Promise<string> {
    const asked = subscription('measurements', { filters: MEASURED, ...channel })
    const made = await body<Written>(
      ask(server, 'Subscription', token, { method: 'POST', body: JSON.stringify(asked) }),
    )
    await eventually(
      () => body<Written>(ask(server, `Subscription/${made.id}`, token)),
      ({ status }) => status === 'active',
    )
    return made.id
  }
  async function bound(id: string, token: string): Promise<NoticeSocket> {
    const { parameter = [] } = await body<FhirParameters>(
      ask(second, `Subscription/$get-ws-binding-token?id=${id}`, token),
    )
    const word = parameter.find(({ name }) => name === 'token')?.valueString
    const opened = await openSocket(`${second.baseUrl.replace('http', 'ws')}/subscriptions/socket`)
    opened.say(`bind-with-token ${word}`)
    await opened.until(1)
    return opened
  }

  let round = 0
  /**
   * Measures all of them and then demo-line, who stays hers, again and again, until a round tells of demo-line alone.
   * @param told the ids that were told of so far, in their order
   */
  async function millisecondsUntilUntold(told: () => string[]): Promise<number> {
    const startedAt = performance.now()
    for (;;) {
      round += 1
      const [name, last] = [`round-${round}`, `round-${round}-demo-line`]
      for (const { id } of RELATIONS) await put(measurement(`${name}-${id}`, id))
      await put(measurement(last, 'demo-line'))
      const seen = await eventually(
        async () => told(),
        (ids) => ids.includes(last),
      )
      if (!seen.some((id) => id.startsWith(`${name}-way`))) return performance.now() - startedAt
    }
  }

  test('where a place in a team, a period of an episode, or a permission has ended: search, $everything, GraphQL, cards, an open socket, and a rest-hook', async () => {
    await make()
    expect(await tooLate(true)).toEqual([])
    socket = await bound(await subscribe(first, nurse, { type: 'websocket' }), nurse)
    const bySocket = () => focuses((socket as NoticeSocket).said)
    for (const { id } of RELATIONS) await put(measurement(`before-${id}`, id))
    await eventually(
      async () => bySocket(),
      (ids) => RELATIONS.every(({ id }) => ids.includes(`before-${id}`)),
    )

    await Promise.all(RELATIONS.map(({ ends }) => put(ends)))
    const [late, untold] = await Promise.all([tooLate(false), millisecondsUntilUntold(bySocket)])
    expect(late).toEqual([])
    expect(untold).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)

    // The other way about: the worker that sends is the first process's, and what it rests on ends in the second.
    await Promise.all(RELATIONS.map(({ opens }) => put(opens)))
    expect(await tooLate(true)).toEqual([])
    await subscribe(second, nurse, { endpoint: subscriber.at('/relations') })
    const byHook = () =>
      focuses(subscriber.received.filter(({ path }) => path === '/relations').map(({ text }) => text))
    for (const { id } of RELATIONS) await put(measurement(`after-${id}`, id))
    await eventually(
      async () => byHook(),
      (ids) => RELATIONS.every(({ id }) => ids.includes(`after-${id}`)),
    )
    await Promise.all(RELATIONS.map(({ ends }) => put(ends, second)))
    expect(await millisecondsUntilUntold(byHook)).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
  })

  test('where a token was revoked: search, $everything, GraphQL, a file of an export, an open socket, and a rest-hook', async () => {
    const [token, system] = [await demoSession(first, 'nurse'), await first.token()]
    secrets.push(token, system)
    const opened = await bound(await subscribe(first, token, { type: 'websocket' }), token)
    await subscribe(second, token, { endpoint: subscriber.at('/revoked') })
    const begun = await ask(first, '$export?_type=Organization', system, { headers: { prefer: 'respond-async' } })
    const job = new URL(String(begun.headers.get('content-location'))).pathname.replace('/fhir/', '')
    await eventually(
      async () => (await ask(second, job, system)).status,
      (status) => status === 200,
    )
    const [file] = (await body<{ output: { url: string }[] }>(ask(second, job, system))).output
    const ways: [way: string, status: () => Promise<number>][] = [
      ['search', async () => (await ask(second, 'Observation?patient=Patient/demo-line', token)).status],
      ['$everything', async () => (await ask(second, 'Patient/demo-line/$everything', token)).status],
      ['GraphQL', async () => (await graphql('demo-line', token)).status],
      [
        'a file of an export',
        async () => (await ask(second, file?.url.replace(`${first.fhir}/`, '') ?? '', system)).status,
      ],
    ]
    const statuses = () => Promise.all(ways.map(([, status]) => status()))
    expect(await statuses()).toEqual(ways.map(() => 200))
    await put(measurement('before-revoked', 'demo-line'))
    const byHook = () => focuses(subscriber.received.filter(({ path }) => path === '/revoked').map(({ text }) => text))
    await eventually(
      async () => [byHook(), focuses(opened.said)],
      (told) => told.every((ids) => ids.includes('before-revoked')),
    )

    const startedAt = performance.now()
    const revoke = (server: RunningServer, form: object, headers = {}) =>
      fetch(`${server.baseUrl}/auth/revoke`, { method: 'POST', headers, body: new URLSearchParams({ ...form }) })
    const basic = `Basic ${Buffer.from('demo-service:demo-service-secret').toString('base64')}`
    const answers = [
      await revoke(second, { token, client_id: 'fylgje-apps' }),
      await revoke(first, { token: system }, { authorization: basic }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const [closed] = await Promise.all([
      opened.closed,
      eventually(statuses, (seen) => seen.every((status) => status === 401)),
    ])
    expect(closed).toMatch(/^1008 /)
    expect(performance.now() - startedAt).toBeLessThan(IN_FORCE_MILLISECONDS_MAX)
    // What is measured now reaches whoever still has a right to it, and comes nowhere else.
    await subscribe(first, service, { endpoint: subscriber.at('/still') })
    await put(measurement('after-revoked', 'demo-line'))
    await subscriber.until('/still', (notices) => focuses(notices.map(({ text }) => text)).includes('after-revoked'))
    expect(byHook()).not.toContain('after-revoked')
  })
})

describe('neither national numbers nor secrets lie in a log', () => {
  test('of searches by GET and by POST, refusals of every kind, and faults', async () => {
    const identifier = `${FNR}|${LINE_FNR}`
    const byGet = await ask(second, `Patient?${new URLSearchParams({ identifier })}`, nurse)
    expect(((await byGet.json()) as Bundle).entry).toHaveLength(1)
    const byPost = await fetch(`${second.fhir}/Patient/_search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${nurse}` },
      body: new URLSearchParams({ identifier }),
    })
    expect(((await byPost.json()) as Bundle).entry).toHaveLength(1)
    const statuses = await Promise.all(
      [
        `Observation?subject:identifier=${identifier}`,
        `Patient?birthdate=${LINE_FNR}`,
        `Patient/${LINE_FNR}`,
        `Nothing?identifier=${identifier}`,
        `Patient?identifier=${identifier}\u0000`,
      ].flatMap((path) => [first, second].map(async (server) => (await ask(server, path, service)).status)),
    )
    expect(new Set(statuses.map((status) => Math.floor(status / 100)))).toEqual(new Set([2, 4]))
    for (const body of [`{"resourceType":"Patient","birthDate":"${LINE_FNR}"}`, `{"identifier": ${LINE_FNR}`, '[]'])
      expect((await ask(first, 'Patient', service, { method: 'POST', body })).status).toBe(400)
    for (const token of ['et hemmelig ord', `${service}x`])
      expect((await ask(first, 'Patient', token)).status).toBe(401)
    for (const password of ['et hemmelig ord', LINE_FNR]) {
      const response = await fetch(`${first.baseUrl}/auth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`demo-service:${password}`).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'client_credentials' }),
      })
      expect(response.status).toBe(401)
    }
    const postgres = await readFile(join(first.dataDir, 'postgres.log'), 'utf8')
    const logs =
      [first, second].flatMap((server) => [server.output().stdout, server.output().stderr]).join('') + postgres
    // They do say something: the refused token requests are told of.
    expect(logs).toContain('token refused')
    expect(secrets.filter((secret) => logs.includes(secret))).toEqual([])
  })
})

test('who asks more often than a minute allows is told to wait, in FHIR’s words; others are not held up', async () => {
  const answers = await Promise.all(
    Array.from({ length: REQUESTS_PER_MINUTE + 1 }, () => ask(second, 'Patient/demo-line', nurse)),
  )
  const refused = answers.find(({ status }) => status === 429)
  if (!refused) throw new Error('all were answered')
  expect(refused.headers.get('content-type')).toMatch(/^application\/fhir\+json/)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(((await refused.json()) as OperationOutcome).issue).toEqual([
    { severity: 'error', code: 'throttled', diagnostics: expect.stringMatching(/try again in \d+ s\.$/) },
  ])
  expect((await ask(second, 'Patient/demo-line', service)).status).toBe(200)
  expect((await ask(first, 'Patient/demo-line', nurse)).status).toBe(200)
})
