import { type Asked, type AskedRooms, parseAsked, type Subscription } from './asked.ts'
import type { SubscriptionRow } from './rows.ts'

/** What a stored Subscription asks for. @throws Refusal, where it asks for something that is not there any more */
export type AskedBy = {
  (row: Pick<SubscriptionRow, 'id' | 'version' | 'content'>): Asked
  /** Those whose content need not be read again, by `id/version`. */
  known(): ReadonlyMap<string, Asked>
}

export const nameOfVersion = ({ id, version }: Pick<SubscriptionRow, 'id' | 'version'>): string => `${id}/${version}`

const COUNT_MAX = 5_000

/** Each version is read once, until the search parameters are others. */
export function createAskedBy(rooms: () => AskedRooms): AskedBy {
  let known = new Map<string, Asked>()
  let readBy: AskedRooms['definitions'] | undefined
  const refresh = (): AskedRooms => {
    const now = rooms()
    if (readBy !== now.definitions || known.size > COUNT_MAX) {
      known = new Map()
      readBy = now.definitions
    }
    return now
  }
  const askedBy = ({ id, version, content }: Pick<SubscriptionRow, 'id' | 'version' | 'content'>): Asked => {
    const now = refresh()
    const name = nameOfVersion({ id, version })
    const asked = known.get(name) ?? parseAsked(JSON.parse(content) as Subscription, now)
    known.set(name, asked)
    return asked
  }
  return Object.assign(askedBy, {
    known: () => {
      refresh()
      return known
    },
  })
}
