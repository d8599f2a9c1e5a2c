import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'

/** What a canonical can mean. */
export type Named = { url?: unknown; version?: unknown } | Resource

/** The label of the relatedArtifact that says where the cases of a plan are. */
export const CASES_LABEL = 'cases'

/**
 * Canonicals that a plan cannot be read without: what its actions do, its libraries, what it says that it depends on (a Questionnaire
 * that only an ActivityDefinition asks for), its cases. Each once.
 */
export function namedBy(plan: PlanDefinition): string[] {
  const cases = casesOf(plan)
  const needed = (plan.relatedArtifact ?? []).flatMap(({ type, resource }) =>
    type === 'depends-on' && resource ? [resource] : [],
  )
  return [...new Set([...ofActions(plan.action), ...(plan.library ?? []), ...needed, ...(cases ? [cases] : [])])]
}

/** The Library that holds the plan's cases, as the plan names it. */
export const casesOf = (plan: PlanDefinition): string | undefined => composedOf(plan, CASES_LABEL)

/** The Measure that counts what the plan is to bring, as the plan names it. */
export const benefitsOf = (plan: PlanDefinition): string | undefined => composedOf(plan, 'benefits')

const composedOf = ({ relatedArtifact }: PlanDefinition, wanted: string): string | undefined =>
  relatedArtifact?.find(({ type, label }) => type === 'composed-of' && label === wanted)?.resource

const ofActions = (actions: PlanDefinitionAction[] = []): string[] =>
  actions.flatMap((action) => [
    ...(action.definitionCanonical ? [action.definitionCanonical] : []),
    ...ofActions(action.action),
  ])

/** Whether a canonical, with a version or without, means this definition. */
export function isNamed(canonical: string, { url, version }: Named): boolean {
  const [wanted, wantedVersion] = canonical.split('|')
  return wanted === url && (wantedVersion === undefined || wantedVersion === version)
}

/** `url|version`, or the url of what has no version. */
export const canonicalOf = ({ url, version }: Named): string => (version ? `${url}|${version}` : String(url))
