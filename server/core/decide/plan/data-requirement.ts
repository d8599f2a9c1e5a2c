import type {
  DataRequirement,
  DataRequirementCodeFilter,
  DataRequirementDateFilter,
  Duration,
} from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { Problem } from '../problem.ts'
import { answeredForm } from '../schedule/answered-form.ts'
import { intervalOf } from '../time/date-precision.ts'
import { after, before } from '../time/duration.ts'
import { isSaidOtherwise, pathsOfFilter } from './filter-paths.ts'

/** `system|code` of every code in a value set; undefined for one that is not known. */
export type CodesOf = (valueSet: string) => ReadonlySet<string> | undefined
export const noValueSets: CodesOf = () => undefined

/**
 * Whether a resource is one that the requirement asks for: type, every codeFilter, every dateFilter. `limit` and `sort` are
 * about lists: see `select`.
 * @throws Error for a filter that cannot be held against anything here: by a ValueSet that `codesOf` does not know, by a search parameter
 *   that the type does not have, or with a duration that is no time. Whoever asks must tell it: a rule that quietly never matches
 *   would be silence
 * https://hl7.org/fhir/R4/metadatatypes.html#DataRequirement
 */
export function matches(
  resource: Resource,
  requirement: DataRequirement,
  now: Date,
  codesOf: CodesOf = noValueSets,
): boolean {
  if (resource.resourceType !== requirement.type) return false
  if (isSaidOtherwise(requirement)) throw new Problem(SAID_OTHERWISE)
  // Each rule asks it of each resource of a history: in loops, which leave nothing behind.
  for (const filter of requirement.codeFilter ?? NO_FILTERS) if (!isCoded(resource, filter, codesOf)) return false
  for (const filter of requirement.dateFilter ?? NO_FILTERS) if (!isWithin(resource, filter, now)) return false
  return true
}
const NO_FILTERS: readonly never[] = []

function isCoded(resource: Resource, filter: DataRequirementCodeFilter, codesOf: CodesOf): boolean {
  const wanted = wantedBy(filter)
  const codes = filter.valueSet ? codesOf(filter.valueSet) : undefined
  if (filter.valueSet && !codes) {
    throw new Error(`ValueSet ${filter.valueSet} er ikke kjent her; skriv kodene`)
  }
  if (wanted.size === 0 && !codes) return true
  // A value set and the codes of one filter add up.
  for (const token of tokensAt(resource, pathsOfFilter(resource.resourceType, filter, 'code') ?? 'code')) {
    if (wanted.has(token) || codes?.has(token)) return true
  }
  return false
}

const SAID_OTHERWISE = {
  nb: 'et søkemønster (cqf-fhirQueryPattern, relateddata) følges ikke her; si det med codeFilter og dateFilter',
  nn: 'eit søkjemønster (cqf-fhirQueryPattern, relateddata) blir ikkje følgt her; sei det med codeFilter og dateFilter',
  en: 'a query pattern (cqf-fhirQueryPattern, relateddata) is not followed here; say it by codeFilter and dateFilter',
}

/** The codes of a filter as tokens; made once, for a value set written out may have hundreds. */
function wantedBy(filter: DataRequirementCodeFilter): ReadonlySet<string> {
  const known = tokensOfFilter.get(filter)
  if (known) return known
  const tokens = new Set((filter.code ?? []).map(({ system, code }) => `${system ?? ''}|${code ?? ''}`))
  tokensOfFilter.set(filter, tokens)
  return tokens
}
const tokensOfFilter = new WeakMap<DataRequirementCodeFilter, ReadonlySet<string>>()

/** What a requirement gives of the subject's resources: matching ones, in its order, at most `limit`. */
export function select(history: Resource[], requirement: DataRequirement, now: Date, codesOf?: CodesOf): Resource[] {
  const found = history.filter((resource) => matches(resource, requirement, now, codesOf))
  const orders = requirement.sort ?? []
  if (orders.length > 0) found.sort((one, other) => inOrder(one, other, orders))
  return requirement.limit === undefined ? found : found.slice(0, requirement.limit)
}

