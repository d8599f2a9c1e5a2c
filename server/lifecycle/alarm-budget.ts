import type { AlarmBudget } from './extensions.ts'

/** What a plan really costs, or would cost: measured in operation, or simulated on history. */
export type AlarmRate = {
  tasksPer100PatientDays: number
  /** Undefined where nothing was closed, so that nobody knows. */
  actedOnPercent?: number | undefined
}

/** In which way a rate is beyond the budget, in words; empty when it is within. */
export function beyondBudget(budget: AlarmBudget, rate: AlarmRate): string[] {
  const { tasksPer100PatientDays: most, actedOnPercent: least } = budget
  const { tasksPer100PatientDays: tasks, actedOnPercent: acted } = rate
  return [
    ...(most !== undefined && tasks > most
      ? [`${round(tasks)} Tasks per 100 patient-days, at most ${most} were promised`]
      : []),
    ...(least !== undefined && acted !== undefined && acted < least
      ? [`${round(acted)} % of them acted on, at least ${least} % were promised`]
      : []),
  ]
}

const round = (value: number): number => Math.round(value * 10) / 10
