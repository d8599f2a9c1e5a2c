import { setTimeout as sleep } from 'node:timers/promises'
import request from 'supertest'
import { demoSession } from './harness/demo-session.ts'
import { forNurse, privacyConsent } from './harness/privacy-consent.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
let service: string
let nurse: string
let line: string

type Body = { [element: string]: unknown }
const send = (method: 'get' | 'put' | 'post' | 'delete', path: string, token: string, body?: object) =>
  request(server.baseUrl)
    [method](`/fhir/${path}`)
    .set('Authorization', `Bearer ${token}`)
    .type('application/fhir+json')
    .send(body)
const put = async (resource: { resourceType: string; id: string; [element: string]: unknown }) => {
  const { status, body } = await send('put', `${resource.resourceType}/${resource.id}`, service, resource)
  if (status >= 300) throw new Error(`${status} ${JSON.stringify(body)}`)
}
const told = ({ status, body }: { status: number; body: Body }) => {
  const [issue] = (body.issue ?? []) as { code: string; expression?: string[] }[]
  return [status, issue?.code, ...(issue?.expression ?? [])]
}
type Entry = { resource: { resourceType: string; id: string; issue?: { code: string }[] }; search: { mode: string } }
const found = ({ body }: { body: Body }): string[] =>
  ((body.entry ?? []) as Entry[])
    .filter(({ search }) => search.mode === 'match')
    .map(({ resource: { resourceType, id } }) => `${resourceType}/${id}`)
    .sort()
const isToldOfClosed = ({ body }: { body: Body }): boolean =>
  ((body.entry ?? []) as Entry[]).some(({ resource }) => resource.issue?.some(({ code }) => code === 'suppressed'))
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter })

const REASON = { name: 'reason', valueString: 'Tung pust, får ikke svar på telefonen' }
const patient = (id: string) => ({ resourceType: 'Patient', id, name: [{ family: id }] })
const team = (id: string, more: object = {}) => ({
  ...{ resourceType: 'CareTeam', id, status: 'active', subject: { reference: `Patient/${id}` } },
  participant: [{ member: { reference: 'Practitioner/demo-nurse' } }],
  ...more,
})
const observation = (id: string, code: string, subject = id.split('-')[0]) => ({
  ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: `Patient/${subject}` } },
  code: { coding: [{ system: 'http://loinc.org', code }] },
  effectiveDateTime: '2026-11-01T08:00:00Z',
})
const consent = (id: string, provision: object, more: object = {}) => ({
  ...privacyConsent(`Patient/${id.split('-')[0]}`, provision),
  id,
  ...more,
})

beforeAll(async () => {
  server = await startServer()
  service = await server.token()
  nurse = await demoSession(server, 'nurse')
  line = await demoSession(server, 'patient')
})
afterAll(() => server.dispose())

test('a nurse sees those whom she follows and nobody else, in lists, totals and by id', async () => {
  const seen = await send('get', 'Patient?_count=100', nurse)
  expect(found(seen)).toContain('Patient/demo-line')
  expect(found(seen)).not.toContain('Patient/demo-ukjent-myrull')
  const all = await send('get', 'Patient?_summary=count', service)
  expect((await send('get', 'Patient?_summary=count', nurse)).body.total).toBe(Number(all.body.total) - 2)
  expect(told(await send('get', 'Patient/demo-ukjent-myrull', nurse))).toEqual([404, 'not-found'])
  const own = observation('own', '8867-4', 'demo-ukjent-myrull')
  expect(told(await send('put', 'Observation/own', nurse, own))).toEqual([403, 'forbidden'])
})

