import { randomUUID } from 'node:crypto'
import type { ValueSet, ValueSetExpansionContains, ValueSetExpansionParameter } from '@medplum/fhirtypes'
import { refuse } from '../core/fhir/outcome.ts'
import { codesIn, type ValueSetCode } from './codes-in.ts'
import { displayIn } from './concept-tree.ts'
import { type GivenSystems, systemVersions } from './system-versions.ts'
import type { Terms } from './terms.ts'

export type ExpandOptions = {
  /** Each of its words must stand in the code, the display or a designation; neither case nor accents count. */
  filter?: string
  /** 0 asks for the total alone. */
  count?: number
  offset?: number
  activeOnly?: boolean
  /** Leaves out what is only there to group others. */
  excludeNotForUI?: boolean
  includeDesignations?: boolean
  /** Only these designations: tokens of a use, or of a language. */
  designations?: string[]
  includeDefinition?: boolean
  /** In order of preference, as in Accept-Language. */
  displayLanguages?: string[]
  systems?: GivenSystems
}

/** As many codes as one answer holds. */
const PAGE_COUNT_MAX = 10_000

/**
 * The value set with its codes, or one page of them.
 * @param now instant of the expansion
 * @throws Refusal as `codesIn` and `systemVersions` do
 * @see https://hl7.org/fhir/R4/valueset-operation-expand.html
 */
export async function expand(terms: Terms, valueSet: ValueSet, options: ExpandOptions, now: Date): Promise<ValueSet> {
  const languages = options.displayLanguages ?? (valueSet.language ? [valueSet.language] : [])
  const isWanted = compileTextFilter(options.filter ?? '')
  const versions = options.systems && systemVersions(options.systems)
  const codes = [...(await codesIn(terms, valueSet, versions && { versions })).values()].filter(
    (one) => !(options.activeOnly && one.inactive) && !(options.excludeNotForUI && one.abstract) && isWanted(one),
  )
  if (options.count === undefined && codes.length > PAGE_COUNT_MAX) {
    throw refuse('too-costly', `The value set holds ${codes.length} codes; ask for pages by count and offset.`, 'count')
  }
  const offset = options.offset ?? 0
  const count = Math.min(options.count ?? PAGE_COUNT_MAX, PAGE_COUNT_MAX)
  const page = codes.slice(offset, offset + count)
  const isDesignationWanted = compileDesignations(options)
  const { compose, text: _narrative, ...rest } = valueSet
  return {
    ...rest,
    ...(options.includeDefinition && compose ? { compose } : {}),
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: now.toISOString(),
      total: codes.length,
      ...(options.offset !== undefined || count < codes.length ? { offset } : {}),
      parameter: parametersOf(options, codes),
      ...(page.length > 0 ? { contains: page.map((one) => toContains(one, languages, isDesignationWanted)) } : {}),
    },
  }
}

type Designation = ValueSetCode['designation'][number]

function toContains(
  one: ValueSetCode,
  languages: string[],
  isDesignationWanted: (designation: Designation) => boolean,
): ValueSetExpansionContains {
  const display = displayIn(one, languages)
  const designation = one.designation.filter(isDesignationWanted)
  return {
    ...(one.system === '' ? {} : { system: one.system }),
    ...(one.abstract ? { abstract: true } : {}),
    ...(one.inactive ? { inactive: true } : {}),
    ...(one.version === undefined ? {} : { version: one.version }),
    code: one.code,
    ...(display === undefined ? {} : { display }),
    ...(designation.length > 0 ? { designation } : {}),
  }
}

/** All of them when they are asked for, those that are named, or none. */
function compileDesignations({ includeDesignations, designations = [] }: ExpandOptions): (one: Designation) => boolean {
  if (includeDesignations === false || designations.length === 0) return () => includeDesignations === true
  const wanted = designations.map((token) => {
    const bar = token.indexOf('|')
    return bar < 0 ? { code: token } : { system: token.slice(0, bar), code: token.slice(bar + 1) }
  })
  return ({ use, language }) =>
    wanted.some(({ system, code }) =>
      [use, { system: LANGUAGES, code: language }].some(
        (one) => one?.code !== undefined && one.code === code && (system === undefined || one.system === system),
      ),
    )
}

const LANGUAGES = 'urn:ietf:bcp:47'

/** What the expansion depended on, so that who keeps it knows. */
function parametersOf(options: ExpandOptions, codes: ValueSetCode[]): ValueSetExpansionParameter[] {
  const { filter, count, offset, activeOnly, excludeNotForUI, includeDesignations, displayLanguages } = options
  const versions = new Set(codes.flatMap(({ system, version }) => (version ? `${system}|${version}` : [])))
  return [
    ...(filter === undefined ? [] : [{ name: 'filter', valueString: filter }]),
    ...(count === undefined ? [] : [{ name: 'count', valueInteger: count }]),
    ...(offset === undefined ? [] : [{ name: 'offset', valueInteger: offset }]),
    ...(activeOnly === undefined ? [] : [{ name: 'activeOnly', valueBoolean: activeOnly }]),
    ...(excludeNotForUI === undefined ? [] : [{ name: 'excludeNotForUI', valueBoolean: excludeNotForUI }]),
    ...(includeDesignations === undefined ? [] : [{ name: 'includeDesignations', valueBoolean: includeDesignations }]),
    ...(options.designations ?? []).map((token) => ({ name: 'designation', valueString: token })),
    ...Object.entries(options.systems ?? {}).flatMap(([name, list]) =>
      list.map((canonical) => ({ name, valueUri: canonical })),
    ),
    ...(displayLanguages?.[0] === undefined ? [] : [{ name: 'displayLanguage', valueCode: displayLanguages[0] }]),
    ...[...versions].map((version) => ({ name: 'version', valueUri: version })),
  ]
}

function compileTextFilter(filter: string): (one: ValueSetCode) => boolean {
  const words = fold(filter).split(/\s+/).filter(Boolean)
  if (words.length === 0) return () => true
  return ({ code, display = '', designation }) => {
    const text = fold([code, display, ...designation.map(({ value }) => value ?? '')].join('\n'))
    return words.every((word) => text.includes(word))
  }
}

/** Neither case nor accents. The Norwegian ø and æ are letters of their own and stay. */
const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