/** The first order in which they differ counts; what does not say it stands last, whichever way the order goes. */
function inOrder(one: Resource, other: Resource, orders: NonNullable<DataRequirement['sort']>): number {
  for (const { path, direction } of orders) {
    const [left, right] = [sortedBy(one, path), sortedBy(other, path)]
    if (left === right) continue
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1
    const isBefore = typeof left === 'number' && typeof right === 'number' ? left < right : String(left) < String(right)
    return isBefore === (direction !== 'descending') ? -1 : 1
  }
  return 0
}

/** A moment, as a number; else a number, or a text. Of what has parts, such as a Quantity, its number; of a coded one its code. */
function sortedBy(resource: Resource, path: string): number | string | undefined {
  const instant = instantAt(resource, path)
  if (!Number.isNaN(instant)) return instant
  const [value] = valuesAtAny(resource, path)
  if (typeof value === 'number' || typeof value === 'string') return value
  if (typeof value !== 'object' || value === null) return undefined
  const { value: number, code, coding } = value as { value?: number; code?: string; coding?: { code?: string }[] }
  return number ?? code ?? coding?.[0]?.code
}

/** The earliest instant that a requirement can reach back to; undefined when it has no such filter. */
export function reachesBackTo(requirement: DataRequirement, now: Date): Date | undefined {
  const starts = (requirement.dateFilter ?? []).flatMap(({ valueDuration, valuePeriod }) => [
    ...(valueDuration ? [before(now.getTime(), valueDuration)] : []),
    ...(valuePeriod?.start ? [intervalOf(valuePeriod.start).low] : []),
  ])
  return starts.length === 0 ? undefined : new Date(Math.max(...starts))
}

/** A date is held against as the whole time that it names, in Norway; of a Period the beginning counts. */
function isWithin(resource: Resource, filter: DataRequirementDateFilter, now: Date): boolean {
  const { valueDuration, valuePeriod, valueDateTime } = filter
  const path = pathsOfFilter(resource.resourceType, filter, 'date') ?? ''
  if (valueDuration) {
    // Nearly all say one moment. Exactly so long ago is too long ago, so that a clock that rings after two days does not see a value of then.
    const only = dateTimeAt(resource, path)
    if (!Number.isNaN(only)) return only > windowStart(filter, valueDuration, now)
    return momentsOf(resource, path, now).some((at) => at > windowStart(filter, valueDuration, now))
  }
  const moments = momentsOf(resource, path, now)
  const { start, end } = valuePeriod ?? { start: valueDateTime, end: valueDateTime }
  const low = start ? intervalOf(start).low : Number.NEGATIVE_INFINITY
  const high = end ? intervalOf(end).high : Number.POSITIVE_INFINITY
  return moments.some((at) => at >= low && at < high)
}

/** Since when a window of a filter counts: at one moment it is asked of all histories. @throws Error for what is no length of time */
function windowStart(filter: DataRequirementDateFilter, length: Duration, now: Date): number {
  const known = startsOfWindows.get(filter)
  const at = now.getTime()
  if (known?.now === at && known.length === length) return known.start
  const start = before(at, length)
  startsOfWindows.set(filter, { now: at, length, start })
  return start
}
const startsOfWindows = new WeakMap<DataRequirementDateFilter, { now: number; length: Duration; start: number }>()

function momentsOf(resource: Resource, path: string, now: Date): number[] {
  const said = instantsAt(resource, path)
  return said.length > 0 ? said : [happenedAt(resource, path, now)]
}

/**
 * When a resource is too long ago for a filter of a length that clocks count, in milliseconds; a month or a year has no length of its own.
 * @returns undefined for such, and for a filter of another kind
 */
export function leavesAt(resource: Resource, filter: DataRequirementDateFilter, now: Date): number | undefined {
  const { valueDuration } = filter
  if (!valueDuration || /^(?:mo|a)$/.test(valueDuration.code ?? valueDuration.unit ?? '')) return undefined
  const path = pathsOfFilter(resource.resourceType, filter, 'date') ?? ''
  return after(Math.max(...momentsOf(resource, path, now)), valueDuration)
}

/** A measurement that does not say when it was made was made when it came: it must not fall out of every window. */
export function happenedAt(resource: Resource, path: string, now: Date): number {
  const said = instantAt(resource, path)
  if (!Number.isNaN(said)) return said
  const issued = instantAt(resource, 'issued')
  if (!Number.isNaN(issued)) return issued
  return resource.meta?.lastUpdated ? Date.parse(resource.meta.lastUpdated) : now.getTime()
}

