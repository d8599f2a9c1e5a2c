import { cloneJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { findElement } from '../core/fhirpath/element.ts'
import { type Located, locate, valueAt } from './locate.ts'
import { elementName, insertValue, type Part, type PatchValue, patchValue, putValue, setValue } from './patch-value.ts'

const OPERATION_COUNT_MAX = 1_000

/** An operation, its parts by name, and where it stands in the Parameters. */
type Operation = { type: string; path: string; parts: Map<string, Part>; at: string }
type Fields = Record<string, unknown>

/**
 * Applies a FHIRPath Patch to `resource`, which it changes. What comes out is validated by whoever stores it.
 * @param parameters a Parameters resource, not yet validated
 * @throws Refusal `invalid` for what is no such patch, `processing` for one that does not fit; the expression is the operation
 * @see https://hl7.org/fhir/R4/fhirpatch.html
 */
export function applyFhirPathPatch(resource: Fields, parameters: Fields): void {
  // The patch may be applied again, to another version: what it brings must not become part of this one.
  for (const operation of parseOperations(cloneJson(parameters))) {
    switch (operation.type) {
      case 'add':
        add(resource, operation)
        break
      case 'insert':
        insert(resource, operation)
        break
      case 'delete':
        remove(resource, operation)
        break
      case 'replace':
        replace(resource, operation)
        break
      case 'move':
        move(resource, operation)
        break
      default:
        throw refuse(
          'invalid',
          `The type must be add, insert, delete, replace or move, not ${operation.type}.`,
          operation.at,
        )
    }
  }
}

function parseOperations({ parameter = [] }: Fields): Operation[] {
  if (!Array.isArray(parameter))
    throw refuse('structure', 'Parameters.parameter must be an array.', 'Parameters.parameter')
  if (parameter.length > OPERATION_COUNT_MAX) {
    throw refuse('too-long', `A patch may hold ${OPERATION_COUNT_MAX} operations.`, 'Parameters.parameter')
  }
  return parameter.map((one: unknown, i): Operation => {
    const at = `Parameters.parameter[${i}]`
    const { name, part } = (one ?? {}) as Part
    if (name !== 'operation' || !Array.isArray(part)) {
      throw refuse('invalid', 'Each parameter of a patch is named operation and has parts.', at)
    }
    const parts = new Map((part as Part[]).map((given) => [String(given?.name), given]))
    return { type: textOf(parts, 'type', at), path: textOf(parts, 'path', at), parts, at }
  })
}

/** The operations' own parts are codes and strings; either type is taken for both. */
function textOf(parts: Map<string, Part>, name: string, at: string): string {
  const part = parts.get(name)
  const text = part?.valueString ?? part?.valueCode
  if (typeof text !== 'string' || text === '') throw refuse('required', `The operation needs a part named ${name}.`, at)
  return text
}

function numberOf(parts: Map<string, Part>, name: string, at: string): number {
  const part = parts.get(name)
  const value = part?.valueInteger ?? part?.valueUnsignedInt ?? part?.valuePositiveInt
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw refuse('required', `The operation needs a part named ${name} with an integer from 0.`, at)
  }
  return value
}

function add(resource: Fields, { path, parts, at }: Operation): void {
  const parent = locateOne(resource, path, at)
  const name = textOf(parts, 'name', at)
  const element = elementOf(parent.childrenOf, name, at)
  const given = patchValue(parts.get('value'), element.childrenOf, at)
  const holder = fieldsOf(resource, parent, at)
  const real = elementName(name, element.choice, given)
  if (!element.isRepeating && namesOf(name, element.choice).some((one) => one in holder)) {
    throw refuse('processing', `${path}.${name} is there already, and can be there once; replace it.`, at)
  }
  putValue(holder, real, { ...given, isRepeating: element.isRepeating })
}

function insert(resource: Fields, { path, parts, at }: Operation): void {
  const { holder, name, length, childrenOf } = locateList(resource, path, at)
  const index = numberOf(parts, 'index', at)
  if (index > length)
    throw refuse('processing', `${path} has ${length} items; nothing can be inserted at ${index}.`, at)
  insertValue(holder, name, index, patchValue(parts.get('value'), childrenOf, at))
}

function remove(resource: Fields, { path, at }: Operation): void {
  const found = locate(resource, path, at)
  // What is not there need not be deleted.
  if (found.length === 0) return
  const one = single(found, path, at)
  if (!one.holder) throw refuse('invalid', 'The resource as a whole is deleted by DELETE.', at)
  removeAt({ holder: one.holder, name: one.name, ...(one.index === undefined ? {} : { index: one.index }) })
  // FHIR has no empty elements.
  for (const place of one.above.reverse()) if (isEmpty(valueAt(place))) removeAt(place)
}

