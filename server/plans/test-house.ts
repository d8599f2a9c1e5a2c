import type { CarePlan, Goal, Observation, PlanDefinition, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { reachOf } from '../access/reach.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createIndexer } from '../search/indexer.ts'
import { createStore, type Store } from '../store/store.ts'
import { CHANGE_RULES } from './change-rules.ts'
import { keepPlanBook, type ReadKeptBook } from './kept-plan-book.ts'
import { loadPathways } from './load-pathways.ts'

const TESTER = engineAccess('test')
const BASE_URL = 'http://localhost/fhir'
const BEGINNING = new Date('2026-11-10T08:00:00Z')
const CONNECTION_COUNT = 16

/** A real database with the real store and the pathways in it; what the engine's tests stand on. */
export type TestHouse = TestDatabase & {
  store: Store
  /** The clock of the store and the engine. */
  clock: { now: Date }
  /** The id of the Patient whose record a resource is of. */
  patientOf: (resource: Resource) => string | null
  readBook: ReadKeptBook
  put(...resources: object[]): Promise<void>
  /** Puts a patient in the COPD plan, with Line Danser's limits: yellow below 90 %, red below 88 %. */
  /** @param begun when the plan begins; now, where it is not said */
  enrol(patient: string, status?: CarePlan['status'], begun?: Date): Promise<void>
  measure(patient: string, value: number, change?: Partial<Observation>): Promise<string>
  /** The patient's Tasks, oldest first, with their versions. */
  tasksOf(patient: string): Promise<Task[]>
}

export async function startTestHouse(): Promise<TestHouse> {
  const database = await startTestDatabase(CONNECTION_COUNT, { name: 'pathways', fill: putPathways })
  const clock = { now: new Date(BEGINNING) }
  const { store, indexer } = openStore(database.pool, () => clock.now)
  let readBook = keepPlanBook()
  const put = async (...resources: object[]) => {
    const changes = resources.map((one) => toChange(one as Resource))
    await store.writeAll(TESTER, changes)
    // A test may put its clock back, and a definition that is older than the others is no news to who follows them.
    if (changes.some(({ resource }) => resource.resourceType === 'PlanDefinition')) readBook = keepPlanBook()
  }
  return {
    ...database,
    store,
    clock,
    patientOf: (resource) => indexer.index(resource).patient,
    readBook: (db) => readBook(db),
    put,
    enrol: (patient, status = 'active', begun = clock.now) =>
      put(limitsOf(patient), carePlanOf(patient, status, begun)),
    async measure(patient, value, change = {}) {
      const resource = { ...observationOf(patient, value, clock.now), ...change } as unknown as Resource
      return (await store.write(TESTER, { interaction: 'create', resource })).id
    },
    async tasksOf(patient) {
      const { rows } = await database.pool.query<{ content: string }>(
        sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'Task' AND NOT deleted ORDER BY rk`,
      )
      return rows.map(({ content }) => JSON.parse(content) as Task)
    },
  }
}

function openStore(pool: Pool, now: () => Date) {
  const definitions = loadDefinitions()
  const indexer = createIndexer(() => definitions, { baseUrl: BASE_URL })
  const store = createStore({
    ...{ pool, reachOf, now, changeRules: CHANGE_RULES, baseUrl: BASE_URL, slot: 1 },
    index: (resource) => indexer.index(resource),
    onCommit: () => {},
  })
  return { store, indexer }
}

const toChange = (resource: Resource) => ({ interaction: 'update' as const, resource, id: String(resource.id) })

/** Each house of a run begins with a copy of what this has put there. */
async function putPathways(pool: Pool): Promise<void> {
  await openStore(pool, () => BEGINNING).store.writeAll(TESTER, loadPathways().map(toChange))
}

/** The plan of the patients of this house, by name: there are others. */
export function copdPlan(): PlanDefinition {
  const copd = loadPathways().find(({ resourceType, id }) => resourceType === 'PlanDefinition' && id === 'copd')
  return copd as unknown as PlanDefinition
}

/** Its canonical, as enrolments name it. */
export const COPD_PLAN = `${copdPlan().url}|${copdPlan().version}`

/** For keepers of whom nobody is moved in a test. */
export const NOBODY_MOVES = {
  propose: () => Promise.reject(new Error('nobody is moved here')),
  validate: (resource: Resource) => resource,
}

const percent = (value: number) => ({ value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' })
const SPO2 = { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' }

/** A limit of SpO2, below which a value is in the zone; of a Goal or of a plan. */
export const spo2Limit = (zone: string, value: number) => ({
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/limit',
      extension: [
        { url: 'zone', valueCode: zone },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  measure: SPO2,
  detailQuantity: { ...percent(value), comparator: '<' as const },
})

function limitsOf(patient: string): Goal {
  return {
    resourceType: 'Goal',
    id: `${patient}-spo2`,
    lifecycleStatus: 'active',
    description: { text: 'Egne grenser' },
    subject: { reference: `Patient/${patient}` },
    target: [spo2Limit('yellow', 90), spo2Limit('red', 88)],
  }
}

function carePlanOf(patient: string, status: CarePlan['status'], now: Date): CarePlan {
  return {
    resourceType: 'CarePlan',
    id: `${patient}-copd`,
    status,
    intent: 'plan',
    subject: { reference: `Patient/${patient}` },
    period: { start: now.toISOString() },
    instantiatesCanonical: [COPD_PLAN],
    goal: [{ reference: `Goal/${patient}-spo2` }],
    careTeam: [{ reference: 'CareTeam/response' }],
  }
}

function observationOf(patient: string, value: number, now: Date): Observation {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: SPO2,
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: now.toISOString(),
    valueQuantity: percent(value),
  }
}
