import type { ServiceRequest, Task } from '@medplum/fhirtypes'
import { FINDING, TASK_CODE } from '../../core/decide/plan/vocabulary.ts'
import { questionnaireOf } from '../../core/decide/schedule/questionnaire-task.ts'
import { isSummary } from '../../core/decide/task/summary.ts'
import { isOfPatient, isOpen, isWork } from '../../core/decide/task/task-status.ts'
import type { ClosedAlert } from './closed-alert.ts'
import type { AlertKind } from './code-tables.ts'

/**
 * Work of ours that is about how we work, plan or agree, and not about what a patient has measured, answered or not sent: it is no part of
 * the patient's journal, or gets there another way.
 */
const NOT_FOR_THE_JOURNAL: ReadonlySet<string> = new Set([
  ...['plan-not-activated', 'alarm-budget-exceeded', 'shift-understaffed', 'week-not-forecast', 'migrate-plan'],
  ...['rule-unevaluable', 'handover', 'referral', 'legal-basis-missing', 'stage-late', 'conflicting-advice'],
  ...['silence-not-evaluated', 'silence-not-opened', 'silence-not-decided', 'review-limits', 'sending-failed'],
])

/** A Task about a patient whose closing is a closed alert. What is the patient's own to do is none. */
function isAlert(task: Task): boolean {
  if (!isWork(task) || isOfPatient(task) || !/(^|\/)Patient\//.test(task.for?.reference ?? '')) return false
  return !codesOf(task).some((code) => NOT_FOR_THE_JOURNAL.has(code))
}

const CLOSED: ReadonlySet<string> = new Set(['completed', 'failed', 'rejected', 'cancelled'])

/**
 * Whether this version of a Task closed an alert. What this server takes back by itself, because its cause is gone, nobody has handled.
 * @param before the version before it
 * @param actor  who wrote it: `Practitioner/kari`, `Device/plan-engine`
 */
export function closesAlert(before: Task | undefined, after: Task, actor: string): boolean {
  if (!CLOSED.has(after.status) || !isAlert(after)) return false
  if (before ? !isOpen(before) : after.status !== 'completed') return false
  return !actor.startsWith('Device/')
}

/** @param asked what did not come, where the Task is about that: the request or Task in its `focus` */
export function alertKind(task: Task, asked?: ServiceRequest | Task): AlertKind {
  const codes = codesOf(task)
  if (isInactive(task)) return 'inactive'
  if (codes.includes('missing-measurement')) {
    return asked && questionnaireOf(asked) !== undefined ? 'missing-questionnaire' : 'missing-measurement'
  }
  if (codes.includes('summary') || isSummary(task)) return 'summary'
  const types = new Set(evidenceOf(task).map((reference) => reference.split('/')[0]))
  if (types.has('QuestionnaireResponse')) return 'questionnaire'
  return types.has('Observation') ? 'measurement' : 'action'
}

const RESTING: ReadonlySet<AlertKind> = new Set(['summary', 'measurement', 'questionnaire'])

/** The same of an alert as it is sent: of one whose grounds were all withdrawn nothing was reported, and yet somebody has handled it. */
export function kindOf({ task, asked, invalidated }: Pick<ClosedAlert, 'task' | 'asked' | 'invalidated'>): AlertKind {
  const kind = alertKind(task, asked)
  return invalidated === 'all' && RESTING.has(kind) ? 'action' : kind
}

/** What the Task rests on, by version: `Observation/1/_history/2`. */
export const evidenceOf = ({ input = [] }: Task): string[] =>
  input.flatMap(({ type, valueReference }) =>
    type.coding?.some(({ code }) => code === 'evidence') && valueReference?.reference ? [valueReference.reference] : [],
  )

/** Nothing at all has come from the patient, or it lies on the phone. */
const isInactive = (task: Task): boolean =>
  codesOf(task).includes('silence-not-sent') ||
  (task.identifier ?? []).some(({ system, value }) => system === FINDING && value?.includes('|silence.not-measured|'))

const codesOf = ({ code }: Task): string[] =>
  (code?.coding ?? []).flatMap((one) => (one.system === TASK_CODE && one.code ? [one.code] : []))
