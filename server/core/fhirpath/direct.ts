import fhirpath from 'fhirpath'
import { isSlowToParse } from './cost.ts'
import { answersOfItems, CODING_ELEMENTS, itemsOfForms, LINK_ELEMENTS, valuesOfAnswers } from './form-answers.ts'

/**
 * Plain functions for the expressions that rules of plans mostly are: `%limits.where(zone = 'red' and hit).exists()`. The library
 * walks the parsed text anew each time, which is 100 µs for such a one; this is one. It knows only a part of FHIRPath, and of that
 * only what it gives exactly as the library does: for all else it has no answer, and the library is asked.
 *
 * What it knows: variables and their elements; the answers of forms, `repeat(item).where(linkId = 'pain').answer.value`; `|` of which one side is
 * empty; `where`, `exists`, `all`, `empty`, `not`, `count`, `first`, `last`; `and`, `or`, `xor`, `implies`; comparisons of numbers, texts, and instants; `in` a list of literals; `now()` less or more some days, hours, minutes
 * or seconds. Each goes over its data once, so however much there is, it takes no longer than reading it did.
 *
 * @returns undefined where the library must be asked: of other expressions always, of these for data that it cannot judge by
 *   themselves (dates of less than a second's precision, typed elements of resources, nulls)
 */
export type Direct = (variables: Record<string, unknown>, now: Date | undefined) => unknown[] | undefined

const KEPT_COUNT_MAX = 2_000
const kept = new Map<string, Direct | undefined>()

/** @returns undefined for an expression of which nothing can be answered here; worked out once for each */
export function compileDirect(expression: string): Direct | undefined {
  if (kept.has(expression)) return kept.get(expression)
  const direct = toDirect(expression)
  if (kept.size >= KEPT_COUNT_MAX) kept.clear()
  kept.set(expression, direct)
  return direct
}

function toDirect(expression: string): Direct | undefined {
  if (isSlowToParse(expression)) return undefined
  let step: Step
  try {
    const root = fhirpath.parse(expression) as Node
    // Only what gives one boolean: whatever else might be given, the library gives as values of its own.
    if (!isTruth(root)) return undefined
    step = compile(root, { isCriterion: false })
  } catch {
    return undefined
  }
  return (variables, now) => {
    try {
      return step({ variables, now, item: undefined })
    } catch (thrown) {
      if (thrown === UNKNOWN) return undefined
      throw thrown
    }
  }
}

type Node = { type: string; text?: string; children?: Node[] }
type Ground = { variables: Record<string, unknown>; now: Date | undefined; item: unknown }
/** Gives a collection. @throws UNKNOWN */
type Step = (ground: Ground) => unknown[]
type Within = { isCriterion: boolean; of?: Part | undefined }

/** Parts of a form, of which only some elements are known here. */
type Part = 'items' | 'answers' | 'values'
/** What a step gives, where it gives such; told while an expression is compiled. */
const partOf = new WeakMap<Step, Part>()
const ELEMENTS: Record<Part, ReadonlySet<string>> = {
  items: LINK_ELEMENTS,
  answers: new Set(),
  values: CODING_ELEMENTS,
}

function given(part: Part | undefined, step: Step): Step {
  if (part) partOf.set(step, part)
  return step
}

/** Thrown where the library must be asked; one object, for it is thrown often and nobody reads where. */
const UNKNOWN = Object.freeze({ unknown: true })
const unknown = (): never => {
  throw UNKNOWN
}

/** An instant, with all its parts; two of them are compared as their moments. */
class Instant {
  readonly milliseconds: number
  constructor(milliseconds: number) {
    this.milliseconds = milliseconds
  }
}

const WRAPPERS = new Set([
  ...['EntireExpression', 'TermExpression', 'ParenthesizedTerm', 'InvocationTerm', 'ExternalConstant', 'LiteralTerm'],
])

/** The node that a chain of wrappers stands for. */
function inner(node: Node): Node {
  const [only, ...others] = node.children ?? []
  return WRAPPERS.has(node.type) && only && others.length === 0 ? inner(only) : node
}

