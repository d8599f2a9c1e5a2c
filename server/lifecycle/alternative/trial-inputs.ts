import type { Reference, Task, TaskInput } from '@medplum/fhirtypes'
import { TASK_INPUT } from '../../core/decide/plan/vocabulary.ts'
import { type Told, toldAs } from '../../core/decide/words/told.ts'
import type { Alternative } from './alternative.ts'
import type { Figures, Tried, TriedAlternative } from './figures.ts'
import { alternativeInWords, alternativeTried, asItIs, TRIAL_INPUTS, type TrialInput, whyNone } from './trial-words.ts'

/** Whether an input says something of a tried alternative, and not of what the alarms are. */
export const isOfTrial = ({ type }: TaskInput): boolean =>
  type?.coding?.some(({ system, code }) => system === TASK_INPUT && code?.startsWith('trial-')) ?? false

/** What was tried, on what, and what is proposed. */
export type TrialTold = {
  period: { start: Date; end: Date }
  /** The plan as it is; undefined where there was nothing to try. */
  before: Tried | undefined
  all: TriedAlternative[]
  /** What is proposed; undefined where nothing helps. */
  best?:
    | { draft: Reference; alternative: Alternative; before: Figures; after: Figures; casesFailing: number }
    | undefined
}

/** The Task with what was tried for it in the place of what was tried before. */
export function withTrial(task: Task, told: TrialTold): Task {
  return { ...task, input: [...(task.input ?? []).filter((one) => !isOfTrial(one)), ...trialInputs(told)] }
}

function trialInputs({ period, before, all, best }: TrialTold): TaskInput[] {
  const { start, end } = period
  const tried = [...(before ? [words('trial-tried', asItIs(before))] : []), ...all.map(inTrying)]
  return [
    ...(before ? [input('trial-period', { valuePeriod: { start: start.toISOString(), end: end.toISOString() } })] : []),
    ...tried,
    ...(best ? proposed(best) : [words('trial-outcome', whyNone(before))]),
  ]
}

function proposed({ draft, alternative, before, after, casesFailing }: NonNullable<TrialTold['best']>): TaskInput[] {
  return [
    input('trial-draft', { valueReference: draft }),
    words('trial-change', alternativeInWords(alternative)),
    input('trial-tasks-before', { valueDecimal: before.tasksPer100PatientDays }),
    input('trial-tasks-after', { valueDecimal: after.tasksPer100PatientDays }),
    ...percent('trial-acted-on-before', before.actedOnPercent),
    ...percent('trial-acted-on-after', after.actedOnPercent),
    input('trial-reds-missed', { valueInteger: after.redsMissed }),
    input('trial-acted-on-missed', { valueInteger: after.actedOnMissed }),
    input('trial-cases-failing', { valueInteger: casesFailing }),
  ]
}

const inTrying = ({ alternative, tried }: TriedAlternative): TaskInput =>
  words('trial-tried', alternativeTried(alternative, tried))
const input = (code: TrialInput, value: Omit<TaskInput, 'type'>): TaskInput => ({
  type: { coding: [{ system: TASK_INPUT, code, ...toldAs('display', TRIAL_INPUTS[code]) }] },
  ...value,
})
const words = (code: TrialInput, told: Told): TaskInput => input(code, toldAs('valueString', told))
const percent = (code: TrialInput, value: number | null): TaskInput[] =>
  value === null
    ? []
    : [input(code, { valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' } })]
