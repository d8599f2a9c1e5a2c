import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { AuditEvent, Bundle, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes'
import { runningDatabaseUrl } from '../db/embedded/running.ts'
import { DATABASE } from '../db/embedded.ts'
import { openPool } from '../db/pool.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

const ROOT = join(import.meta.dirname, '../..')
const FINDING = 'http://fylgje.no/fhir/PlanDefinition/copd|'

let server: RunningServer
let service: string
let nurse: string
let line: string

beforeAll(async () => {
  server = await startServer()
  ;[service, nurse, line] = await Promise.all([server.token(), session('nurse'), session('patient')])
})
afterAll(() => server.dispose())

async function session(user: 'nurse' | 'patient'): Promise<string> {
  const response = await fetch(`${server.baseUrl}/demo/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.baseUrl },
    body: JSON.stringify({ user }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

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

test('every kind of AuditEvent is valid R4', async () => {
  const kinds = new Map((await events('_count=1000')).map((event) => [JSON.stringify(event.subtype), event]))
  expect(kinds.size).toBeGreaterThan(6)
  for (const event of kinds.values()) {
    const { body } = await ask<OperationOutcome>(service, 'AuditEvent/$validate', event)
    expect(body.issue.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([])
  }
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
    await server.kill9()
    await Promise.all(reading)
    const { dataDir } = server
    server = await startServer({ dataDir })
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
