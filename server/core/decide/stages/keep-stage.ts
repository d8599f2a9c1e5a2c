import type { CarePlan } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { phaseOf } from '../../requests/activity-life.ts'
import { type Committed, note, requestsAfter } from '../commit-findings.ts'
import type { Facts } from '../facts.ts'
import { allRules } from '../plan/compile-plan.ts'
import { madeBy, steered } from '../plan/steer.ts'
import { withdrawTasks } from '../task/finding-task.ts'
import type { TimerDecision } from '../timer.ts'
import type { Told } from '../words/told.ts'
import { firstStage } from './stage.ts'
import { lateTasks } from './stage-late.ts'
import { currentStage, movedTo, type StageMark, type StageState, withBegun } from './stage-state.ts'

/**
 * The CarePlan of a patient who is in no stage of the plan yet, or in one that the plan does not have (any more), as one who begins in the
 * first; undefined where there is nothing to do.
 */
export function placedInStage({ plan, carePlan, now }: Facts): CarePlan | undefined {
  const first = firstStage(plan.stages)
  if (!first) return undefined
  const current = currentStage(carePlan, plan.url)?.stage
  return plan.stages.some(({ id }) => id === current) ? undefined : movedTo(carePlan, plan.url, first, { now })
}

/**
 * What ends when another stage begins: the activities that the rules of the others have started, and what was told of their lateness.
 * What was found in them stays work that was found.
 * @returns with the CarePlan, which says that the stage has begun
 */
export function leftStages(facts: Facts, { stage }: StageState): Committed {
  const { plan, carePlan, openTasks, now } = facts
  const left: Committed = { tasks: [], requests: [] }
  const others = new Set(
    allRules(plan.rules).flatMap((rule) =>
      rule.stage !== undefined && rule.stage !== stage && rule.effect.does !== 'raise' ? [rule.id] : [],
    ),
  )
  for (const request of requestsAfter(facts, left)) {
    const made = madeBy(request)
    if (made?.url !== plan.url || !others.has(made.actionId) || phaseOf(request) === undefined) continue
    const ended = steered(request, { does: 'stop', carePlan: `CarePlan/${carePlan.id}`, reason: OVER, now })
    if (ended !== request) note(left, 'update', ended)
  }
  for (const task of withdrawTasks(lateTasks(openTasks, plan.url, carePlan), OVER, now)) {
    note(left, 'update', task as unknown as Resource)
  }
  note(left, 'update', withBegun(carePlan, plan.url) as unknown as Resource)
  return left
}

const OVER: Told = {
  nb: 'Pasienten er flyttet videre til en annen fase av planen.',
  nn: 'Pasienten er flytta vidare til ein annan fase av planen.',
  en: 'The patient was moved on to another stage of the plan.',
}

/** The clocks of the stage that the patient is in; those that have rung, and those that it does not have, are none. */
export function stageTimers({ id }: CarePlan, state: StageState): TimerDecision[] {
  return (['goal', 'deadline'] as const satisfies StageMark[]).map((name) => {
    const key = { kind: 'stage' as const, about: `CarePlan/${id}`, name, plan: state.plan }
    const at = state.passed.includes(name) ? undefined : state[name]
    return at === undefined ? { act: 'drop', timer: key } : { act: 'set', timer: { ...key, dueAt: new Date(at) } }
  })
}
