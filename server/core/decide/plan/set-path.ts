import type { Resource } from '../../fhir/resource.ts'
import { findElement } from '../../fhirpath/element.ts'

type Holder = Record<string, unknown>
type Segment =
  | { kind: 'name'; name: string; index?: number }
  | { kind: 'extension'; url: string }
  | { kind: 'ofType'; type: string }
  | { kind: 'resolve' }

/**
 * Sets what a dynamicValue.path names, making what lies between. Only the simple paths that the specification allows: names,
 * `[n]`, `.extension('url')`, `.ofType(type)`, and `.resolve()` of what the resource contains. Nothing is set when there are no values, or the
 * path is refused; one value of a repeating element becomes a list.
 * @param type FHIR type of `target`, or the path of a backbone element: `RequestGroup.action`
 * @throws Error for a path that is not simple, that R4 does not know, or that would leave a hole in a list
 * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.dynamicValue.path
 */
export function setPath(target: object, type: string, path: string, values: unknown[]): void {
  if (values.length === 0) return
  const segments = parsePath(path)
  // On the way elements are made and other choices cleared: tried on a copy, a path that is refused leaves nothing behind.
  setSegments(structuredClone(target), type, segments, path, values)
  setSegments(target, type, segments, path, values)
}

function setSegments(target: object, type: string, segments: Segment[], path: string, values: unknown[]): void {
  let holder = target as Holder
  let parent = type
  for (let i = 0; i < segments.length; i++) {
    const segment = segments[i]
    const next = segments[i + 1]
    if (segment?.kind === 'extension') {
      holder = extensionOf(holder, segment.url)
      parent = 'Extension'
      continue
    }
    if (segment?.kind === 'resolve') {
      holder = resolved(target as Holder, holder)
      parent = String(holder.resourceType)
      continue
    }
    if (segment?.kind !== 'name') throw new Error(`${path} is no simple path`)
    const element = findElement(parent, segment.name)
    if (!element) throw new Error(`${parent} has no element ${segment.name}`)
    const chosen = element.choice && typeChosen(element.choice, next, values)
    const name = chosen ? segment.name + upperFirst(chosen) : segment.name
    if (element.choice) clearOthers(holder, segment.name, element.choice, name)
    const isLast = i === segments.length - 1 || (next?.kind === 'ofType' && i === segments.length - 2)
    if (isLast) {
      setValue(holder, name, values, element.isRepeating, segment.index)
      return
    }
    parent = chosen ? upperFirst(chosen) : element.childrenOf
    if (next?.kind === 'ofType') i += 1
    holder = PRIMITIVES.has(upperFirst(parent))
      ? saidOf(holder, name, element.isRepeating, segment.index)
      : descend(holder, name, element.isRepeating, segment.index)
  }
  throw new Error(`${path} names no element`)
}

/** https://hl7.org/fhir/R4/datatypes.html#primitive, as they are called in the name of a choice. */
const PRIMITIVES = new Set([
  ...[
    'Base64Binary',
    'Boolean',
    'Canonical',
    'Code',
    'Date',
    'DateTime',
    'Decimal',
    'Id',
    'Instant',
    'Integer',
    'Markdown',
  ],
  ...['Oid', 'PositiveInt', 'String', 'Time', 'UnsignedInt', 'Uri', 'Url', 'Uuid', 'Xhtml', 'System.String'],
])

const SEGMENT = /\.?(?:extension\('([^']+)'\)|ofType\((?:FHIR\.)?(\w+)\)|(resolve\(\))|([A-Za-z_]\w*)(?:\[(\d+)\])?)/y

function parsePath(path: string): Segment[] {
  const segments: Segment[] = []
  SEGMENT.lastIndex = 0
  while (SEGMENT.lastIndex < path.length) {
    const at = SEGMENT.lastIndex
    const [, url, type, resolve, name, index] = SEGMENT.exec(path) ?? []
    if (url) segments.push({ kind: 'extension', url })
    else if (resolve) segments.push({ kind: 'resolve' })
    else if (type) segments.push({ kind: 'ofType', type })
    else if (name) segments.push({ kind: 'name', name, ...(index ? { index: Number(index) } : {}) })
    else throw new Error(`${path} is no simple path (at character ${at + 1})`)
  }
  return segments
}

function setValue(
  holder: Holder,
  name: string,
  values: unknown[],
  isRepeating: boolean,
  index: number | undefined,
): void {
  const plain = values.map(toPlain)
  if (!isRepeating) {
    if (plain.length > 1) throw new Error(`${name} takes one value, ${plain.length} were given`)
    holder[name] = plain[0]
  } else if (index === undefined) holder[name] = plain
  else placeIn(holder, name, index)[index] = plain[0]
}

