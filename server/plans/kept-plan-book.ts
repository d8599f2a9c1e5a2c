import type { Queryable } from '../db/pool.ts'
import { type BookRooms, type PlanBook, readPlanBook, readStamp } from './plan-book.ts'
import { PlanShelf } from './plan-shelf.ts'

/** The plans as they stand now. */
export type ReadKeptBook = (db: Queryable) => Promise<PlanBook>

/**
 * Keeps the plans that were read, and reads them again once a definition has changed: to compile them all takes as long as some
 * hundred decisions, to see that none has changed one look-up in an index for each type.
 * @param onRead told of each book that was read
 */
export function keepPlanBook(rooms: BookRooms = {}, onRead: (book: PlanBook) => void = () => {}): ReadKeptBook {
  const shelf = new PlanShelf()
  let kept: PlanBook | undefined
  return async (db) => {
    // The stamp first: a change between the two is then seen by the next reader.
    const stamp = await readStamp(db)
    if (kept?.stamp === stamp) return kept
    const book = await readPlanBook(db, stamp, rooms, shelf)
    kept = book
    onRead(book)
    return book
  }
}
