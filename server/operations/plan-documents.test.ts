import type { Binary, Bundle, CarePlan, Coding, Composition, DocumentReference, Observation } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import type { Role } from '../access/policy/policy.ts'
import { parseScopes } from '../access/scopes.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { readBinary } from '../interactions/read-binary.ts'
import { finalSummary } from '../lifecycle/final-summary.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { createDecidingStore } from '../store/test-store.ts'
import { fileDocument } from './file-document.ts'
import type { Operation } from './operation.ts'
import { carePlanDocument, carePlanPdf, compositionPdf } from './plan-documents.ts'

const definitions = loadDefinitions()
const BASE = 'http://localhost/fhir'
const NOW = new Date('2026-11-10T08:00:00Z')
const system = engineAccess('test')
let database: TestDatabase
let rooms: Rooms
beforeAll(async () => {
  database = await startTestDatabase()
  const now = () => NOW
  const store = createDecidingStore({ pool: database.pool, definitions, baseUrl: BASE, now })
  const validate = (resource: unknown) => ({ resource, warnings: [] })
  rooms = { store, definitions, baseUrl: BASE, now, validate } as unknown as Rooms
})
afterAll(() => database.stop())

const put = (...resources: object[]) =>
  rooms.store.writeAll(
    system,
    resources.map((one) => ({ interaction: 'update', resource: one as Resource, id: String((one as Resource).id) })),
  )

/** Somebody who looks after each patient here. */
const staff = (role: Role, scopes = 'user/*.cruds'): Access => ({
  ...{ actor: `Practitioner/${role}`, clientId: 'app', scopes: parseScopes(scopes) },
  standing: {
    ...{ roles: [role], grantees: [`Practitioner/${role}`], records: [] },
    attest: { who: `Practitioner/${role}`, practitionerRoles: [], roles: [role], policyVersion: '1' },
  },
})
const doctor = staff('doctor')
const nurse = staff('nurse')

async function ask(operation: Operation, access: Access, id: string, query = ''): Promise<string> {
  const exchange = { access, id, query: new URLSearchParams(query), headers: {}, body: undefined }
  const { text, version } = await operation.handler(exchange as unknown as Exchange, rooms)
  return text ?? version?.text ?? ''
}
const refusalOf = (asking: Promise<unknown>): Promise<unknown> =>
  asking.then(
    () => 'told',
    (error) => {
      if (error instanceof Refusal) return error.issues[0]?.code
      throw error
    },
  )
const sectionsOf = (bundle: string) =>
  ((JSON.parse(bundle) as Bundle).entry?.[0]?.resource as Composition | undefined)?.section?.map(({ title }) => title)

const subjectOf = (patient: string) => ({ reference: `Patient/${patient}` })
const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'
const V: Coding = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }
const measured = (patient: string, id: string, at: string, change: Partial<Observation> = {}): Observation => ({
  ...{ resourceType: 'Observation', id: `${patient}-${id}`, status: 'final', code: { text: 'SpO2' } },
  ...{ subject: subjectOf(patient), effectiveDateTime: at, valueQuantity: { value: 91, unit: '%' }, ...change },
})

/** A patient whose plan has come to its end, with these measurements and the report of it. */
async function ended(patient: string, ...observations: Observation[]): Promise<void> {
  const carePlan: CarePlan = {
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status: 'completed', intent: 'plan' },
    ...{ subject: subjectOf(patient), period: { start: '2026-08-01', end: '2026-11-10' } },
  }
  const report = finalSummary({
    ...{ carePlan, plan: 'KOLS', goals: [], observations, tasks: [], decisionCount: 1, now: NOW },
  })
  await put(
    {
      ...{ resourceType: 'Patient', id: patient, name: [{ text: 'Ola' }] },
      generalPractitioner: ['doctor', 'nurse'].map((role) => ({ reference: `Practitioner/${role}` })),
    },
    ...['Practitioner/doctor', 'Practitioner/nurse'].map((name) => ({
      ...{ resourceType: 'Practitioner', id: name.split('/')[1] },
    })),
    ...[carePlan, ...observations, { ...report, id: `${patient}-report`, author: [{ display: 'Fylgje' }] }],
  )
}
const closing = (patient: string, provision: object) => ({
  ...{ resourceType: 'Consent', id: `${patient}-consent`, status: 'active', patient: subjectOf(patient) },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  ...{ policyRule: { text: 'pasient- og brukerrettighetsloven § 5-3' }, provision: { type: 'deny', ...provision } },
})
/** In each of the ways in which a final report is told. */
const reportsTo = (access: Access, patient: string) =>
  Promise.all([
    refusalOf(ask(carePlanPdf, access, `${patient}-plan`, 'kind=final')),
    refusalOf(ask(carePlanDocument, access, `${patient}-plan`, 'kind=final')),
    refusalOf(ask(compositionPdf, access, `${patient}-report`)),
  ])

