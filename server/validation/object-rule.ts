import { literalOf } from '../core/fhir/json.ts'
import { nearestName } from './nearest-name.ts'
import type { PrimitiveRule } from './primitives.ts'
import { describe, type Fields, type Walk } from './walk.ts'

/** Checks one value; the walk already stands at it. */
export type Check = (value: unknown, walk: Walk) => void

/** What JSON objects of one type, or at one place, may hold. Compiled once from a StructureDefinition, see `compile.ts`. */
export type ObjectRule = {
  /** For messages: `Quantity`, `Observation.component`. */
  label: string
  /** A resource may consist of its type and id alone. */
  isResource: boolean
  /** The rule of `_name`, which may consist of an id alone: the value is in `name`. */
  isBesideValue: boolean
  properties: ReadonlyMap<string, Property>
  required: RequiredElement[]
  /** Run when the object is sound in itself: invariants, and what else looks at several members at once. */
  invariants: Check[]
}

export type Property = {
  name: string
  /** As it stands in FHIRPath: `status`, `value.ofType(Quantity)`. */
  segment: string
  /** The element, which the properties of a choice share: `value[x]`. */
  element: string
  many: boolean
  countMin: number
  countMax: number
  /** A primitive may have its id and extensions beside it, in `_name`. */
  primitive?: PrimitiveRule
  siblingName?: string
  /** The check of a value that is no primitive, by its type. */
  check?: Check
  /** Checks that this element has beyond its type: binding, targets of a reference, its own invariants. */
  also: Check[]
  /** Set for the property `_name` itself. */
  siblingOf?: Property
}

/** One of these names must be there. `_name` counts: a primitive may have an extension instead of a value. */
export type RequiredElement = { element: string; names: string[] }

/** Walks through one JSON object. Whatever comes is reported, nothing is thrown. https://hl7.org/fhir/R4/json.html */
export function checkObject(rule: ObjectRule, value: unknown, walk: Walk, siblingRule: ObjectRule): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    walk.report('structure', `Must be an object (${rule.label}), not ${describe(value)}.`)
    return
  }
  const fields = value as Fields
  const errorsBefore = walk.errorCount
  let isFilled = false
  let chosen: Property[] | undefined
  for (const name in fields) {
    if (name !== 'id' && name !== 'resourceType') isFilled = true
    const property = rule.properties.get(name)
    if (property === undefined) {
      reportUnknown(rule, name, walk)
      if (walk.isFull) return
      continue
    }
    const { siblingOf } = property
    if (siblingOf) {
      // Looked at together with the value, unless there is none.
      if (siblingOf.name in fields) continue
      checkProperty(siblingOf, fields, walk, siblingRule)
    } else {
      checkProperty(property, fields, walk, siblingRule)
    }
    const present = siblingOf ?? property
    if (present.element !== present.name) {
      chosen ??= []
      if (chosen.some((other) => other.element === present.element)) reportSecondChoice(present, chosen, walk)
      chosen.push(present)
    }
  }
  if (!isFilled && !rule.isResource && !(rule.isBesideValue && 'id' in fields)) reportEmpty(rule, walk)
  for (const { element, names } of rule.required)
    if (!names.some((name) => fields[name] !== undefined))
      walk.report('required', `${rule.label} must have ${element}.`, element.replace('[x]', ''))
  if (walk.errorCount > errorsBefore) return
  // An extension's own rules hold wherever it comes from.
  if (walk.isForeign && rule.label !== 'Extension') walk.advise(() => checkInvariants(rule, fields, walk))
  else checkInvariants(rule, fields, walk)
}

function checkInvariants({ invariants }: ObjectRule, fields: Fields, walk: Walk): void {
  for (const check of invariants) check(fields, walk)
}

/**
 * Beside a value, `"_use": {}` says nothing and hides nothing; senders that once had a comment there leave it behind. Anywhere else
 * something is missing.
 */
function reportEmpty({ label, isBesideValue }: ObjectRule, walk: Walk): void {
  const problem = `ele-1: ${label} must hold a value or children, not only an id or nothing.`
  walk.report('invariant', problem, undefined, isBesideValue ? 'warning' : 'error')
}

function reportUnknown(rule: ObjectRule, name: string, walk: Walk): void {
  const known = [...rule.properties.keys()].filter((other) => !other.startsWith('_') || name.startsWith('_'))
  const near = nearestName(name, known)
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  walk.report('structure', `${rule.label} has no element ${JSON.stringify(name.slice(0, 64))}.${hint}`, name)
}

