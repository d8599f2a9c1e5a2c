import type { CarePlan } from '@medplum/fhirtypes'
import { limitsOfCarePlan } from '../core/decide/limits/limits.ts'
import type { EnrolmentLimits } from '../core/decide/limits/ranges.ts'
import { createGather } from '../db/gather.ts'
import type { Queryable } from '../db/pool.ts'
import { prepared } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { readStanding, type Standing } from './facts.ts'
import type { ReadKeptBook } from './kept-plan-book.ts'
import { type PlanBook, plansOf } from './plan-book.ts'

/** Which limits count for whom, kept in memory, so that a measurement of somebody whom no plan follows costs nothing. */
export type FollowedLimits = {
  /** undefined for who is not followed. */
  of(patient: string): Promise<EnrolmentLimits[]> | undefined
  /** Looks at once for what has changed. */
  refresh(): Promise<void>
}

/** How long another process's change of limits may go unnoticed here. What this process writes is noticed at once. */
const LOOK_MILLISECONDS = 500
/** Events are stamped before they are committed: look back as far as a transaction may last. */
const OVERLAP_MILLISECONDS = 10_000
const PATIENT_COUNT_MAX = 20_000

/** A CarePlan in force: which plans it names, and the person's own limits. Those of the plans are the book's to say. */
type Enrolled = { carePlan: Pick<CarePlan, 'instantiatesCanonical' | 'subject'>; own: EnrolmentLimits['own'] }

/** What was read about one patient, and what it comes to by one book of plans. */
type Known = { enrolled: Promise<Enrolled[]>; book: PlanBook | undefined; limits: Promise<EnrolmentLimits[]> }

/** @param onFailure told when the database could not be asked; the next look comes soon */
export function followLimits(
  db: Queryable,
  readBook: ReadKeptBook,
  onFailure: (error: unknown) => void,
): FollowedLimits {
  const known = new Map<string, Known>()
  let followed: Set<string> | undefined
  let book: PlanBook | undefined
  let lookedAt = 0
  let seenUntil = new Date(0)
  let looking: Promise<void> | undefined

  async function look(): Promise<void> {
    lookedAt = Date.now()
    const began = new Date(lookedAt - OVERLAP_MILLISECONDS)
    book = await readBook(db)
    if (!followed) {
      const { rows } = await db.query<{ patient: string }>(
        sql`SELECT DISTINCT patient FROM resource WHERE type = 'CarePlan' AND NOT deleted AND patient IS NOT NULL`,
      )
      followed = new Set(rows.map(({ patient }) => patient))
    } else {
      for (const patient of await changedSince(db, seenUntil)) {
        followed.add(patient)
        known.delete(patient)
      }
    }
    seenUntil = began
  }

  /** The look that is to come, for all who ask while one is under way: that one may have looked before what they ask for. */
  let next: Promise<void> | undefined
  const refresh = (): Promise<void> => {
    next ??= (looking ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        next = undefined
        looking = look()
        return looking
      })
    return next
  }

  // Many are asked for at once when a server has started: those that come together are read together.
  const gather = createGather<string, Standing | undefined>(
    async (patients) => {
      const standing = await readStanding(db, patients, ['CarePlan', 'Goal'])
      return patients.map((patient) => standing.get(patient))
    },
    { roundCountMax: 2, itemCountMax: 100, keyOf: () => undefined },
  )

  async function read(patient: string): Promise<Enrolled[]> {
    const { carePlans = [], goals = [] } = (await gather.add(patient)) ?? {}
    return carePlans
      .filter(({ status }) => status === 'active')
      .map((carePlan) => {
        const { instantiatesCanonical, subject } = carePlan
        return { carePlan: { instantiatesCanonical, subject }, own: limitsOfCarePlan(carePlan, goals) }
      })
  }

  /** A plan that has changed asks nothing anew of anybody: only what it says of those who are in it is worked out again. */
  function limitsOf(patient: string): Promise<EnrolmentLimits[]> {
    const before = known.get(patient)
    if (before && before.book === book) return before.limits
    const now = book
    const enrolled = before?.enrolled ?? read(patient)
    const limits = enrolled.then((all) => (now ? all.flatMap((one) => limitsBy(now, one)) : []))
    if (known.size >= PATIENT_COUNT_MAX) known.clear()
    known.set(patient, { enrolled, book, limits })
    limits.catch(() => known.delete(patient))
    return limits
  }

  async function first(patient: string): Promise<EnrolmentLimits[]> {
    await refresh()
    return followed?.has(patient) ? limitsOf(patient) : []
  }

  return {
    refresh,
    of(patient) {
      if (!followed) return first(patient)
      if (Date.now() - lookedAt > LOOK_MILLISECONDS) refresh().catch(onFailure)
      return followed.has(patient) ? limitsOf(patient) : undefined
    },
  }
}

const limitsBy = (book: PlanBook, { carePlan, own }: Enrolled): EnrolmentLimits[] =>
  plansOf(carePlan, book).plans.map(({ limits }) => ({ own, defaults: limits }))

async function changedSince(db: Queryable, since: Date): Promise<string[]> {
  const { rows } = await db.query<{ patient: string }>(
    prepared(sql`
      SELECT DISTINCT patient FROM event
       WHERE type IN ('CarePlan', 'Goal') AND recorded_at >= ${since.toISOString()}::timestamptz AND patient IS NOT NULL`),
  )
  return rows.map(({ patient }) => patient)
}
