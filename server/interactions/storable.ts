import type { PlanDefinition, SearchParameter } from '@medplum/fhirtypes'
import { checkFilters } from '../core/decide/plan/check-filters.ts'
import { checkRelations } from '../core/decide/plan/check-relations.ts'
import { checkTriggers } from '../core/decide/plan/check-triggers.ts'
import type { PlanProblem } from '../core/decide/plan/plan-problem.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { checkSearchParameter } from '../search/check-search-parameter.ts'
import { checkConsent } from '../store/relations/check-consent.ts'
import type { QuestionnaireSource } from '../validation/questionnaire/find-questionnaire.ts'
import { withScores } from '../validation/questionnaire/score-response.ts'
import { refuseNonsenseLimits } from '../validation/refuse-nonsense-limits.ts'

export type StorableRooms = {
  /** R4's own, and with them what is stored now. */
  base: Definitions
  current: () => Definitions
  questionnaires: Pick<QuestionnaireSource, 'questionnaire'>
  fhirBase: string
}

type Accepted = { resource: Resource; warnings: Issue[] }

/**
 * Holds what R4 allows against what it means here, before it is stored: answers get their scores; a SearchParameter, a plan, its limits and a
 * Consent about access must be able to do what they say.
 * @returns gives what is stored, with the warnings of before and its own; throws Refusal with all issues of the first that has any
 */
export function createStorable({ base, current, questionnaires, fhirBase }: StorableRooms) {
  return <T extends Accepted>(accepted: T): T => {
    const scored = refuseNonsenseLimits(withScores(accepted, questionnaires))
    const { resource, warnings } = scored
    mustBeSearchable(resource, base, current())
    mustBePlayable(resource)
    const told = checkConsent(resource, base, fhirBase)
    return told.length > 0 ? { ...scored, warnings: [...warnings, ...told] } : scored
  }
}

/** A SearchParameter that shall take effect and cannot is refused; a draft may be unfinished. @throws Refusal */
function mustBeSearchable(resource: Resource, base: Definitions, current: Definitions): void {
  if (resource.resourceType !== 'SearchParameter' || resource.status !== 'active') return
  const issues = checkSearchParameter(base, current, resource as Resource & SearchParameter)
  if (issues.length > 0) throw new Refusal(issues)
}

/**
 * Every trigger of a plan in force can be pulled, every filter asked, and its relations lead in no circle; a draft may be unfinished.
 * @throws Refusal not-supported, business-rule
 */
function mustBePlayable(resource: Resource): void {
  if (resource.resourceType !== 'PlanDefinition' || resource.status !== 'active') return
  const plan = resource as Resource & PlanDefinition
  const told = (code: Issue['code'], problems: PlanProblem[]): Issue[] =>
    problems.map(({ diagnostics, expression }) => ({ severity: 'error', code, diagnostics, expression: [expression] }))
  const issues = [
    ...told('not-supported', [...checkTriggers(plan), ...checkFilters(plan)]),
    ...told('business-rule', checkRelations(plan)),
  ]
  if (issues.length > 0) throw new Refusal(issues)
}
