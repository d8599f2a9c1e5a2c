import type { Questionnaire, QuestionnaireItem, ValueSet } from '@medplum/fhirtypes'
import { extensionValue, typedValue } from '../../core/forms/question.ts'
import { describe, type Fields, quote } from '../walk.ts'
import { areEqual } from './compare-values.ts'

/** All `system|code` of a value set; undefined when it cannot be listed. */
export type CodesOf = (valueSet: string) => ReadonlySet<string> | undefined

const SHOWN_COUNT_MAX = 10

/** What is wrong with a value that must be one of the options; undefined for nothing, and where the options are not known. */
export function optionProblem(item: QuestionnaireItem, value: unknown, codesOf: CodesOf): string | undefined {
  // Where words of one's own are allowed, they are what they are.
  if (item.type === 'open-choice' && typeof value === 'string') return undefined
  const options = (item.answerOption ?? []).map((option) => typedValue(option)?.value)
  if (options.length > 0) {
    if (options.some((option) => areEqual(option, value))) return undefined
    return `${shown(value)} is not among the options: ${options.slice(0, SHOWN_COUNT_MAX).map(shown).join(', ')}${options.length > SHOWN_COUNT_MAX ? ', …' : ''}.`
  }
  const codes = item.answerValueSet ? codesOf(item.answerValueSet) : undefined
  return codes === undefined || isIn(codes, value)
    ? undefined
    : `${shown(value)} is not in the value set ${item.answerValueSet} of the answers.`
}

/** Answers that stand alone or not at all. https://hl7.org/fhir/R4/extension-questionnaire-optionexclusive.html */
export function isExclusive({ answerOption = [] }: QuestionnaireItem, value: unknown): boolean {
  return answerOption.some(
    (option) =>
      extensionValue(option, 'questionnaire-optionExclusive') === true && areEqual(typedValue(option)?.value, value),
  )
}

export function isIn(codes: ReadonlySet<string>, value: unknown): boolean {
  if (typeof value === 'string') return [...codes].some((code) => code.slice(code.indexOf('|') + 1) === value)
  const { system, code } = (value ?? {}) as Fields
  return codes.has(`${system}|${code}`)
}

/** Value sets that the Questionnaire contains are known when they list their codes; the rest is asked of `stored`. */
export function codesWithin({ contained = [] }: Questionnaire, stored: CodesOf): CodesOf {
  return (valueSet) => {
    if (!valueSet.startsWith('#')) return stored(valueSet)
    const found = contained.find(({ id, resourceType }) => resourceType === 'ValueSet' && id === valueSet.slice(1))
    return found && listedCodes(found as ValueSet)
  }
}

function listedCodes({ compose, expansion }: ValueSet): ReadonlySet<string> | undefined {
  if (expansion?.contains) return new Set(expansion.contains.map(({ system, code }) => `${system}|${code}`))
  const { include = [], exclude } = compose ?? {}
  if (exclude || include.length === 0 || include.some(({ concept, valueSet }) => !concept || valueSet)) return undefined
  return new Set(include.flatMap(({ system, concept = [] }) => concept.map(({ code }) => `${system}|${code}`)))
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return describe(value)
  const { system, code, reference } = value as Fields
  return quote(String(reference ?? (system === undefined ? code : `${system}|${code}`)))
}