const LOGIC = new Set(['AndExpression', 'OrExpression', 'ImpliesExpression'])
const TRUTH_FUNCTIONS = new Set(['exists', 'all', 'empty', 'not'])

function isTruth(node: Node): boolean {
  const { type, children = [] } = inner(node)
  if (LOGIC.has(type) || type === 'EqualityExpression' || type === 'InequalityExpression') return true
  if (type === 'MembershipExpression') return true
  return type === 'InvocationExpression' && TRUTH_FUNCTIONS.has(functionOf(children[1]) ?? '')
}

const functionOf = (node: Node | undefined): string | undefined =>
  node?.type === 'FunctionInvocation' ? node.children?.[0]?.children?.[0]?.text : undefined
const argumentsOf = (node: Node | undefined): Node[] => node?.children?.[0]?.children?.[1]?.children ?? []

/** @throws UNKNOWN for what it does not know */
function compile(given: Node, within: Within): Step {
  const node = inner(given)
  const { type, text = '', children = [] } = node
  const [left, right] = children
  switch (type) {
    case 'ExternalConstantTerm':
      return variable(node)
    case 'StringLiteral':
      return text.includes('\\') ? unknown() : constant(text.slice(1, -1))
    case 'NumberLiteral':
      return constant(Number(text))
    case 'BooleanLiteral':
      return constant(text === 'true')
    case 'ThisInvocation':
      return within.isCriterion && within.of !== 'items' && within.of !== 'answers' ? ({ item }) => [item] : unknown()
    case 'MemberInvocation':
      // Without a criterion around it, it would be looked for in the focus, which is a resource.
      if (within.of && !ELEMENTS[within.of].has(text)) return unknown()
      return within.isCriterion ? memberOfItem(text) : unknown()
    case 'InvocationExpression':
      return left && right ? invocation(compile(left, within), right, within) : unknown()
    case 'FunctionInvocation':
      return functionOf(node) === 'now' && argumentsOf(node).length === 0 ? nowStep : unknown()
    case 'AdditiveExpression':
      return left && right ? shifted(compile(left, within), text, right) : unknown()
    case 'EqualityExpression':
      return left && right ? equality(text, compile(left, within), compile(right, within)) : unknown()
    case 'InequalityExpression':
      return left && right ? inequality(text, compile(left, within), compile(right, within)) : unknown()
    case 'UnionExpression':
      return left && right ? union(compile(left, within), compile(right, within)) : unknown()
    case 'MembershipExpression':
      return text === 'in' && left && right ? membership(compile(left, within), literals(right)) : unknown()
    case 'AndExpression':
    case 'OrExpression':
    case 'ImpliesExpression':
      return left && right ? logic(text, compile(left, within), compile(right, within)) : unknown()
    default:
      return unknown()
  }
}

function constant(value: string | number | boolean): Step {
  const collection = [value]
  return () => collection
}

function variable(node: Node): Step {
  const name = node.text
  if (name === undefined || !/^\w+$/.test(name)) return unknown()
  return ({ variables }) => {
    if (!(name in variables)) return unknown()
    const value = variables[name]
    if (value === null || value === undefined) return unknown()
    return Array.isArray(value) ? value : [value]
  }
}

/**
 * What has only one side is that side; which of several are the same, the library tells: `%current | %previous` of what is new. Parts of
 * forms are joined with parts of the same kind alone: of what is mixed nobody could say what its elements are.
 */
function union(left: Step, right: Step): Step {
  const part = partOf.get(left)
  if (partOf.get(right) !== part) return unknown()
  return given(part, (ground) => {
    const one = left(ground)
    const other = right(ground)
    if (one.length + other.length > 1) return unknown()
    return one.length > 0 ? one : other
  })
}

const nowStep: Step = ({ now }) => (now ? [new Instant(now.getTime())] : unknown())

const UNIT_MILLISECONDS: Record<string, number> = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 }

