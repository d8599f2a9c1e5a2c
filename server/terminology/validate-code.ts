import type { Coding, ValueSet } from '@medplum/fhirtypes'
import { Refusal } from '../core/fhir/outcome.ts'
import { isWellFormed } from './code-grammar.ts'
import { type Codes, codesIn, keyOf, type ValueSetCode } from './codes-in.ts'
import { type ConceptTree, displayIn, isAbstract } from './concept-tree.ts'
import type { Terms } from './terms.ts'

/** What $validate-code answers. `display` is the one that is recommended. */
export type Verdict = { result: boolean; message?: string; display?: string }

/** A coding as it was given; a `code` of a record has no system of its own. */
export type GivenCode = Pick<Coding, 'system' | 'code' | 'display'>

export type VerdictOptions = {
  /** False: a code that only groups others does not count. */
  abstract?: boolean
  displayLanguages?: string[]
}

/**
 * Whether one of these codings is in the value set, as a CodeableConcept is when any of its codings is.
 * @throws Refusal as `codesIn` does
 * @see https://hl7.org/fhir/R4/valueset-operation-validate-code.html
 */
export async function validateInValueSet(
  terms: Terms,
  valueSet: ValueSet,
  codings: GivenCode[],
  options: VerdictOptions = {},
): Promise<Verdict> {
  const grammar = grammarOf(valueSet)
  if (grammar !== undefined) return firstTrue(codings.map((coding) => byGrammar(grammar, coding)))
  const codes = await knownCodes(terms, valueSet, codings)
  const insensitive = await caseInsensitiveSystems(terms, codings)
  return firstTrue(
    codings.map((coding) => inCodes(codes, coding, valueSet.url ?? valueSet.id ?? '', options, insensitive)),
  )
}

/**
 * The codes of a value set, or of one part of it that holds the code already: a set of all of LOINC and three codes of our own
 * is known well enough to say of one of the three that it is in it.
 */
async function knownCodes(terms: Terms, valueSet: ValueSet, codings: GivenCode[]): Promise<Codes> {
  try {
    return await codesIn(terms, valueSet)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    for (const include of valueSet.compose?.include ?? []) {
      const part = { ...valueSet, compose: { ...valueSet.compose, include: [include] } }
      const codes = await codesIn(terms, part).catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error
      })
      if (codes && codings.some(({ system = '', code = '' }) => codes.has(keyOf({ system, code })))) return codes
    }
    throw refusal
  }
}

/** @see https://hl7.org/fhir/R4/codesystem-operation-validate-code.html */
export function validateInCodeSystem(tree: ConceptTree, codings: GivenCode[], options: VerdictOptions = {}): Verdict {
  return firstTrue(
    codings.map(({ system, code = '', display }) => {
      if (system !== undefined && system !== tree.url) {
        return { result: false, message: `The coding is of ${system}, not of ${tree.url}.` }
      }
      const concept = tree.concept(code)
      if (!concept) return { result: false, message: `The code ${code} is not in ${tree.url}.` }
      return judge({ ...concept, abstract: isAbstract(concept) }, display, options)
    }),
  )
}

function inCodes(
  codes: Codes,
  { system, code = '', display }: GivenCode,
  name: string,
  options: VerdictOptions,
  insensitive: ReadonlySet<string>,
): Verdict {
  const found = find(codes, system, code, insensitive)
  if (found) return judge(found, display, options)
  const told = system === undefined ? code : `${system}|${code}`
  return { result: false, message: `The code ${told} is not in the value set ${name}.` }
}

/** Without a system the code alone decides, as for an element of type `code`, when only one system has it. */
function find(
  codes: Codes,
  system: string | undefined,
  code: string,
  insensitive: ReadonlySet<string>,
): ValueSetCode | undefined {
  if (system !== undefined) {
    const exact = codes.get(keyOf({ system, code }))
    if (exact || !insensitive.has(system)) return exact
    return [...codes.values()].find((one) => one.system === system && one.code.toLowerCase() === code.toLowerCase())
  }
  const same = [...codes.values()].filter((one) => one.code === code)
  return same.length === 1 ? same[0] : undefined
}

async function caseInsensitiveSystems(terms: Terms, codings: GivenCode[]): Promise<ReadonlySet<string>> {
  const systems = [...new Set(codings.flatMap(({ system }) => system ?? []))]
  const trees = await Promise.all(systems.map((system) => terms.codeSystem(system)))
  return new Set(systems.filter((_, i) => trees[i]?.system.caseSensitive === false))
}

type Known = Pick<ValueSetCode, 'code' | 'display' | 'designation' | 'abstract'>

/** The code is there; a display that is none of its own makes the pair wrong. */
function judge(found: Known, display: string | undefined, options: VerdictOptions): Verdict {
  const own = displayIn(found, options.displayLanguages ?? [])
  const shown = own === undefined ? {} : { display: own }
  if (found.abstract && options.abstract === false) {
    return { result: false, message: `${found.code} only groups other codes.`, ...shown }
  }
  const displays = [found.display, own, ...found.designation.map(({ value }) => value)].flatMap((one) => one ?? [])
  if (display !== undefined && displays.length > 0 && !displays.some((one) => isSameText(one, display))) {
    return { result: false, message: `"${display}" is no display of ${found.code}; "${own}" is.`, ...shown }
  }
  return { result: true, ...shown }
}

const isSameText = (one: string, other: string) => toPlain(one) === toPlain(other)
const toPlain = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase()

/** The system of a value set that is all of a grammar, such as that of all languages. */
function grammarOf({ compose }: ValueSet): string | undefined {
  const [include, ...others] = compose?.include ?? []
  if (!include?.system || others.length > 0 || compose?.exclude || include.concept || include.filter) return undefined
  return isWellFormed(include.system, '') === undefined ? undefined : include.system
}

function byGrammar(grammar: string, { system, code = '' }: GivenCode): Verdict {
  const result = (system === undefined || system === grammar) && isWellFormed(grammar, code) === true
  return result ? { result } : { result, message: `${code} is no code of ${grammar}.` }
}

function firstTrue(verdicts: Verdict[]): Verdict {
  const messages = verdicts.flatMap(({ message }) => message ?? [])
  return (
    verdicts.find(({ result }) => result) ?? {
      ...(verdicts[0] ?? {}),
      result: false,
      message: messages.join(' ') || 'There is no coding to look for.',
    }
  )
}
