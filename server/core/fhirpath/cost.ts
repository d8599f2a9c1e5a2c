import fhirpath from 'fhirpath'

/**
 * How an expression's work grows with its data, as an upper bound. Evaluating it visits at most
 * `size · growth · dataSize ^ degree · (1 + outsideSize) ^ depth` nodes, when `isBounded`.
 */
export type Cost = {
  /** Nodes of the parsed text. */
  size: number
  /** How often all data are gone over for each of them, at least 1: 2 where each is held against each. */
  degree: number
  /** How many loops stand in each other that each look at something outside of what they go over. */
  depth: number
  /** Which variables such loops look at; undefined where they may look at anything. Each step then costs no more than these. */
  outside: ReadonlySet<string> | undefined
  /** By how much what it makes itself can be larger than what it was given. */
  growth: number
  /** False for what nothing is said of: patterns, unbounded repetition, functions that are not known to be cheap. */
  isBounded: boolean
}

/** Evaluating this many steps takes some tens of milliseconds at the worst, and most expressions need some hundreds. */
const STEPS_MAX = 50_000

/** A text beyond these is not even parsed here: the parser takes 34 ms for 1,400 characters, and 800 ms for 320 times `[0]`. */
const LENGTH_MAX = 600
const BRACKET_COUNT_MAX = 40

const UNBOUNDED: Cost = { size: 0, degree: 1, depth: 0, outside: new Set(), growth: 1, isBounded: false }
const KEPT_COUNT_MAX = 2_000
const kept = new Map<string, Cost>()

/**
 * What an expression may cost, from its text alone; worked out once. One that does not parse is bounded: it fails at once.
 * Only what is on the lists below is bounded, so a function that the library learns tomorrow is not, until somebody has looked at it.
 */
export function costOf(expression: string): Cost {
  const known = kept.get(expression)
  if (known) return known
  const cost = isSlowToParse(expression) ? UNBOUNDED : measure(expression)
  if (kept.size >= KEPT_COUNT_MAX) kept.clear()
  kept.set(expression, cost)
  return cost
}

