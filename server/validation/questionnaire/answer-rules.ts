import type { QuestionnaireItem } from '@medplum/fhirtypes'
import { literalOf } from '../../core/fhir/json.ts'
import { extensionValue, extensionValues } from '../../core/forms/question.ts'
import { createRation, TooLong } from '../../time-limit.ts'
import { describe, type Fields, quote } from '../walk.ts'
import { type CodesOf, isIn } from './answer-options.ts'
import { compareValues } from './compare-values.ts'

/** One thing that a question asks of its answers. @returns what is wrong, as a sentence */
type AnswerRule = (item: QuestionnaireItem, value: unknown, given: Given) => string | undefined

/** @param holder the answer, where the literal of a decimal is kept */
type Given = { holder: object; key: string; codesOf: CodesOf }

/** What is wrong with one value by the bounds of its question, one sentence each. https://hl7.org/fhir/R4/questionnaire-profiles.html */
export function valueProblems(item: QuestionnaireItem, value: unknown, given: Given): string[] {
  return RULES.flatMap((rule) => rule(item, value, given) ?? [])
}

const RULES: AnswerRule[] = [
  function length(item, value) {
    if (typeof value !== 'string') return undefined
    const min = extensionValue(item, 'minLength')
    if (item.maxLength !== undefined && value.length > item.maxLength)
      return `The answer has ${value.length} characters, and at most ${item.maxLength} are allowed.`
    if (typeof min === 'number' && value.length < min)
      return `The answer has ${value.length} characters, and at least ${min} are needed.`
    return undefined
  },

  function regex(item, value) {
    const pattern = extensionValue(item, 'regex')
    if (typeof value !== 'string' || typeof pattern !== 'string') return undefined
    const expression = safeRegExp(pattern)
    if (!expression || value.length > REGEX_INPUT_MAX || isOfPattern(expression, value)) return undefined
    const format = extensionValue(item, 'entryFormat')
    return `${quote(value)} is not of the form ${format === undefined ? `/${pattern}/` : quote(String(format))}.`
  },

  (item, value) => boundProblem(value, extensionValue(item, 'minValue'), 'least'),
  (item, value) => boundProblem(value, extensionValue(item, 'maxValue'), 'most'),
  (item, value) => boundProblem(value, extensionValue(item, 'sdc-questionnaire-minQuantity'), 'least'),
  (item, value) => boundProblem(value, extensionValue(item, 'sdc-questionnaire-maxQuantity'), 'most'),

  function decimalPlaces(item, value, { holder, key }) {
    const max = extensionValue(item, 'maxDecimalPlaces')
    if (typeof value !== 'number' || typeof max !== 'number') return undefined
    const literal = literalOf(holder, key) ?? String(value)
    const places = /\.(\d+)/.exec(literal)?.[1]?.length ?? 0
    return places > max ? `${literal} has ${places} decimal places, and at most ${max} are allowed.` : undefined
  },

  function attachment(item, value) {
    const { contentType, size, data } = (value ?? {}) as Fields
    if (item.type !== 'attachment') return undefined
    const types = extensionValues(item, 'mimeType')
    if (types.length > 0 && !types.includes(contentType))
      return `The attachment is of type ${describe(contentType ?? null)}; allowed: ${types.join(', ')}.`
    const max = extensionValue(item, 'maxSize')
    const bytes = typeof size === 'number' ? size : typeof data === 'string' ? Math.floor((data.length * 3) / 4) : 0
    return typeof max === 'number' && bytes > max ? `The attachment has ${bytes} bytes; allowed: ${max}.` : undefined
  },

  function reference(item, value) {
    const types = extensionValues(item, 'questionnaire-referenceResource')
    const { reference, type } = (value ?? {}) as Fields
    if (item.type !== 'reference' || types.length === 0) return undefined
    const given = type ?? /(?:^|\/)([A-Z][A-Za-z]+)\/[^/]+(?:\/_history\/[^/]+)?$/.exec(String(reference))?.[1]
    return given === undefined || types.includes(given)
      ? undefined
      : `The reference leads to ${String(given)}; allowed: ${types.join(', ')}.`
  },

  function unit(item, value, { codesOf }) {
    if (item.type !== 'quantity' || typeof value !== 'object') return undefined
    const { system, code, unit: said } = (value ?? {}) as Fields
    const options = extensionValues(item, 'questionnaire-unitOption') as Fields[]
    const shown = `The unit ${quote(String(said ?? code ?? ''))}`
    if (options.length > 0 && !options.some((option) => option.system === system && option.code === code))
      return `${shown} is not among ${options.map((option) => String(option.code)).join(', ')}.`
    const valueSet = extensionValue(item, 'questionnaire-unitValueSet')
    const codes = typeof valueSet === 'string' ? codesOf(valueSet) : undefined
    return codes === undefined || isIn(codes, value) ? undefined : `${shown} is not in the value set ${valueSet}.`
  },
]

function boundProblem(value: unknown, bound: unknown, end: 'least' | 'most'): string | undefined {
  if (bound === undefined || value === undefined) return undefined
  const compared = compareValues(value, bound)
  // A date within the month that bounds it is neither before nor after it.
  if (compared === undefined && typeof value === 'string') return withinMost(value, bound, end)
  if (compared === undefined)
    return `${shown(value)} cannot be compared with ${shown(bound)}: the units differ, or have no code.`
  const isBeyond = end === 'least' ? compared < 0 : compared > 0
  return isBeyond ? `${shown(value)} is beyond the limit: at ${end} ${shown(bound)}.` : undefined
}

/** 2022-06-30 is beyond "at most 2022-06", whose moment is its beginning: what is more precise must be no later. */
function withinMost(value: string, bound: unknown, end: 'least' | 'most'): string | undefined {
  const isMorePrecise = typeof bound === 'string' && value.startsWith(bound)
  return end === 'most' && isMorePrecise ? `${shown(value)} is beyond the limit: at most ${shown(bound)}.` : undefined
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const { value: number, unit, code } = value as Fields
  return `${number} ${unit ?? code ?? ''}`.trim()
}

/** Longer answers are not held against a pattern, which might take its time. */
const REGEX_INPUT_MAX = 2_000
/** A repetition in a repetition can take for ever on a short text. */
const PATTERN_MILLISECONDS = 50
const patterns = createRation()

/** An answer that cannot be judged in time is taken as it is. */
function isOfPattern(pattern: RegExp, value: string): boolean {
  try {
    return patterns.spend(pattern.source, PATTERN_MILLISECONDS, () => pattern.test(value))
  } catch (error) {
    if (error instanceof TooLong) return true
    throw error
  }
}

function safeRegExp(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, 'us')
  } catch {
    return undefined
  }
}
