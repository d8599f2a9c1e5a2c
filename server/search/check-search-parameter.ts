import type { SearchParameter } from '@medplum/fhirtypes'
import type { Issue } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { typesOf, withSearchParameters } from '../definitions/with-search-parameters.ts'
import { compileLimited } from '../limited-fhirpath.ts'
import { typeIndex } from './parameters.ts'
import { parseBranch, splitUnion } from './path-expression.ts'

/** `:` and `.` are modifiers and chains in a query string; a code with one could never be asked for. */
const CODE = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/

/** Names in a query string that are no search parameters of a resource. https://hl7.org/fhir/R4/search.html#Summary */
const RESERVED = new Set([
  ...['_id', '_lastUpdated', '_sort', '_count', '_include', '_revinclude', '_summary', '_total', '_elements'],
  ...['_contained', '_containedType', '_has', '_filter', '_list', '_type', '_format', '_pretty', '_cursor'],
])

/** They need other resources, which are not at hand when one is indexed. */
const NEEDS_OTHERS = /\b(resolve|memberOf|conformsTo)\s*\(/

/** Whether a stored SearchParameter is one to search by. R4 publishes its own as drafts, and so do many guides. */
export const isInUse = ({ status }: { status?: unknown }): boolean => status === 'active' || status === 'draft'

/**
 * Why a SearchParameter cannot take effect; nothing when it can. One of R4's own, by its url, is as R4 says whatever is stored.
 * @param base    R4's definitions
 * @param current the same with what was added, for codes that are taken
 * @see https://hl7.org/fhir/R4/searchparameter.html
 */
export function checkSearchParameter(base: Definitions, current: Definitions, parameter: SearchParameter): Issue[] {
  const types = typesOf(base, parameter)
  if (types.some((type) => base.searchParameters(type).some(({ url }) => url === parameter.url))) return []
  return [...codeIssues(current, types, parameter), ...expressionIssues(base, types, parameter)]
}

function codeIssues(current: Definitions, types: string[], { code = '', url }: SearchParameter): Issue[] {
  if (!CODE.test(code)) return [error('value', `The code ${code} must be of letters, digits, - and _.`, 'code')]
  if (RESERVED.has(code)) return [error('business-rule', `${code} has a meaning of its own in every search.`, 'code')]
  const taken = types.filter((type) =>
    current.searchParameters(type).some((one) => one.code === code && one.url !== url),
  )
  if (taken.length === 0) return []
  return [error('business-rule', `${list(taken)} already has a search parameter ${code}; choose another code.`, 'code')]
}

function expressionIssues(base: Definitions, types: string[], parameter: SearchParameter): Issue[] {
  const { expression, type, code = '' } = parameter
  if (expression === undefined || type === 'special') return []
  const problems = splitUnion(expression).flatMap((text) => problemOf(text) ?? [])
  if (problems.length > 0) return problems.map((problem) => error('invalid', problem, 'expression'))
  // A composite may come before its components: it works as soon as they are there.
  if (type === 'composite') return []
  const definitions = withSearchParameters(base, [parameter])
  const finds = types.some((one) => (typeIndex(definitions, one).parameters.get(code)?.keys.length ?? 0) > 0)
  if (finds) return []
  return [
    error(
      'invalid',
      `${expression} leads to nothing in ${list(types)} that a ${type} search could compare.`,
      'expression',
    ),
  ]
}

function problemOf(text: string): string | undefined {
  if (parseBranch(text)) return undefined
  if (NEEDS_OTHERS.test(text))
    return `${text} asks for other resources, which are not at hand when a resource is indexed.`
  try {
    compileLimited(text)
  } catch (thrown) {
    return `${text} is no FHIRPath expression: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  }
}

const list = (types: string[]): string =>
  types.length > 3 ? `${types.slice(0, 3).join(', ')} and ${types.length - 3} other types` : types.join(', ')

const error = (code: Issue['code'], diagnostics: string, element: string): Issue => ({
  severity: 'error',
  code,
  diagnostics,
  expression: [`SearchParameter.${element}`],
})
