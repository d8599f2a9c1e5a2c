import type { Resource } from '../fhir/resource.ts'
import { compileFhirPath } from '../fhirpath/evaluate.ts'

/** What an expression can name: `%name`. Every name must be there; what is missing is an empty list. */
export type Variables = Record<string, unknown>

/** One expression, and all that its answer depends on. */
export type Question = {
  /** `text/fhirpath`, `text/cql-identifier` and so on. */
  language: string
  expression: string
  /** Canonical of the Library in which the expression stands, where it says so. */
  reference?: string | undefined
  focus: Resource
  variables: Variables
  now: Date
}

/**
 * Answers one expression. The core asks; whoever calls the core decides where the work is done: here, or in a thread of its own
 * under a time limit (`server/expressions/`).
 * @throws Error for whatever cannot be evaluated; an `Unevaluable` says more about why
 */
export type Evaluator = (question: Question) => unknown[]

/** An expression that has no answer. */
export class Unevaluable extends Error {
  /** As in OperationOutcome.issue.code. */
  readonly code: 'too-costly' | 'not-supported' | 'processing'
  constructor(code: Unevaluable['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** By these names CQL is asked for: the one code of R4's value set, those of R5, and two that are older than both. */
const CQL = new Set([
  ...['text/cql', 'text/cql-identifier', 'text/cql-expression', 'text/cql.identifier', 'text/cql.expression'],
])

/** A text, a number, true or false: written alike, and meaning the same, in CQL and in FHIRPath. */
const CQL_LITERAL = /^\s*(?:'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|true|false)\s*$/

export const FHIRPATH = 'text/fhirpath'

/** Languages that somebody here can answer. https://hl7.org/fhir/R4/valueset-expression-language.html, which is extensible */
export const isKnownLanguage = (language: string | undefined): language is string =>
  language === FHIRPATH || isCql(language)

export const isCql = (language: string | undefined): boolean => language !== undefined && CQL.has(language)

/** Whether FHIRPath gives the same as what the language would. */
export const isFhirPath = ({ language, expression }: Pick<Question, 'language' | 'expression'>): boolean =>
  language === FHIRPATH || (isCql(language) && CQL_LITERAL.test(expression))

/**
 * Evaluates FHIRPath at once and however long it takes: for expressions that are trusted, as in a pathway's cases and in the
 * patient's own browser.
 */
export const evaluateHere: Evaluator = (question) => {
  if (isFhirPath(question)) {
    const { expression, focus, variables, now } = question
    return compileFhirPath(expression)(focus, variables, now)
  }
  throw new Unevaluable('not-supported', `språket «${question.language}» støttes ikke her; bare text/fhirpath`)
}
