import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { AuditEvent, Bundle, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes'
import { AUDIT_CODES, type AuditCodeName } from '../audit/codes.ts'
import { runningDatabaseUrl } from '../db/embedded/running.ts'
import { DATABASE } from '../db/embedded.ts'
import { openPool } from '../db/pool.ts'
import { Browser } from './harness/browser.ts'
import { demoSession } from './harness/demo-session.ts'
import { eventually } from './harness/eventually.ts'
import { classesOf, forNurse, privacyConsent } from './harness/privacy-consent.ts'
import { adminToken, registerClient, SmartApp } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'
import { startSubscriber, subscription } from './harness/subscriber.ts'

const ROOT = join(import.meta.dirname, '../..')
const FINDING = 'http://fylgje.no/fhir/PlanDefinition/copd|'

let server: RunningServer
let service: string
let nurse: string
let line: string

beforeAll(async () => {
  server = await startServer()
  ;[service, nurse, line] = await Promise.all([
    server.token(),
    demoSession(server, 'nurse'),
    demoSession(server, 'patient'),
  ])
})
afterAll(() => server.dispose())

async function ask<T = Resource>(token: string, path: string, body?: object, method = body ? 'POST' : 'GET') {
  const response = await fetch(`${server.fhir}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return {
    status: response.status,
    requestId: response.headers.get('x-request-id') ?? '',
    body: (text === '' ? undefined : JSON.parse(text)) as T,
  }
}

/** AuditEvents, newest first, as somebody finds them. */
async function events(query: string, token = service): Promise<AuditEvent[]> {
  const { body } = await ask<Bundle<AuditEvent>>(token, `AuditEvent?${query}`)
  return body.entry?.flatMap(({ resource }) => (resource?.resourceType === 'AuditEvent' ? [resource] : [])) ?? []
}
/** Of one request. */
const ofRequest = async (requestId: string, query: string) =>
  (await events(`${query}&_count=50`)).filter(({ entity = [] }) =>
    entity.some(({ what }) => what?.identifier?.value === requestId),
  )
const queryOf = ({ entity = [] }: AuditEvent) =>
  entity.flatMap(({ query }) => (query === undefined ? [] : [Buffer.from(query, 'base64').toString()]))
const patientsOf = ({ entity = [] }: AuditEvent) =>
  entity.flatMap(({ what }) => (what?.reference?.startsWith('Patient/') ? [what.reference] : []))

const measurement = (value: number) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  subject: { reference: 'Patient/demo-line' },
  effectiveDateTime: new Date().toISOString(),
  valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})

test('a search is told with who, as what, for whom, what they asked for and whose data they got, includes too', async () => {
  const path = 'Observation?code=http://loinc.org|59408-5&patient=demo-line&_count=2&_include=Observation:subject'
  const { requestId } = await ask(nurse, path)
  const [event, ...others] = await ofRequest(requestId, 'agent=Practitioner/demo-nurse')
  expect(others).toEqual([])
  expect(event).toMatchObject({
    action: 'E',
    outcome: '0',
    subtype: [{ code: 'search-type' }],
    purposeOfEvent: [{ coding: [{ code: 'TREAT' }] }],
  })
  expect(queryOf(event as AuditEvent)).toEqual([path])
  expect(patientsOf(event as AuditEvent)).toEqual(['Patient/demo-line'])
  const [person, app] = event?.agent ?? []
  expect(person).toMatchObject({
    who: { reference: 'Practitioner/demo-nurse', display: 'Kari Nordlys' },
    name: 'Kari Nordlys',
  })
  expect(person?.role?.flatMap(({ coding }) => coding?.map(({ code }) => code))).toContain('nurse')
  expect(person?.policy).toEqual([expect.stringMatching(/access-policy\|\d/)])
  expect(JSON.stringify(person?.extension)).toContain('Organization/')
  expect(app).toMatchObject({ requestor: false, network: { type: '2' } })
  // How she has to do with the patient, and what says so.
  const details = event?.entity?.flatMap(({ detail = [] }) =>
    detail.map(({ type, valueString }) => [type, valueString]),
  )
  expect(details).toContainEqual(['careRelation', expect.stringMatching(/^care-(team|plan) (CareTeam|CarePlan)\//)])
  expect(details).toContainEqual(['decidedBy', 'system'])
})

test('people are called what they were called then', async () => {
  const { body: practitioner } = await ask(service, 'Practitioner/demo-nurse')
  const before = await ask(nurse, 'Patient/demo-line')
  await ask(service, 'Practitioner/demo-nurse', { ...practitioner, name: [{ text: 'Kari Nygift' }] }, 'PUT')
  const after = await ask(nurse, 'Patient/demo-line')
  await ask(service, 'Practitioner/demo-nurse', practitioner, 'PUT')
  const nameIn = async ({ requestId }: { requestId: string }) =>
    (await ofRequest(requestId, 'agent=Practitioner/demo-nurse')).map(({ agent }) => agent[0]?.name)
  expect(await nameIn(before)).toEqual(['Kari Nordlys'])
  expect(await nameIn(after)).toEqual(['Kari Nygift'])
  expect((await events('agent-name=Kari Nygift&_count=5')).length).toBeGreaterThan(0)
})

test('a list over many patients has them all', async () => {
  const { requestId, body } = await ask<Bundle>(service, 'Patient?_count=5')
  const [event] = await ofRequest(requestId, 'agent=Client/demo-service&subtype=search-type')
  const shown = body.entry?.map(({ resource }) => `Patient/${resource?.id}`)
  expect(shown).toHaveLength(5)
  expect(patientsOf(event as AuditEvent).sort()).toEqual(shown?.sort())
})

test('a write is told in its transaction, and what the engine makes of it with the plan and the finding', async () => {
  const created = await ask(service, 'Observation', measurement(84))
  expect(created.status).toBe(201)
  const [event, ...others] = await ofRequest(created.requestId, `entity=Observation/${created.body.id}`)
  expect(others).toEqual([])
  expect(event).toMatchObject({ action: 'C', subtype: [{ code: 'create' }] })
  expect(event?.entity).toContainEqual(
    expect.objectContaining({ what: { reference: `Observation/${created.body.id}/_history/1` } }),
  )
  const deadline = Date.now() + 30_000
  let told: string | undefined
  while (told === undefined && Date.now() < deadline) {
    await sleep(100)
    const made = await events('agent=Device/plan-engine&patient=demo-line&_count=20')
    told = made.map((one) => JSON.stringify(one)).find((text) => text.includes(`Observation/${created.body.id}`))
  }
  expect(told).toContain(FINDING)
})

test('each entry of a batch is told by itself, and each refusal: no token, no scope, nothing there', async () => {
  const entry = (url: string) => ({ request: { method: 'GET', url } })
  const bundle = {
    resourceType: 'Bundle',
    type: 'batch',
    entry: [entry('Patient/demo-line'), entry('Patient/nobody-here')],
  }
  const { requestId } = await ask(service, '', bundle)
  const told = await ofRequest(requestId, 'subtype=read')
  expect(told.map(({ outcome, outcomeDesc }) => [outcome, outcomeDesc]).sort()).toEqual([
    ['0', undefined],
    ['4', 'not-found'],
  ])

  const narrow = await server.token('system/Observation.rs')
  const refused = await ask(narrow, 'Patient/demo-line')
  expect(refused.status).toBe(403)
  const [denial] = await ofRequest(refused.requestId, 'outcome=4')
  expect(denial).toMatchObject({ action: 'R', outcomeDesc: expect.stringMatching(/^forbidden: /) })
  expect(patientsOf(denial as AuditEvent)).toEqual(['Patient/demo-line'])

  const unknown = await ask('no-such-token', 'Patient?identifier=urn:oid:2.16.578.1.12.4.1.4.1|13116900216')
  expect(unknown.status).toBe(401)
  const [stranger] = await ofRequest(unknown.requestId, 'outcome=4&subtype=token-refused')
  expect(stranger).toMatchObject({ agent: [{ who: { display: 'anonymous' } }] })
})

test('a national identity number that was searched for is cut', async () => {
  const { requestId } = await ask(service, 'Patient?identifier=urn:oid:2.16.578.1.12.4.1.4.1|13116900216')
  const [event] = await ofRequest(requestId, 'subtype=search-type')
  expect(queryOf(event as AuditEvent)).toEqual(['Patient?identifier=urn:oid:2.16.578.1.12.4.1.4.1|131169*****'])
  expect(patientsOf(event as AuditEvent)).toEqual(['Patient/demo-line'])
})

test('so is one behind a sign that is escaped', async () => {
  const { requestId } = await ask(service, 'Patient?identifier=%2313116900216&name=%2613116900216')
  const [event] = await ofRequest(requestId, 'subtype=search-type')
  expect(queryOf(event as AuditEvent)).toEqual(['Patient?identifier=%23131169*****&name=%26131169*****'])
})

test('the links of a search by a national identity number have an id in its place, for who searched', async () => {
  const number = 'urn:oid:2.16.578.1.12.4.1.4.1|13116900216'
  const response = await fetch(`${server.fhir}/Observation/_search`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service}` },
    body: new URLSearchParams({ 'patient.identifier': number, _count: '2', _sort: 'date' }),
  })
  const first = (await response.json()) as Bundle
  const next = first.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  expect(next).toMatch(/\?_criteria=[0-9a-f-]{36}&_cursor=/)
  const self = first.link?.find(({ relation }) => relation === 'self')?.url ?? ''
  expect(next.startsWith(`${self}&`)).toBe(true)
  const path = next.slice(server.fhir.length + 1)
  const second = await ask<Bundle>(service, path)
  const ids = [first, second.body].flatMap(({ entry = [] }) => entry.map(({ resource }) => resource?.id))
  const again = await ask<Bundle>(service, self.slice(server.fhir.length + 1))
  // Who searches for the same again is given the same id.
  expect([again.body.entry, again.body.link]).toEqual([first.entry, first.link])
  const whole = await ask<Bundle>(service, `Observation?patient.identifier=${number}&_count=4&_sort=date`)
  expect(ids).toEqual(whole.body.entry?.map(({ resource }) => resource?.id))
  const [event] = await ofRequest(second.requestId, 'subtype=search-type')
  expect(queryOf(event as AuditEvent).join()).toMatch(/^Observation\?.*patient\.identifier=.*\|131169\*{5}&/)
  expect((await ask<OperationOutcome>(nurse, path)).body.issue).toMatchObject([
    { code: 'not-found', expression: ['_criteria'] },
  ])
})

