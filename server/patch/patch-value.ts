import { moveJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { findElement } from '../core/fhirpath/element.ts'

/** A part of a FHIRPath Patch, such as `{name: 'value', valueCode: 'male'}`. */
export type Part = Record<string, unknown> & { name?: unknown; part?: unknown }

/** A value on its way to an element: what stands under the name, what stands beside it, and the type for the name of a choice. */
export type PatchValue = {
  value: unknown
  /** The `_name` of a primitive: its id and extensions. */
  beside: unknown
  /** `DateTime` of `valueDateTime`; none where the value is given in parts. */
  suffix?: string
  /** Where the number's literal is kept, when it is one. */
  from: { holder: object; name: string }
}

/**
 * The value of an operation: `value[x]`, or parts for what has no type of its own.
 * @param childrenOf where the element's children are looked up; only needed for parts
 * @throws Refusal `invalid` when there is no value
 */
export function patchValue(part: Part | undefined, childrenOf: string, at: string): PatchValue {
  if (!part) throw refuse('required', 'The operation needs a part named value.', at)
  const name = Object.keys(part)
    .find((key) => /^_?value[A-Z]/.test(key))
    ?.replace(/^_/, '')
  if (name) return { value: part[name], beside: part[`_${name}`], suffix: name.slice(5), from: { holder: part, name } }
  if (typeof part.resource === 'object') {
    return { value: part.resource, beside: undefined, from: { holder: part, name: 'resource' } }
  }
  if (!Array.isArray(part.part)) throw refuse('invalid', 'The value has neither a value[x] nor parts.', at)
  const built = buildElement(part.part as Part[], childrenOf, at)
  return { value: built, beside: undefined, from: { holder: { built }, name: 'built' } }
}

function buildElement(parts: Part[], parent: string, at: string): Record<string, unknown> {
  const element: Record<string, unknown> = {}
  for (const part of parts) {
    const name = String(part?.name)
    const known = findElement(parent, name)
    if (!known) throw refuse('invalid', `${parent} has no element ${name}.`, at)
    const given = patchValue(part, known.childrenOf, at)
    putValue(element, elementName(name, known.choice, given), { ...given, isRepeating: known.isRepeating })
  }
  return element
}

/** `deceased` with a dateTime is `deceasedDateTime`. */
export function elementName(name: string, choice: string[] | undefined, { suffix }: PatchValue): string {
  const type = choice?.find((one) => one.toLowerCase() === suffix?.toLowerCase())
  return choice ? name + (type ? type.charAt(0).toUpperCase() + type.slice(1) : (suffix ?? '')) : name
}

/** Sets an element, or appends to it when it repeats. */
export function putValue(
  holder: Record<string, unknown>,
  name: string,
  given: PatchValue & { isRepeating: boolean },
): void {
  if (!given.isRepeating) {
    setValue(holder, name, given)
    return
  }
  const list = holder[name]
  insertValue(holder, name, Array.isArray(list) ? list.length : 0, given)
}

export function setValue(holder: Record<string, unknown>, name: string, { value, beside, from }: PatchValue): void {
  if (value !== undefined) moveJson(from.holder, from.name, holder, name)
  else delete holder[name]
  if (beside !== undefined) holder[`_${name}`] = beside
  else delete holder[`_${name}`]
}

/** Into a list; the extensions of a list of primitives stand in a second list, at the same place. */
export function insertValue(
  holder: Record<string, unknown>,
  name: string,
  index: number,
  { value, beside }: PatchValue,
): void {
  holder[name] ??= []
  const list = holder[name] as unknown[]
  const lengthBefore = list.length
  list.splice(index, 0, value ?? null)
  const besides = holder[`_${name}`]
  if (Array.isArray(besides)) besides.splice(index, 0, beside ?? null)
  else if (beside !== undefined) {
    const padded: unknown[] = Array(lengthBefore).fill(null)
    padded.splice(index, 0, beside)
    holder[`_${name}`] = padded
  }
}
