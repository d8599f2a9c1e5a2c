import type {
  CarePlan,
  PlanDefinition,
  PlanDefinitionAction,
  RequestGroup,
  RequestGroupAction,
} from '@medplum/fhirtypes'
import { type ApplyFacts, applyPlan } from '../core/apply/apply.ts'
import type { OfferCase } from '../core/decide/cases/offer-case.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { RuleCoverage } from '../lifecycle/coverage.ts'
import type { CaseReport, PlanReport } from '../lifecycle/plan-report.ts'
import { hookedPlan } from './hooked-plan.ts'
import { findHook } from './hooks.ts'

export type NamedOfferCase = { name: string; given: OfferCase }

/**
 * Plays the cases of a plan that an EHR asks, as its cards are made, and says of each of its actions whether some case offers it and some
 * does not. Pure; a case that cannot be played fails with the reason.
 * @param find a definition that the plan names, by canonical url
 */
export function reportOfOffer(plan: PlanDefinition, cases: NamedOfferCase[], find: ApplyFacts['find']): PlanReport {
  const played = cases.map(({ name, given }) => ({ name, given, ...play(plan, given, find) }))
  const reports = played.map(({ name, given: { title, offered: expected }, offered, troubles }): CaseReport => {
    const isAsWritten = leavesOf(offered).join() === expected.join()
    const differs = isAsWritten ? [] : [`offered: expected ${listed(expected)}, is ${listed(leavesOf(offered))}`]
    const differences = [...differs, ...troubles]
    return { name, title, passed: differences.length === 0, differences }
  })
  const seen = played.map(({ offered }) => new Set(allOf(offered).map(({ id }) => id)))
  const coverage = allOf(plan.action ?? []).map(
    ({ id }): RuleCoverage => ({
      actionId: String(id),
      fires: seen.some((ids) => ids.has(id)),
      spares: seen.some((ids) => !ids.has(id)),
    }),
  )
  return { passed: reports.length > 0 && reports.every(({ passed }) => passed), cases: reports, coverage }
}

/** The ids of what a proposal offers. @param carePlan as `applyPlan` makes it for `hookedPlan` */
export const offeredIn = (carePlan: CarePlan): string[] => leavesOf(actionsIn(carePlan))

type Offering = { offered: RequestGroupAction[]; troubles: string[] }

function play(plan: PlanDefinition, { hook: name, facts, at }: OfferCase, find: ApplyFacts['find']): Offering {
  const hook = findHook(name)
  if (!hook) return { offered: [], troubles: [`"${name}" is no hook of CDS Hooks`] }
  const carePlan = applyPlan({
    plan: hookedPlan(plan, hook),
    subject: { resourceType: 'Patient', id: 'case' },
    ...{ context: {}, variables: {}, data: facts, find, now: new Date(at) },
  })
  return { offered: actionsIn(carePlan), troubles: troublesIn(carePlan) }
}

const containedIn = ({ contained = [] }: CarePlan): Resource[] => contained as Resource[]

function actionsIn(carePlan: CarePlan): RequestGroupAction[] {
  const group = carePlan.activity?.[0]?.reference?.reference
  const found = containedIn(carePlan).find(({ id }) => `#${id}` === group) as RequestGroup | undefined
  return found?.action ?? []
}

/** What could not be evaluated: the EHR shows it as a card, and a case expects none. */
const troublesIn = (carePlan: CarePlan): string[] =>
  containedIn(carePlan)
    .filter(({ resourceType }) => resourceType === 'OperationOutcome')
    .map((outcome) => `not evaluated: ${JSON.stringify(outcome.issue)}`)

type Action = { id?: string; action?: Action[] }

const allOf = (actions: (PlanDefinitionAction | RequestGroupAction)[]): Action[] =>
  (actions as Action[]).flatMap((one) => [one, ...allOf((one.action ?? []) as RequestGroupAction[])])

const leavesOf = (actions: RequestGroupAction[]): string[] =>
  allOf(actions)
    .filter(({ action }) => !action?.length)
    .map(({ id }) => String(id))

const listed = (ids: string[]): string => ids.join(', ') || 'nothing'
