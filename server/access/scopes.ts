/** create; read, vread and instance history; update and patch; delete; search and type history. Always in this order. */
export type ScopeLetter = 'c' | 'r' | 'u' | 'd' | 's'
export type ScopeLevel = 'patient' | 'user' | 'system'

/** One SMART resource scope. https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html */
export type Scope = {
  /** As it was asked for, so that a client that speaks v1 is answered in v1. */
  text: string
  level: ScopeLevel
  /** A resource type, or `*` for every type. */
  type: string
  /** One to five of `cruds`, in that order. */
  letters: string
  /** Granular scopes: search parameters that a resource must match too. */
  filter?: [parameter: string, value: string][]
}

const LETTERS = 'cruds'
const V1: Record<string, string> = { read: 'rs', write: 'cud', '*': LETTERS }
const SYNTAX = /^(patient|user|system)\/(\*|[A-Z][A-Za-z]*)\.(read|write|\*|(?=[cruds])c?r?u?d?s?)(?:\?(\S+))?$/

/**
 * Reads one SMART scope, v2 (`patient/Observation.rs?category=…`) or v1 (`patient/Observation.read`).
 * @returns undefined for anything else, letters in another order included: the standard says never to guess.
 */
export function parseScope(text: string): Scope | undefined {
  const [, level, type, permission = '', query] = SYNTAX.exec(text) ?? []
  if (!level || !type) return undefined
  const scope: Scope = { text, level: level as ScopeLevel, type, letters: V1[permission] ?? permission }
  if (query === undefined) return scope
  const filter = [...new URLSearchParams(query)]
  // v1 never had filters, and a filter without a name or a value would filter nothing.
  if (permission in V1 || filter.length === 0 || filter.some(([name, value]) => !name || !value)) return undefined
  return { ...scope, filter }
}

/** The resource scopes in a space-separated list. Others (`openid`, `launch/patient`, what nobody knows) are left out. */
export function parseScopes(text: string): Scope[] {
  return text.split(' ').flatMap((word) => parseScope(word) ?? [])
}

/** A scope in the v2 form. Codes keep their `:`, `/` and `|`, as the standard writes them. */
export function toScopeText({ level, type, letters, filter }: Omit<Scope, 'text'>): string {
  const query = filter?.map(([name, value]) => `${inQuery(name)}=${inQuery(value)}`).join('&')
  return `${level}/${type}.${letters}${query ? `?${query}` : ''}`
}

const inQuery = (text: string) => text.replace(/[%&+#=\s]/g, encodeURIComponent)

/** Whether `allowed`, taken together, holds everything that `asked` would give. */
export function covers(allowed: Scope[], asked: Scope): boolean {
  const whole = allowed.filter((scope) => scope.level === asked.level && holdsType(scope, asked.type) && !scope.filter)
  const same = allowed.filter((scope) => scope.text === asked.text)
  return [...asked.letters].every((letter) => [...whole, ...same].some(({ letters }) => letters.includes(letter)))
}

/**
 * What of `asked` lies within `allowed`. A scope that is allowed whole is kept as it was written; of another its allowed
 * part is left, which may be some of its letters or, for `*`, some of its types.
 */
export function narrow(asked: Scope[], allowed: Scope[]): Scope[] {
  const granted = asked.flatMap((scope) => (covers(allowed, scope) ? [scope] : partsWithin(scope, allowed)))
  return [...new Map(granted.map((scope) => [scope.text, scope])).values()]
}

function partsWithin(asked: Scope, allowed: Scope[]): Scope[] {
  // A filtered allowance is not joined with what was asked: two filters on one type need a search to be told apart.
  const shared = allowed.filter((scope) => scope.level === asked.level && !scope.filter)
  const types = new Set(
    shared.flatMap(({ type }) => (asked.type === '*' ? type : holdsType({ type }, asked.type) ? asked.type : [])),
  )
  return [...types].flatMap((type) => {
    const letters = [...asked.letters].filter((letter) =>
      shared.some((scope) => holdsType(scope, type) && scope.letters.includes(letter)),
    )
    if (letters.length === 0) return []
    const part = { ...asked, type, letters: letters.join('') }
    return [{ ...part, text: toScopeText(part) }]
  })
}

const holdsType = (scope: Pick<Scope, 'type'>, type: string) => scope.type === '*' || scope.type === type
