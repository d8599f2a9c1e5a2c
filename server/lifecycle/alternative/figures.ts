import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'
import type { Told } from '../../core/decide/words/told.ts'
import { beyondBudget } from '../alarm-budget.ts'
import type { AlarmBudget } from '../extensions.ts'
import type { Alternative } from './alternative.ts'

/** What a simulation found of a plan, as far as its alarm budget is concerned. Plain JSON: it is kept while others are tried. */
export type Figures = {
  patientDays: number
  tasksPer100PatientDays: number
  /** Of the Tasks that people really had before them; null where none of them is closed. */
  actedOnPercent: number | null
  /** Red Tasks that were really made, and would not have been. */
  redsMissed: number
  /** Tasks of any colour that led to something, and would not have been made. */
  actedOnMissed: number
}

/** What became of one simulation. */
/** A problem that is a text alone is what a refusal said, in English. */
export type Tried = { figures: Figures } | { problem: Told | string }

/** An alternative, and what came of trying it. */
export type TriedAlternative = { alternative: Alternative; tried: Tried }

/** @returns undefined where nobody was followed for a day, so that there is no rate */
export function figuresOf({ parameter = [] }: Parameters): Figures | undefined {
  const rate = partOf(parameter, 'tasksPer100PatientDays', 'simulated')?.valueDecimal
  if (rate === undefined) return undefined
  return {
    patientDays: named(parameter, 'patientDays')?.valueDecimal ?? 0,
    tasksPer100PatientDays: rate,
    actedOnPercent: named(parameter, 'actedOnPercent')?.valueDecimal ?? null,
    redsMissed: partOf(parameter, 'comparedRed', 'missed')?.valueInteger ?? 0,
    actedOnMissed: partOf(parameter, 'compared', 'missedActedOn')?.valueInteger ?? 0,
  }
}

const named = (parameter: ParametersParameter[], name: string) => parameter.find((one) => one.name === name)
const partOf = (parameter: ParametersParameter[], name: string, part: string) =>
  named(named(parameter, name)?.part ?? [], part)

/** It misses no red and keeps the budget: nothing that changes more needs to be tried. */
export const isEnough = (tried: Tried, budget: AlarmBudget): boolean =>
  'figures' in tried && tried.figures.redsMissed === 0 && beyondBudget(budget, rateOf(tried.figures)).length === 0

const rateOf = ({ tasksPer100PatientDays, actedOnPercent }: Figures) => ({
  tasksPer100PatientDays,
  ...(actedOnPercent === null ? {} : { actedOnPercent }),
})

/**
 * The one to propose: of those that miss no red and are quieter than the plan as it is, the first that keeps the budget, else the quietest.
 * @param before the plan as it is, played over the same time
 * @returns undefined where nothing helps
 */
export function bestOf(
  before: Tried | undefined,
  all: TriedAlternative[],
  budget: AlarmBudget,
): { alternative: Alternative; before: Figures; after: Figures } | undefined {
  if (!before || !('figures' in before)) return undefined
  const quieter = all.flatMap(({ alternative, tried }) =>
    'figures' in tried && tried.figures.redsMissed === 0 && isQuieter(tried.figures, before.figures)
      ? [{ alternative, tried, after: tried.figures }]
      : [],
  )
  const best =
    quieter.find(({ tried }) => isEnough(tried, budget)) ??
    quieter.toSorted((one, other) => one.after.tasksPer100PatientDays - other.after.tasksPer100PatientDays)[0]
  return best && { alternative: best.alternative, before: before.figures, after: best.after }
}

const isQuieter = (one: Figures, other: Figures): boolean => one.tasksPer100PatientDays < other.tasksPer100PatientDays