/** An instant and a duration that is the same by every calendar; months and years are the library's. */
function shifted(from: Step, sign: string, duration: Node): Step {
  const literal = inner(duration)
  const [, count, unit] = /^(\d+)\s*(day|hour|minute|second)s?$/.exec(literal.text ?? '') ?? []
  if (literal.type !== 'QuantityLiteral' || !count || !unit || (sign !== '+' && sign !== '-')) return unknown()
  const milliseconds = (sign === '-' ? -1 : 1) * Number(count) * (UNIT_MILLISECONDS[unit] ?? Number.NaN)
  return (ground) => {
    const [only, ...others] = from(ground)
    return only instanceof Instant && others.length === 0 ? [new Instant(only.milliseconds + milliseconds)] : unknown()
  }
}

function invocation(from: Step, called: Node, within: Within): Step {
  const part = partOf.get(from)
  if (called.type === 'MemberInvocation')
    return part ? memberOfPart(from, part, called.text ?? '') : member(from, called.text ?? '')
  const [criterion, ...others] = argumentsOf(called)
  if (others.length > 0) return unknown()
  if (functionOf(called) === 'repeat') return part || within.isCriterion ? unknown() : formItems(from, criterion)
  // None in another: so each node is met once.
  const holds = criterion && toCriterion(criterion, within, part)
  switch (functionOf(called)) {
    case 'where':
      return holds ? given(part, (ground) => satisfying(holds, ground, from(ground))) : unknown()
    case 'exists':
      return (ground) => collectionOf((holds ? satisfying(holds, ground, from(ground)) : from(ground)).length > 0)
    case 'all':
      return holds
        ? (ground) => {
            const items = from(ground)
            return collectionOf(satisfying(holds, ground, items).length === items.length)
          }
        : unknown()
    case 'empty':
      return criterion ? unknown() : (ground) => collectionOf(from(ground).length === 0)
    case 'count':
      return criterion ? unknown() : (ground) => [from(ground).length]
    case 'first':
      return criterion ? unknown() : given(part, (ground) => from(ground).slice(0, 1))
    case 'last':
      return criterion ? unknown() : given(part, (ground) => from(ground).slice(-1))
    case 'not':
      return criterion
        ? unknown()
        : (ground) => {
            const one = truth(from(ground))
            return collectionOf(one === undefined ? undefined : !one)
          }
    default:
      return unknown()
  }
}

/** One that is no more than an element, `where(hit)`, counts as true whenever it is there and does not say false: that is for `criteria.ts`. */
function toCriterion(criterion: Node, { isCriterion }: Within, of: Part | undefined): Step {
  return isCriterion || !isTruth(criterion) ? unknown() : compile(criterion, { isCriterion: true, of })
}

/** `repeat(item)`, and nothing else of the kind. */
function formItems(from: Step, repeated: Node | undefined): Step {
  const { type, text } = repeated ? inner(repeated) : unknown()
  if (type !== 'MemberInvocation' || text !== 'item') return unknown()
  return given('items', (ground) => itemsOfForms(from(ground)) ?? unknown())
}

function memberOfPart(from: Step, part: Part, name: string): Step {
  if (part === 'items' && name === 'answer')
    return given('answers', (ground) => answersOfItems(from(ground)) ?? unknown())
  if (part === 'answers' && name === 'value')
    return given('values', (ground) => valuesOfAnswers(from(ground) as Record<string, unknown>[]) ?? unknown())
  return ELEMENTS[part].has(name) ? member(from, name) : unknown()
}

/** Those of the items for which it is true. Each is asked, also after one has answered, as the library does. */
function satisfying(holds: Step, { variables, now }: Ground, items: unknown[]): unknown[] {
  const ground: Ground = { variables, now, item: undefined }
  return items.filter((item) => {
    if (item === null || item === undefined) return unknown()
    ground.item = item
    return truth(holds(ground)) === true
  })
}

