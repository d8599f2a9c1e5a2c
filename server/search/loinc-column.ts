import type { Resource } from '../core/fhir/resource.ts'
import { tokenTokensOf } from './filter-tokens.ts'
import type { Filter } from './search-filter.ts'
import { systemCodeToken, tokenHash } from './token-hash.ts'

const LOINC = 'http://loinc.org'
const PATH = 'Observation.code'

/** In the column: ask the tokens, there are several. */
const IN_TOKENS = '0'

/**
 * What stands in the column `loinc`: the hash of the Observation's LOINC code, null without one. A measurement is also coded in
 * SNOMED CT or NLK, but of LOINC codes it nearly always has one.
 */
export function loincOf({ resourceType, code }: Resource): string | null {
  if (resourceType !== 'Observation') return null
  const coding = (code as { coding?: unknown } | undefined)?.coding
  const codes = new Set(Array.isArray(coding) ? coding.flatMap(codeInLoinc) : [])
  const [only] = codes
  if (only === undefined) return null
  return codes.size > 1 ? IN_TOKENS : tokenHash(systemCodeToken(PATH, LOINC, only))
}

function codeInLoinc(coding: unknown): string[] {
  const { system, code } = (coding ?? {}) as { system?: unknown; code?: unknown }
  return system === LOINC && typeof code === 'string' ? [code] : []
}

/** The value of the column for which a filter asks, if the column can answer it: one LOINC code of Observations. */
export function loincAsked(filter: Filter): string | undefined {
  if (filter.kind !== 'token' || filter.not) return undefined
  const [token, ...others] = tokenTokensOf(filter)
  return token?.startsWith(systemCodeToken(PATH, LOINC, '')) && others.length === 0 ? tokenHash(token) : undefined
}
