import { type Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Expression, type Operator, parseExpression } from './filter-expression.ts'
import { type Parameter, typeIndex } from './parameters.ts'
import { parseFilter, possibleTargets } from './parse-filter.ts'
import type { Filter } from './search-filter.ts'

/**
 * `_filter` as a condition.
 * @throws Refusal value for what cannot be read and for a parameter that the type does not have; not-supported for an operator that
 *   its type does not have here
 * @see https://hl7.org/fhir/R4/search_filter.html
 */
export function parseFilterExpression(definitions: Definitions, type: string, text: string): Filter {
  return toFilter(definitions, type, parseExpression(text))
}

function toFilter(definitions: Definitions, type: string, expression: Expression): Filter {
  switch (expression.kind) {
    case 'and':
      return { kind: 'all', filters: expression.parts.map((part) => toFilter(definitions, type, part)) }
    case 'or':
      return { kind: 'any', filters: expression.parts.map((part) => toFilter(definitions, type, part)) }
    case 'not':
      return { kind: 'not', filter: toFilter(definitions, type, expression.part) }
    case 'comparison': {
      const filter = comparison(definitions, type, expression.path, expression)
      if (!filter) throw unknown(type, expression.path.join('.'))
      return filter
    }
  }
}

type Comparison = { operator: Operator; value: string }

/** @returns undefined when the path means nothing in the type */
function comparison(
  definitions: Definitions,
  type: string,
  [head = '', ...rest]: string[],
  compared: Comparison,
): Filter | undefined {
  const [code = '', target] = head.split(':')
  const parameter = typeIndex(definitions, type).parameters.get(code)
  if (rest.length > 0) {
    if (parameter?.kind !== 'reference') return undefined
    const types = target === undefined ? possibleTargets(definitions, parameter) : [target]
    const targets = types.flatMap((one) => {
      const filter = definitions.resourceTypes.has(one) && comparison(definitions, one, rest, compared)
      return filter ? [{ type: one, filter }] : []
    })
    return targets.length > 0 ? { kind: 'chain', parameter, targets } : undefined
  }
  if (target !== undefined) return undefined
  if (compared.operator === 'pr')
    return parseFilter(definitions, type, `${code}:missing`, absence(head, compared.value))
  if (parameter?.kind === 'string' && parameter.keys.length > 0) return stringComparison(parameter, compared)
  return asParameter(definitions, type, { code, kind: parameter?.kind }, compared)
}

/** `pr true`: present; `:missing` asks the other way round. */
function absence(name: string, value: string): string {
  if (value === 'true') return 'false'
  if (value === 'false') return 'true'
  throw refuse('value', `_filter: ${name} pr must be followed by true or false, not ${value}.`, '_filter')
}

const STRING_MATCH = { eq: 'equals', ne: 'equals', co: 'contains', sw: 'starts', ew: 'ends' } as const

function stringComparison(parameter: Parameter, { operator, value }: Comparison): Filter {
  if (!(operator in STRING_MATCH)) throw unsupported(parameter.code, operator)
  const match = STRING_MATCH[operator as keyof typeof STRING_MATCH]
  const filter: Filter = { kind: 'string', parameter, values: [value], match }
  return operator === 'ne' ? { kind: 'not', filter } : filter
}

type Kind = Parameter['kind'] | undefined

/** The modifier that means the same as an operator, by the type of the parameter. */
const MODIFIERS: Partial<Record<NonNullable<Kind>, Partial<Record<Operator, string>>>> = {
  token: { eq: '', ne: ':not', in: ':in', ni: ':not-in', ss: ':above', sb: ':below' },
  reference: { eq: '', re: '', ne: ':not' },
  uri: { eq: '', ne: ':not', ss: ':above', sb: ':below' },
  composite: { eq: '' },
}
const ORDERED = new Set<Operator>(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb'])

/** What a search parameter with its modifier or prefix says as well. */
function asParameter(
  definitions: Definitions,
  type: string,
  { code, kind }: { code: string; kind: Kind },
  { operator, value }: Comparison,
): Filter | undefined {
  const escaped = value.replace(/[\\,$]/g, kind === 'composite' ? /* its own separator */ '$&' : '\\$&')
  if (code === '_id' && (operator === 'eq' || operator === 'ne')) {
    return parseFilter(definitions, type, operator === 'ne' ? '_id:not' : '_id', escaped)
  }
  if (code === '_lastUpdated' || kind === 'date' || kind === 'number' || kind === 'quantity') {
    if (operator === 'po' && kind === 'date') return overlap(parseFilter(definitions, type, code, `eq${escaped}`))
    if (!ORDERED.has(operator)) throw unsupported(code, operator)
    return parseFilter(definitions, type, code, `${operator}${escaped}`)
  }
  if (kind === undefined) return undefined
  const modifier = MODIFIERS[kind]?.[operator]
  if (modifier === undefined) throw unsupported(code, operator)
  return parseFilter(definitions, type, `${code}${modifier}`, escaped)
}

/** What `ap` compares, without its margin. */
function overlap(filter: Filter | undefined): Filter | undefined {
  if (filter?.kind !== 'date') return filter
  return { ...filter, values: filter.values.map(({ interval }) => ({ prefix: 'ap' as const, interval })) }
}

const unknown = (type: string, path: string): Refusal =>
  refuse('value', `_filter: ${type} has no search parameter ${path}.`, '_filter')
const unsupported = (code: string, operator: string): Refusal =>
  refuse('not-supported', `_filter: ${operator} does not apply to ${code} here.`, '_filter')