test('nobody comes to a patient by writing that they care for them', async () => {
  expect(
    told(
      await send('put', 'CareTeam/self', nurse, team('self', { subject: { reference: 'Patient/demo-ukjent-einer' } })),
    ),
  ).toEqual([403, 'forbidden'])
  const bundle = {
    ...{ resourceType: 'Bundle', type: 'transaction' },
    entry: ['one', 'two'].map((id) => ({
      resource: team(id, { subject: { reference: 'Patient/demo-ukjent-einer' } }),
      request: { method: 'PUT', url: `CareTeam/${id}` },
    })),
  }
  expect(told(await send('post', '', nurse, bundle))[0]).toBe(403)
  const role = {
    resourceType: 'PractitionerRole',
    id: 'demo-nurse-role',
    practitioner: { reference: 'Practitioner/demo-nurse' },
  }
  expect(told(await send('put', 'PractitionerRole/demo-nurse-role', nurse, role))[0]).toBe(403)
})

test('a relation counts from when it is written, and not a moment after it has ended', async () => {
  await put(patient('ended'))
  expect((await send('get', 'Patient/ended', nurse)).status).toBe(404)
  await put(team('ended'))
  expect((await send('get', 'Patient/ended', nurse)).status).toBe(200)
  await put(team('ended', { period: { end: '2020-01-01' } }))
  expect((await send('get', 'Patient/ended', nurse)).status).toBe(404)
  // Who is in a team is remembered by other processes for two seconds at most.
  await put(team('ended', { participant: [{ member: { reference: 'Organization/demo-responssenter' } }] }))
  expect((await send('get', 'Patient/ended', nurse)).status).toBe(200)
})

test('whoever is made inactive sees nothing from then on, whatever roles and teams still name them', async () => {
  await put(patient('left'))
  await put(team('left'))
  const { body: practitioner } = await send('get', 'Practitioner/demo-nurse', service)
  expect((await send('get', 'Patient/left', nurse)).status).toBe(200)
  await put({ ...practitioner, active: false })
  expect(told(await send('get', 'Patient/left', nurse))).toEqual([403, 'forbidden'])
  expect(told(await send('get', 'Patient', nurse))).toEqual([403, 'forbidden'])
  await put({ ...practitioner, active: true })
  expect((await send('get', 'Patient/left', nurse)).status).toBe(200)
})

test('break-glass: one patient, a short time, a reason; the patient is told, an administrator takes it back', async () => {
  const open = (...given: object[]) =>
    send('post', 'Patient/demo-ukjent-einer/$break-glass', nurse, parameters(...given))
  const purpose = { name: 'purpose', valueCode: 'ETREAT' }
  expect(told(await open(purpose))).toEqual([400, 'required', 'reason'])
  expect(told(await open(REASON))).toEqual([400, 'required', 'purpose'])
  expect(told(await open({ ...purpose, valueCode: 'CURIOUS' }, REASON))).toEqual([400, 'value', 'purpose'])
  expect(told(await open(purpose, REASON, { name: 'minutes', valueInteger: 600 }))).toEqual([400, 'value', 'minutes'])
  expect(told(await send('post', 'Patient/demo-line/$break-glass', nurse, parameters(purpose, REASON)))).toEqual([
    422,
    'business-rule',
  ])
  expect(told(await send('post', 'Patient/nobody/$break-glass', nurse, parameters(purpose, REASON)))).toEqual([
    404,
    'not-found',
  ])
  expect(told(await send('post', 'Patient/demo-line/$break-glass', line, parameters(purpose, REASON)))).toEqual([
    403,
    'forbidden',
  ])
  expect(told(await send('post', 'Patient/demo-line/$break-glass', service, parameters(purpose, REASON)))).toEqual([
    403,
    'forbidden',
  ])

  const { status, body: task } = await open(purpose, REASON, { name: 'minutes', valueInteger: 15 })
  expect([status, task.requester.reference, task.reasonCode.text]).toEqual([
    201,
    'Practitioner/demo-nurse',
    REASON.valueString,
  ])
  expect((await send('get', 'Patient/demo-ukjent-einer', nurse)).status).toBe(200)
  expect((await send('get', 'Patient/demo-ukjent-myrull', nurse)).status).toBe(404)
  const { body: news } = await send('get', 'Communication?recipient=Patient/demo-ukjent-einer', service)
  expect(news.total ?? news.entry.length).toBe(1)
  expect(JSON.stringify(news)).not.toContain('Tung pust')

  // She reviews nothing herself, and nobody makes such a Task by hand.
  const longer = { ...task, restriction: { period: { end: '2099-01-01' } } }
  for (const own of [longer, { ...task, status: 'completed' }, { ...task, status: 'cancelled' }])
    expect(told(await send('put', `Task/${task.id}`, nurse, own))).toEqual([403, 'forbidden', 'Task.requester'])
  expect(told(await send('put', `Task/${task.id}`, service, longer))).toEqual([
    422,
    'business-rule',
    'Task.restriction',
  ])
  const { id: _id, ...forged } = { ...task, for: { reference: 'Patient/demo-ukjent-myrull' } }
  expect(told(await send('post', 'Task', service, forged))).toEqual([422, 'business-rule', 'Task.code'])
  await send('put', `Task/${task.id}`, service, { ...task, status: 'cancelled' }).expect(200)
  expect((await send('get', 'Patient/demo-ukjent-einer', nurse)).status).toBe(404)
})