/** Of one element of plain data, or of what is known of a resource; see `elementOf`. */
function member(from: Step, name: string): Step {
  const element = elementNamed(name)
  return (ground) => {
    const found: unknown[] = []
    for (const item of from(ground)) {
      const value = elementOf(item, element)
      if (Array.isArray(value)) found.push(...value)
      else if (value !== undefined) found.push(value)
    }
    return found
  }
}

/** The same of the one item that a criterion is asked about: most of what a rule asks, and most of it is true or false. */
function memberOfItem(name: string): Step {
  const element = elementNamed(name)
  return ({ item }) => {
    const value = elementOf(item, element)
    if (typeof value === 'boolean' || value === undefined) return collectionOf(value)
    return Array.isArray(value) ? value : [value]
  }
}

/** An element, and the name under which JSON has its id and extensions. https://hl7.org/fhir/R4/json.html#primitive */
type Element = { name: string; primitive: string }
const elementNamed = (name: string): Element => (/^\w+$/.test(name) ? { name, primitive: `_${name}` } : unknown())

/** Elements of resources whose type is known here: codes, which are texts, and instants. What else a resource has, the library types. */
const CODES = new Set(['status', 'id', 'intent', 'priority'])
const INSTANTS: Record<string, Record<string, string>> = {
  Observation: { effective: 'effectiveDateTime', issued: 'issued' },
  QuestionnaireResponse: { authored: 'authored' },
  CarePlan: { period: 'period' },
}
/** Elements that are plain data, under the name that JSON has for them; of a choice of types, where it is of this one. */
const PLAIN_ELEMENTS: Record<string, Record<string, { key: string; choice?: string }>> = {
  Observation: { value: { key: 'valueQuantity', choice: 'value' } },
  CarePlan: { goal: { key: 'goal' } },
}
/** A Period of a CarePlan, of which the start and the end are instants. */
const PERIODS = new WeakSet<object>()

function elementOf(holder: unknown, { name, primitive }: Element): unknown {
  if (typeof holder !== 'object' || holder === null || holder instanceof Instant) return unknown()
  const item = holder as Record<string, unknown>
  if (primitive in item) return unknown()
  const { resourceType } = item
  if (PERIODS.has(item)) return name === 'start' || name === 'end' ? instantOf(item[name]) : unknown()
  if (typeof resourceType === 'string') return elementOfResource(item, resourceType, name)
  const value = item[name]
  if (value === null || name === 'extension' || typeof value === 'function') return unknown()
  return value
}

function elementOfResource(item: Record<string, unknown>, resourceType: string, name: string): unknown {
  if (CODES.has(name)) {
    const value = item[name]
    return value === undefined || typeof value === 'string' ? value : unknown()
  }
  const plain = PLAIN_ELEMENTS[resourceType]?.[name]
  if (plain) return plainElement(item, plain)
  const key = INSTANTS[resourceType]?.[name]
  if (key === undefined || `_${key}` in item) return unknown()
  const value = item[key]
  if (key !== 'period') return value === undefined ? unknown() : instantOf(value)
  if (typeof value !== 'object' || value === null || '_start' in value || '_end' in value) return unknown()
  PERIODS.add(value)
  return value
}

/** Of a choice, what is there in another type is the library's to tell. */
function plainElement(item: Record<string, unknown>, { key, choice }: { key: string; choice?: string }): unknown {
  if (`_${key}` in item) return unknown()
  const value = item[key]
  if (value === undefined) {
    const isElsewhere =
      choice !== undefined && Object.keys(item).some((one) => one.replace(/^_/, '').startsWith(choice))
    return isElsewhere ? unknown() : undefined
  }
  const isPlain = typeof value === 'object' && value !== null && !(Array.isArray(value) && value.includes(null))
  return isPlain ? value : unknown()
}

const WHOLE_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d)$/

/** Less precise times compare by rules of their own. */
function instantOf(value: unknown): Instant {
  const milliseconds = typeof value === 'string' && WHOLE_INSTANT.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(milliseconds) ? unknown() : new Instant(milliseconds)
}

