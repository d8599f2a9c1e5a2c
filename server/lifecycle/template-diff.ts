import type { PlanDefinition, PlanDefinitionGoal } from '@medplum/fhirtypes'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { differingParts } from './differing-parts.ts'
import { changedElements, sortedJson } from './frozen.ts'
import { type Difference, diffPlans, partsInWords } from './plan-diff.ts'
import { goalsByName, OF_ITS_OWN, shortened, sourcesOf } from './plan-parts.ts'
import { lastOf, valueInWords } from './value-words.ts'

/** A plan as it is stored, and as the engine reads it. */
export type ReadPlan = { plan: PlanDefinition; compiled: CompiledPlan }

/** The template that a plan is derived from: the canonical of its version. */
export const templateOf = (plan: PlanDefinition): string | undefined => relatedOf(plan, 'derived-from')

/** The version that a plan begins from: of its template, else the one before of its own. */
export const originOf = (plan: PlanDefinition): string | undefined => templateOf(plan) ?? relatedOf(plan, 'predecessor')

const relatedOf = ({ relatedArtifact = [] }: PlanDefinition, wanted: string): string | undefined =>
  relatedArtifact.find(({ type }) => type === wanted)?.resource

/**
 * All that a plan says otherwise than another: rules and limits as between two versions, and what stands in the plan itself and in its goals.
 * What makes it a plan of its own (url, version, status, who has approved it) is no difference.
 */
export const diffFromTemplate = (template: ReadPlan, local: ReadPlan, language: Language): Difference[] => [
  ...diffElements(template.plan, local.plan, language),
  ...diffGoals(template.plan, local.plan, language),
  ...diffPlans(template.compiled, local.compiled, language),
]

/** Those of `local` that are about what has changed in the template too: somebody must look at both. */
export const inBoth = (local: Difference[], upstream: Difference[]): Difference[] =>
  upstream.filter((theirs) => local.some(({ kind, about }) => kind === theirs.kind && about === theirs.about))

/** They are told of by themselves: rule by rule, goal by goal, extension by extension. */
const IN_PARTS = new Set(['action', 'goal', 'extension', 'relatedArtifact', 'library'])

function diffElements(before: PlanDefinition, after: PlanDefinition, language: Language): Difference[] {
  // A text and its translations are one thing.
  const names = changedElements(asResource(before), asResource(after)).map((name) => name.replace(/^_/, ''))
  const texts = [...new Set(names)].filter((name) => !OF_ITS_OWN.has(name) && !IN_PARTS.has(name))
  return [
    ...texts.flatMap((name) => difference('plan', name, shown(before, name, language), shown(after, name, language))),
    ...diffLists(before.extension ?? [], after.extension ?? [], { nameOf: ({ url }) => lastOf(url), language }),
    ...diffLists(sourcesOf(before), sourcesOf(after), { nameOf: ({ type }) => `relatedArtifact ${type}`, language }),
  ]
}

function diffGoals(before: PlanDefinition, after: PlanDefinition, language: Language): Difference[] {
  const [old, next] = [goalsByName(before), goalsByName(after)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((name) =>
    difference('goal', name, goalInWords(old.get(name), language), goalInWords(next.get(name), language)),
  )
}

/** What it aims at, and on what that rests; its targets are limits, which are told of by themselves. */
function goalInWords(goal: PlanDefinitionGoal | undefined, language: Language): string | undefined {
  if (!goal) return undefined
  const { id: _, target: __, description, ...rest } = goal
  const words = translated(description, 'text', language) ?? sortedJson(description)
  return Object.keys(rest).length > 0 ? `${words} (${valueInWords(rest, language)})` : words
}

/** Lists in which several may have one name: those of one name are held against each other together. */
function diffLists<T extends object>(
  before: T[],
  after: T[],
  { nameOf, language }: { nameOf: (one: T) => string; language: Language },
): Difference[] {
  const [old, next] = [Map.groupBy(before, nameOf), Map.groupBy(after, nameOf)]
  return [...new Set([...old.keys(), ...next.keys()])].flatMap((about): Difference[] => {
    const [was, becomes] = [old.get(about), next.get(about)]
    if (!was || !becomes) {
      const said = (list: T[] | undefined) => list && valueInWords(list, language)
      return difference('plan', about, said(was), said(becomes))
    }
    const parts = differingParts({ before: was, after: becomes }, language)
    return parts.length === 0 ? [] : [{ kind: 'plan', about, change: 'changed', ...partsInWords(parts) }]
  })
}

function difference(
  kind: Difference['kind'],
  about: string,
  before: string | undefined,
  after: string | undefined,
): Difference[] {
  if (before === after) return []
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed'
  return [
    {
      ...{ kind, about, change },
      ...(before === undefined ? {} : { before: shortened(before) }),
      ...(after === undefined ? {} : { after: shortened(after) }),
    },
  ]
}

function shown(plan: PlanDefinition, name: string, language: Language): string | undefined {
  const text = translated(plan, name, language)
  if (text !== undefined) return text
  const value = (plan as unknown as Record<string, unknown>)[name]
  return value === undefined ? undefined : valueInWords(value, language)
}

const asResource = (plan: PlanDefinition) => plan as unknown as Resource