test('so has the next page of a search of the audit itself', async () => {
  const path = 'AuditEvent?altid:not=urn:oid:2.16.578.1.12.4.1.4.1|13116900216&_count=1'
  const first = await ask<Bundle>(service, path)
  const next = first.body.link?.find(({ relation }) => relation === 'next')?.url ?? ''
  expect(next).toMatch(/AuditEvent\?_criteria=[0-9a-f-]{36}&_cursor=/)
  const second = await ask<Bundle>(service, next.slice(server.fhir.length + 1))
  const [one, other] = [first, second].map(({ body }) => body.entry?.map(({ resource }) => resource?.id))
  expect(one).toHaveLength(1)
  expect(other).toHaveLength(1)
  expect(other).not.toEqual(one)
})

test.each([
  ['Patient?identifier=13116900216', 'Patient'],
  ['Patient?identifier=nobody|13116900216&_summary=count', 'Patient'],
  ['Observation/$lastn?patient.identifier=13116900216&max=1', 'Observation/$lastn'],
])('no link of %s tells the number', async (asked, place) => {
  const { body } = await ask<Bundle>(service, asked)
  const urls = (body.link ?? []).map(({ url }) => url.slice(server.fhir.length + 1))
  expect(urls.length).toBeGreaterThan(0)
  for (const url of urls) expect(url).toMatch(/^[\w/$]+\?_criteria=[0-9a-f-]{36}(&_cursor=[^&]+)?$/)
  expect(urls[0]?.startsWith(`${place}?`)).toBe(true)
  expect((await ask<Bundle>(service, urls[0] ?? '')).body.entry).toEqual(body.entry)
})

