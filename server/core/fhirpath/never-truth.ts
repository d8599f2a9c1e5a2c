import fhirpath from 'fhirpath'

type Node = { type: string; text?: string; children?: Node[] }

/** What wraps one expression and changes nothing of what it gives. */
const WRAPPERS = new Set(['EntireExpression', 'TermExpression', 'ParenthesizedTerm', 'InvocationTerm', 'LiteralTerm'])
/** Functions that give things, numbers, texts or times, whatever they are given. */
const GIVES_OTHERS = new Set([
  ...[
    'where',
    'repeat',
    'children',
    'descendants',
    'extension',
    'count',
    'sum',
    'avg',
    'length',
    'now',
    'today',
    'timeOfDay',
  ],
  ...['toString', 'toInteger', 'toDecimal', 'toQuantity', 'toDate', 'toDateTime', 'toTime', 'upper', 'lower', 'trim'],
  ...['substring', 'indexOf', 'replace', 'split', 'join', 'abs', 'round', 'floor', 'ceiling'],
])
const OTHERS = new Set([
  ...['AdditiveExpression', 'MultiplicativeExpression', 'UnionExpression', 'PolarityExpression'],
  ...['StringLiteral', 'NumberLiteral', 'QuantityLiteral', 'DateLiteral', 'DateTimeLiteral', 'TimeLiteral'],
])

/**
 * Whether an expression can never give true or false, however its data are: one that ends with `where(…)` gives what it has found. As a
 * condition it is never met, so it is told before anybody relies on it.
 * @throws Error for an expression that does not parse
 */
export function isNeverTruth(expression: string): boolean {
  const known = judged.get(expression)
  if (known !== undefined) return known
  const isNever = judge(expression)
  if (judged.size >= JUDGED_COUNT_MAX) judged.clear()
  judged.set(expression, isNever)
  return isNever
}

/** The conditions of a plan are looked at each time that it is stored or comes nearer to force; to parse one takes a millisecond. */
const judged = new Map<string, boolean>()
const JUDGED_COUNT_MAX = 5_000

function judge(expression: string): boolean {
  const { type, children = [] } = inner(fhirpath.parse(expression) as Node)
  if (type === 'InvocationExpression') return GIVES_OTHERS.has(functionOf(children[1]))
  return OTHERS.has(type) || GIVES_OTHERS.has(functionOf({ type, children }))
}

function inner(node: Node): Node {
  const [only, ...others] = node.children ?? []
  return WRAPPERS.has(node.type) && only && others.length === 0 ? inner(only) : node
}

const functionOf = (node: Node | undefined): string =>
  (node?.type === 'FunctionInvocation' && node.children?.[0]?.children?.[0]?.text) || ''
