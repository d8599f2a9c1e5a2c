import { ZONES, type Zone } from '../../ui/zone.ts'
import type { Row } from './row.ts'

export const TABS = ['all', 'mine', 'unassigned', 'missing', 'snoozed', 'done'] as const
export type Tab = (typeof TABS)[number]

/** What of the list somebody wants to see. It stands in the address, so that a view can be kept as a bookmark. */
export type Filter = {
  tab: Tab
  /** Empty: all. */
  zones: readonly Zone[]
  pathway?: string
  team?: string
  unit?: string
  isOverdue: boolean
}

export function readFilter(query: URLSearchParams): Filter {
  const tab = query.get('tab') as Tab | null
  const value = (name: string) => query.get(name) || undefined
  const [pathway, team, unit] = [value('pathway'), value('team'), value('unit')]
  return {
    tab: tab && TABS.includes(tab) ? tab : 'all',
    zones: ZONES.filter((zone) => query.get('zone')?.split(',').includes(zone)),
    ...(pathway && { pathway }),
    ...(team && { team }),
    ...(unit && { unit }),
    isOverdue: query.get('overdue') === 'true',
  }
}

/** Whether anything but the tab is chosen. */
export const isNarrowed = ({ zones, pathway, team, unit, isOverdue }: Filter): boolean =>
  zones.length > 0 || isOverdue || [pathway, team, unit].some(Boolean)

export type Seen = { me: string | undefined; now: Date }

export const isOverdue = ({ deadline }: Row, now: Date): boolean => deadline !== undefined && deadline < now

/** Whether a row is under a tab. What is put aside is in its own alone, until it comes back. */
export function isUnder(tab: Tab, row: Row, { me }: Pick<Seen, 'me'>): boolean {
  if (tab === 'done') return !row.isOpen
  if (!row.isOpen) return false
  if (tab === 'snoozed') return row.snoozedUntil !== undefined
  if (row.snoozedUntil) return false
  if (tab === 'mine') return me !== undefined && (row.takenBy === me || row.askedOf === me)
  if (tab === 'unassigned') return row.takenBy === undefined && row.askedOf === undefined
  if (tab === 'missing') return row.code === 'missing-measurement' || row.code === 'silence-not-sent'
  return true
}

export function passes(
  row: Row,
  { zones, pathway, team, unit, isOverdue: onlyOverdue }: Filter,
  { now }: Seen,
): boolean {
  return (
    (zones.length === 0 || zones.includes(row.zone)) &&
    (!pathway || row.pathway === pathway) &&
    (!team || row.team === team) &&
    (!unit || row.unit === unit) &&
    (!onlyOverdue || isOverdue(row, now))
  )
}

export const countTabs = (rows: readonly Row[], seen: Seen): Readonly<Record<Tab, number>> =>
  Object.fromEntries(TABS.map((tab) => [tab, rows.filter((row) => isUnder(tab, row, seen)).length])) as Record<
    Tab,
    number
  >

export const countZones = (rows: readonly Row[]): Readonly<Record<Zone, number>> =>
  Object.fromEntries(ZONES.map((zone) => [zone, rows.filter((row) => row.zone === zone).length])) as Record<
    Zone,
    number
  >

/** What there is to choose of one kind, by name. */
export function choicesOf(
  rows: readonly Row[],
  of: (row: Row) => { value: string | undefined; name: string | undefined },
): { value: string; name: string }[] {
  const found = new Map<string, string>()
  for (const row of rows) {
    const { value, name } = of(row)
    if (value) found.set(value, name ?? value)
  }
  return [...found]
    .map(([value, name]) => ({ value, name }))
    .sort((one, other) => one.name.localeCompare(other.name, 'nb'))
}
