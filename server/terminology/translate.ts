import type { Coding, ConceptMap, ConceptMapGroup, ConceptMapGroupElementTarget } from '@medplum/fhirtypes'
import { codesProduced, type Dependency, isMet, notContradicted, type Product } from './concept-map-dependency.ts'

export type Translation = {
  equivalence: string
  concept: Coding
  source: string
  product?: Product[]
}

export type Translated = {
  translations: Translation[]
  /** Elements on which other translations depend, and which were not given with the values that they need. */
  dependsOn: string[]
}

export type TranslateOptions = {
  /** Only to codes of this system. */
  targetSystem?: string
  /** The codings are targets, and what leads to them is asked for. */
  reverse?: boolean
  /** What else is known where the code stands. */
  dependencies?: Dependency[]
  /** Finds the map that another sends its unmapped codes to. */
  mapAt?: (canonical: string) => Promise<ConceptMap | undefined>
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

/** A map sends to another, and that to a third; more often than this it is a circle. */
const MAP_COUNT_MAX = 5

/**
 * What the maps say of the codings, each translation once. One that depends on other elements holds only with their values; the
 * other way round, one that gives other elements holds unless they are known to be different.
 * @see https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 */
export async function translate(maps: ConceptMap[], codings: Coding[], options: TranslateOptions): Promise<Translated> {
  const found: Found[] = []
  for (const map of maps) found.push(...(await inMap(map, codings, options, MAP_COUNT_MAX)))
  const wanted = found.filter(
    ({ translation: { concept } }) => options.targetSystem === undefined || concept.system === options.targetSystem,
  )
  const holding = wanted.flatMap(({ translation, unmet }) => (unmet.length === 0 ? [translation] : []))
  return {
    translations: [...new Map(holding.map((one) => [JSON.stringify(one), one])).values()],
    dependsOn: [...new Set(wanted.flatMap(({ unmet }) => unmet))],
  }
}

/** Whether an answer holds a code that stands for what was asked. */
export const isMatch = ({ equivalence }: Translation): boolean => !NO_MATCH.has(equivalence)

/** A translation, and the elements without whose values it does not hold. */
type Found = { translation: Translation; unmet: string[] }

async function inMap(
  map: ConceptMap,
  codings: Coding[],
  options: TranslateOptions,
  mapCountMax: number,
): Promise<Found[]> {
  const found: Found[] = []
  for (const group of map.group ?? []) {
    for (const coding of codings) {
      const inGroup = options.reverse ? backwards(group, coding, options) : forwards(group, coding, options)
      const source = map.url ?? `ConceptMap/${map.id}`
      found.push(...inGroup.map(({ unmet, ...rest }) => ({ unmet, translation: { ...rest, source } })))
      const sentTo = inGroup.length === 0 && !options.reverse ? otherMapOf(group, coding) : undefined
      const other = sentTo === undefined || mapCountMax <= 1 ? undefined : await options.mapAt?.(sentTo)
      if (other) found.push(...(await inMap(other, [coding], options, mapCountMax - 1)))
    }
  }
  return found
}

type InGroup = Omit<Translation, 'source'> & { unmet: string[] }

function forwards(group: ConceptMapGroup, coding: Coding, { dependencies = [] }: TranslateOptions): InGroup[] {
  const { source, target, element, unmapped } = group
  if (!isOf(source, coding)) return []
  const elements = (element ?? []).filter(({ code }) => code === coding.code)
  if (elements.length > 0) {
    return elements
      .flatMap((one) => one.target ?? [])
      .map(({ code, display, equivalence, dependsOn = [], product }) => ({
        ...toTranslation(target, code, display, equivalence),
        ...codesProduced(product),
        unmet: dependsOn.flatMap((one) => (isMet(one, dependencies) ? [] : (one.property ?? ''))),
      }))
  }
  switch (unmapped?.mode) {
    case 'provided':
      return [{ ...toTranslation(target, coding.code, undefined, 'equal'), unmet: [] }]
    case 'fixed':
      return [{ ...toTranslation(target, unmapped.code, unmapped.display, 'inexact'), unmet: [] }]
    default:
      return []
  }
}

function backwards(
  { source, target, element }: ConceptMapGroup,
  coding: Coding,
  { dependencies = [] }: TranslateOptions,
): InGroup[] {
  if (!isOf(target, coding)) return []
  const leadsHere = ({ code, product = [] }: ConceptMapGroupElementTarget) =>
    code === coding.code && product.every((one) => notContradicted(one, dependencies))
  return (element ?? []).flatMap(({ code, display, target: targets }) =>
    (targets ?? []).filter(leadsHere).map(({ equivalence = 'relatedto', dependsOn }) => ({
      ...toTranslation(source, code, display, REVERSED[equivalence] ?? equivalence),
      // What the way there depended on, the way back gives.
      ...codesProduced(dependsOn),
      unmet: [],
    })),
  )
}

/** Where a group sends a code that it does not name itself. */
function otherMapOf({ source, element, unmapped }: ConceptMapGroup, coding: Coding): string | undefined {
  const isNamed = (element ?? []).some(({ code }) => code === coding.code)
  return isOf(source, coding) && !isNamed && unmapped?.mode === 'other-map' ? unmapped.url : undefined
}

const isOf = (system: string | undefined, coding: Coding) =>
  coding.system === undefined || system === undefined || system.split('|', 1)[0] === coding.system

function toTranslation(
  system: string | undefined,
  code: string | undefined,
  display: string | undefined,
  equivalence = 'relatedto',
): Pick<Translation, 'equivalence' | 'concept'> {
  return {
    equivalence,
    concept: {
      ...(system === undefined ? {} : { system: system.split('|', 1)[0] }),
      ...(code === undefined ? {} : { code }),
      ...(display === undefined ? {} : { display }),
    },
  }
}