test('an opening has a reviewer, whatever is known of who opened it, who completes the review and sees no more than that', async () => {
  const keptBy = { managingOrganization: { reference: 'Organization/demo-granli' } }
  await put({ ...patient('kept'), ...keptBy })
  await put(patient('unkept'))
  await put(observation('kept-pulse', '8867-4'))
  const given = parameters({ name: 'purpose', valueCode: 'BTG' }, REASON)
  const open = async (id: string) => (await send('post', `Patient/${id}/$break-glass`, nurse, given).expect(201)).body
  const asked = ({ owner, performerType }: { owner?: { reference: string }; performerType: object[] }) => [
    owner?.reference,
    performerType,
  ]
  const role = 'http://fylgje.no/fhir/CodeSystem/access-role'
  const administrator = [{ coding: [{ system: role, code: 'administrator' }] }]

  const { body: atWork } = await send('get', 'PractitionerRole/demo-nurse-role', service)
  const { organization, ...nowhere } = atWork
  await put(nowhere)
  const task = await open('kept')
  expect(asked(task)).toEqual(['Organization/demo-granli', administrator])
  expect(asked(await open('unkept'))).toEqual([undefined, administrator])
  await put(atWork)
  await put(patient('glass'))
  expect(asked(await open('glass'))).toEqual([organization.reference, administrator])

  // Who has nothing to do with the patient finds it as an administrator alone.
  const reviewer = await demoSession(server, 'gp')
  const queue = `Task?code=http://fylgje.no/fhir/CodeSystem/access-opening|&performer=${role}|administrator&patient=kept`
  const completed = { ...task, status: 'completed', note: [{ text: 'Gjennomgått med avdelingen: i orden.' }] }
  expect(found(await send('get', queue, reviewer))).toEqual([])
  expect(told(await send('put', `Task/${task.id}`, reviewer, completed))[0]).toBe(403)
  const practitioner = { reference: 'Practitioner/demo-gp' }
  await put({ resourceType: 'PractitionerRole', id: 'gp-reviews', active: true, practitioner, code: administrator })
  expect(found(await send('get', queue, reviewer))).toEqual([`Task/${task.id}`])
  await send('put', `Task/${task.id}`, reviewer, completed).expect(200)
  const { body: reviewed } = await send('get', `Task/${task.id}`, reviewer).expect(200)
  expect([reviewed.status, reviewed.note[0].text, reviewed.reasonCode.text]).toEqual([
    'completed',
    completed.note[0]?.text,
    REASON.valueString,
  ])
  // A review that finds nothing wrong takes nothing back: what was opened stays open for its time.
  expect((await send('get', 'Observation/kept-pulse', nurse)).status).toBe(200)
  expect(told(await send('get', 'Observation/kept-pulse', reviewer))).toEqual([404, 'not-found'])
  await put({ resourceType: 'PractitionerRole', id: 'gp-reviews', active: false, practitioner, code: administrator })
  expect((await send('get', `Task/${task.id}`, reviewer)).status).toBe(404)
})

