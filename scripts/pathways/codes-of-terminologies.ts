import type { CodeSystem } from '@medplum/fhirtypes'
import { loadProfiles } from '../../server/plans/load-pathways.ts'
import { isWellFormed } from '../../server/terminology/code-grammar.ts'
import { problemOfKnown } from './known-codes.ts'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'

export type Coded = { system: string; code: string; display?: string }

/** Norsk laboratoriekodeverk: what a Norwegian laboratory calls its results by. */
export const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'

/** What is not shipped, so that those of its codes that are used are listed; and how a mistyped one is known, where its codes tell that. */
type Terminology = { name: string; hasCheckDigit?: (code: string) => boolean }
export const TERMINOLOGIES: ReadonlyMap<string, Terminology> = new Map<string, Terminology>([
  [LOINC, { name: 'LOINC', hasCheckDigit: hasLuhnDigit }],
  [SNOMED, { name: 'SNOMED CT', hasCheckDigit: hasVerhoeffDigit }],
  [NLK, { name: 'Norsk laboratoriekodeverk (NLK)' }],
])

/**
 * Why a code can be none of its system, or none that we mean. Our own systems are here whole. LOINC and SNOMED CT may not be shipped, but each
 * of their codes ends in a check digit, so that a mistyped one is found, and those that are used are listed with their names, as those of NLK are, which has
 * no check digit; a unit has UCUM's grammar.
 */
export function problemOfCode({ system, code, display }: Coded): string | undefined {
  const ours = OURS.get(system)
  if (ours) return ours.has(code) ? undefined : `${code} is no code of ${system}`
  if (system.startsWith('http://fylgje.no/') && !system.includes('/NamingSystem/')) return `${system} is not here`
  const terminology = TERMINOLOGIES.get(system)
  if (terminology) {
    const { name, hasCheckDigit } = terminology
    return hasCheckDigit?.(code) === false
      ? `${code} is no ${name} code: its check digit is wrong`
      : problemOfKnown({ system, code, display })
  }
  if (isWellFormed(system, code) === false) return `${code} is not well formed in ${system}`
  return undefined
}

/**
 * Every coding and every unit, wherever it stands, what a ValueSet lists of a system, and each code of LOINC or SNOMED CT that an expression
 * writes as a text: `code = '8867-4'`, `code in ('44054006' | '46635009')`, or with its system before it. Which of the two systems that is of
 * is seen by its form: no other code that we compare with has one of theirs.
 */
export function codesIn(value: unknown): Coded[] {
  if (typeof value !== 'object' || value === null) return []
  const { system, concept, expression } = value as Record<string, unknown>
  const listed = typeof system === 'string' && Array.isArray(concept) ? concept : []
  const coded = [value, ...listed].flatMap((one) => toCoded(system, one))
  const compared = typeof expression === 'string' ? [...expression.matchAll(QUOTED)].flatMap(toCodedText) : []
  return [...coded, ...compared, ...Object.values(value).flatMap(codesIn)]
}

function toCoded(system: unknown, { code, display }: { code?: unknown; display?: unknown }): Coded[] {
  const isCoded = typeof system === 'string' && typeof code === 'string'
  return isCoded ? [{ system, code, ...(typeof display === 'string' ? { display } : {}) }] : []
}

const QUOTED = /'(?:http:\/\/(?:loinc\.org|snomed\.info\/sct)\|)?(?:(\d{1,7}-\d)|(\d{6,18}))'/g

function toCodedText([, loinc, snomed]: RegExpExecArray): Coded[] {
  if (loinc !== undefined) return [{ system: LOINC, code: loinc }]
  return snomed === undefined ? [] : [{ system: SNOMED, code: snomed }]
}

const OURS = new Map(
  loadProfiles()
    .filter(({ resourceType }) => resourceType === 'CodeSystem')
    .map((one) => one as unknown as CodeSystem)
    .map(({ url, concept = [] }) => [String(url), new Set(concept.map(({ code }) => code))] as const),
)

/** Modulus 10. https://loinc.org/kb/faq/structure/ */
function hasLuhnDigit(code: string): boolean {
  const [, number = '', digit] = /^(\d{1,7})-(\d)$/.exec(code) ?? []
  const sum = [...number].reverse().reduce((all, figure, i) => {
    const value = Number(figure) * (i % 2 === 0 ? 2 : 1)
    return all + (value > 9 ? value - 9 : value)
  }, 0)
  return digit !== undefined && (10 - (sum % 10)) % 10 === Number(digit)
}

/** In the group of the pentagon's turns and reflections: 0–4 are turns, 5–9 reflections. */
function multiply(one: number, other: number): number {
  const turned = one < 5 ? (one + (other % 5)) % 5 : (5 + (one % 5) - (other % 5)) % 5
  return one < 5 === other < 5 ? turned : turned + 5
}
const PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

/** https://confluence.ihtsdotools.org/display/DOCRELFMT/5.5+Check-digit */
function hasVerhoeffDigit(code: string): boolean {
  if (!/^[1-9]\d{5,17}$/.test(code)) return false
  const check = [...code].reverse().reduce((sum, figure, i) => {
    let value = Number(figure)
    for (let turn = 0; turn < i % 8; turn++) value = PERMUTATION[value] ?? 0
    return multiply(sum, value)
  }, 0)
  return check === 0
}