function reportSecondChoice(property: Property, chosen: Property[], walk: Walk): void {
  const first = chosen.find((other) => other.element === property.element)?.name
  walk.path.push(property.segment)
  walk.report('structure', `Only one ${property.element} is allowed: there is ${first} and ${property.name}.`)
  walk.path.pop()
}

function checkProperty(property: Property, fields: Fields, walk: Walk, siblingRule: ObjectRule): void {
  const value = fields[property.name]
  const sibling = property.siblingName === undefined ? undefined : fields[property.siblingName]
  walk.path.push(property.segment)
  if (property.countMax === 0) walk.report('structure', 'Is not allowed here.')
  else if (property.many) checkMany(property, value, sibling, walk, siblingRule)
  else if (Array.isArray(value) || Array.isArray(sibling))
    walk.report('structure', 'Must be a single value, not an array.')
  else checkOne(property, { value, sibling, holder: fields, key: property.name }, walk, siblingRule)
  walk.path.pop()
}

function checkMany(property: Property, value: unknown, sibling: unknown, walk: Walk, siblingRule: ObjectRule): void {
  const problem = listProblem(property, value, sibling)
  if (problem !== undefined) {
    walk.report('structure', problem)
    return
  }
  const values = value as unknown[] | undefined
  const siblings = sibling as unknown[] | undefined
  const count = values?.length ?? siblings?.length ?? 0
  const checkItem = (i: number) => {
    walk.path.push(i)
    // Beside each other, a null says that the other array has something at this place.
    const item = values?.[i] === null && siblings?.[i] != null ? undefined : values?.[i]
    const beside = siblings?.[i] === null && item !== undefined ? undefined : siblings?.[i]
    checkOne(property, { value: item, sibling: beside, holder: values, key: i }, walk, siblingRule)
    walk.path.pop()
  }
  if (walk.pace && values) walk.pace.inList(walk, values, checkItem)
  else for (let i = 0; i < count && !walk.isFull; i++) checkItem(i)
}

function listProblem(property: Property, value: unknown, sibling: unknown): string | undefined {
  for (const list of [value, sibling])
    if (list !== undefined && !Array.isArray(list))
      return `Must be an array, as this element may repeat, not ${describe(list)}.`
  const count = ((value ?? sibling) as unknown[]).length
  if (count === 0) return 'An array must not be empty; leave the element out instead.'
  if (value !== undefined && sibling !== undefined && (sibling as unknown[]).length !== count)
    return `Must have as many items as ${property.siblingName}, with null where one has nothing.`
  if (count < property.countMin || count > property.countMax)
    return `Must have ${property.countMin} to ${property.countMax} items, not ${count}.`
  return undefined
}

type Place = { value: unknown; sibling: unknown; holder: object | undefined; key: string | number }

function checkOne(property: Property, place: Place, walk: Walk, siblingRule: ObjectRule): void {
  const { value, sibling } = place
  const errorsBefore = walk.errorCount
  if (sibling !== undefined) checkObject(siblingRule, sibling, walk, siblingRule)
  if (value === undefined) {
    // Beside no value an id alone says nothing.
    const hasExtension = typeof sibling === 'object' && sibling !== null && 'extension' in sibling
    if (walk.errorCount === errorsBefore && !hasExtension)
      walk.report('invariant', 'ele-1: must have a value or an extension.')
    return
  }
  if (property.primitive) checkPrimitive(property.primitive, place, walk)
  else property.check?.(value, walk)
  if (walk.errorCount === errorsBefore) for (const check of property.also) check(value, walk)
}

function checkPrimitive(rule: PrimitiveRule, { value, holder, key }: Place, walk: Walk): void {
  if (typeof value !== rule.json) {
    walk.report('structure', `Must be a JSON ${rule.json}, not ${describe(value)}.`)
    return
  }
  const literal = rule.json === 'number' && holder ? literalOf(holder, key) : undefined
  const problem = rule.problem(value as never, literal)
  if (problem !== undefined) walk.report('value', toSentence(problem))
  const advice = problem === undefined ? rule.advice?.(value as never) : undefined
  if (advice !== undefined) walk.report('value', toSentence(advice), undefined, 'warning')
}

const toSentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
