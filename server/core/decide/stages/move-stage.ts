import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Told } from '../words/told.ts'
import { type Stage, stagesOf } from './stage.ts'
import { currentStage } from './stage-state.ts'

export type StageMove = { stage: Stage } | { isThere: true } | { problem: Told }

/** Whether a patient can be moved on to a stage: the plan has it, and it may come after the one that they are in. */
export function stageMove(plan: PlanDefinition, planUrl: string, carePlan: CarePlan, to: string): StageMove {
  const stages = stagesOf(plan)
  const stage = stages.find(({ id }) => id === to)
  const known = stages.map(({ id }) => id).join(', ')
  if (!stage) return { problem: unknown(to, known) }
  const now = currentStage(carePlan, planUrl)?.stage
  if (now === to) return { isThere: true }
  const next = stages.find(({ id }) => id === now)?.next
  if (now !== undefined && next && !next.includes(to)) return { problem: notNext(now, to, next.join(', ')) }
  return { stage }
}

const unknown = (to: string, known: string): Told => ({
  nb: `planen har ingen fase «${to}»; den har ${known || 'ingen'}`,
  nn: `planen har ingen fase «${to}»; han har ${known || 'ingen'}`,
  en: `the plan has no stage "${to}"; it has ${known || 'none'}`,
})

const notNext = (now: string, to: string, next: string): Told => ({
  nb: `etter fasen «${now}» kommer ikke «${to}», men ${next}`,
  nn: `etter fasen «${now}» kjem ikkje «${to}», men ${next}`,
  en: `the stage "${now}" is not followed by "${to}", but by ${next}`,
})