test('a final report is told to those who may see all that it was made of', async () => {
  await ended('open', measured('open', '1', '2026-09-01'))
  expect(await reportsTo(nurse, 'open')).toEqual(['told', 'told', 'told'])
  const pdf = JSON.parse(await ask(carePlanPdf, nurse, 'open-plan', 'kind=final')) as Binary
  expect(pdf.contentType).toBe('application/pdf')
})

test('a final report made of what is labelled is not there for those from whom the label hides it', async () => {
  await ended('secret', measured('secret', '1', '2026-09-01', { meta: { security: [V] } }))
  expect(await reportsTo(doctor, 'secret')).toEqual(['told', 'told', 'told'])
  expect(await reportsTo(nurse, 'secret')).toEqual(['business-rule', 'business-rule', 'not-found'])
})

test.each([
  ['a class', { class: [{ system: RESOURCE_TYPES, code: 'Observation' }] }],
  ['one resource', { data: [{ meaning: 'instance', reference: { reference: 'Observation/shut-1' } }] }],
])('a final report is refused where the patient has closed %s of what it was made of', async (_what, provision) => {
  await ended('shut', measured('shut', '1', '2026-09-01'))
  await put(closing('shut', { ...provision, actor: [] }))
  expect(await reportsTo(nurse, 'shut')).toEqual(['forbidden', 'forbidden', 'forbidden'])
})

test('a final report is refused where the scopes leave out some of what it was made of', async () => {
  await ended('scoped', measured('scoped', '1', '2026-09-01'))
  const narrow = staff(
    'doctor',
    'user/Observation.rs?category=vital-signs user/CarePlan.rs user/Composition.rs user/Task.rs user/Goal.rs',
  )
  expect(await reportsTo(narrow, 'scoped')).toEqual(['forbidden', 'forbidden', 'forbidden'])
})

test('what has been deleted since is left out of the final report, which says so', async () => {
  await ended('gone', measured('gone', '1', '2026-09-01'), measured('gone', '2', '2026-09-02'))
  await rooms.store.write(system, { interaction: 'delete', type: 'Observation', id: 'gone-1' })
  expect(await reportsTo(nurse, 'gone')).toEqual(['told', 'told', 'told'])
  const bundle = await ask(carePlanDocument, nurse, 'gone-plan', 'kind=final')
  expect(sectionsOf(bundle)?.[0]).toBe('Noe er slettet siden')
  expect([bundle.includes('Observation/gone-1'), bundle.includes('Observation/gone-2')]).toEqual([false, true])
})

const summaryOf = (access: Access, patient: string, period = 'start=2026-09-01&end=2026-09-30') =>
  ask(carePlanDocument, access, `${patient}-plan`, `kind=summary&${period}`)
const NARROWED = 'Det du har tilgang til'

test('a summary that may lack something says so, whether anything is there or not', async () => {
  await ended('half', measured('half', '1', '2026-09-02'), measured('half', '2', '2026-09-03'))
  const narrow = staff(
    'doctor',
    'user/Observation.rs?category=vital-signs user/CarePlan.rs user/Task.rs user/Goal.rs user/Patient.rs',
  )
  expect(sectionsOf(await summaryOf(doctor, 'half'))?.[0]).toBe('Oppfølgingen')
  expect(sectionsOf(await summaryOf(narrow, 'half'))?.[0]).toBe(NARROWED)
  expect(sectionsOf(await summaryOf(nurse, 'half'))?.[0]).toBe(NARROWED)
})