/** Whether parsing alone might take longer than anybody should wait. */
export const isSlowToParse = (expression: string): boolean =>
  expression.length > LENGTH_MAX || (expression.match(/[([]/g)?.length ?? 0) > BRACKET_COUNT_MAX

/** All that an expression looks at, and the sizes of those of it that will not change, kept for the expressions that come after. */
export type LookedAt = { focus: unknown; variables?: Record<string, unknown>; sizes?: WeakMap<object, number> }

/** Whether evaluating takes so little for certain that nobody who waits behind it would notice. */
export function isCheap(expression: string, { focus, variables = {}, sizes }: LookedAt): boolean {
  const { size, degree, depth, outside, growth, isBounded } = costOf(expression)
  if (!isBounded) return false
  const stepsMax = STEPS_MAX / (size * growth)
  const dataMax = stepsMax ** (1 / degree)
  let whole = sizeWithin(focus, dataMax, sizes)
  for (const name in variables) {
    whole += sizeWithin(variables[name], dataMax - whole, sizes)
    if (whole > dataMax) return false
  }
  const looked = depth === 0 ? 0 : outsideSize(outside, variables, whole, sizes)
  return whole ** degree * (1 + looked) ** depth <= stepsMax
}

/** A name that is not among the variables is the expression's own, or FHIRPath's, and may be any part of what there is. */
function outsideSize(
  outside: Cost['outside'],
  variables: Record<string, unknown>,
  whole: number,
  sizes: LookedAt['sizes'],
): number {
  if (!outside) return whole
  let size = 0
  for (const name of outside) {
    if (!(name in variables)) return whole
    size += sizeWithin(variables[name], whole, sizes)
  }
  return size
}

/** The same as `sizeUpTo`; what was counted to its end is counted once. */
function sizeWithin(value: unknown, max: number, sizes: LookedAt['sizes']): number {
  if (typeof value !== 'object' || value === null || !sizes) return sizeUpTo(value, max)
  const known = sizes.get(value)
  if (known !== undefined) return known
  const size = sizeUpTo(value, max)
  if (size <= max) sizes.set(value, size)
  return size
}

/** Nodes of JSON, long texts by their length; counting ends soon after `max`, whatever the data are. */
function sizeUpTo(value: unknown, max: number): number {
  if (typeof value === 'string') return 1 + value.length / 32
  if (typeof value !== 'object' || value === null) return 1
  let size = 1
  for (const key in value) {
    size += sizeUpTo((value as Record<string, unknown>)[key], max - size)
    if (size > max) return size
  }
  return size
}

type Node = { type: string; text?: string; children?: Node[] }

/** Functions that go once over what they are given. */
const LINEAR = new Set([
  ...['empty', 'not', 'exists', 'all', 'allTrue', 'anyTrue', 'allFalse', 'anyFalse', 'count', 'where', 'extension'],
  ...['select', 'coalesce', 'sum', 'min', 'max', 'avg', 'single', 'first', 'last', 'type', 'ofType', 'is', 'as'],
  ...['tail', 'take', 'skip', 'combine', 'iif', 'trace', 'defineVariable', 'toInteger', 'toLong', 'toDecimal'],
  ...['toString', 'toDate', 'toDateTime', 'toTime', 'toBoolean', 'toQuantity', 'hasValue', 'getValue', 'replace'],
  ...['convertsToBoolean', 'convertsToInteger', 'convertsToLong', 'convertsToDecimal', 'convertsToString'],
  ...['convertsToDate', 'convertsToDateTime', 'convertsToTime', 'convertsToQuantity', 'indexOf', 'lastIndexOf'],
  ...['substring', 'startsWith', 'endsWith', 'contains', 'upper', 'lower', 'length', 'trim', 'abs', 'ceiling', 'exp'],
  ...['floor', 'ln', 'log', 'power', 'round', 'sqrt', 'truncate', 'lowBoundary', 'highBoundary', 'now', 'today'],
  ...['timeOfDay', 'yearOf', 'monthOf', 'dayOf', 'hourOf', 'minuteOf', 'secondOf', 'dateOf', 'timeOf', 'children'],
  // They throw here, and so do what parsing leaves to evaluation.
  ...['resolve', 'memberOf'],
])

/** Functions that hold each against each. */
const QUADRATIC = new Set([
  ...['subsetOf', 'supersetOf', 'isDistinct', 'distinct', 'union', 'intersect', 'exclude', 'sort'],
])

/** Functions whose argument is evaluated for each item. */
const LOOPS = new Set(['exists', 'all', 'where', 'select', 'sort', 'repeat'])

/** Functions that give a number, a date or true and false, never more than they got. */
const SCALAR = new Set([
  ...['count', 'sum', 'avg', 'length', 'toInteger', 'toDecimal', 'round', 'abs', 'floor', 'ceiling', 'truncate'],
  ...['exists', 'empty', 'now', 'today', 'not', 'all'],
])

/** Operators that hold each against each. */
const COMPARING = new Set(['=', '!=', '~', '!~', '|', 'in', 'contains'])

function measure(expression: string): Cost {
  let root: Node
  try {
    root = fhirpath.parse(expression) as Node
  } catch {
    return { size: 1, degree: 1, depth: 0, outside: new Set(), growth: 1, isBounded: true }
  }
  const names = new Set<string>()
  const cost = { size: 0, degree: 1, depth: 0, growth: 1, isBounded: true }
  let looksAnywhere = false
  const visit = (node: Node, depth: number): void => {
    cost.size += 1
    const name = functionOf(node)
    if (name !== undefined && !isKnown(name, node)) cost.isBounded = false
    const isQuadratic = (name !== undefined && (QUADRATIC.has(name) || PATTERNS.has(name))) || isComparison(node)
    cost.degree = Math.max(cost.degree, 1 + Number(isQuadratic))
    cost.depth = Math.max(cost.depth, depth)
    if (grows(node, name)) cost.growth *= 2
    const isOutward = name !== undefined && LOOPS.has(name) && looksElsewhere(node)
    if (isOutward) looksAnywhere ||= !namesOutside(node, names)
    for (const child of node.children ?? []) visit(child, depth + Number(isOutward))
  }
  visit(root, 0)
  return { ...cost, outside: looksAnywhere ? undefined : names }
}

/** Gathers the variables that stand in a loop. @returns false when it looks outside in another way too */
function namesOutside(loop: Node, names: Set<string>): boolean {
  return every(loop, (inner) => {
    if (inner.type === 'TotalInvocation' || AT_ROOT.has(functionOf(inner) ?? '')) return false
    if (inner.type !== 'ExternalConstantTerm') return true
    const name = inner.children?.[0]?.children?.[0]?.text
    if (name === undefined) return false
    names.add(name.replace(/^[`']|[`']$/g, ''))
    return true
  })
}

const functionOf = (node: Node): string | undefined =>
  node.type === 'Functn' ? node.children?.[0]?.text?.replaceAll('`', '') : undefined

/** `repeat` ends for certain only where each step goes down in the tree: `repeat(item)`. */
function isKnown(name: string, node: Node): boolean {
  if (PATTERNS.has(name)) return isPlainPattern(node)
  if (name === 'repeat') return every(node.children?.[1], (inner) => DESCENDING.has(inner.type))
  return LINEAR.has(name) || QUADRATIC.has(name)
}

/** Functions that take a pattern. Looking for one costs the square of the text, where nothing is repeated in a repetition. */
const PATTERNS = new Set(['matches', 'matchesFull'])

/** A pattern that is written as it is, with at most one repetition without an end, and none of a group. */
function isPlainPattern(node: Node): boolean {
  const [pattern, ...flags] = node.children?.[1]?.children ?? []
  const text = pattern?.type === 'TermExpression' ? pattern.children?.[0]?.children?.[0] : undefined
  if (text?.type !== 'StringLiteral' || flags.length > 0) return false
  const regex = text.text ?? ''
  const endless = regex.match(/[*+]|\{\d+,\}/g)?.length ?? 0
  const largest = Math.max(0, ...[...regex.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map(([, count]) => Number(count)))
  return endless <= 1 && largest <= 100 && !/\)[*+{?]|\\[\dk]|\(\?/.test(regex) && !(endless > 0 && largest > 0)
}
const DESCENDING = new Set([
  ...['ParamList', 'TermExpression', 'InvocationTerm', 'InvocationExpression', 'MemberInvocation', 'Identifier'],
])

/** Many against one literal, a list of them, or one thing that was worked out, is a comparison like any other. */
function isComparison({ type, text, children = [] }: Node): boolean {
  if (type !== 'EqualityExpression' && type !== 'MembershipExpression' && type !== 'UnionExpression') return false
  return COMPARING.has(text ?? '') && !children.some((child) => isConstant(child) || isScalar(child))
}

/** Functions whose argument is looked up from the root of the expression, wherever they stand. */
const AT_ROOT = new Set(['subsetOf', 'supersetOf', 'combine', 'union', 'intersect', 'exclude'])

/** A loop in a loop over what the outer one stands on visits each node once; only what is looked at from outside multiplies. */
const looksElsewhere = (node: Node): boolean =>
  !every(node, (inner) => {
    if (inner.type === 'ExternalConstantTerm' || inner.type === 'TotalInvocation') return false
    return !AT_ROOT.has(functionOf(inner) ?? '')
  })

const GROWING = new Set(['combine', 'union', 'replace'])

function grows(node: Node, name: string | undefined): boolean {
  if (name !== undefined) return GROWING.has(name)
  const { type, text, children = [] } = node
  if (type === 'UnionExpression') return !children.some(isConstant)
  return (
    type === 'AdditiveExpression' && text !== '-' && !children.some((child) => isConstant(child) || isScalar(child))
  )
}

const isConstant = (node: Node): boolean =>
  every(node, ({ type }) => type !== 'InvocationTerm' && type !== 'ExternalConstantTerm')

/** What these give is true, false or nothing. */
const TRUTHS = new Set([
  ...['OrExpression', 'AndExpression', 'ImpliesExpression', 'EqualityExpression', 'InequalityExpression'],
  ...['MembershipExpression', 'TypeExpression'],
])

/** A count, an instant, a truth, or a choice of two numbers. */
function isScalar(node: Node): boolean {
  const last = node.children?.at(-1)
  if (TRUTHS.has(node.type)) return true
  if (node.type === 'AdditiveExpression') return node.children?.every(isScalar) ?? false
  if (node.type === 'Functn') {
    const name = functionOf(node) ?? ''
    if (name === 'iif') return node.children?.[1]?.children?.slice(1).every(isConstant) ?? false
    return SCALAR.has(name)
  }
  const wraps = ['InvocationExpression', 'FunctionInvocation', 'TermExpression', 'InvocationTerm', 'ParenthesizedTerm']
  return wraps.includes(node.type) && last !== undefined && isScalar(last)
}

function every(node: Node | undefined, holds: (node: Node) => boolean): boolean {
  if (!node) return true
  return holds(node) && (node.children ?? []).every((child) => every(child, holds))
}
