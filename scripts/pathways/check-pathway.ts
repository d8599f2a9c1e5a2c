import { join } from 'node:path'
import type { PlanDefinition, PlanDefinitionAction, RelatedArtifact, StructureDefinition } from '@medplum/fhirtypes'
import { reportOfOffer } from '../../server/cds-hooks/offer-report.ts'
import { sourcesOfLimit } from '../../server/core/decide/limits/limit-sources.ts'
import { LIMIT } from '../../server/core/decide/plan/vocabulary.ts'
import { colourIn } from '../../server/core/decide/words/coded-words.ts'
import type { Resource } from '../../server/core/fhir/resource.ts'
import { createDefinitionBook } from '../../server/definitions/definition-book.ts'
import { loadDefinitions } from '../../server/definitions/definitions.ts'
import { impedimentsOfCases, impedimentsTo } from '../../server/lifecycle/impediments.ts'
import { casesOf, isNamed, namedBy } from '../../server/lifecycle/named-definitions.ts'
import { testPlan } from '../../server/lifecycle/plan-report.ts'
import {
  loadOffers,
  loadPathway,
  loadProfiles,
  PATHWAYS_FOLDER,
  resourcesOf,
} from '../../server/plans/load-pathways.ts'
import { createValidator } from '../../server/validation/validator.ts'
import { codesIn, problemOfCode, TERMINOLOGIES } from './codes-of-terminologies.ts'
import { knownCode } from './known-codes.ts'
import { lackingCases } from './lacking-cases.ts'
import { lackingParts } from './lacking-parts.ts'
import { problemsOfDeltas } from './local-deltas.ts'
import { problemsOfVersions, readRecordedVersions } from './recorded-versions.ts'
import { textsIn } from './texts.ts'

/** Fewer say too little of a pathway: red, yellow, green, borderline, missing, artefact, correction, a person's own limits … */
const CASE_COUNT_MIN = 12

export type PathwayReport = {
  name: string
  title: string
  cases: number
  /** Rules that something wakes, and what an EHR is offered; each must be seen at work in some case, and holding still in another. */
  rules: number
  limits: number
  texts: number
  codes: number
  /** Codes of LOINC, SNOMED CT and NLK, each counted once, of which it is written nowhere that we could read that they mean what we say. */
  unconfirmed: number
  problems: string[]
}

/** Everything that is to be said against a pathway's content, at once. @param name of its folder */
export async function checkPathway(name: string, folder?: string): Promise<PathwayReport> {
  const { plan: compiled, cases } = loadPathway(name, folder)
  const resources = resourcesOf(name, folder)
  const plan = compiled.definition
  const report = await testPlan(
    compiled,
    cases.map(([caseName, given]) => ({ name: caseName, given })),
  )
  const library = casesOf(plan)
  const definitions = new Map(
    namedBy(plan).flatMap((canonical): [string, Resource][] => {
      const found = resources.find((one) => isNamed(canonical, one))
      if (found) return [[canonical, found]]
      return canonical === library ? [[canonical, { resourceType: 'Library' }]] : []
    }),
  )
  const offers = loadOffers(name, folder).map((offer) => ({
    ...offer,
    report: reportOfOffer(offer.plan, offer.cases, (canonical) => resources.find((one) => isNamed(canonical, one))),
  }))
  const offerCases = offers.flatMap((offer) => offer.cases)
  const texts = resources.map((one) => ({ where: `${one.resourceType}/${one.id}`, ...textsIn(one) }))
  const codes = resources.flatMap(codesIn)
  return {
    name,
    title: String(plan.title),
    cases: cases.length + offerCases.length,
    rules: [report, ...offers.map((offer) => offer.report)].flatMap(({ coverage }) => coverage).length,
    limits: (plan.goal ?? []).flatMap(({ target = [] }) => target).length,
    texts: texts.reduce((sum, { all }) => sum + all, 0),
    codes: codes.length,
    unconfirmed: new Set(
      codes.flatMap((one) => (TERMINOLOGIES.has(one.system) && !knownCode(one)?.codeFrom ? one.code : [])),
    ).size,
    problems: [
      ...resources.flatMap(invalidIn),
      ...impedimentsTo({ plan, definitions, report }).map(({ diagnostics }) => diagnostics),
      ...offers.flatMap((offer) =>
        impedimentsOfCases(offer.report).map(({ diagnostics }) => `PlanDefinition/${offer.plan.id}: ${diagnostics}`),
      ),
      ...texts.flatMap(({ where, untranslated }) =>
        untranslated.map((path) => `${where}: ${path} is not there in nynorsk and English`),
      ),
      ...new Set(codes.flatMap((coded) => problemOfCode(coded) ?? [])),
      ...[plan, ...offers.map((offer) => offer.plan)].flatMap(withoutSource),
      ...problemsOfDeltas(plan, join(folder ?? PATHWAYS_FOLDER, name)),
      ...problemsOfVersions(resources, readRecordedVersions()),
      ...lackingParts(plan, resources),
      ...lackingCases({ plan, resources, cases: cases.map(([, given]) => given) }),
      ...(cases.length < CASE_COUNT_MIN ? [`${cases.length} cases; there must be ${CASE_COUNT_MIN}`] : []),
    ],
  }
}

/** By R4, and by our definitions of the extensions that are used. */
function invalidIn(resource: Resource): string[] {
  return validate(resource)
    .filter(({ severity }) => severity === 'error')
    .map(
      ({ diagnostics, expression }) => `${resource.resourceType}/${resource.id}: ${expression?.join()}: ${diagnostics}`,
    )
}
const { validate } = ourValidator()

function ourValidator() {
  const definitions = loadDefinitions()
  const book = createDefinitionBook(definitions)
  const ours = loadProfiles()
  const structures = ours.filter(({ resourceType }) => resourceType === 'StructureDefinition')
  book.change(
    structures.map((one) => ({ id: String(one.id), resource: one as unknown as StructureDefinition })),
    [],
  )
  return createValidator(definitions, { source: book })
}

/** G: guideline or official table, S: study or published protocol, N: Norwegian practice, P: our own proposal, without a source. */
const LABELS = new Set(['G', 'S', 'N', 'P'])
const isSource = ({ label, display }: RelatedArtifact): boolean => LABELS.has(label ?? '') && Boolean(display)

/** A rule with a colour, and each limit by itself, say where they are from; the tables of sources are in the content itself. */
function withoutSource({ goal = [], action = [] }: PlanDefinition): string[] {
  const limits = goal.flatMap(({ id, target = [] }) =>
    target.flatMap((one, i) => {
      if (!one.extension?.some(({ url }) => url === LIMIT)) return []
      const sources = sourcesOfLimit(one)
      return sources.length > 0 && sources.every(isSource) ? [] : [`Limit ${i} of goal "${id}"`]
    }),
  )
  const rules = leaves(action)
    .filter(
      ({ code, documentation = [] }) => colourIn(code) && !(documentation.length > 0 && documentation.every(isSource)),
    )
    .map(({ id }) => `Rule "${id}"`)
  return [
    ...limits.map((one) => `${one} has no source of its own (limit, source: label G, S, N or P, and display)`),
    ...rules.map((one) => `${one} has no source (documentation: label G, S, N or P, and display)`),
  ]
}

const leaves = (actions: PlanDefinitionAction[]): PlanDefinitionAction[] =>
  actions.flatMap((action) => (action.action?.length ? leaves(action.action) : [action]))
