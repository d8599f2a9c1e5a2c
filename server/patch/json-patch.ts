import { isDeepStrictEqual } from 'node:util'
import { cloneJson, DEPTH_MAX, measureJson, moveJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { findPlace, isThere, nothingAt, type Place, parsePointer } from './json-pointer.ts'

/** Far beyond any change of one resource. */
const OPERATION_COUNT_MAX = 1_000
/** What `copy` may make: a few of them, each copying what the last one made, would otherwise fill the memory. */
const COPIED_VALUES_MAX = 100_000

type Operation = Record<string, unknown>

/**
 * Applies a JSON Patch to `document`, which it changes. Ours, because the libraries copy plain values: the literal of a decimal
 * (`95.00`) would be lost on the way.
 * @throws Refusal `invalid` for what is no JSON Patch, `processing` for one that does not fit; the expression is the operation, `[2]`
 * @see https://www.rfc-editor.org/rfc/rfc6902 and https://hl7.org/fhir/R4/http.html#patch
 */
export function applyJsonPatch(document: object, patch: unknown): void {
  if (!Array.isArray(patch)) throw refuse('invalid', 'A JSON Patch is an array of operations.')
  if (patch.length > OPERATION_COUNT_MAX) {
    throw refuse('too-long', `A JSON Patch may hold ${OPERATION_COUNT_MAX} operations, not ${patch.length}.`)
  }
  let copied = 0
  for (const [i, operation] of patch.entries()) {
    const at = `[${i}]`
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw refuse('invalid', `Operation ${at} must be an object.`, at)
    }
    if (operation.op === 'copy') copied += measureSource(document, operation, at)
    if (copied > COPIED_VALUES_MAX) throw refuse('too-long', 'The patch copies more than a resource can hold.', at)
    applyOperation(document, operation as Operation, at)
  }
}

function applyOperation(document: object, operation: Operation, at: string): void {
  const parts = parsePointer(operation.path, at)
  const place = findPlace(document, parts, at)
  if (place === 'root' && operation.op !== 'test') {
    throw refuse('invalid', `${at}: the resource as a whole is not patched; send it by PUT.`, at)
  }
  const target: Target = { document, place, parts, at }
  switch (operation.op) {
    case 'add':
      add(target, givenValue(operation, at))
      break
    case 'remove':
      remove(target)
      break
    case 'replace':
      mustBeThere(target)
      set(place, givenValue(operation, at))
      break
    case 'test':
      mustEqual(target, givenValue(operation, at))
      break
    case 'copy':
    case 'move':
      carryOver(target, operation)
      break
    default:
      throw refuse('invalid', `${at}: op must be add, remove, replace, move, copy or test.`, at)
  }
}

/** What one pointer leads to, and where it stands in the patch. */
type Target = { document: object; place: Place; parts: string[]; at: string }

type Carried = { holder: object; name: string | number }

/** The value of an operation, copied: the patch may be applied again, to another version. */
function givenValue(operation: Operation, at: string): Carried {
  if (!('value' in operation)) throw refuse('invalid', `${at}: ${operation.op} needs a value.`, at)
  return carry({ holder: operation, name: 'value' })
}

function carry({ holder, name }: Carried): Carried {
  const carried: [unknown] = [undefined]
  moveJson(holder, name, carried, 0)
  carried[0] = cloneJson(carried[0])
  return { holder: carried, name: 0 }
}

function carryOver(target: Target, { op, from: pointer, path }: Operation): void {
  const { document, parts, at } = target
  const fromParts = parsePointer(pointer, at)
  const from: Target = { document, place: findPlace(document, fromParts, at), parts: fromParts, at }
  mustBeThere(from)
  if (from.place === 'root') throw refuse('invalid', `${at}: the resource cannot be put into itself.`, at)
  const carried = carry(from.place)
  if (op === 'copy') {
    add(target, carried)
    return
  }
  if (pointer === path) return
  if (`${path}/`.startsWith(`${pointer}/`)) {
    throw refuse('invalid', `${at}: ${pointer} cannot be moved into itself.`, at)
  }
  remove(from)
  // What stood behind it in the same list has moved up.
  add({ ...target, place: findPlace(document, parts, at) }, carried)
}

function add({ place, parts, at }: Target, value: Carried): void {
  if (place === 'root') return
  if (parts.length + measureJson(valueAt(value)).depth > DEPTH_MAX) {
    throw refuse('too-long', `${at}: the resource would be nested deeper than ${DEPTH_MAX} levels.`, at)
  }
  if (Array.isArray(place.holder)) place.holder.splice(Number(place.name), 0, undefined)
  set(place, value)
}

function set(place: Place, { holder, name }: Carried): void {
  if (place !== 'root') moveJson(holder, name, place.holder, place.name)
}

function remove(target: Target): void {
  mustBeThere(target)
  const { place } = target
  if (place === 'root') return
  if (Array.isArray(place.holder)) place.holder.splice(Number(place.name), 1)
  else delete (place.holder as Record<string, unknown>)[place.name]
}

function mustEqual(target: Target, expected: Carried): void {
  mustBeThere(target)
  const { document, place, parts, at } = target
  const found = place === 'root' ? document : valueAt(place)
  if (isDeepStrictEqual(found, valueAt(expected))) return
  throw refuse('processing', `${at}: the test of /${parts.join('/')} fails; another value is there.`, at)
}

function mustBeThere({ place, parts, at }: Target): void {
  if (!isThere(place)) throw nothingAt(parts, at)
}

const valueAt = ({ holder, name }: Carried): unknown => (holder as Record<string | number, unknown>)[name]

function measureSource(document: object, { from }: Operation, at: string): number {
  const place = findPlace(document, parsePointer(from, at), at)
  return place === 'root' ? 0 : measureJson(valueAt(place)).size
}
