import type { Queryable } from '../db/pool.ts'
import { type BookRooms, type PlanBook, readPlanBook, readStamp } from './plan-book.ts'
import { PlanShelf } from './plan-shelf.ts'

/** The plans as they stand now. */
export type ReadKeptBook = (db: Queryable) => Promise<PlanBook>

/**
 * Keeps the plans that were read, and reads them again once a definition has changed: to compile them all takes as long as some
 * hundred decisions, to see that none has changed one look-up in an index for each type. A process has one of these, for all who ask:
 * docs/decisions/0070-one-book-of-plans.md. Whoever asks within a transaction sees what that has written; the stamp tells it from what
 * others see, so that nobody else is given it.
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
    // Somebody else has read the same meanwhile: what is kept beside the book is then kept beside one.
    if (kept?.stamp === stamp) return kept
    kept = book
    onRead(book)
    return book
  }
}
