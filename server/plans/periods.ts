import type { CarePlan } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { inTransaction, type Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Resource } from '../fhir/resource.ts'
import { endOf } from '../lifecycle/end-of-period.ts'
import { PARTITION_COUNT, partitionOf } from './cursor.ts'
import type { KeeperRooms } from './keeper.ts'
import { claimTimers, noTimerChanges, noteTimer, writeTimers } from './timers.ts'

const PARTITIONS = Array.from({ length: PARTITION_COUNT }, (_, i) => i)

/** Completes one enrolment whose period is over; what follows from that is for the event that it makes. @returns whether there was one */
export async function keepPeriods({ pool, store, now, onCommit }: KeeperRooms): Promise<boolean> {
  const rang = await inTransaction(pool, async (tx) => {
    const claim = { partitions: PARTITIONS, kinds: ['closing' as const], now: now(), countMax: 1 }
    const [timer] = await claimTimers(tx, claim)
    if (!timer) return false
    const id = timer.about.slice('CarePlan/'.length)
    const { rows } = await tx.query<{ content: string }>(
      sql`SELECT content FROM resource
           WHERE patient = ${timer.patient ?? ''} AND type = 'CarePlan' AND id = ${id} AND NOT deleted FOR UPDATE`,
    )
    const carePlan = rows[0] && (JSON.parse(rows[0].content) as CarePlan)
    const isRunning = carePlan?.status === 'active' || carePlan?.status === 'on-hold'
    const end = isRunning ? endOf(carePlan.period) : undefined
    const changes = noTimerChanges()
    // Its period may have been made longer meanwhile.
    if (end && end > now()) noteTimer(changes, { act: 'set', timer: { ...timer, dueAt: end } }, timer)
    else noteTimer(changes, { act: 'drop', timer }, timer)
    await writeTimers(tx, changes)
    if (carePlan && end && end <= now()) {
      const resource = { ...carePlan, status: 'completed' } as unknown as Resource
      await store.writeIn(tx, engineAccess('plan-keeper'), [{ interaction: 'update', resource, id }], { depth: 1 })
    }
    return true
  })
  if (rang) onCommit()
  return rang
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

/** Sets the clock of every running enrolment that has an end and no clock yet. */
async function setMissingClocks(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ bucket: number; patient: string; id: string; content: string }>(sql`
    SELECT bucket, patient, id, content FROM resource r
     WHERE type = 'CarePlan' AND NOT deleted AND patient IS NOT NULL AND strpos(content, '"end"') > 0
       AND NOT EXISTS (SELECT FROM timer WHERE about = 'CarePlan/' || r.id AND kind = 'closing')`)
  const changes = noTimerChanges()
  for (const { bucket, patient, id, content } of rows) {
    const carePlan = JSON.parse(content) as CarePlan
    const dueAt = carePlan.status === 'active' || carePlan.status === 'on-hold' ? endOf(carePlan.period) : undefined
    if (!dueAt) continue
    const timer = { kind: 'closing' as const, about: `CarePlan/${id}`, name: 'period', dueAt }
    noteTimer(changes, { act: 'start', timer }, { patient, partition: partitionOf(bucket) })
  }
  await inTransaction(pool, (tx) => writeTimers(tx, changes))
}