test('a telephone number of as many digits is no national number: the link tells what was asked for', async () => {
  const { body } = await ask<Bundle>(service, 'Patient?telecom=tel:%2B15556755745')
  const self = body.link?.find(({ relation }) => relation === 'self')?.url ?? ''
  expect(new URL(self).searchParams.get('telecom')).toBe('tel:+15556755745')
})

test('sign-ins and tokens are told, those that were refused too', async () => {
  const wrong = await fetch(`${server.baseUrl}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-service:wrong').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.rs' }),
  })
  expect(wrong.status).toBe(401)
  expect(await events('subtype=token-refused&outcome=4&_count=1')).toMatchObject([{ outcomeDesc: 'invalid_client' }])
  const [issued] = await events('subtype=token-issued&agent=Client/demo-service&_count=1')
  expect(queryOf(issued as AuditEvent)).toEqual(['scope=system/Observation.rs'])
  expect(await events('type=110114&subtype=110122&agent=Practitioner/demo-nurse')).toMatchObject([
    { action: 'E', outcome: '0' },
  ])
})

test('the glass is broken with its reason, and what is read then is read for that', async () => {
  const id = 'audit-glass'
  await ask(service, `Patient/${id}`, { resourceType: 'Patient', id, name: [{ text: 'Berit Bak Glass' }] }, 'PUT')
  expect((await ask(nurse, `Patient/${id}`)).status).toBe(404)
  const opened = await ask(nurse, `Patient/${id}/$break-glass`, {
    resourceType: 'Parameters',
    parameter: [
      { name: 'purpose', valueCode: 'ETREAT' },
      { name: 'reason', valueString: 'Bevisstløs, tatt inn med ambulanse' },
    ],
  })
  expect(opened.status).toBe(201)
  expect(await events(`patient=${id}&subtype=break-glass`)).toMatchObject([
    { outcomeDesc: 'Bevisstløs, tatt inn med ambulanse', purposeOfEvent: [{ coding: [{ code: 'ETREAT' }] }] },
  ])
  const read = await ask(nurse, `Patient/${id}`)
  const event = await ofRequest(read.requestId, `patient=${id}&action=R`)
  expect(event).toMatchObject([{ purposeOfEvent: [{ coding: [{ code: 'BTG' }] }] }])
  // What the trust framework wants to know: she has let herself in, no rule has.
  expect(event[0]?.entity?.flatMap(({ detail = [] }) => detail)).toContainEqual({
    type: 'decidedBy',
    valueString: 'user',
  })
})

test('a patient sees their own log and nobody else’s, without what names others', async () => {
  await ask(nurse, 'Task?_count=50')
  const own = await events('agent=Practitioner/demo-nurse&_count=50', line)
  expect(own.length).toBeGreaterThan(1)
  expect(new Set(own.flatMap(patientsOf))).toEqual(new Set(['Patient/demo-line']))
  expect(own.flatMap(queryOf)).toEqual([])
  expect(JSON.stringify(own)).not.toContain('"address"')
  const [other] = await events('patient=audit-glass&subtype=break-glass')
  expect((await ask(line, `AuditEvent/${other?.id}`)).status).toBe(404)
  expect((await ask(line, `AuditEvent/${own[0]?.id}`)).status).toBe(200)
  expect((await ask(nurse, 'AuditEvent?patient=demo-line')).status).toBe(403)

  const log = await ask<Parameters>(line, 'Patient/demo-line/$access-log?count=50')
  const texts = log.body.parameter?.flatMap(
    ({ part = [] }) => part.find(({ name }) => name === 'text')?.valueString ?? [],
  )
  expect(texts).toContainEqual(
    expect.stringMatching(
      /^Kari Nordlys \(sykepleier, .+\) så på .*målinger og prøvesvar.*, .+ kl\. .+\. Helsehjelp\.$/,
    ),
  )
  expect(await ask<OperationOutcome>(line, 'Patient/audit-glass/$access-log')).toMatchObject({
    status: 404,
    body: { issue: [{ code: 'not-found' }] },
  })
})

test('the audit is taken out as NDJSON, oldest first, as far as it is asked for, and that is told', async () => {
  const response = await fetch(
    `${server.fhir}/AuditEvent/$export-audit?patient=demo-line&agent=Practitioner/demo-nurse`,
    {
      headers: { authorization: `Bearer ${service}` },
    },
  )
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+ndjson/)
  const lines = (await response.text())
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditEvent)
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.every((event) => patientsOf(event).includes('Patient/demo-line'))).toBe(true)
  const times = lines.map(({ recorded }) => recorded)
  expect(times).toEqual(times.toSorted())
  expect(await events('subtype=audit-export')).toMatchObject([
    { agent: [{ who: { identifier: { value: 'demo-service' }, display: 'Demo service' } }] },
  ])
  expect((await ask(line, 'AuditEvent/$export-audit')).status).toBe(403)
  expect((await ask(service, 'AuditEvent/$export-audit?no-such=1')).status).toBe(400)
})

test('the privacy officer finds all of the audit and takes it out, and sees nothing else for that; others are refused', async () => {
  const officer = await demoSession(server, 'gp')
  const found = () => ask<Bundle<AuditEvent>>(officer, 'AuditEvent?patient=demo-line&agent=Practitioner/demo-nurse')
  const takenOut = () => ask<OperationOutcome>(officer, 'AuditEvent/$export-audit?patient=demo-line&action=R')
  const refusals = async () =>
    [await found(), await takenOut()].map(({ status, body }) => [
      status,
      (body as unknown as OperationOutcome).issue?.[0]?.code,
    ])
  const forbidden = [403, 'forbidden']
  expect(await refusals()).toEqual([forbidden, forbidden])
  const role = (code: string, active: boolean) => ({
    ...{ resourceType: 'PractitionerRole', id: 'reads-the-audit', active },
    practitioner: { reference: 'Practitioner/demo-gp' },
    code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code }] }],
  })
  const put = (code: string, active = true) =>
    ask(service, 'PractitionerRole/reads-the-audit', role(code, active), 'PUT')

  await put('privacy-officer')
  const { status, body } = await found()
  expect([status, body.entry?.length]).toEqual([200, expect.any(Number)])
  // What is hidden from the patient is not hidden here: what was asked for, and from where.
  expect(body.entry?.flatMap(({ resource }) => (resource ? queryOf(resource) : []))).not.toEqual([])
  const response = await fetch(`${server.fhir}/AuditEvent/$export-audit?patient=audit-glass`, {
    headers: { authorization: `Bearer ${officer}` },
  })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/fhir\+ndjson/),
  ])
  const lines = (await response.text()).split('\n').slice(0, -1)
  expect(lines.map((line) => (JSON.parse(line) as AuditEvent).subtype?.[0]?.code)).toContain('break-glass')
  expect(await events('subtype=audit-export&agent=Practitioner/demo-gp&outcome=0')).toMatchObject([
    { agent: [{ who: { reference: 'Practitioner/demo-gp' }, role: expect.any(Array) }, {}] },
  ])
  expect((await ask(officer, 'Patient/audit-glass')).status).toBe(404)

  // An administrator looks into it, and does not take it out.
  await put('administrator')
  expect([(await found()).status, ...(await refusals()).slice(1)]).toEqual([200, forbidden])
  await put('administrator', false)
  expect(await refusals()).toEqual([forbidden, forbidden])
})

describe('each kind of record', () => {
  const REDIRECT = 'https://app.example.org/callback'
  const CONTEXT = { scope: 'openid fhirUser launch/patient patient/Observation.rs' }
  const AS_LINE = { account: 'demo-line' }
  let app: SmartApp
  let registered: Awaited<ReturnType<typeof registerClient>>

  const register = () =>
    registerClient(server.baseUrl, {
      ...{ client_name: 'Prøveapp', token_endpoint_auth_method: 'client_secret_basic', redirect_uris: [REDIRECT] },
      ...{ grant_types: ['authorization_code'], launch_uris: ['https://app.example.org/launch'] },
      scope: 'patient/*.rs',
    })
  const asAdministrator = async (path: string, scope: string, body: object, bearer?: string, method = 'POST') => {
    const response = await fetch(`${server.baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${bearer ?? (await adminToken(server.baseUrl, scope))}`,
        'content-type': 'application/json',
      },
      ...(method === 'DELETE' ? {} : { body: JSON.stringify(body) }),
    })
    expect(response.status).toBeLessThan(300)
    return (response.status === 204 ? {} : await response.json()) as { [name: string]: string }
  }
  /** Line at the pages of her own account, signed in. */
  const signedIn = async () => {
    const browser = new Browser()
    await app.launch(CONTEXT, AS_LINE, { browser })
    return browser
  }
  const account = (browser: Browser, page: string, form?: Record<string, string>) =>
    browser.open(`${server.baseUrl}/account/${page}`, server.baseUrl, form)
  const asked =
    (path: string, ...[body, method]: [object?, string?]) =>
    async () => {
      const { status } = await ask(service, path, body, method)
      expect(status).toBeLessThan(300)
    }
  const openingOf = (name: string, code: string) => ({
    resourceType: 'Parameters',
    parameter: [
      { name, valueCode: code },
      { name: 'reason', valueString: 'Ringer ikke tilbake, tung pust' },
    ],
  })

  /** What makes one come, with success. */
  const DRIVEN: Partial<Record<AuditCodeName, () => Promise<unknown>>> = {
    read: asked('Patient/demo-line'),
    vread: asked('Patient/demo-line/_history/1'),
    'search-type': asked('Observation?_count=1'),
    'search-system': asked('?_type=Patient&_count=1'),
    'search-compartment': asked('Patient/demo-line/Observation?_count=1'),
    'history-instance': asked('Patient/demo-line/_history'),
    'history-type': asked('Patient/_history?_count=1'),
    'history-system': asked('_history?_count=1'),
    create: asked('Observation', measurement(97)),
    update: async () => {
      for (const gender of ['female', 'male'])
        await asked('Patient/kinds', { resourceType: 'Patient', id: 'kinds', gender }, 'PUT')()
    },
    operation: asked('Patient/demo-line/$everything?_count=1'),
    received: asked('AuditEvent', {
      ...{ resourceType: 'AuditEvent', recorded: new Date().toISOString(), action: 'E', outcome: '0' },
      type: { system: 'http://terminology.hl7.org/CodeSystem/audit-event-type', code: 'rest' },
      subtype: [{ system: 'urn:another', code: 'received' }],
      ...{ agent: [{ requestor: true, who: { display: 'EPJ' } }], source: { observer: { display: 'EPJ' } } },
    }),
    export: async () => {
      const response = await fetch(`${server.fhir}/Patient/$export?_type=Goal`, {
        headers: { authorization: `Bearer ${service}`, accept: 'application/fhir+json', prefer: 'respond-async' },
      })
      expect(response.status).toBe(202)
    },
    'subscription-notice': async () => {
      const subscriber = await startSubscriber()
      try {
        const filters = ['Task?identifier=urn:kinds|']
        const hook = subscription('task-changes', { filters, endpoint: subscriber.at('/kinds') })
        const { body } = await ask<{ id: string; resourceType: 'Subscription'; status: string }>(
          service,
          'Subscription',
          hook,
        )
        await subscriber.until('/kinds', (all) => all.length > 0)
        await eventually(
          async () => (await ask<{ status: string }>(service, `Subscription/${body.id}`)).body.status,
          (status) => status === 'active',
        )
        const task = { resourceType: 'Task', status: 'requested', intent: 'order' }
        await asked('Task', { ...task, identifier: [{ system: 'urn:kinds', value: '1' }] })()
        await subscriber.until('/kinds', (all) => all.length > 1)
        await asked(`Subscription/${body.id}`, undefined, 'DELETE')()
      } finally {
        await subscriber.stop()
      }
    },
    'audit-export': async () => {
      const response = await fetch(`${server.fhir}/AuditEvent/$export-audit?patient=kinds`, {
        headers: { authorization: `Bearer ${service}` },
      })
      expect([response.status, (await response.text()).length > 0]).toEqual([200, true])
    },
    'break-glass': async () => {
      await asked('Patient/kinds-glass', { resourceType: 'Patient', id: 'kinds-glass' }, 'PUT')()
      expect((await ask(nurse, 'Patient/kinds-glass/$break-glass', openingOf('purpose', 'ETREAT'))).status).toBe(201)
    },
    'open-restricted': async () => {
      const closing = { type: 'deny', class: classesOf('Goal'), actor: forNurse } as const
      await asked('Consent/kinds', { ...privacyConsent('Patient/demo-line', closing), id: 'kinds' }, 'PUT')()
      expect((await ask(nurse, 'Patient/demo-line/$open-restricted', openingOf('basis', 'consent'))).status).toBe(201)
      await asked('Consent/kinds', undefined, 'DELETE')()
    },
    delete: asked('Patient/kinds', undefined, 'DELETE'),
    login: signedInAnew,
    logout: async () => {
      const { url } = await account(await signedIn(), 'logout', {})
      expect(url.pathname).toBe('/')
    },
    launch: async () => {
      const asked = { client_id: app.clientId, patient: 'demo-line' }
      const { launch = '' } = await asAdministrator('/auth/launch', 'fylgje/launch.create', asked)
      const tokens = await app.launch({ scope: 'launch patient/Observation.rs', launch }, { account: 'demo-nurse' })
      expect(tokens.patient).toBe('demo-line')
    },
    'token-issued': () => server.token(),
    'token-revoked': async () => {
      const { access_token: token } = await app.launch(CONTEXT, AS_LINE)
      expect((await app.post('/auth/revoke', { token })).status).toBe(200)
      expect((await app.fhir({ access_token: token } as never, 'Observation')).status).toBe(401)
    },
    'app-allowed': signedInAnew,
    'app-withdrawn': async () => {
      const browser = await signedIn()
      const html = await (await account(browser, 'apps')).response.text()
      const grant = /name="grant" value="([^"]+)"/.exec(html)?.[1] ?? ''
      await account(browser, 'apps/revoke', { grant })
    },
    'client-registered': async () => {
      registered = await register()
    },
    'client-changed': async () => {
      const { client_id, registration_access_token: bearer } = registered
      const found = await events(`entity=Client/${client_id}`)
      expect(found.map(({ subtype }) => subtype?.[0]?.code)).toEqual(['client-registered'])
      await asAdministrator(`/auth/register/${client_id}/secret`, '', {}, bearer)
    },
    'client-removed': async () => {
      const { client_id, registration_access_token: bearer } = registered
      await asAdministrator(`/auth/register/${client_id}`, '', {}, bearer, 'DELETE')
    },
    'log-read': async () => {
      const { response } = await account(await signedIn(), 'log')
      expect(await response.text()).toContain('Kari Nordlys')
    },
    // The last: who is signed in stays so, and what is signed from now on is signed by another.
    'keys-rotated': () => asAdministrator('/auth/keys', 'fylgje/key.rotate', { withdraw: false }),
  }
  /** What makes one come that says of something that it did not happen. */
  const REFUSED: Partial<Record<AuditCodeName, () => Promise<unknown>>> = {
    unknown: () => ask(service, 'Patient/demo-line/$no-such-operation'),
    // What they do is told as what it is: a patch as an update, a Bundle by its entries.
    patch: () => ask(service, 'Patient/nobody-here', [{ op: 'add', path: '/gender', value: 'female' }], 'PATCH'),
    transaction: () => ask(service, '', { resourceType: 'Bundle', type: 'collection' }),
    'token-refused': () => ask('no-such-token', 'Patient'),
    'app-refused': async () => {
      const scope = 'launch/patient patient/Goal.rs'
      const { url } = await app.authorize({ scope }, { ...AS_LINE, untick: ['Goal'] })
      expect(url.searchParams.get('error')).toBe('access_denied')
    },
  }
  /** What needs other settings, a service of others' or weeks: the test that sees it come. */
  const ELSEWHERE: Partial<Record<AuditCodeName, string>> = {
    sent: 'server/senders/sender.test.ts',
    throttled: 'server/journeys/sign-in-is-locked.test.ts',
    'locked-out': 'server/journeys/sign-in-is-locked.test.ts',
    seal: 'server/journeys/audit.test.ts',
    retention: 'server/audit/audit.test.ts',
  }
  async function signedInAnew() {
    await signedIn()
  }

  beforeAll(async () => {
    app = new SmartApp(server, { ...(await register()), redirect_uri: REDIRECT })
  })

  test('is seen to come by one test: here, or in the one that is named', () => {
    const seen = [DRIVEN, REFUSED, ELSEWHERE].flatMap((them) => Object.keys(them))
    expect(seen.sort()).toEqual(Object.keys(AUDIT_CODES).sort())
    for (const [code, file] of Object.entries(ELSEWHERE))
      expect(`${file}: ${readFileSync(join(ROOT, file), 'utf8')}`).toMatch(
        new RegExp(`(code: |code=|subtype=)'?${code}\\b`),
      )
  })

  const newest = async (code: AuditCodeName, outcome: string) =>
    (await events(`subtype=${AUDIT_CODES[code].subtype.code}&${outcome}&_count=1`))[0]
  const table = (them: Partial<Record<AuditCodeName, () => Promise<unknown>>>, outcome: string) =>
    Object.entries(them).map(([code, drive]) => ({ code: code as AuditCodeName, outcome, drive }))
  test.each([...table(DRIVEN, 'outcome=0'), ...table(REFUSED, 'outcome:not=0')])(
    '$code, with $outcome',
    async ({ code, outcome, drive }) => {
      const before = await newest(code, outcome)
      await drive()
      const event = await eventually(
        () => newest(code, outcome),
        (seen) => seen?.id !== before?.id,
      )
      if (code !== 'received') expect(event).toMatchObject({ action: AUDIT_CODES[code].action })
      expect(event?.agent.length).toBeGreaterThan(0)
    },
  )
})