test('sperring: she is told that something is closed and not what, opens it with a reason, for a time', async () => {
  await put(patient('closed'))
  await put(team('closed'))
  await put(observation('closed-hiv', '7917-8'))
  await put(observation('closed-pulse', '8867-4'))
  const all = ['Observation/closed-hiv', 'Observation/closed-pulse']
  const search = (criteria = '') => send('get', `Observation?patient=Patient/closed${criteria}`, nurse)
  expect(found(await search())).toEqual(all)
  expect(
    told(
      await send(
        'post',
        'Patient/closed/$open-restricted',
        nurse,
        parameters({ name: 'basis', valueCode: 'consent' }, REASON),
      ),
    ),
  ).toEqual([422, 'business-rule'])

  const hiv = { code: [{ coding: [{ system: 'http://loinc.org', code: '7917-8' }] }] }
  await put(consent('closed-deny', { type: 'deny', actor: forNurse, ...hiv }))
  expect(found(await search())).toEqual(['Observation/closed-pulse'])
  expect(isToldOfClosed(await search())).toBe(true)
  // The same, whatever was asked for: which code it is must not be found out by asking.
  expect(isToldOfClosed(await search('&code=8867-4'))).toBe(true)
  expect((await search('&_summary=count')).body.total).toBe(1)
  expect(told(await send('get', 'Observation/closed-hiv', nurse))[0]).toBe(404)
  expect(told(await send('get', 'Observation/closed-hiv/_history', nurse))[0]).toBe(404)
  expect(told(await send('get', 'Consent/closed-deny', nurse))[0]).toBe(404)
  const everything = await send('get', 'Patient/closed/$everything', nurse)
  expect([found(everything).includes('Observation/closed-hiv'), isToldOfClosed(everything)]).toEqual([false, true])
  // Nothing of it reaches those who have nothing to do with the patient, or the system that stored it.
  expect(isToldOfClosed(await send('get', 'Observation?patient=Patient/closed', service))).toBe(false)

  const open = (...given: object[]) => send('post', 'Patient/closed/$open-restricted', nurse, parameters(...given))
  expect(told(await open({ name: 'basis', valueCode: 'curiosity' }, REASON))).toEqual([400, 'value', 'basis'])
  expect(told(await open({ name: 'basis', valueCode: 'emergency' }, { name: 'reason', valueString: 'hm' }))).toEqual([
    400,
    'value',
    'reason',
  ])
  const { body: task } = await open({ name: 'basis', valueCode: 'emergency' }, REASON).expect(201)
  expect(found(await search())).toEqual(all)
  expect(isToldOfClosed(await search())).toBe(false)
  await send('put', `Task/${task.id}`, service, { ...task, status: 'rejected' }).expect(200)
  expect(found(await search())).toEqual(['Observation/closed-pulse'])

  // A withdrawn Consent is withdrawn at once.
  await put(consent('closed-deny', { type: 'deny', actor: forNurse, ...hiv }, { status: 'inactive' }))
  expect(found(await search())).toEqual(all)
})

test('an exception opens what its own rule closes, and nothing of another: she is told, and may open it', async () => {
  await put(patient('ruled'))
  await put(team('ruled'))
  await put(observation('ruled-hiv', '7917-8'))
  await put(observation('ruled-pulse', '8867-4'))
  const search = () => send('get', 'Observation?patient=Patient/ruled', nurse)
  const butForHer = { type: 'permit', actor: forNurse }
  await put(consent('ruled-x', { type: 'deny', provision: [butForHer] }))
  expect(found(await search())).toHaveLength(2)
  expect(isToldOfClosed(await search())).toBe(false)
  const hiv = { type: 'deny', actor: forNurse, code: [{ coding: [{ system: 'http://loinc.org', code: '7917-8' }] }] }
  await put(consent('ruled-x', { type: 'deny', provision: [butForHer, hiv] }))
  expect(found(await search())).toEqual(['Observation/ruled-pulse'])
  expect(isToldOfClosed(await search())).toBe(true)
  const opening = parameters({ name: 'basis', valueCode: 'emergency' }, REASON)
  await send('post', 'Patient/ruled/$open-restricted', nurse, opening).expect(201)
  expect(found(await search())).toHaveLength(2)
})

