import type { CarePlan } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { closingOf } from '../core/decide/enrolment/enrolment-turn.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { codeToken, tokenHash } from '../search/token-hash.ts'
import type { Change } from '../store/store.ts'
import { createCarefulDuty } from './careful-duty.ts'
import { PARTITIONS, partitionOf } from './cursor.ts'
import { writeSetAside } from './decision-table.ts'
import type { KeeperRooms } from './keeper.ts'
import {
  claimTimers,
  noTimerChanges,
  noteTimer,
  type PlacedTimer,
  TIMER_RETRY_MILLISECONDS,
  writeTimers,
} from './timers.ts'

/** Enrolments that one transaction ends: at midnight, when a month or a year is over, there may be thousands. */
const BATCH_COUNT_MAX = 100

/**
 * Completes the enrolments whose period is over; what follows from that is for the events that it makes. One that cannot be
 * completed does not hold up the others: it is tried again an hour later.
 */
export const createPeriodKeeping = () =>
  createCarefulDuty<KeeperRooms>({ countMax: BATCH_COUNT_MAX, work: endPeriods, setAside: setAsideNext })

const claimClosings = (tx: Tx, now: Date, countMax: number): Promise<PlacedTimer[]> =>
  claimTimers(tx, { partitions: [...PARTITIONS], kinds: ['closing'], now, countMax })

/** @returns how many clocks had rung */
async function endPeriods({ pool, store, now, onCommit }: KeeperRooms, countMax: number): Promise<number> {
  const count = await inTransaction(pool, async (tx) => {
    const timers = await claimClosings(tx, now(), countMax)
    if (timers.length === 0) return 0
    const carePlans = await lockCarePlans(tx, timers)
    const changes = noTimerChanges()
    const ended: Change[] = []
    for (const timer of timers) {
      const carePlan = carePlans.get(timer.about)
      const end = closingOf(carePlan)
      // Its period may have been made longer meanwhile.
      if (end && end > now()) noteTimer(changes, { act: 'set', timer: { ...timer, dueAt: end } }, timer)
      else noteTimer(changes, { act: 'drop', timer }, timer)
      if (carePlan && end && end <= now()) ended.push(toCompleted(carePlan))
    }
    await writeTimers(tx, changes)
    if (ended.length > 0) await store.writeIn(tx, engineAccess('plan-keeper'), ended, { depth: 1 })
    return timers.length
  })
  if (count > 0) onCommit()
  return count
}

const toCompleted = (carePlan: CarePlan): Change => {
  const resource = { ...carePlan, status: 'completed' } as unknown as Resource
  return { interaction: 'update', resource, id: String(carePlan.id) }
}

/** The CarePlans of these timers as they stand, by `CarePlan/1`; nobody changes them until `tx` ends. Always in one order, so that two keepers do not wait for each other. */
async function lockCarePlans(tx: Tx, timers: PlacedTimer[]): Promise<Map<string, CarePlan>> {
  const ids = timers.map(({ about }) => about.slice('CarePlan/'.length))
  const { rows } = await tx.query<{ content: string }>(
    prepared(sql`
      SELECT r.content
        FROM unnest(${timers.map(({ patient = '' }) => patient)}::text[], ${ids}::text[]) AS t(patient, id)
        JOIN resource r ON r.patient = t.patient AND r.type = 'CarePlan' AND r.id = t.id
       WHERE NOT r.deleted ORDER BY r.bucket, r.rk FOR UPDATE OF r`),
  )
  const carePlans = rows.map(({ content }) => JSON.parse(content) as CarePlan)
  return new Map(carePlans.map((carePlan) => [`CarePlan/${carePlan.id}`, carePlan]))
}

async function setAsideNext({ pool, now, log }: KeeperRooms, error: Error): Promise<void> {
  log.error({ err: error }, 'the keeper of plans cannot end an enrolment')
  await inTransaction(pool, async (tx) => {
    const [timer] = await claimClosings(tx, now(), 1)
    if (!timer) return
    await writeSetAside(tx, { kind: 'timer', timer }, error, now())
    const changes = noTimerChanges()
    const dueAt = new Date(now().getTime() + TIMER_RETRY_MILLISECONDS)
    noteTimer(changes, { act: 'set', timer: { ...timer, dueAt } }, timer)
    await writeTimers(tx, changes)
  })
}

/** Looks once, at the start, for enrolments without their clock: those that are older than the clocks. */
export function createSurvey(): (rooms: KeeperRooms) => Promise<boolean> {
  let surveyed = false
  return async ({ pool }) => {
    if (!surveyed) await setMissingClocks(pool)
    surveyed = true
    return false
  }
}

/** The tokens of CarePlan.status of what runs: of years of ended ones not a text is read. */
const RUNNING_HASHES = ['active', 'on-hold'].map((status) => tokenHash(codeToken('CarePlan.status', status)))

/** Sets the clock of every running enrolment that has an end and no clock yet. */
async function setMissingClocks(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ bucket: number; patient: string; id: string; content: string }>(sql`
    SELECT bucket, patient, id, content FROM resource r
     WHERE type = 'CarePlan' AND NOT deleted AND patient IS NOT NULL AND tokens && ${RUNNING_HASHES}::bigint[]
       AND strpos(content, '"end"') > 0
       AND NOT EXISTS (SELECT FROM timer WHERE about = 'CarePlan/' || r.id AND kind = 'closing')`)
  const changes = noTimerChanges()
  for (const { bucket, patient, id, content } of rows) {
    const carePlan = JSON.parse(content) as CarePlan
    const dueAt = closingOf(carePlan)
    if (!dueAt) continue
    const timer = { kind: 'closing' as const, about: `CarePlan/${id}`, name: 'period', dueAt }
    noteTimer(changes, { act: 'start', timer }, { patient, partition: partitionOf(bucket) })
  }
  await inTransaction(pool, (tx) => writeTimers(tx, changes))
}
