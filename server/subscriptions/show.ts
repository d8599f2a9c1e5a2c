import type { Access } from '../access/access.ts'
import { reachOf } from '../access/reach.ts'
import type { SearchQuery } from '../search/search-query.ts'
import type { Store } from '../store/store.ts'
import type { Content } from './asked.ts'
import { judgedBy, nameOf } from './match.ts'
import type { ShownEvent } from './notice.ts'
import type { NumberedEvent } from './rows.ts'

/**
 * Asks the one access decision of each event, as it is at this moment, whatever it was when the event came: what the owner may not see any
 * more is left as a number and a time.
 */
export async function showEvents(
  store: Pick<Store, 'seen'>,
  access: Access,
  content: Content,
  events: readonly NumberedEvent[],
): Promise<ShownEvent[]> {
  const shown = new Map<NumberedEvent, ShownEvent>()
  for (const [type, ofType] of Map.groupBy(events, (event) => event.type)) {
    const needsText = content === 'full-resource'
    if (!needsText && reachOf(access, type, 'r').kind === 'all') {
      for (const event of ofType) shown.set(event, { ...event, isHidden: false })
      continue
    }
    const seen = await store.seen(access, { query: anythingOf(type), letter: 'r' }, ofType.map(judgedBy))
    const byName = new Map(seen.map((one) => [nameOf(one), one.seen]))
    for (const event of ofType) {
      const found = byName.get(nameOf(judgedBy(event)))
      const isSent = needsText && event.interaction !== 'delete'
      shown.set(event, { ...event, isHidden: found === undefined, ...(isSent && found ? { seen: found } : {}) })
    }
  }
  return events.flatMap((event) => shown.get(event) ?? [])
}

const anythingOf = (type: string): SearchQuery => ({
  ...{ type, filters: [], sort: [], count: 0, includes: [], issues: [], understood: '' },
})
