import type { CarePlan, Extension } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { after } from '../time/duration.ts'
import type { Stage } from './stage.ts'

/** On a CarePlan: a stage that the patient is in, or was; one each, in order. Only of the one that is there now the end is not said. */
const CARE_PLAN_STAGE = `${FYLGJE}/StructureDefinition/care-plan-stage`

/** The moments of a stage. */
export type StageMark = 'goal' | 'deadline'

export type StageState = {
  /** Of which plan, by its url. */
  plan: string
  stage: string
  /** ISO instants. */
  since: string
  until?: string
  goal?: string
  deadline?: string
  /** Which of them have passed. */
  passed: StageMark[]
  /** What the stage brings has been started, and what the one before had started has ended. */
  hasBegun: boolean
} & MovedBy

/** Who moved the patient there, and why: a person or system, or a rule of the plan. */
export type MovedBy = {
  /** `Practitioner/1` */
  by?: string
  /** id of the action. */
  rule?: string
  reason?: string
}

/** Where the patient has been in each plan, in order. */
export const statesOf = ({ extension = [] }: Pick<CarePlan, 'extension'>): StageState[] =>
  extension.filter(({ url }) => url === CARE_PLAN_STAGE).map(toState)

/** Where the patient is now. */
export const currentStage = (carePlan: Pick<CarePlan, 'extension'>, planUrl: string): StageState | undefined =>
  statesOf(carePlan).find(({ plan, until }) => plan === planUrl && until === undefined)

/** The CarePlan of a patient who is moved on to a stage now; where they were is over, and stays as history. */
export function movedTo(
  carePlan: CarePlan,
  planUrl: string,
  stage: Stage,
  { now, ...by }: MovedBy & { now: Date },
): CarePlan {
  const since = now.toISOString()
  const markAt = (mark: Stage['goal']) => mark && new Date(after(now.getTime(), mark)).toISOString()
  const [goal, deadline] = [markAt(stage.goal), markAt(stage.deadline)]
  const next: StageState = {
    ...{ plan: planUrl, stage: stage.id, since, passed: [], hasBegun: false },
    ...(goal ? { goal } : {}),
    ...(deadline ? { deadline } : {}),
    ...by,
  }
  const ended = changed(carePlan, planUrl, (state) => ({ ...state, until: since }))
  return { ...ended, extension: [...(ended.extension ?? []), toExtension(next)] }
}

export const withBegun = (carePlan: CarePlan, planUrl: string): CarePlan =>
  changed(carePlan, planUrl, (state) => ({ ...state, hasBegun: true }))

export const withPassed = (carePlan: CarePlan, planUrl: string, mark: StageMark): CarePlan =>
  changed(carePlan, planUrl, (state) => ({ ...state, passed: [...state.passed, mark] }))

/** With the state that counts now as another. */
function changed(carePlan: CarePlan, planUrl: string, change: (state: StageState) => StageState): CarePlan {
  const extension = (carePlan.extension ?? []).map((one) => {
    if (one.url !== CARE_PLAN_STAGE) return one
    const state = toState(one)
    return state.plan === planUrl && state.until === undefined ? toExtension(change(state)) : one
  })
  return extension.length > 0 ? { ...carePlan, extension } : carePlan
}

function toState({ extension: parts = [] }: Extension): StageState {
  const part = (name: string) => parts.find(({ url }) => url === name)
  const [goal, deadline] = [part('goal')?.valueDateTime, part('deadline')?.valueDateTime]
  const { start = '', end } = part('period')?.valuePeriod ?? {}
  const by = part('by')?.valueReference?.reference
  const [rule, reason] = [part('rule')?.valueString, part('reason')?.valueString]
  return {
    plan: part('plan')?.valueUri ?? '',
    stage: part('stage')?.valueId ?? '',
    since: start,
    ...(end ? { until: end } : {}),
    ...(goal ? { goal } : {}),
    ...(deadline ? { deadline } : {}),
    passed: parts.flatMap(({ url, valueCode }) => (url === 'passed' && isMark(valueCode) ? [valueCode] : [])),
    hasBegun: part('begun')?.valueBoolean ?? false,
    ...(by ? { by } : {}),
    ...(rule ? { rule } : {}),
    ...(reason ? { reason } : {}),
  }
}

const isMark = (code: string | undefined): code is StageMark => code === 'goal' || code === 'deadline'

const toExtension = ({
  plan,
  stage,
  since,
  until,
  goal,
  deadline,
  passed,
  hasBegun,
  by,
  rule,
  reason,
}: StageState): Extension => ({
  url: CARE_PLAN_STAGE,
  extension: [
    { url: 'plan', valueUri: plan },
    { url: 'stage', valueId: stage },
    { url: 'period', valuePeriod: { start: since, ...(until ? { end: until } : {}) } },
    ...(goal ? [{ url: 'goal', valueDateTime: goal }] : []),
    ...(deadline ? [{ url: 'deadline', valueDateTime: deadline }] : []),
    ...passed.map((mark) => ({ url: 'passed', valueCode: mark })),
    ...(hasBegun ? [{ url: 'begun', valueBoolean: true }] : []),
    ...(by ? [{ url: 'by', valueReference: { reference: by } }] : []),
    ...(rule ? [{ url: 'rule', valueString: rule }] : []),
    ...(reason ? [{ url: 'reason', valueString: reason }] : []),
  ],
})
