import type { Binary, CarePlan, Composition, DocumentReference, Task } from '@medplum/fhirtypes'
import { Registry } from 'prom-client'
import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Rooms } from '../exchange.ts'
import { settleHere } from '../expressions/expressions.ts'
import { measureFiling } from '../http/filing-metrics.ts'
import { openLog } from '../log.ts'
import { createEnrolmentKeeping } from '../plans/enrolments.ts'
import { keepPlanBook } from '../plans/kept-plan-book.ts'
import { NOBODY_MOVES } from '../plans/test-house.ts'
import { createDecidingStore } from '../store/test-store.ts'
import { fileOf } from './file-document.ts'
import { filingTurn } from './report-filing.ts'

const definitions = loadDefinitions()
const BASE = 'http://localhost/fhir'
const TESTER = engineAccess('test')
const log = openLog('silent')
const clock = { now: new Date('2026-11-10T08:00:00Z') }
const now = () => clock.now
const pass = (seconds: number) => {
  clock.now = new Date(clock.now.getTime() + seconds * 1000)
}
let database: TestDatabase
let rooms: Rooms
const told: (Task | undefined)[] = []
const withheld: (Task | undefined)[] = []
beforeAll(async () => {
  database = await startTestDatabase()
  const store = createDecidingStore({ pool: database.pool, definitions, baseUrl: BASE, now })
  const validate = (resource: unknown) => ({ resource, warnings: [] })
  rooms = { store, definitions, baseUrl: BASE, now, validate } as unknown as Rooms
})
afterAll(() => database.stop())

const put = (...resources: object[]) =>
  rooms.store.writeAll(
    TESTER,
    resources.map((one) => ({ interaction: 'update', resource: one as Resource, id: String((one as Resource).id) })),
  )

const filingWith = (change: { pool?: Pool; rooms?: Rooms } = {}) =>
  filingTurn({
    ...{ rooms, pool: database.pool, log, ...change },
    tellTask: async (wanted) => void told.push(wanted),
    tellWithheld: async (wanted) => void withheld.push(wanted),
  })
const turn = () => filingWith()()

/** A plan that was followed, and now stands as `status`; what follows from that is done. */
async function ends(patient: string, status: CarePlan['status'] = 'completed', language?: string): Promise<void> {
  const carePlan = {
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status: 'active', intent: 'plan' },
    ...{ subject: { reference: `Patient/${patient}` }, period: { start: '2026-08-01' } },
    instantiatesCanonical: ['http://example.org/PlanDefinition/walks|1'],
  }
  const communication = language && [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: language }] } }]
  await put(
    { resourceType: 'Patient', id: patient, name: [{ text: 'Ola' }], ...(communication && { communication }) },
    carePlan,
  )
  await put({ ...carePlan, status })
  const duty = createEnrolmentKeeping()
  const readBook = keepPlanBook()
  const keeping = {
    ...{ pool: database.pool, store: rooms.store, now, onCommit: () => {}, settle: settleHere, log },
    ...{ readBook: (db: Parameters<typeof readBook>[0]) => readBook(db), rateOf: async () => undefined },
    ...NOBODY_MOVES,
  }
  while (await duty(keeping));
}

async function there<T>(type: string, patient?: string): Promise<T[]> {
  const { rows } = await database.pool.query<{ content: string; patient: string | null }>(
    sql`SELECT content, patient FROM resource WHERE type = ${type} AND NOT deleted ORDER BY rk`,
  )
  return rows.filter((row) => !patient || row.patient === patient).map(({ content }) => JSON.parse(content) as T)
}
const filed = (patient: string) => there<DocumentReference>('DocumentReference', patient)
const putDown = async () => {
  const { rows } = await database.pool.query<{ care_plan: string; state: string }>(
    sql`SELECT care_plan, state FROM report_to_file ORDER BY care_plan`,
  )
  return rows.map(({ care_plan, state }) => `${care_plan} ${state}`)
}
afterEach(() => database.pool.query(sql`DELETE FROM report_to_file`))
const figures = async () => {
  const registry = new Registry()
  measureFiling(registry, database.pool)
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith('fylgje'))
}

test('a plan ends: its report is put down to be filed, and is filed as pages and as FHIR, in the patient’s language', async () => {
  await ends('ola', 'completed', 'nn')
  expect(await there<Composition>('Composition', 'ola')).toHaveLength(1)
  expect([await putDown(), await figures()]).toEqual([
    ['ola-plan waiting'],
    ['fylgje_reports_to_file{state="waiting"} 1'],
  ])
  expect(await turn()).toBe(true)
  const [document, ...more] = await filed('ola')
  expect(more).toEqual([])
  expect(document).toMatchObject({
    status: 'current',
    type: { coding: [{ code: 'A03-2' }, {}] },
    content: [
      { attachment: { contentType: 'application/pdf', language: 'nn' } },
      { attachment: { contentType: 'application/fhir+json' } },
    ],
  })
  const binaries = (await there<Binary>('Binary')).map(({ id }) => `Binary/${id}`)
  expect(document?.content.map(({ attachment }) => attachment.url)).toEqual(expect.arrayContaining(binaries))
  expect([await putDown(), await figures(), await turn()]).toEqual([[], [], false])
})

