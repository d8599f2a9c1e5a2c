import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes'
import { eventually } from './harness/eventually.ts'
import { registerClient, SmartApp } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

/** Two processes of one server: what ends in the first must have ended in the second within five seconds. */
let first: RunningServer
let second: RunningServer
let service: string
let nurse: string
const IN_FORCE_MILLISECONDS_MAX = 5_000
const REQUESTS_PER_MINUTE = 900
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const LINE_FNR = '13116900216'
/** What was sent that no log may hold. */
const secrets: string[] = [LINE_FNR, 'et hemmelig ord']

beforeAll(async () => {
  first = await startServer({ env: { LOG_LEVEL: 'trace' } })
  second = await startServer({
    dataDir: first.dataDir,
    env: {
      ...{ DATABASE_URL: first.databaseUrl(), BASE_URL: first.baseUrl, ROLE: 'api', DEMO: 'on', LOG_LEVEL: 'trace' },
      REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
    },
  })
  service = await first.token()
  const response = await fetch(`${first.baseUrl}/demo/session`, {
    method: 'POST',
    headers: { origin: first.baseUrl, 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'nurse' }),
  })
  nurse = ((await response.json()) as { access_token: string }).access_token
  secrets.push(service, nurse)
})
afterAll(async () => {
  await second?.stop()
  await first?.dispose()
})

const ask = (server: RunningServer, path: string, token: string, init: RequestInit = {}) =>
  fetch(`${server.fhir}/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json', ...init.headers },
  })
async function put(resource: { resourceType: string; id: string; [element: string]: unknown }): Promise<void> {
  const path = `${resource.resourceType}/${resource.id}`
  const response = await ask(first, path, service, { method: 'PUT', body: JSON.stringify(resource) })
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
const consent = (id: string, more: object = {}) => ({
  ...{ resourceType: 'Consent', id, status: 'active', patient: { reference: `Patient/${id}` } },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' },
  ...more,
})
const forNurse = [{ role: { text: 'gjelder for' }, reference: { reference: 'Practitioner/demo-nurse' } }]

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

const permission = consent('permission', { provision: { type: 'permit', actor: forNurse } })
const closing = consent('closing', { provision: { type: 'deny', actor: forNurse } })
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
