import type { Goal, GoalTarget } from '@medplum/fhirtypes'
import { isOfSpo2 } from '../../news2/measures-of.ts'
import type { Spo2Scale } from '../../news2/table.ts'
import { isLimit } from '../plan/vocabulary.ts'

/**
 * The scale of NEWS2 for oxygen saturation that holds for a person: 2 where a Goal in force aims at 88–92 % (hypercapnic respiratory
 * failure), else 1. A limit for alarms is no aim.
 * @returns the Goal that says so beside it
 * @see Royal College of Physicians, NEWS2 2017: scale 2 only where a competent clinical decision maker has decided and recorded it
 */
export function news2ScaleOf(goals: readonly Goal[]): { scale: Spo2Scale; goal?: Goal } {
  const goal = goals.find(
    ({ lifecycleStatus, target = [] }) => lifecycleStatus === 'active' && target.some(isHypercapnic),
  )
  return goal ? { scale: 2, goal } : { scale: 1 }
}

function isHypercapnic({ measure, detailRange: { low, high } = {}, extension = [] }: GoalTarget): boolean {
  const isInPercent = [low, high].every((one) => one?.code === '%')
  return isOfSpo2(measure) && !extension.some(isLimit) && isInPercent && low?.value === 88 && high?.value === 92
}