/** What a collection says where a boolean is wanted; undefined: nothing. */
function truth(collection: unknown[]): boolean | undefined {
  if (collection.length === 0) return undefined
  const only = collection[0]
  return collection.length === 1 && typeof only === 'boolean' ? only : unknown()
}

// Rules are asked hundreds of thousands of times a minute, and nobody changes what they answer.
const TRUE: unknown[] = [true]
const FALSE: unknown[] = [false]
const NOTHING: unknown[] = []
const collectionOf = (value: boolean | undefined): unknown[] => (value === undefined ? NOTHING : value ? TRUE : FALSE)

/** Both sides are asked, as the library does: what one of them cannot judge is then told, whatever the other says. */
function logic(operator: string, left: Step, right: Step): Step {
  const decide = LOGIC_TABLES[operator] ?? unknown()
  return (ground) => {
    const one = truth(left(ground))
    const other = truth(right(ground))
    return collectionOf(decide(one, other))
  }
}

type Truth = boolean | undefined
/** https://hl7.org/fhirpath/N1/#boolean-logic */
const LOGIC_TABLES: Record<string, (one: Truth, other: Truth) => Truth> = {
  and: (one, other) => (one === false || other === false ? false : one && other ? true : undefined),
  or: (one, other) => (one || other ? true : one === false && other === false ? false : undefined),
  xor: (one, other) => (one === undefined || other === undefined ? undefined : one !== other),
  implies: (one, other) =>
    one === false || other === true ? true : one === true && other === false ? false : undefined,
}

/** Numbers that differ by less than this may be equal by the precision with which they are written. */
const NEAR = 1e-6

function equality(operator: string, left: Step, right: Step): Step {
  if (operator !== '=' && operator !== '!=') return unknown()
  return (ground) => {
    const one = left(ground)
    const other = right(ground)
    if (one.length === 0 || other.length === 0) return NOTHING
    if (one.length > 1 || other.length > 1) return unknown()
    return collectionOf(isEqual(one[0], other[0]) === (operator === '='))
  }
}

function isEqual(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return one === other || (isFar(one, other) ? false : unknown())
  if (typeof one === 'boolean' && typeof other === 'boolean') return one === other
  return isPlainText(one) && isPlainText(other) ? one === other : unknown()
}

const isFar = (one: number, other: number) => Math.abs(one - other) > NEAR

/** What looks like a date or a time may be one. */
const isPlainText = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z%]/.test(value)

const COMPARISONS: Record<string, (one: number, other: number) => boolean> = {
  '<': (one, other) => one < other,
  '<=': (one, other) => one <= other,
  '>': (one, other) => one > other,
  '>=': (one, other) => one >= other,
}

function inequality(operator: string, left: Step, right: Step): Step {
  const compare = COMPARISONS[operator] ?? unknown()
  return (ground) => {
    const one = left(ground)
    const other = right(ground)
    if (one.length === 0 || other.length === 0) return NOTHING
    if (one.length > 1 || other.length > 1) return unknown()
    const a = one[0]
    const b = other[0]
    if (a instanceof Instant && b instanceof Instant) return collectionOf(compare(a.milliseconds, b.milliseconds))
    if (typeof a !== 'number' || typeof b !== 'number' || (a !== b && !isFar(a, b))) return unknown()
    return collectionOf(compare(a, b))
  }
}

function membership(left: Step, values: ReadonlySet<string>): Step {
  return (ground) => {
    const found = left(ground)
    if (found.length === 0) return NOTHING
    const only = found[0]
    return found.length === 1 && isPlainText(only) ? collectionOf(values.has(only)) : unknown()
  }
}

/** `('a' | 'b' | 'c')`, texts alone. */
function literals(node: Node): ReadonlySet<string> {
  const { type, text = '', children = [] } = inner(node)
  if (type === 'UnionExpression') return new Set(children.flatMap((child) => [...literals(child)]))
  const value = text.slice(1, -1)
  return type === 'StringLiteral' && !text.includes('\\') && isPlainText(value) ? new Set([value]) : unknown()
}
