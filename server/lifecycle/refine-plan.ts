import type { Library, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { canonicalOf } from './named-definitions.ts'
import { byName, goalsByName, isOfItsOwn, OF_ITS_OWN, sourcesOf } from './plan-parts.ts'
import { type Conflict, mergeElements, mergeNamed, type Named, type Versions } from './three-ways.ts'

/** Merged by themselves: part by part. */
const IN_PARTS: ReadonlySet<string> = new Set(['action', 'goal', 'extension', 'relatedArtifact'])

/**
 * A local plan on a newer version of its template: what the template has changed is taken, what is said otherwise here stays. Pure.
 * @param versions base: the template that `ours` was derived from; theirs: the newer one; ours: the local plan
 * @returns the local plan, derived from `theirs`; and what both have changed, where ours was kept and somebody must look
 */
export function refinePlan({ base, theirs, ours }: Versions<PlanDefinition>): {
  plan: PlanDefinition
  conflicts: Conflict[]
} {
  const parts = <T>(take: (plan: PlanDefinition) => T): Versions<T> => ({
    base: take(base),
    theirs: take(theirs),
    ours: take(ours),
  })
  const elements = mergeElements(parts(elementsOf), 'plan')
  const goals = mergeNamed(parts(goalsByName), 'goal')
  const extensions = mergeNamed(parts(extensionsOf), 'extension')
  const sources = mergeNamed(
    parts((plan) => grouped(sourcesOf(plan), ({ type }) => type ?? '')),
    'source',
  )
  const actions = mergeNamed(parts(actionsOf), 'rule')
  const goal = [...goals.merged.values()]
  const extension = [...extensions.merged.values()].flatMap(({ list }) => list)
  const placed = treeOf(actions.merged)
  return {
    plan: {
      ...elements.merged,
      ...ownOf(ours),
      ...(extension.length > 0 ? { extension } : {}),
      relatedArtifact: [
        { type: 'derived-from', resource: canonicalOf(theirs) },
        ...(ours.relatedArtifact ?? []).filter((one) => isOfItsOwn(one) && one.type !== 'derived-from'),
        ...[...sources.merged.values()].flatMap(({ list }) => list),
      ],
      ...(goal.length > 0 ? { goal } : {}),
      ...(placed.action.length > 0 ? { action: placed.action } : {}),
    } as PlanDefinition,
    conflicts: [
      ...[elements, goals, extensions, sources, actions].flatMap(({ conflicts }) => conflicts),
      ...placed.homeless.map((id): Conflict => ({ about: `rule ${id}`, element: 'its group' })),
    ],
  }
}

/** The cases of a local plan with those that the template has changed. Conflicts as of the plan. */
export function refineCases({ base, theirs, ours }: Versions<Library>): { cases: Library; conflicts: Conflict[] } {
  const contentOf = ({ content = [] }: Library): Named<NonNullable<Library['content']>[number]> =>
    byName(content, ({ title }) => title ?? '')
  const { merged, conflicts } = mergeNamed(
    { base: contentOf(base), theirs: contentOf(theirs), ours: contentOf(ours) },
    'case',
  )
  return { cases: { ...ours, content: [...merged.values()] }, conflicts }
}

const elementsOf = (plan: PlanDefinition): Partial<PlanDefinition> =>
  Object.fromEntries(Object.entries(plan).filter(([name]) => !OF_ITS_OWN.has(name) && !IN_PARTS.has(name)))

const ownOf = (plan: PlanDefinition): Partial<PlanDefinition> =>
  Object.fromEntries(Object.entries(plan).filter(([name]) => OF_ITS_OWN.has(name)))

/** Several of one url are one thing: each is the list of a plan, such as the advice of all zones. */
const extensionsOf = ({ extension = [] }: PlanDefinition) => grouped(extension, ({ url }) => url)

const grouped = <T>(list: T[], nameOf: (one: T) => string): Named<{ list: T[] }> =>
  new Map([...Map.groupBy(list, nameOf)].map(([name, found]) => [name, { list: found }]))

const NO_GROUP = ''

/** Every action by its id, each before those that stand in it; one without an id by its place. */
function actionsOf({ action = [] }: PlanDefinition): Named<Flat> {
  const found: Named<Flat> = new Map()
  const visit = (actions: PlanDefinitionAction[], group: string) => {
    actions.forEach(({ action: below = [], ...own }, i) => {
      const name = own.id ?? `${group}#${i}`
      found.set(name, { ...own, [GROUP]: group })
      visit(below, name)
    })
  }
  visit(action, NO_GROUP)
  return found
}

/** An element of ours beside those of the action, so that being put into another group is a change like any other. */
const GROUP = '_group'
type Flat = PlanDefinitionAction & { [GROUP]: string }

/** The actions, each in its group again. Whose group is gone is told: it was put, or left, in what the other has left out. */
function treeOf(flat: Named<Flat>): { action: PlanDefinitionAction[]; homeless: string[] } {
  const below = Map.groupBy(flat, ([, action]) => action[GROUP])
  const build = (group: string): PlanDefinitionAction[] =>
    (below.get(group) ?? []).map(([name, { [GROUP]: _, ...own }]) => {
      const action = build(name)
      return action.length > 0 ? { ...own, action } : own
    })
  const homeless = [...flat].flatMap(([name, { [GROUP]: group }]) =>
    group === NO_GROUP || flat.has(group) ? [] : [name],
  )
  return { action: build(NO_GROUP), homeless }
}
