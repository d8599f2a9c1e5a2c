/**
 * The small part of FHIRPath in which nearly all search parameters are written: a union of paths, each a walk from a type
 * through elements, with an `ofType`, a `where(x='y')` or a `where(resolve() is T)` on the way.
 */
export type Branch = {
  /** The type it starts from; undefined where the expression leaves it out (`name`). */
  root: string | undefined
  steps: Step[]
  /** From `where(resolve() is Patient)`. */
  target?: string
}

export type Step =
  | { kind: 'child'; name: string }
  | { kind: 'ofType'; type: string }
  | { kind: 'where'; path: string[]; equals: string | boolean }
  | { kind: 'index'; index: number }

/** The operands of the outermost `|`, as text. */
export function splitUnion(expression: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let start = 0
  for (let i = 0; i < expression.length; i++) {
    const character = expression[i]
    if (character === "'" && expression[i - 1] !== '\\') quoted = !quoted
    if (quoted) continue
    if (character === '(' || character === '[') depth++
    if (character === ')' || character === ']') depth--
    if (character !== '|' || depth > 0) continue
    parts.push(expression.slice(start, i).trim())
    start = i + 1
  }
  return [...parts, expression.slice(start).trim()]
}

const TOKEN = /\s*([A-Za-z_][A-Za-z0-9_]*|'(?:[^'\\]|\\.)*'|\d+|[().=[\]])/y

/** @returns undefined for what is more than a walk; fhirpath.js evaluates that */
export function parseBranch(text: string): Branch | undefined {
  const tokens = tokenize(text)
  if (!tokens) return undefined
  const reader = { tokens, at: 0 }
  const steps = readPath(reader)
  if (!steps || reader.at < tokens.length) return undefined
  return toBranch(steps)
}

/** The branch written in one way only, so that parameters that walk the same path share its index entries. */
export function writeBranch(type: string, steps: Step[]): string {
  return type + steps.map(writeStep).join('')
}

function writeStep(step: Step): string {
  switch (step.kind) {
    case 'child':
      return `.${step.name}`
    case 'ofType':
      return `:${step.type}`
    case 'where':
      return `[${step.path.join('.')} is ${step.equals}]`
    case 'index':
      return `[${step.index}]`
  }
}

type Reader = { tokens: string[]; at: number }
/** While reading, a type filter by `resolve()` stands among the steps. */
type RawStep = Step | { kind: 'target'; type: string }

function tokenize(text: string): string[] | undefined {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text)
    if (!match?.[1]) return undefined
    tokens.push(match[1])
  }
  return tokens
}

const isName = (token: string | undefined): token is string => token !== undefined && /^[A-Za-z_]/.test(token)

function take(reader: Reader, ...expected: string[]): boolean {
  if (expected.some((token, i) => reader.tokens[reader.at + i] !== token)) return false
  reader.at += expected.length
  return true
}

function takeName(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at]
  if (!isName(token)) return undefined
  reader.at++
  return token
}

/** path := ( '(' path ')' | name ) ( '.' name | '.' function | '[' n ']' )* ( 'as' Type )? */
function readPath(reader: Reader): RawStep[] | undefined {
  const steps: RawStep[] = []
  if (take(reader, '(')) {
    const inner = readPath(reader)
    if (!inner || !take(reader, ')')) return undefined
    steps.push(...inner)
  } else {
    const name = takeName(reader)
    if (name === undefined) return undefined
    steps.push({ kind: 'child', name })
  }
  for (;;) {
    const next = take(reader, '.') ? readCall(reader) : take(reader, '[') ? readIndex(reader) : undefined
    if (next) steps.push(...next)
    else if (reader.tokens[reader.at - 1] === '.' || reader.tokens[reader.at - 1] === '[') return undefined
    else break
  }
  if (!take(reader, 'as')) return steps
  const type = takeName(reader)
  return type === undefined ? undefined : [...steps, { kind: 'ofType', type }]
}

function readIndex(reader: Reader): RawStep[] | undefined {
  const digits = reader.tokens[reader.at++]
  return digits !== undefined && /^\d+$/.test(digits) && take(reader, ']')
    ? [{ kind: 'index', index: Number(digits) }]
    : undefined
}

function readCall(reader: Reader): RawStep[] | undefined {
  const name = takeName(reader)
  if (name === undefined) return undefined
  if (!take(reader, '(')) return [{ kind: 'child', name }]
  const steps = readArguments(reader, name)
  return steps && take(reader, ')') ? steps : undefined
}

function readArguments(reader: Reader, name: string): RawStep[] | undefined {
  if (name === 'ofType' || name === 'as') {
    const type = takeName(reader)
    return type === undefined ? undefined : [{ kind: 'ofType', type }]
  }
  if (name === 'first') return [{ kind: 'index', index: 0 }]
  if (name === 'extension') {
    const url = readLiteral(reader)
    return url === undefined
      ? undefined
      : [
          { kind: 'child', name: 'extension' },
          { kind: 'where', path: ['url'], equals: url },
        ]
  }
  return name === 'where' ? readWhere(reader) : undefined
}

function readWhere(reader: Reader): RawStep[] | undefined {
  if (take(reader, 'resolve', '(', ')', 'is')) {
    const type = takeName(reader)
    return type === undefined ? undefined : [{ kind: 'target', type }]
  }
  const path: string[] = []
  do {
    const name = takeName(reader)
    if (name === undefined) return undefined
    path.push(name)
  } while (take(reader, '.'))
  if (!take(reader, '=')) return undefined
  const equals = readLiteral(reader)
  return equals === undefined ? undefined : [{ kind: 'where', path, equals }]
}

function readLiteral(reader: Reader): string | boolean | undefined {
  const token = reader.tokens[reader.at++]
  if (token === 'true' || token === 'false') return token === 'true'
  return token?.startsWith("'") ? token.slice(1, -1).replace(/\\(.)/g, '$1') : undefined
}

function toBranch(raw: RawStep[]): Branch | undefined {
  const targets = raw.filter((step) => step.kind === 'target')
  // A filter on what is referred to can only be answered where the walk ends at the reference.
  if (targets.length > 1 || (targets.length === 1 && raw.at(-1)?.kind !== 'target')) return undefined
  const steps = raw.filter((step) => step.kind !== 'target')
  const [first, ...rest] = steps
  const startsFromType = first?.kind === 'child' && /^[A-Z]/.test(first.name)
  return {
    root: startsFromType ? first.name : undefined,
    steps: startsFromType ? rest : steps,
    ...(targets[0] ? { target: targets[0].type } : {}),
  }
}