test('a Consent that closes what could not be kept closed is refused with its element', async () => {
  await put(patient('strict'))
  const refused = async (provision: object, more: object = {}) =>
    told(await send('put', 'Consent/strict-x', service, consent('strict-x', provision, more)))
  expect(
    await refused({ type: 'deny', actor: [{ role: { text: 'x' }, reference: { reference: 'Device/x' } }] }),
  ).toEqual([422, 'value', 'Consent.provision.actor[0].reference'])
  expect(await refused({ type: 'deny', class: [{ system: 'urn:x', code: 'Observation' }] })).toEqual([
    422,
    'value',
    'Consent.provision.class[0]',
  ])
  const related = [{ meaning: 'related', reference: { reference: 'Observation/strict-pulse' } }]
  expect(await refused({ provision: [{ type: 'deny', data: related }] })).toEqual([
    422,
    'not-supported',
    'Consent.provision.provision[0].data[0]',
  ])
  expect(await refused({ type: 'deny' }, { patient: { display: 'hun' } })).toEqual([422, 'required', 'Consent.patient'])
  // A draft decides nothing, so it may say what it likes.
  expect((await refused({ type: 'deny', data: related }, { status: 'draft' }))[0]).toBe(201)
})

test('a Consent that decides less than it says is stored, and whoever writes it is told', async () => {
  await put(patient('half'))
  const { body } = await send('put', 'Consent/half-x', service, consent('half-x', { type: 'permit' })).set(
    'prefer',
    'return=OperationOutcome',
  )
  expect(body.issue).toContainEqual(
    expect.objectContaining({
      ...{ severity: 'warning', code: 'business-rule', expression: ['Consent.provision.actor'] },
    }),
  )
})

test('what is released later is kept from the patient, and from nobody who treats her', async () => {
  const laterThan = (releaseAt: Date) => ({
    security: [
      {
        ...{ system: 'urn:oid:2.16.578.1.12.4.1.1.9603', code: '2' },
        extension: [
          { url: 'http://fylgje.no/fhir/StructureDefinition/release-at', valueDateTime: releaseAt.toISOString() },
        ],
      },
    ],
  })
  const delayed = (releaseAt: Date) => ({
    ...observation('demo-line-delayed', '7917-8', 'demo-line'),
    meta: laterThan(releaseAt),
  })
  const read = (token: string) => send('get', 'Observation/demo-line-delayed', token)
  await put(delayed(new Date(Date.now() + 3_600_000)))
  expect([(await read(nurse)).status, (await read(line)).status]).toEqual([200, 404])
  expect((await send('get', 'Observation?code=7917-8&_summary=count', line)).body.total).toBe(0)
  await put(delayed(new Date(Date.now() + 1_500)))
  expect((await read(line)).status).toBe(404)
  await sleep(1_600)
  expect((await read(line)).status).toBe(200)

  // Of a type without one patient of its own too.
  const appointment = (more: object) => ({
    ...{ resourceType: 'Appointment', id: 'demo-line-result', status: 'proposed' },
    participant: [{ actor: { reference: 'Patient/demo-line' }, status: 'accepted' }],
    ...more,
  })
  const statusOf = async (token: string) => (await send('get', 'Appointment/demo-line-result', token)).status
  await put(appointment({}))
  expect([await statusOf(nurse), await statusOf(line)]).toEqual([200, 200])
  await put(appointment({ meta: laterThan(new Date(Date.now() + 3_600_000)) }))
  expect([await statusOf(nurse), await statusOf(line)]).toEqual([200, 404])
})

type Told = {
  name: string
  valueCode?: string
  valueString?: string
  valueReference?: { reference: string }
  part?: { valueCode?: string }[]
}
/** What stands in the way of somebody, or lets them, as an administrator is told it. */
async function explain(what: string, { token = service, who = 'Practitioner/demo-nurse', more = '' } = {}) {
  const { status, body } = await send('get', `$explain-access?who=${who}&what=${what}${more}`, token)
  const values = (name: string) =>
    ((body.parameter ?? []) as Told[])
      .filter((one) => one.name === name)
      .map(
        ({ valueCode, valueString, valueReference, part }) =>
          valueCode ?? valueString ?? valueReference?.reference ?? part?.[0]?.valueCode,
      )
  return {
    status,
    decision: values('decision'),
    because: values('because'),
    relation: values('relation'),
    role: values('role'),
    closedBy: values('closedBy'),
  }
}