test('whoever files is killed before it has said so: another goes on when its time is over, and there is one document', async () => {
  await ends('killed')
  const { pool } = database
  const dying = {
    query: (asked: { text: string }) =>
      /UPDATE report_to_file SET attempts/.test(asked.text)
        ? pool.query(asked as never)
        : Promise.reject(new Error('killed')),
  }
  await expect(filingWith({ pool: dying as unknown as Pool })()).rejects.toThrow('killed')
  const before = await filed('killed')
  expect([before.length, await putDown(), await turn()]).toEqual([1, ['killed-plan waiting'], false])
  pass(121)
  expect([await turn(), await filed('killed'), await putDown()]).toEqual([true, before, []])
})

test('two processes at once: one of them files', async () => {
  await ends('two')
  expect((await Promise.all([turn(), turn()])).sort()).toEqual([false, true])
  expect(await filed('two')).toHaveLength(1)
})

test('where the patient has closed a part of the record it is withheld, and told in words that tell of nobody, until it is filed by hand', async () => {
  await put({ resourceType: 'Patient', id: 'shut' })
  const consent = {
    ...{ resourceType: 'Consent', id: 'shut', status: 'active', patient: { reference: 'Patient/shut' } },
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    provision: { type: 'deny', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }] },
  }
  await put(consent)
  await ends('shut')
  expect([await turn(), await turn()]).toEqual([true, false])
  pass(86_400)
  expect(await turn()).toBe(false)
  expect([await filed('shut'), await putDown(), await figures()]).toEqual([
    [],
    ['shut-plan withheld'],
    ['fylgje_reports_to_file{state="withheld"} 1'],
  ])
  const task = withheld.at(-1)
  expect(task).toMatchObject({
    ...{ status: 'requested', focus: { reference: 'Device/documents' } },
    performerType: [{ coding: [{ code: 'administrator' }] }],
    description: expect.stringContaining('ble ikke arkivert'),
  })
  expect(task?.for).toBeUndefined()
  expect(JSON.stringify(task)).not.toMatch(/shut|sperr|closed|CarePlan/)
  expect(await there<Task>('Task', 'shut')).toEqual([])

  await put({ ...consent, status: 'inactive' })
  const asHand = { carePlan: 'shut-plan', language: () => 'nb' as const, name: 'urn:uuid:by-hand' }
  await put({ resourceType: 'Patient', id: 'other' })
  expect([await turn(), await putDown()]).toEqual([false, ['shut-plan withheld']])
  await fileOf(rooms, engineAccess('documents'), { ...asHand, asked: { kind: 'final' } })
  expect([await turn(), await putDown(), withheld.at(-1)]).toEqual([false, [], undefined])
})

test('a report is put down again with a new report, whatever became of the first', async () => {
  await ends('again')
  await database.pool.query(
    sql`UPDATE report_to_file SET state = 'withheld', attempts = 7, reason = 'closed' WHERE care_plan = 'again-plan'`,
  )
  const [report] = await there<Composition>('Composition', 'again')
  await rooms.store.write(TESTER, { interaction: 'delete', type: 'Composition', id: String(report?.id) })
  await ends('again')
  expect(await putDown()).toEqual(['again-plan waiting'])
  expect([await turn(), (await filed('again')).length]).toEqual([true, 1])
})

test('what cannot be filed for a while is tried again, more and more seldom, and is a Task until it is filed', async () => {
  await ends('late')
  const broken = filingWith({
    rooms: {
      ...rooms,
      validate: () => {
        throw new Error('out of memory')
      },
    } as unknown as Rooms,
  })
  expect([await broken(), await broken(), told.at(-1)]).toEqual([true, false, undefined])
  for (const seconds of [10, 20, 40]) {
    pass(seconds - 1)
    expect(await broken()).toBe(false)
    pass(1)
    expect(await broken()).toBe(true)
  }
  expect(await broken()).toBe(false)
  expect(told.at(-1)).toMatchObject({
    description: '1 sluttrapport venter på å bli arkivert. Det prøves igjen. Loggen sier hvorfor.',
    performerType: [{ coding: [{ code: 'administrator' }] }],
  })
  pass(80)
  expect([await turn(), await turn(), told.at(-1)]).toEqual([true, false, undefined])
  expect(await filed('late')).toHaveLength(1)
})

test('a plan that was deleted or called a mistake meanwhile is not filed, and one that was entered in error has no report to file', async () => {
  await ends('gone')
  await rooms.store.write(TESTER, { interaction: 'delete', type: 'CarePlan', id: 'gone-plan' })
  expect([await turn(), await filed('gone'), await putDown()]).toEqual([true, [], []])
  await ends('mistaken', 'entered-in-error')
  expect([await putDown(), await turn()]).toEqual([[], false])
  await ends('late-mistake')
  const [plan] = await there<CarePlan>('CarePlan', 'late-mistake')
  await put({ ...plan, status: 'entered-in-error' })
  expect([await putDown(), await turn()]).toEqual([['late-mistake-plan waiting'], true])
  expect([await filed('late-mistake'), await putDown()]).toEqual([[], []])
})