test('a copy is filed only where nothing is kept from whoever files it; it is complete, and says nothing else', async () => {
  const file = (access: Access, patient: string) =>
    ask(fileDocument, access, `${patient}-plan`, 'kind=summary&start=2026-09-01&end=2026-09-30')
  await ended('filed', measured('filed', '1', '2026-09-02'), measured('filed', 'later', '2026-10-09'))
  await ended('lacking', measured('lacking', '1', '2026-09-02', { meta: { security: [V] } }))
  expect(await refusalOf(file(nurse, 'lacking'))).toBe('business-rule')
  const secret = JSON.parse(await file(doctor, 'lacking')) as DocumentReference
  expect(secret.meta?.security).toContainEqual(V)

  const filed = JSON.parse(await file(nurse, 'filed')) as DocumentReference
  const [, fhir] = await Promise.all(filed.content.map(({ attachment }) => contentFor(nurse, attachment.url)))
  expect(sectionsOf(String(fhir))?.[0]).toBe('Oppfølgingen')
})

const contentFor = async (access: Access, url = '') => {
  const { text } = await readBinary(rooms.store, access, url.replace('Binary/', ''), BASE)
  return Buffer.from((JSON.parse(text ?? '{}') as Binary).data ?? '', 'base64').toString()
}

test('a copy that was filed is closed to those to whom the patient closes a part of the record afterwards', async () => {
  await ended('after', measured('after', '1', '2026-09-02'))
  const filed = JSON.parse(await ask(fileDocument, doctor, 'after-plan', 'kind=summary')) as DocumentReference
  const url = filed.content[0]?.attachment.url
  expect(await refusalOf(contentFor(nurse, url))).toBe('told')
  const actor = [{ role: { text: 'x' }, reference: { reference: 'Practitioner/nurse' } }]
  await put(closing('after', { actor, class: [{ system: RESOURCE_TYPES, code: 'Observation' }] }))
  expect(await refusalOf(contentFor(nurse, url))).toBe('suppressed')
  expect(await refusalOf(contentFor(doctor, url))).toBe('told')
})

test('the period of a summary is counted in days of Norway, and its title names the last of them', async () => {
  const at = (patient: string, ...times: string[]) => times.map((time, i) => measured(patient, String(i), time))
  const inside = at('oslo', '2026-10-01', '2026-10-01T00:30:00+02:00', '2026-10-31', '2026-10-31T23:30:00+01:00')
  await ended('oslo', ...inside, measured('oslo', 'before', '2026-09-30T23:30:00+02:00'))
  await put(measured('oslo', 'after', '2026-11-01T00:30:00+01:00'), measured('oslo', 'next', '2026-11-01'))
  const bundle = JSON.parse(await summaryOf(doctor, 'oslo', 'start=2026-10-01&end=2026-10-31')) as Bundle
  const resources = (bundle.entry ?? []).map(({ resource }) => resource)
  const ids = resources.flatMap((one) => (one?.resourceType === 'Observation' ? [one.id] : []))
  expect(ids.sort()).toEqual(inside.map(({ id }) => id))
  const { title, event } = resources[0] as Composition
  expect(title).toContain('01.10.2026–31.10.2026')
  expect(event?.[0]?.period).toEqual({ start: '2026-10-01T00:00:00+02:00', end: '2026-10-31T23:59:59+01:00' })
})

test('what came long after the period is not looked through for it', async () => {
  await ended('long', measured('long', '1', '2026-09-02'))
  const asked: string[] = []
  const watched = {
    ...rooms,
    store: {
      ...rooms.store,
      search: (access: Access, query: SearchQuery) => {
        asked.push(query.understood)
        return rooms.store.search(access, query)
      },
    },
  } as Rooms
  const exchange = { access: doctor, id: 'long-plan', headers: {}, body: undefined }
  const query = new URLSearchParams('kind=summary&start=2026-09-01&end=2026-09-30')
  await carePlanDocument.handler({ ...exchange, query } as unknown as Exchange, watched)
  for (const name of ['date', 'authored-on']) {
    expect(asked.some((one) => one.includes(`${name}=le2026-10-01`))).toBe(true)
  }
})