test('an administrator is told why: rules, relations and what stands against it', async () => {
  expect(await explain('CarePlan/demo-line-kols')).toMatchObject({
    decision: ['permit'],
    relation: ['care-plan'],
    role: expect.arrayContaining(['nurse', 'responder', 'plan-author']),
  })
  expect(await explain('Patient/demo-ukjent-myrull')).toMatchObject({
    decision: ['deny'],
    because: [expect.stringContaining('no relation')],
  })
  expect(await explain('Observation/nothing')).toMatchObject({
    decision: ['deny'],
    because: ['There is no such resource now.'],
  })
  expect(await explain('AuditEvent/x')).toMatchObject({ decision: ['deny'] })
  expect((await explain('Patient/demo-line', { token: nurse })).status).toBe(403)
  expect((await send('get', '$access-policy', nurse)).status).toBe(403)
  expect(told(await send('get', '$explain-access?who=nobody&what=Patient/demo-line', service))).toEqual([
    400,
    'value',
    'who',
  ])
})

test('an administrator is told which of them it is: what is closed, a label, a later release, a scope', async () => {
  await put(patient('why'))
  await put(team('why'))
  await put(observation('why-pulse', '8867-4'))
  await put(observation('why-hiv', '7917-8'))
  const labelled = (system: string, code: string, more: object = {}) => ({
    meta: { security: [{ system, code, ...more }] },
  })
  const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
  await put({ ...observation('why-label', '8867-4'), ...labelled(confidentiality, 'V') })
  const hiv = { code: [{ coding: [{ system: 'http://loinc.org', code: '7917-8' }] }] }
  await put(consent('why-deny', { type: 'deny', actor: forNurse, ...hiv }))
  const denied = (because: string) => ({ decision: ['deny'], because: [expect.stringContaining(because)] })

  expect(await explain('Observation/why-pulse')).toMatchObject({ decision: ['permit'], relation: ['care-team'] })
  expect(await explain('Observation/why-hiv')).toMatchObject({
    // That she has, and nothing of what or why.
    ...{ decision: ['deny'], because: ['The patient has closed it to the person (sperring).'] },
    ...{ relation: ['care-team'], closedBy: ['Consent/why-deny'] },
  })
  expect(await explain('Observation/why-label')).toMatchObject(denied(`a label that the roles do not see`))
  expect((await explain('Observation/why-label')).because.join()).toContain(`${confidentiality}|V`)

  const url = 'http://fylgje.no/fhir/StructureDefinition/release-at'
  const later = { extension: [{ url, valueDateTime: new Date(Date.now() + 3_600_000).toISOString() }] }
  const delay = labelled('urn:oid:2.16.578.1.12.4.1.1.9603', '2', later)
  await put({ ...observation('demo-line-later', '7917-8', 'demo-line'), ...delay })
  const who = 'Patient/demo-line'
  expect(await explain('Observation/demo-line-later', { who })).toMatchObject({
    ...{ decision: ['deny'], closedBy: [] },
    because: [expect.stringMatching(/^Its release to the patient and the family is delayed by a label/)],
  })
  expect((await explain('Observation/demo-line-later')).decision).toEqual(['permit'])

  const scoped = (scope: string, more = '') =>
    explain('Observation/why-pulse', { more: `&scope=${encodeURIComponent(scope)}${more}` })
  const byScope = denied('The scopes of the access do not allow it')
  expect(await scoped('user/Patient.rs')).toMatchObject(byScope)
  expect(await scoped('user/Observation.rs', '&interaction=update')).toMatchObject(byScope)
  expect(await scoped('user/Observation.rs')).toMatchObject({ decision: ['permit'] })
  const laboratory = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
  expect(await scoped(`user/Observation.rs?category=${laboratory}`)).toMatchObject(
    denied(`It does not match category=${laboratory}`),
  )
  expect(await scoped('patient/Observation.rs', '&patient=Patient/demo-line')).toMatchObject(
    denied('patient context of the scope'),
  )
})

