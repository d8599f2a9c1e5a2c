import type { Coding, ConceptMap, ConceptMapGroup } from '@medplum/fhirtypes'

export type Translation = { equivalence: string; concept: Coding; source: string }

export type TranslateOptions = {
  /** Only to codes of this system. */
  targetSystem?: string
  /** The codings are targets, and what leads to them is asked for. */
  reverse?: boolean
}

/** What an equivalence reads the other way round. https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html */
const REVERSED: Record<string, string> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
}

/** Told by a map to have no counterpart: an answer for people, no translation. */
const NO_MATCH = new Set(['unmatched', 'disjoint'])

/**
 * What the maps say of the codings, each translation once.
 * @see https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 */
export function translate(maps: ConceptMap[], codings: Coding[], options: TranslateOptions): Translation[] {
  const found = maps.flatMap((map) =>
    (map.group ?? []).flatMap((group) =>
      codings.flatMap((coding) =>
        (options.reverse ? backwards(group, coding) : forwards(group, coding)).map((one) => ({
          ...one,
          source: map.url ?? `ConceptMap/${map.id}`,
        })),
      ),
    ),
  )
  const wanted = found.filter(
    ({ concept }) => options.targetSystem === undefined || concept.system === options.targetSystem,
  )
  return [...new Map(wanted.map((one) => [JSON.stringify(one), one])).values()]
}

/** Whether an answer holds a code that stands for what was asked. */
export const isMatch = ({ equivalence }: Translation): boolean => !NO_MATCH.has(equivalence)

function forwards(
  { source, target, element, unmapped }: ConceptMapGroup,
  coding: Coding,
): Omit<Translation, 'source'>[] {
  if (!isOf(source, coding)) return []
  const elements = (element ?? []).filter(({ code }) => code === coding.code)
  const targets = elements.flatMap((one) => one.target ?? [])
  if (elements.length > 0) {
    return targets.map(({ code, display, equivalence }) => toTranslation(target, code, display, equivalence))
  }
  switch (unmapped?.mode) {
    case 'provided':
      return [toTranslation(target, coding.code, undefined, 'equal')]
    case 'fixed':
      return [toTranslation(target, unmapped.code, unmapped.display, 'inexact')]
    default:
      return []
  }
}

function backwards({ source, target, element }: ConceptMapGroup, coding: Coding): Omit<Translation, 'source'>[] {
  if (!isOf(target, coding)) return []
  return (element ?? []).flatMap(({ code, display, target: targets }) =>
    (targets ?? [])
      .filter((one) => one.code === coding.code)
      .map(({ equivalence = 'relatedto' }) =>
        toTranslation(source, code, display, REVERSED[equivalence] ?? equivalence),
      ),
  )
}

const isOf = (system: string | undefined, coding: Coding) =>
  coding.system === undefined || system === undefined || system.split('|', 1)[0] === coding.system

function toTranslation(
  system: string | undefined,
  code: string | undefined,
  display: string | undefined,
  equivalence = 'relatedto',
): Omit<Translation, 'source'> {
  return {
    equivalence,
    concept: {
      ...(system === undefined ? {} : { system: system.split('|', 1)[0] }),
      ...(code === undefined ? {} : { code }),
      ...(display === undefined ? {} : { display }),
    },
  }
}