describe('a document takes the place of another', () => {
  const file = (access: Access, patient: string, query: string) => ask(fileDocument, access, `${patient}-plan`, query)
  const filedFor = async (patient: string, query = 'kind=summary') =>
    JSON.parse(await file(doctor, patient, query)) as DocumentReference
  const read = async (id: string) =>
    JSON.parse((await rooms.store.read(system, 'DocumentReference', id)).text ?? '{}') as DocumentReference
  const countOf = async () => {
    const { rows } = await database.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM resource WHERE type IN ('DocumentReference', 'Binary')`,
    )
    return rows[0]?.count
  }

  test('the new one says so, and the former is superseded; that one cannot be replaced again', async () => {
    await ended('twice', measured('twice', '1', '2026-09-02'))
    const { id: former = '' } = await filedFor('twice')
    const { id = '' } = await filedFor('twice', `kind=summary&replaces=DocumentReference/${former}`)
    const reference = `DocumentReference/${former}`
    expect((await read(id)).relatesTo).toEqual([{ code: 'replaces', target: { reference } }])
    expect([(await read(id)).status, (await read(former)).status]).toEqual(['current', 'superseded'])
    const before = await countOf()
    expect(await refusedAs(file(doctor, 'twice', `kind=summary&replaces=${reference}`))).toBe('conflict replaces')
    expect(await countOf()).toBe(before)
  })

  test.each([
    ['what is no DocumentReference', 'Binary/1', 'value replaces'],
    ['what is not there', 'DocumentReference/none', 'not-found replaces'],
    ['a document of another patient', 'DocumentReference/of-another', 'value replaces'],
    ['a document of another plan', 'DocumentReference/of-another-plan', 'value replaces'],
    ['a document of another kind', 'DocumentReference/of-another-kind', 'value replaces'],
    ['what was not filed here', 'DocumentReference/from-elsewhere', 'business-rule replaces'],
  ])('%s is not replaced, and nothing is filed', async (_what, replaces, refusal) => {
    await ended('mine', measured('mine', '1', '2026-09-02'))
    const summary = await filedFor('mine')
    const { category = [] } = await filedFor('mine', 'kind=final')
    await ended('yours')
    await put(
      { ...summary, id: 'of-another', subject: subjectOf('yours') },
      { ...summary, id: 'of-another-plan', context: { related: [{ reference: 'CarePlan/mine-other' }] } },
      { ...summary, id: 'of-another-kind', category },
      { ...summary, id: 'from-elsewhere', meta: {} },
    )
    const before = await countOf()
    expect(await refusedAs(file(doctor, 'mine', `kind=summary&replaces=${replaces}`))).toBe(refusal)
    expect([await countOf(), (await read(String(summary.id))).status]).toEqual([before, 'current'])
  })

  test('whoever may not change documents replaces none', async () => {
    await ended('unchanged', measured('unchanged', '1', '2026-09-02'))
    const { id } = await filedFor('unchanged')
    const writes = 'user/CarePlan.rs user/Composition.rs user/Goal.rs user/Observation.rs user/Task.rs user/Patient.rs'
    const creator = staff('doctor', `${writes} user/DocumentReference.crs user/Binary.crs`)
    const query = `kind=summary&replaces=DocumentReference/${id}`
    expect(await refusalOf(file(creator, 'unchanged', query))).toBe('forbidden')
    expect((await read(String(id))).status).toBe('current')
  })
})

const refusedAs = (asking: Promise<unknown>): Promise<unknown> =>
  asking.then(
    () => 'told',
    (error) => {
      if (!(error instanceof Refusal)) throw error
      return [error.issues[0]?.code, error.issues[0]?.expression].flat().join(' ')
    },
  )