test.each([
  ['entity.type=1', 'not-supported'],
  ['_sort=agent', 'not-supported'],
  ['date=yesterday', 'value'],
  ['_cursor=x', 'value'],
])('what the audit cannot be asked is refused: %s', async (query, code) => {
  const { status, body } = await ask<OperationOutcome>(service, `AuditEvent?${query}&_count=1`)
  expect([status, body.issue[0]?.code]).toEqual([400, code])
})

test('pages follow each other without gaps, whatever is written meanwhile', async () => {
  const whole = (await events('agent=Client/demo-service&_count=200&date=lt2100')).map(({ id }) => id)
  const ids: (string | undefined)[] = []
  let path: string | undefined = `AuditEvent?agent=Client/demo-service&_count=7&date=lt2100`
  while (path && ids.length < 30) {
    const { body }: { body: Bundle<AuditEvent> } = await ask<Bundle<AuditEvent>>(service, path)
    ids.push(...(body.entry ?? []).map(({ resource }) => resource?.id))
    path = body.link?.find(({ relation }) => relation === 'next')?.url?.slice(server.fhir.length + 1)
  }
  // The first is the search for the whole, which could not yet be in it.
  expect(ids.slice(1, 28)).toEqual(whole.slice(0, 27))
})

describe('of what has been told so far', () => {
  test('every kind of AuditEvent is valid R4', async () => {
    const kinds = new Map((await events('_count=1000')).map((event) => [JSON.stringify(event.subtype), event]))
    expect(kinds.size).toBeGreaterThan(30)
    for (const event of kinds.values()) {
      const { body } = await ask<OperationOutcome>(service, 'AuditEvent/$validate', event)
      expect(body.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([])
    }
  })
})

describe('after kill -9', () => {
  const verify = () =>
    promisify(execFile)(join(ROOT, 'node_modules/.bin/node'), ['--no-warnings', 'scripts/audit/verify.ts', '--json'], {
      cwd: ROOT,
      env: { ...process.env, DATA_DIR: server.dataDir, DATABASE_URL: '', LOG_LEVEL: '' },
    }).then(
      ({ stdout }) => ({ code: 0, findings: JSON.parse(stdout).findings }),
      (error: { code: number; stdout: string }) => ({ code: error.code, findings: JSON.parse(error.stdout).findings }),
    )

  test('everything that was answered is in the audit, and the audit is whole; what is changed then is found', async () => {
    const answered: string[] = []
    const reading = Array.from({ length: 8 }, async () => {
      for (;;) answered.push((await ask(service, 'Patient/demo-line')).requestId)
    }).map((one) => one.catch(() => {}))
    while (answered.length < 100) await sleep(5)
    const lastSeal = async () => (await events('subtype=seal&_count=1'))[0]?.id
    const sealedBefore = await lastSeal()
    await server.kill9()
    await Promise.all(reading)
    const { dataDir } = server
    server = await startServer({ dataDir })
    // What the one that was killed could not seal.
    expect(await lastSeal()).not.toBe(sealedBefore)
    const databaseUrl = (await runningDatabaseUrl(dataDir, DATABASE)) ?? ''
    const pool = openPool(databaseUrl, 1, 'audit-journey')
    try {
      const { rows } = await pool.query<{ lines: string }>('SELECT lines FROM audit_block')
      const told = rows.map(({ lines }) => lines).join()
      expect(answered.filter((requestId) => !told.includes(requestId))).toEqual([])
      expect(await verify()).toEqual({ code: 0, findings: [] })
      await pool.query(`SET session_replication_role = replica;
        UPDATE audit_block SET lines = replace(lines, 'Practitioner/demo-nurse', 'Practitioner/somebody')`)
      const { code, findings } = await verify()
      expect(code).toBe(1)
      expect(findings[0].kind).toBe('changed')
    } finally {
      await pool.end()
    }
  })
})