function descend(holder: Holder, name: string, isRepeating: boolean, index = 0): Holder {
  if (!isRepeating) {
    holder[name] ??= {}
    return holder[name] as Holder
  }
  const list = placeIn(holder, name, index)
  list[index] ??= {}
  return list[index] as Holder
}

/** What is said of a primitive beside its value stands in JSON under its name with an underscore. https://hl7.org/fhir/R4/json.html#primitive */
function saidOf(holder: Holder, name: string, isRepeating: boolean, index = 0): Holder {
  if (!isRepeating) return descend(holder, `_${name}`, false)
  const { length } = (holder[name] ?? []) as unknown[]
  if (index > 0 && index >= length) throw hole(name, index, length)
  const list = listAt(holder, `_${name}`)
  // Of those before it nothing is said.
  while (list.length < index) list.push(null)
  list[index] ??= {}
  return list[index] as Holder
}

/** The list in which the index has its place. @throws Error for one that would leave a hole before it, which no list in FHIR has */
function placeIn(holder: Holder, name: string, index: number): unknown[] {
  const list = listAt(holder, name)
  if (index > list.length) throw hole(name, index, list.length)
  return list
}

const hole = (name: string, index: number, length: number) =>
  new Error(`${name}[${index}] would leave ${name}[${length}] empty`)

function listAt(holder: Holder, name: string): unknown[] {
  holder[name] ??= []
  return holder[name] as unknown[]
}

/** What a reference of the resource leads to within it: a dynamicValue changes one request, and nothing beside it. */
function resolved({ contained = [] }: Holder & { contained?: Holder[] }, { reference }: Holder): Holder {
  const found = contained.find(({ id }) => reference === `#${id}`)
  if (!found) throw new Error(`${reference ?? 'nothing'} is not contained in it`)
  return found
}

function extensionOf(holder: Holder, url: string): Holder {
  const list = listAt(holder, 'extension') as Holder[]
  const found = list.find((extension) => extension.url === url)
  if (found) return found
  const made: Holder = { url }
  list.push(made)
  return made
}

/** Of a choice only one stays: the one that is set, or set something in. */
function clearOthers(holder: Holder, name: string, choice: string[], kept: string): void {
  for (const type of choice) if (name + upperFirst(type) !== kept) delete holder[name + upperFirst(type)]
}

function typeChosen(choice: string[], next: Segment | undefined, [value]: unknown[]): string {
  if (next?.kind === 'ofType') return next.type
  return next?.kind === 'resolve' ? 'Reference' : typeOf(value, choice)
}

/** Which of a choice's types a value is, as far as the value tells. */
function typeOf(value: unknown, choice: string[]): string {
  const found = candidates(value).find((type) => choice.includes(type))
  if (!found) throw new Error(`the value fits none of ${choice.join(', ')}`)
  return found
}

function candidates(value: unknown): string[] {
  if (typeof value === 'boolean') return ['Boolean']
  if (typeof value === 'number') return Number.isInteger(value) ? ['Integer', 'Decimal', 'PositiveInt'] : ['Decimal']
  if (typeof value === 'string') {
    const texts = ['String', 'Code', 'Uri', 'Canonical', 'Markdown']
    return /^\d{4}-\d\d(-\d\d)?(T.*)?$/.test(value) ? ['DateTime', 'Date', 'Instant', ...texts] : texts
  }
  if (typeof value !== 'object' || value === null) return []
  if ('coding' in value || 'text' in value) return ['CodeableConcept']
  if ('reference' in value) return ['Reference']
  if ('low' in value || 'high' in value) return ['Range']
  if ('start' in value || 'end' in value) return ['Period']
  if ('repeat' in value || 'event' in value) return ['Timing']
  if ('value' in value) return ['Quantity', 'Duration', 'Age', 'SimpleQuantity']
  return 'code' in value ? ['Coding'] : []
}

/** fhirpath.js gives quantities of its own; a resource that holds them must hold FHIR's. */
function toPlain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === Object.prototype) return value
  if (Array.isArray(value)) return value.map(toPlain)
  const { value: number, unit } = value as { value?: unknown; unit?: unknown }
  if (typeof unit !== 'string') return JSON.parse(JSON.stringify(value)) as Resource
  const code = unit.replace(/^'|'$/g, '')
  return { value: Number(number), unit: code, system: 'http://unitsofmeasure.org', code }
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
