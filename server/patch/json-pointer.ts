import { refuse } from '../core/fhir/outcome.ts'

/** Where a JSON Pointer leads: the object or array, and the name or index in it. The root has neither. */
export type Place = { holder: object; name: string | number } | 'root'

/**
 * The parts of a JSON Pointer. https://www.rfc-editor.org/rfc/rfc6901
 * @throws Refusal `invalid`; the path that it names is where the pointer stands in the patch
 */
export function parsePointer(pointer: unknown, at: string): string[] {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer)) {
    throw refuse('invalid', `${at} must be a JSON Pointer, such as /name/0/family, not ${JSON.stringify(pointer)}.`, at)
  }
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Where the pointer leads, whether or not something is there; what leads to it must be. @throws Refusal `processing` */
export function findPlace(root: object, parts: string[], at: string): Place {
  let place: Place = 'root'
  let value: unknown = root
  for (const part of parts) {
    if (typeof value !== 'object' || value === null) throw nothingAt(parts, at)
    const name: string | number = Array.isArray(value) ? indexIn(value, part, parts, at) : part
    // It is no element of FHIR, and it is how an object gets another prototype.
    if (name === '__proto__') throw nothingAt(parts, at)
    place = { holder: value, name }
    value = Object.hasOwn(value, name) ? (value as Record<string | number, unknown>)[name] : undefined
  }
  return place
}

export const isThere = (place: Place): boolean => place === 'root' || Object.hasOwn(place.holder, place.name)

export const nothingAt = (parts: string[], at: string) =>
  refuse('processing', `${at}: there is nothing at /${parts.join('/')}.`, at)

/** `-` is the place after the last. */
function indexIn(array: unknown[], part: string, parts: string[], at: string): number {
  if (part === '-') return array.length
  if (!/^(?:0|[1-9]\d{0,8})$/.test(part) || Number(part) > array.length) throw nothingAt(parts, at)
  return Number(part)
}
