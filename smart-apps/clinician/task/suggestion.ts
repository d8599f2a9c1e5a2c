import type { Task } from '@medplum/fhirtypes'
import { TASK_CODE, TRIAGE_COLOUR } from '../../../server/core/decide/plan/vocabulary.ts'
import { hasCode } from '../../../server/core/fhir/codeable-concept.ts'

/** What can be done with a Task, in the order in which it is offered. */
export const ACT_KINDS = [
  ...(['call', 'message', 'advice', 'measure', 'form', 'visit', 'doctor'] as const),
  ...(['escalate', 'handover', 'invalid', 'close'] as const),
] as const
export type ActKind = (typeof ACT_KINDS)[number]

/** Which act each kind of Task asks for by itself; of a measurement it is a matter of how urgent it is. */
const BY_CODE: Readonly<Record<string, ActKind>> = {
  'measure-again': 'measure',
  'missing-measurement': 'message',
  'silence-not-sent': 'call',
  'review-limits': 'close',
  'rule-unevaluable': 'close',
  summary: 'call',
  'carry-out': 'close',
}

/**
 * Somebody is asked to do or to answer something, as a doctor of a colleague: no alarm, so that it ends with what was done or answered, and
 * with no outcome of an alarm. What a rule has found has a colour, whatever it asks for.
 */
export const isErrand = ({ code, businessStatus }: Task): boolean => {
  const isFinding = businessStatus?.coding?.some(({ system }) => system === TRIAGE_COLOUR) ?? false
  return !isFinding && hasCode(code, TASK_CODE, 'carry-out')
}

/** The act that what the plan asks for begins with: "Ring pasienten nå" is a call. */
export function suggestedAct({ code, priority, description }: Task): ActKind {
  if (/^ring\b|^call\b/i.test(description ?? '')) return 'call'
  const kind = code?.coding?.find(({ system }) => system === TASK_CODE)?.code ?? ''
  return BY_CODE[kind] ?? (priority === 'routine' ? 'close' : 'call')
}
