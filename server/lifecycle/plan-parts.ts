import type { PlanDefinition, PlanDefinitionGoal, RelatedArtifact } from '@medplum/fhirtypes'
import { sortedJson } from './frozen.ts'

/** What makes a plan a plan of its own, whatever the template has: no difference between the two, and kept when the template changes. */
export const OF_ITS_OWN: ReadonlySet<string> = new Set([
  ...['resourceType', 'id', 'meta', 'url', 'version', 'name', 'status', 'experimental', 'date', 'publisher', 'contact'],
  ...['identifier', 'approvalDate', 'lastReviewDate', 'effectivePeriod', 'text'],
])

/** Where a plan comes from, what followed it, and its cases: each plan's own, and not what it rests on. */
export const isOfItsOwn = ({ type }: RelatedArtifact): boolean =>
  ['derived-from', 'predecessor', 'successor', 'composed-of'].includes(String(type))

/** What a plan rests on: evidence, documentation, definitions that it needs. */
export const sourcesOf = ({ relatedArtifact = [] }: PlanDefinition): RelatedArtifact[] =>
  relatedArtifact.filter((one) => !isOfItsOwn(one))

/** A plan's goals, each by what makes it the same one in two versions. */
export const goalsByName = ({ goal = [] }: PlanDefinition): Map<string, PlanDefinitionGoal> =>
  byName(goal, ({ id, description }) => id ?? description.text ?? sortedJson(description))

/** Each by its name; a name that comes again is told apart by its number, so that nothing is lost. */
export function byName<T>(list: T[], nameOf: (one: T) => string): Map<string, T> {
  const found = new Map<string, T>()
  for (const one of list) {
    const name = nameOf(one)
    let free = name
    for (let count = 2; found.has(free); count++) free = `${name} (${count})`
    found.set(free, one)
  }
  return found
}

const TEXT_LENGTH_MAX = 500

/** What an element says, as people are shown it: no longer than they would read. */
export const shortened = (value: unknown): string =>
  (typeof value === 'string' ? value : (sortedJson(value) ?? '')).slice(0, TEXT_LENGTH_MAX)
