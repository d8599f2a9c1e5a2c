import type { PlanDefinition, PlanDefinitionAction, QuestionnaireItem } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { isNamed } from './named-definitions.ts'
import { OF_ITS_OWN } from './plan-parts.ts'
import { type Conflict, mergeElements, mergeNamed, type Named, type Versions } from './three-ways.ts'

/** Definitions by the canonical that names them, as each of the three plans was read. */
export type Definitions = ReadonlyMap<string, Resource>

/** What of a local plan was put on what the template has changed. */
export type RefinedCopy = { definition: Resource; conflicts: Conflict[] }

/**
 * The ActivityDefinitions and Questionnaires that a local plan has copied from its template, and that the template has changed since: what the
 * template has changed is taken, what is said otherwise here stays, a form item by item. Pure.
 * @returns each copy once, still under its own url and version; none for what only one of them has changed
 */
export function refineCopies(plans: Versions<PlanDefinition>, definitions: Versions<Definitions>): RefinedCopy[] {
  const [base, theirs] = [canonicalsOf(plans.base), canonicalsOf(plans.theirs)]
  const found = new Map<Resource, RefinedCopy>()
  for (const [action, canonical] of canonicalsOf(plans.ours)) {
    const [before, other] = [base.get(action), theirs.get(action)]
    if (!before || !other || other === before || canonical === before || canonical === other) continue
    const own = definitions.ours.get(canonical)
    const versions = { base: definitions.base.get(before), theirs: definitions.theirs.get(other), ours: own }
    if (own && !found.has(own) && areAlike(versions)) found.set(own, refineDefinition(versions))
  }
  return [...found.values()]
}

/** Those conflicts are none: both name another version of what was merged. */
export const withoutMerged = (conflicts: Conflict[], plan: PlanDefinition, copies: RefinedCopy[]): Conflict[] => {
  const canonicals = canonicalsOf(plan)
  const isMerged = ({ about, element }: Conflict) => {
    const canonical = element === 'definitionCanonical' && canonicals.get(about.replace(/^rule /, ''))
    return canonical && copies.some(({ definition }) => isNamed(canonical, definition))
  }
  return conflicts.filter((one) => !isMerged(one))
}

function areAlike(versions: Record<keyof Versions<unknown>, Resource | undefined>): versions is Versions<Resource> {
  const types = new Set(Object.values(versions).map((one) => one?.resourceType))
  return types.size === 1 && !types.has(undefined)
}

/** One definition on a newer version of that which it was copied from. */
function refineDefinition({ base, theirs, ours }: Versions<Resource>): RefinedCopy {
  const about = `${ours.resourceType} ${String(ours.url ?? ours.id)}`
  const elements = mergeElements({ base: contentOf(base), theirs: contentOf(theirs), ours: contentOf(ours) }, about)
  const items = mergeNamed({ base: itemsOf(base), theirs: itemsOf(theirs), ours: itemsOf(ours) }, `${about} item`)
  const item = treeOf(items.merged)
  const own = Object.fromEntries(Object.entries(ours).filter(([name]) => OF_ITS_OWN.has(name)))
  return {
    definition: { ...elements.merged, ...own, ...(item.length > 0 ? { item } : {}) } as Resource,
    conflicts: [...elements.conflicts, ...items.conflicts],
  }
}

const contentOf = (definition: Resource): object =>
  Object.fromEntries(Object.entries(definition).filter(([name]) => !OF_ITS_OWN.has(name) && name !== 'item'))

/** Of each action with an id what it names. */
function canonicalsOf({ action = [] }: PlanDefinition): Map<string, string> {
  const found = new Map<string, string>()
  const visit = (actions: PlanDefinitionAction[]) => {
    for (const { id, definitionCanonical, action: below = [] } of actions) {
      if (id && definitionCanonical) found.set(id, definitionCanonical)
      visit(below)
    }
  }
  visit(action)
  return found
}

/** An element of ours beside those of the item, so that being put into another group is a change like any other. */
const GROUP = '_group'
const NO_GROUP = ''
type Flat = QuestionnaireItem & { [GROUP]: string }

/** Every question by its linkId, each before those that stand in it. */
function itemsOf(definition: Resource): Named<Flat> {
  const found: Named<Flat> = new Map()
  const visit = (items: QuestionnaireItem[], group: string) => {
    for (const { item: below = [], ...own } of items) {
      found.set(own.linkId ?? '', { ...own, [GROUP]: group } as Flat)
      visit(below, own.linkId ?? '')
    }
  }
  visit((definition.item as QuestionnaireItem[] | undefined) ?? [], NO_GROUP)
  return found
}

/** The questions, each in its group again; whose group is gone stands outside of all. */
function treeOf(flat: Named<Flat>): QuestionnaireItem[] {
  const groupOf = ({ [GROUP]: group }: Flat) => (flat.has(group) ? group : NO_GROUP)
  const below = Map.groupBy(flat.values(), groupOf)
  const build = (group: string): QuestionnaireItem[] =>
    (below.get(group) ?? []).map(({ [GROUP]: _, ...own }) => {
      const item = build(own.linkId ?? '')
      return item.length > 0 ? { ...own, item } : own
    })
  return build(NO_GROUP)
}