describe('the policy that decides', () => {
  type Parameter = { name: string; part?: Parameter[]; [value: string]: unknown }
  type Told = { parameter: Parameter[] }
  const read = async (query = '') => (await send('get', `$access-policy${query}`, service).expect(200)).body as Told
  const valueIn = ({ name: _name, part: _part, ...rest }: Parameter) => Object.values(rest)[0]
  const valuesOf = ({ parameter }: Told, name: string) => parameter.filter((one) => one.name === name).map(valueIn)
  /** Each of these parameters, as its parts' names with their values. */
  const partsOf = ({ parameter }: Told, name: string) =>
    parameter
      .filter((one) => one.name === name)
      .map(({ part = [] }) => part.map((one) => `${one.name}=${String(valueIn(one))}`))

  test('is told whole: acts, what is seen despite a sperring, the types of a group, ages, how long an opening lasts', async () => {
    const told = await read()
    expect(partsOf(told, 'act')).toContainEqual(['act=break-glass', 'role=nurse', 'role=doctor', 'role=responder'])
    expect(partsOf(told, 'act')).toContainEqual(['act=export-audit', 'role=privacy-officer'])
    expect(partsOf(told, 'act')).toContainEqual(['act=explain-access', 'role=administrator', 'role=privacy-officer'])
    const despite = partsOf(told, 'rule').filter((rule) => rule.includes('despiteRestrictions=true'))
    expect(despite).toEqual([expect.arrayContaining(['id=admin-reviews', 'role=administrator', 'type=Task'])])
    const groups = new Map(partsOf(told, 'group').map(([name, ...types]) => [name, types]))
    expect(groups.get('name=record')).toEqual(expect.arrayContaining(['type=Observation', 'type=Patient']))
    expect(groups.get('name=record')).not.toContain('type=Practitioner')
    expect(groups.get('name=shared')).toContain('type=Questionnaire')
    expect(partsOf(told, 'family')).toEqual([['youthAge=12', 'ofHealthAge=16']])
    expect(partsOf(told, 'openings')).toEqual([['minutesDefault=60', 'minutesMax=240', 'reasonCharsMin=10']])
    expect(partsOf(told, 'rule').flat()).toContain(
      'text=Who is nurse may read and search record: of patients whose record they have opened in an emergency.',
    )
    expect(valuesOf(told, 'inForce')).toEqual([true])
  })

  test('is read in the version that an AuditEvent names, and in each one before it; of no other is anything told', async () => {
    const [version] = valuesOf(await read(), 'version')
    await send('get', 'Patient/demo-line', nurse).expect(200)
    const { body } = await send('get', 'AuditEvent?agent=Practitioner/demo-nurse&patient=demo-line&_count=1', service)
    const named: string = body.entry[0].resource.agent[0].policy[0]
    expect(named).toBe(`http://fylgje.no/fhir/access-policy|${version}`)
    expect(valuesOf(await read(`?version=${encodeURIComponent(named)}`), 'version')).toEqual([version])
    const before = await read('?version=1.2.0')
    expect([valuesOf(before, 'version'), valuesOf(before, 'inForce')]).toEqual([['1.2.0'], [false]])
    // Whoever was asked before a referral is answered was nobody then.
    expect(partsOf(before, 'rule').flat()).not.toContain('id=nurse-asked')
    expect(valuesOf(before, 'kept')).toEqual(expect.arrayContaining(['1.0.0', '1.2.0', version]))
    const unknown = await send('get', '$access-policy?version=0.9.0', service)
    expect(told(unknown)).toEqual([404, 'not-found', 'version'])
    expect(told(await send('get', '$access-policy?version=1.2.0', nurse))).toEqual([403, 'forbidden'])
  })
})
