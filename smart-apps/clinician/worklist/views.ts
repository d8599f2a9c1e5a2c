import { type Filter, isNarrowed, readFilter } from './filter.ts'

/** What somebody often looks at, by a name of their own: the query of the list's address, in which no patient stands. */
export type View = { name: string; query: string }

export const VIEW_NAME_LENGTH_MAX = 40
const VIEW_COUNT_MAX = 20
const PARTS = ['tab', 'zone', 'pathway', 'team', 'unit', 'overdue'] as const

/** The parts of a query that narrow the list, always in one order, so that one view has one text. */
export function viewQuery(query: URLSearchParams): string {
  const kept = new URLSearchParams()
  for (const part of PARTS) {
    const value = query.get(part)
    if (value) kept.set(part, value)
  }
  return kept.toString()
}

/** Whether there is anything to keep. */
export const isWorthKeeping = (filter: Filter): boolean => isNarrowed(filter) || filter.tab !== 'all'

/** To be given to `changeQuery`: what the view has, and of what it has not, that it is gone. */
export function changesTo({ query }: View): Record<string, string | undefined> {
  const wanted = new URLSearchParams(query)
  return Object.fromEntries(PARTS.map((part) => [part, wanted.get(part) ?? undefined]))
}

/** With one more; one of the same name is replaced. The oldest go when there are too many. */
export const withView = (views: readonly View[], view: View): View[] =>
  [...views.filter(({ name }) => name !== view.name), view].slice(-VIEW_COUNT_MAX)

/** Of one person on this machine: colleagues at the same desk have their own. */
const keyOf = (user: string | undefined) => `fylgje.views ${user ?? ''}`

export function readViews(user: string | undefined): View[] {
  try {
    return parseViews(localStorage.getItem(keyOf(user)))
  } catch {
    // Storage is forbidden.
    return []
  }
}

export function keepViews(user: string | undefined, views: readonly View[]): void {
  try {
    localStorage.setItem(keyOf(user), JSON.stringify(views))
  } catch {
    // They last as long as the page.
  }
}

/** What another version of the app, or another page, has written there may be anything. */
export function parseViews(text: string | null): View[] {
  try {
    const found: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(found)) return []
    return found
      .filter((one): one is View => typeof one?.name === 'string' && typeof one?.query === 'string')
      .map(({ name, query }) => ({ name, query: viewQuery(new URLSearchParams(query)) }))
      .filter(({ query }) => isWorthKeeping(readFilter(new URLSearchParams(query))))
      .slice(-VIEW_COUNT_MAX)
  } catch {
    return []
  }
}
