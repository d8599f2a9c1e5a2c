import { PRIMITIVES } from '../primitives.ts'
import type { Fields, Walk } from '../walk.ts'

/** One value of an element as a profile sees it: a primitive is one thing with what stands beside it in `_name`. */
export type Item = {
  /** Undefined for a primitive that has extensions only. */
  value: unknown
  beside?: Fields
  /** Its FHIR type: of a choice the chosen one, of a resource its own. */
  type: string
  /** How it stands in FHIRPath: `component` and 1, `value.ofType(Quantity)`. */
  segments: (string | number)[]
}

/** How the values of an element are found in JSON. */
export type ItemNames = {
  /** `status`, or `value` for `value[x]`. */
  stem: string
  /** For a choice: `valueQuantity` → `Quantity`. */
  choice?: ReadonlyMap<string, string>
  /** The type of an element that is no choice; undefined for an element with children of its own. */
  type?: string
}

/** The values of one element, in their order. Whatever has the wrong form has been reported by the base rules, and is left out. */
export function itemsOf({ stem, choice, type }: ItemNames, fields: Fields): Item[] {
  if (!choice) return itemsNamed(stem, stem, type ?? '', fields)
  for (const key in fields) {
    const name = key.startsWith('_') ? key.slice(1) : key
    const chosen = choice.get(name)
    if (chosen !== undefined) return itemsNamed(name, `${stem}.ofType(${chosen})`, chosen, fields)
  }
  return []
}

/** The values of an element by its name in FHIRPath, where nothing more is known of it: `value` finds `valueQuantity`. */
export function itemsAt(name: string, fields: Fields): Item[] {
  if (name in fields || `_${name}` in fields) return itemsNamed(name, name, '', fields)
  for (const key in fields) {
    const chosen = key.startsWith('_') ? key.slice(1) : key
    const suffix = chosen.startsWith(name) ? chosen.slice(name.length) : ''
    if (/^[A-Z]/.test(suffix)) {
      const type = PRIMITIVE_SUFFIXES.get(suffix) ?? suffix
      return itemsNamed(chosen, `${name}.ofType(${type})`, type, fields)
    }
  }
  return []
}

const PRIMITIVE_SUFFIXES = new Map(
  Object.keys(PRIMITIVES).map((type) => [`${type.charAt(0).toUpperCase()}${type.slice(1)}`, type]),
)

function itemsNamed(name: string, segment: string, type: string, fields: Fields): Item[] {
  const value = fields[name]
  const beside = fields[`_${name}`]
  if (!Array.isArray(value) && !Array.isArray(beside)) {
    const item = toItem(value, beside, type, [segment])
    return item ? [item] : []
  }
  const [values, besides] = [listOf(value), listOf(beside)]
  return Array.from({ length: Math.max(values.length, besides.length) }, (_, i) =>
    toItem(values[i], besides[i], type, [segment, i]),
  ).filter((item) => item !== undefined)
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

function toItem(value: unknown, beside: unknown, type: string, segments: Item['segments']): Item | undefined {
  const hasBeside = typeof beside === 'object' && beside !== null
  if ((value === undefined || value === null) && !hasBeside) return undefined
  const own = typeof value === 'object' && value !== null ? (value as Fields).resourceType : undefined
  return {
    value: value ?? undefined,
    ...(hasBeside && { beside: beside as Fields }),
    type: typeof own === 'string' ? own : type,
    segments,
  }
}

/** What has children: the object itself, or what stands beside a primitive. */
export function fieldsOf({ value, beside }: Item): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : beside
}

/** Runs `work` with the walk standing at the item. */
export function at(item: Item, walk: Walk, work: () => void): void {
  walk.path.push(...item.segments)
  work()
  walk.path.length -= item.segments.length
}
