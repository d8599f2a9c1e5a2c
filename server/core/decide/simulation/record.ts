import type { DataRequirement } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { keysOf } from '../plan/compile-plan.ts'
import { instantAt, reachesBackTo } from '../plan/data-requirement.ts'

/** How many resources one requirement may bring; the engine reads as many. */
const COUNT_MAX = 1_000

/** Where the types that rules look back at say when they were: the first that a resource has. */
const DATE_PATHS = [
  ...['effective', 'authored', 'issued', 'recordedDate', 'occurrence', 'onset', 'performed', 'authoredOn'],
  ...['sent', 'created', 'date'],
]

type Entry = {
  resource: Resource
  /** In which order they came first. */
  order: number
  at: number
  keys: string[]
}

/**
 * What is known of one patient at a moment of a simulation, found as the engine finds it in the store: by type, code and date. One
 * version of a resource at a time; putting the next replaces it.
 */
export class PatientRecord {
  private readonly entries = new Map<string, Entry>()
  /** Oldest first, by `Observation *` and `Observation http://loinc.org|59408-5`. */
  private readonly series = new Map<string, Entry[]>()
  private readonly lists = new Map<string, Resource[]>()
  private cameCount = 0

  /** @returns the version before */
  put(resource: Resource): Resource | undefined {
    const name = nameOf(resource)
    const known = this.entries.get(name)
    const entry = {
      resource,
      order: known?.order ?? this.cameCount++,
      at: dateOf(resource),
      keys: keysOf(resource),
    }
    this.lists.delete(resource.resourceType)
    if (known) this.takeOut(known)
    this.entries.set(name, entry)
    for (const key of entry.keys) insert(this.seriesOf(key), entry)
    return known?.resource
  }

  /** @returns what was removed */
  remove(type: string, id: string): Resource | undefined {
    const known = this.entries.get(`${type}/${id}`)
    if (!known) return undefined
    this.lists.delete(type)
    this.takeOut(known)
    this.entries.delete(`${type}/${id}`)
    return known.resource
  }

  get(reference: string): Resource | undefined {
    return this.entries.get(reference)?.resource
  }

  /** All of one type, in the order in which they came. */
  ofType(type: string): Resource[] {
    const known = this.lists.get(type)
    if (known) return known
    const found = [...this.entries.values()]
      .filter(({ resource }) => resource.resourceType === type)
      .map(({ resource }) => resource)
    this.lists.set(type, found)
    return found
  }

  /** What any of the requirements asks for: for each the newest, at most as many as it wants; in the order in which they came. */
  recent(requirements: DataRequirement[], now: Date): Resource[] {
    const found = new Set<Entry>()
    for (const requirement of requirements) for (const entry of this.newest(requirement, now)) found.add(entry)
    return [...found].sort((one, other) => one.order - other.order).map(({ resource }) => resource)
  }

  private newest(requirement: DataRequirement, now: Date): Entry[] {
    const since = reachesBackTo(requirement, now)?.getTime() ?? Number.NEGATIVE_INFINITY
    const countMax = requirement.sort ? COUNT_MAX : (requirement.limit ?? COUNT_MAX)
    const [first = [], ...others] = keysAsked(requirement).map((key) => newestOf(this.series.get(key), since, countMax))
    if (others.length === 0) return first
    const all = [...new Set([...first, ...others.flat()])]
    return all.sort((one, other) => other.at - one.at || other.order - one.order).slice(0, countMax)
  }

  private takeOut(entry: Entry): void {
    for (const key of entry.keys) {
      const list = this.series.get(key)
      const at = list?.lastIndexOf(entry) ?? -1
      if (at >= 0) list?.splice(at, 1)
    }
  }

  private seriesOf(key: string): Entry[] {
    const known = this.series.get(key)
    if (known) return known
    const made: Entry[] = []
    this.series.set(key, made)
    return made
  }
}

const nameOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`

/** What has no date, such as most Conditions, is older than all that has: found by whatever asks however long ago. */
function dateOf(resource: Resource): number {
  for (const path of DATE_PATHS) {
    const at = instantAt(resource, path)
    if (!Number.isNaN(at)) return at
  }
  const start = Date.parse((resource.period as { start?: string } | undefined)?.start ?? '')
  return Number.isNaN(start) ? Number.NEGATIVE_INFINITY : start
}

/** Mostly at the end: what is measured later comes later. */
function insert(list: Entry[], entry: Entry): void {
  let place = list.length
  while (place > 0 && isAfter(list[place - 1], entry)) place -= 1
  list.splice(place, 0, entry)
}

const isAfter = (one: Entry | undefined, other: Entry): boolean =>
  one !== undefined && (one.at > other.at || (one.at === other.at && one.order > other.order))

function newestOf(list: Entry[] = [], since: number, countMax: number): Entry[] {
  const found: Entry[] = []
  for (let i = list.length - 1; i >= 0 && found.length < countMax; i--) {
    const entry = list[i]
    if (!entry || entry.at < since) break
    found.push(entry)
  }
  return found
}

/** As the store's index knows `code`; other filters are left to `select`. */
function keysAsked({ type, codeFilter }: DataRequirement): string[] {
  const codes = codeFilter?.find(({ path }) => path === 'code')?.code ?? []
  return codes.length === 0 ? [`${type} *`] : codes.map(({ system, code }) => `${type} ${system ?? ''}|${code ?? ''}`)
}
