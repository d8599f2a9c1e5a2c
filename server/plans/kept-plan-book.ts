import type { Queryable } from '../db/pool.ts'
import { type BookRooms, type PlanBook, readPlanBook, readStamp } from './plan-book.ts'

/** The plans as they stand now. */
export type ReadKeptBook = (db: Queryable) => Promise<PlanBook>

/**
 * Keeps the plans that were read, and reads them again once a definition has changed: to compile them all takes as long as some
 * hundred decisions, to see that none has changed one look-up in an index for each type.
 */
export function keepPlanBook(rooms: BookRooms = {}): ReadKeptBook {
  let kept: PlanBook | undefined
  return async (db) => {
    // The stamp first: a change between the two is then seen by the next reader.
    const stamp = await readStamp(db)
    const book = kept?.stamp === stamp ? kept : await readPlanBook(db, stamp, rooms)
    kept = book
    return book
  }
}