function replace(resource: Fields, { path, parts, at }: Operation): void {
  const place = locateOne(resource, path, at)
  if (!place.holder) throw refuse('invalid', 'The resource as a whole is replaced by PUT.', at)
  const given = patchValue(parts.get('value'), place.childrenOf, at)
  const { holder, index } = place
  if (index === undefined) {
    const name = chosenName(place, given)
    if (name !== place.name) removeAt({ holder, name: place.name })
    setValue(holder, name, given)
    return
  }
  removeItem(holder, place.name, index)
  insertValue(holder, place.name, index, given)
}

function move(resource: Fields, { path, parts, at }: Operation): void {
  const { holder, name, length } = locateList(resource, path, at)
  const source = numberOf(parts, 'source', at)
  const destination = numberOf(parts, 'destination', at)
  if (source >= length || destination >= length) {
    throw refuse('processing', `${path} has ${length} items; ${source} cannot be moved to ${destination}.`, at)
  }
  for (const list of [holder[name], holder[`_${name}`]]) {
    if (Array.isArray(list)) list.splice(destination, 0, ...list.splice(source, 1))
  }
}

function locateOne(resource: Fields, path: string, at: string): Located {
  const found = locate(resource, path, at)
  if (found.length === 0) throw refuse('processing', `${path} selects nothing.`, at)
  return single(found, path, at)
}

function single(found: Located[], path: string, at: string): Located {
  if (found.length > 1) throw refuse('invalid', `${path} selects ${found.length} elements; it must select one.`, at)
  return found[0] as Located
}

type List = { holder: Fields; name: string; length: number; childrenOf: string }

/** The list that a path names: by its items, or, where there are none yet, by what is before the last name. */
function locateList(resource: Fields, path: string, at: string): List {
  const items = locate(resource, path, at)
  const [first] = items
  if (first) {
    const { holder, name, childrenOf } = first
    const list = holder?.[name] ?? holder?.[`_${name}`]
    if (!holder || !Array.isArray(list) || items.some((item) => item.holder !== holder || item.name !== name)) {
      throw refuse('processing', `${path} selects no list.`, at)
    }
    return { holder, name, length: list.length, childrenOf }
  }
  const [, before = '', name = ''] = /^(.+)\.([A-Za-z_]\w*)$/.exec(path) ?? []
  if (!before) throw refuse('processing', `${path} selects nothing.`, at)
  const parent = locateOne(resource, before, at)
  const element = elementOf(parent.childrenOf, name, at)
  if (!element.isRepeating) throw refuse('processing', `${path} is no list.`, at)
  return { holder: fieldsOf(resource, parent, at), name, length: 0, childrenOf: element.childrenOf }
}

function elementOf(parent: string, name: string, at: string) {
  const element = findElement(parent, name)
  if (!element) throw refuse('invalid', `${parent} has no element ${name}.`, at)
  return element
}

/** The object in which an element's children stand; that of a primitive is beside it, and may have to be made. */
function fieldsOf(resource: Fields, place: Located, at: string): Fields {
  const { holder, name, index } = place
  if (!holder) return resource
  const value = valueAt({ holder, name, ...(index === undefined ? {} : { index }) })
  if (typeof value === 'object' && value !== null) return value as Fields
  if (index !== undefined) throw refuse('not-supported', 'An item of a list of primitives is changed by replace.', at)
  holder[`_${name}`] ??= {}
  return holder[`_${name}`] as Fields
}

const namesOf = (name: string, choice: string[] | undefined): string[] =>
  [name, ...(choice ?? []).map((type) => name + type.charAt(0).toUpperCase() + type.slice(1))].flatMap((one) => [
    one,
    `_${one}`,
  ])

/** A choice takes the name of the type that it gets. */
function chosenName({ name, element, parent }: Located, given: PatchValue): string {
  const choice = findElement(parent, element)?.choice
  return choice ? elementName(element, choice, given) : name
}

function removeAt({ holder, name, index }: Located['above'][number]): void {
  if (index !== undefined) {
    removeItem(holder, name, index)
    return
  }
  delete holder[name]
  delete holder[`_${name}`]
}

function removeItem(holder: Fields, name: string, index: number): void {
  for (const one of [name, `_${name}`]) {
    const list = holder[one]
    if (!Array.isArray(list)) continue
    list.splice(index, 1)
    if (list.every((item) => item === null)) delete holder[one]
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