/**
 * When a resource happened, in milliseconds, by a date path such as `effective`, or several joined by `|`; NaN when it does not say.
 * A day without a time begins at midnight in Norway.
 */
export function instantAt(resource: Resource, path: string): number {
  // Asked for each resource of a history: most say it in one of these.
  const { dateTime, instant } = namesOf(path)
  const value = resource[path] ?? resource[dateTime] ?? resource[instant]
  if (typeof value === 'string') return intervalOf(value).low
  const [first = Number.NaN] = instantsAt(resource, path)
  return first
}

const saidAt = (resource: Resource, path: string): unknown => resource[path] ?? resource[namesOf(path).dateTime]

/** What it says there as one date or dateTime; NaN where it says it in another way, or not. */
function dateTimeAt(resource: Resource, path: string): number {
  const said = saidAt(resource, path)
  return typeof said === 'string' ? intervalOf(said).low : Number.NaN
}

/** What a choice of types is called in JSON. A name that is put together anew is looked for anew in each resource. */
function namesOf(path: string): { dateTime: string; instant: string } {
  const known = namesOfPaths.get(path)
  if (known) return known
  const names = { dateTime: `${path}DateTime`, instant: `${path}Instant` }
  if (namesOfPaths.size >= NAMES_COUNT_MAX) namesOfPaths.clear()
  namesOfPaths.set(path, names)
  return names
}
const namesOfPaths = new Map<string, { dateTime: string; instant: string }>()
const NAMES_COUNT_MAX = 1_000

/** All that a resource says there; of a Period its beginning. */
function instantsAt(resource: Resource, path: string): number[] {
  if (typeof saidAt(resource, path) === 'string') {
    const low = dateTimeAt(resource, path)
    return Number.isNaN(low) ? [] : [low]
  }
  const texts = valuesAtAny(resource, path).map((value) =>
    typeof value === 'object' && value !== null && 'start' in value ? value.start : value,
  )
  const instants = texts.flatMap((text) => (typeof text === 'string' ? intervalOf(text).low : []))
  return instants.filter((instant) => !Number.isNaN(instant))
}

const valuesAtAny = (resource: Resource, paths: string): unknown[] =>
  paths.includes('|') ? paths.split('|').flatMap((path) => valuesAt(resource, path)) : valuesAt(resource, paths)

/** Everything at a simple path: `code`, `medication` (whichever type it has), `component.code`. */
function valuesAt(holder: object, path: string): unknown[] {
  const [name = '', ...rest] = path.split('.')
  const fields = holder as Record<string, unknown>
  const key =
    fields[name] !== undefined
      ? name
      : Object.keys(fields).find((one) => isChoiceOf(one, name) && fields[one] !== undefined)
  const values = key === undefined ? [] : listOf(fields[key])
  if (rest.length === 0) return values
  return values.flatMap((value) => (typeof value === 'object' && value !== null ? valuesAt(value, rest.join('.')) : []))
}

const isChoiceOf = (key: string, name: string) => key.startsWith(name) && /^[A-Z]/.test(key.slice(name.length))

/** Each rule of each plan asks the same of a resource, whose versions do not change. */
function tokensAt(resource: Resource, path: string): readonly string[] {
  const known = tokensKnown.get(resource)
  if (known?.path === path) return known.tokens
  const tokens = readTokens(resource, path)
  tokensKnown.set(resource, { path, tokens })
  return tokens
}
/** By the path that was asked for last, which is nearly always `code`. */
const tokensKnown = new WeakMap<Resource, { path: string; tokens: readonly string[] }>()

function readTokens(resource: Resource, path: string): string[] {
  const values = path === 'questionnaire' ? [answeredForm(resource)] : valuesAtAny(resource, path)
  return values.flatMap((value) => {
    if (typeof value === 'string') return [`|${value}`, value]
    if (typeof value !== 'object' || value === null) return []
    const codings = 'coding' in value ? listOf(value.coding) : [value]
    return codings.flatMap((coding) => {
      if (typeof coding !== 'object' || coding === null) return []
      const { system, code } = coding as { system?: string; code?: string }
      return [`${system ?? ''}|${code ?? ''}`, `|${code ?? ''}`]
    })
  })
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])
