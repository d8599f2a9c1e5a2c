import type { ValueSetComposeIncludeFilter } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { type Concept, type ConceptTree, textOfProperty } from './concept-tree.ts'

type Filter = ValueSetComposeIncludeFilter
export type ConceptTest = (concept: Concept) => boolean

/** A pattern that someone stored runs on each code, so it must not be able to run for long. */
const PATTERN_LENGTH_MAX = 200
const SUBJECT_LENGTH_MAX = 100
const REPETITION_COUNT_MAX = 4

/**
 * One `ValueSet.compose.include.filter` as a test of a concept.
 * @param at FHIRPath of the filter, for refusals
 * @throws Refusal not-supported for an operator that R4 lacks or a property that the code system lacks, value for a pattern that is none
 * @see https://hl7.org/fhir/R4/valueset-filter-operator.html
 */
export function compileConceptFilter(tree: ConceptTree, { property, op, value }: Filter, at: string): ConceptTest {
  if (property !== undefined && !hasProperty(tree, property)) {
    throw refuse(
      'not-supported',
      `The code system ${tree.url} has no property ${property} to filter by.`,
      `${at}.property`,
    )
  }
  const given = value ?? ''
  const wanted = new Set(given.split(',').map((one) => one.trim()))
  switch (op) {
    case 'is-a':
      return isIn(withSelf(tree, given, tree.descendants(given)))
    case 'descendent-of':
      return isIn(tree.descendants(given))
    case 'is-not-a':
      return not(isIn(withSelf(tree, given, tree.descendants(given))))
    case 'generalizes':
      return isIn(withSelf(tree, given, tree.ancestors(given)))
    case '=':
      return (concept) => valuesOf(concept, property ?? '').includes(given)
    case 'in':
      return (concept) => valuesOf(concept, property ?? '').some((one) => wanted.has(one))
    case 'not-in':
      return (concept) => !valuesOf(concept, property ?? '').some((one) => wanted.has(one))
    case 'regex': {
      const pattern = toPattern(given, at)
      return (concept) =>
        valuesOf(concept, property ?? '').some((one) => one.length <= SUBJECT_LENGTH_MAX && pattern.test(one))
    }
    case 'exists':
      return (concept) => valuesOf(concept, property ?? '').length > 0 === (given !== 'false')
    default:
      throw refuse('not-supported', `The filter operator ${op} is not one of R4.`, `${at}.op`)
  }
}

const isIn =
  (codes: ReadonlySet<string>): ConceptTest =>
  ({ code }) =>
    codes.has(code)
const not =
  (test: ConceptTest): ConceptTest =>
  (concept) =>
    !test(concept)

const withSelf = (tree: ConceptTree, code: string, others: ReadonlySet<string>) =>
  new Set([tree.concept(code)?.code ?? code, ...others])

/** What every code system has: the elements of a concept, and what R4 defines. https://hl7.org/fhir/R4/codesystem-concept-properties.html */
const PROPERTIES_OF_ALL = new Set([
  ...['code', 'concept', 'display', 'definition', 'parent', 'child', 'subsumedBy'],
  ...['inactive', 'deprecated', 'notSelectable', 'status'],
])

/** A property that is misspelt would find nothing, or with not-in everything, and nobody would notice. */
const hasProperty = ({ system, concepts }: ConceptTree, name: string): boolean =>
  PROPERTIES_OF_ALL.has(name) ||
  [...(system.property ?? []), ...(system.filter ?? [])].some(({ code }) => code === name) ||
  concepts.some(({ property }) => property.some(({ code }) => code === name))

/** What a concept has under a property's name: its own elements, its hierarchy, or its properties. */
function valuesOf(concept: Concept, property: string): string[] {
  switch (property) {
    case 'code':
    case 'concept':
      return [concept.code]
    case 'display':
      return concept.display === undefined ? [] : [concept.display]
    case 'definition':
      return concept.definition === undefined ? [] : [concept.definition]
    case 'parent':
    case 'subsumedBy':
      return concept.parents
    case 'child':
      return concept.children
    default:
      return concept.property.filter((one) => one.code === property).map(textOfProperty)
  }
}

/**
 * R4 lets the pattern match the whole value. A repeated group can take for ever, and so can many repetitions in a row; single
 * characters and classes, repeated a few times, cannot.
 */
function toPattern(text: string, at: string): RegExp {
  const repetitions = text.match(/[+*}]/g)?.length ?? 0
  if (text.length > PATTERN_LENGTH_MAX || repetitions > REPETITION_COUNT_MAX || /\)[+*{]|\\[\dk]/.test(text)) {
    throw refuse(
      'too-costly',
      `The pattern ${text} may take too long: no group may be repeated or named again.`,
      `${at}.value`,
    )
  }
  try {
    return new RegExp(`^(?:${text})$`)
  } catch {
    throw refuse('value', `${text} is no regular expression.`, `${at}.value`)
  }
}
