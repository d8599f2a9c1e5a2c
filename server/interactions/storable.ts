import type { PlanDefinition, SearchParameter } from '@medplum/fhirtypes'
import type { PlanProblem } from '../core/decide/plan/plan-problem.ts'
import { type Issue, Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { cannotBeHeard, contradictsItself, impedimentsInItself } from '../lifecycle/impediments.ts'
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
    const told = [...mustBePlayable(resource), ...checkConsent(resource, base, fhirBase)]
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
 * Whatever a plan in force says the engine can do: it hears every trigger, asks every filter, and nothing contradicts itself. A draft may be
 * unfinished. What else `$activate` would have asked is told: where systems may bring plans that are in force elsewhere, nobody has.
 * @throws Refusal not-supported, business-rule
 */
function mustBePlayable(resource: Resource): Issue[] {
  if (resource.resourceType !== 'PlanDefinition' || resource.status !== 'active') return []
  const plan = resource as Resource & PlanDefinition
  const told = (code: Issue['code'], problems: PlanProblem[]): Issue[] =>
    problems.map(({ diagnostics, expression }) => ({ severity: 'error', code, diagnostics, expression: [expression] }))
  const issues = [...told('not-supported', cannotBeHeard(plan)), ...told('business-rule', contradictsItself(plan))]
  if (issues.length > 0) throw new Refusal(issues)
  return impedimentsInItself(plan).map((issue) => ({ ...issue, severity: 'warning' }))
}
