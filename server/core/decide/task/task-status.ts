import type { Task } from '@medplum/fhirtypes'
import { type Issue, Refusal } from '../../fhir/outcome.ts'
import { FINDING, TASK_CODE } from '../plan/vocabulary.ts'

export type TaskStatus = Task['status']

/**
 * What a Task of ours may become. R4 draws a typical state machine and leaves the rest to each workflow; this is it, with three
 * choices of our own: steps forward may be skipped (who decides at once has received, accepted and done in one), whoever has taken a
 * Task may give it back (`requested`), and what waits in the queue may be set aside (`on-hold`). Whatever was begun or ended by
 * mistake is entered in error, never reopened.
 * @see https://hl7.org/fhir/R4/task.html#statemachine
 * @see docs/decisions/0024-task-moves-and-marks.md
 */
export const MOVES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  // from          to
  draft: ['requested', 'on-hold', 'cancelled', 'entered-in-error'],
  requested: [
    ...(['received', 'accepted', 'rejected', 'ready', 'in-progress'] as const),
    ...(['on-hold', 'completed', 'cancelled', 'entered-in-error'] as const),
  ],
  received: [
    ...(['requested', 'accepted', 'rejected', 'ready', 'in-progress'] as const),
    ...(['on-hold', 'completed', 'cancelled', 'entered-in-error'] as const),
  ],
  accepted: ['requested', 'ready', 'in-progress', 'on-hold', 'completed', 'failed', 'cancelled', 'entered-in-error'],
  ready: ['requested', 'in-progress', 'on-hold', 'completed', 'failed', 'cancelled', 'entered-in-error'],
  'in-progress': ['requested', 'on-hold', 'completed', 'failed', 'cancelled', 'entered-in-error'],
  'on-hold': [
    ...(['requested', 'received', 'accepted', 'ready', 'in-progress'] as const),
    ...(['completed', 'failed', 'cancelled', 'entered-in-error'] as const),
  ],
  rejected: ['entered-in-error'],
  completed: ['entered-in-error'],
  failed: ['entered-in-error'],
  cancelled: ['entered-in-error'],
  'entered-in-error': [],
}

/** Staying as it is is no move. */
export const mayBecome = (from: TaskStatus, to: TaskStatus): boolean => from === to || MOVES[from].includes(to)

/** Somebody still has something to do. */
export const OPEN_STATUSES: ReadonlySet<string> = new Set([
  ...['draft', 'requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'],
])
export const isOpen = (task: Task): boolean => OPEN_STATUSES.has(task.status)

/** Somebody has said that they do it. */
const TAKEN: ReadonlySet<string> = new Set(['accepted', 'ready', 'in-progress', 'on-hold'])

/** One human being, as against a team that has a queue. */
export const isPerson = (reference: string | undefined): boolean =>
  /(?:^|\/)(?:Practitioner|PractitionerRole|Patient|RelatedPerson)\/[^/]+$/.test(reference ?? '')

/** The patient, or somebody of their family. */
export const isPatientOrFamily = (reference: string | undefined): boolean =>
  /(?:^|\/)(?:Patient|RelatedPerson)\/[^/]+$/.test(reference ?? '')

/** A Task that the patient, or somebody for them, is to do. */
export const isOfPatient = ({ owner }: Task): boolean => isPatientOrFamily(owner?.reference)

/** Who has taken a Task, if somebody has. */
export const takenBy = ({ status, owner }: Task): string | undefined =>
  TAKEN.has(status) && isPerson(owner?.reference) ? owner?.reference : undefined

/** Work that is followed here: made by a rule, or with a code of ours. Tasks of other workflows keep their own rules. */
export const isWork = ({ identifier, code }: Task): boolean =>
  (identifier ?? []).some(({ system }) => system === FINDING) ||
  (code?.coding ?? []).some(({ system }) => system === TASK_CODE)

/**
 * Holds a change of a Task against the rules of work: an allowed move, still work afterwards, and not taken from whoever has it; who rejects it says why.
 * Other Tasks may change as they like.
 * @throws Refusal business-rule (Task.status, Task.code, Task.statusReason), conflict (Task.owner)
 */
export function checkTaskChange(before: Task, after: Task): void {
  if (!isWork(before) && !isWork(after)) return
  const issues: Issue[] = []
  if (!mayBecome(before.status, after.status)) issues.push(noSuchMove(before.status, after.status))
  if (!isWork(after)) {
    issues.push({
      severity: 'error',
      code: 'business-rule',
      diagnostics: `This Task is work that is followed here; it keeps its finding identifier or its code of ${TASK_CODE}.`,
      expression: ['Task.code'],
    })
  }
  if (after.status === 'rejected' && before.status !== 'rejected' && !after.statusReason) {
    issues.push({
      severity: 'error',
      code: 'business-rule',
      diagnostics: 'Whoever says no says why: a Task that is rejected needs its statusReason.',
      expression: ['Task.statusReason'],
    })
  }
  const owner = takenBy(before)
  if (owner && TAKEN.has(after.status) && after.owner?.reference !== owner) {
    issues.push({
      severity: 'error',
      code: 'conflict',
      diagnostics: `${owner} has taken this Task. It goes to somebody else once it is given back (status requested).`,
      expression: ['Task.owner'],
    })
  }
  if (issues.length > 0) throw new Refusal(issues)
}

function noSuchMove(from: TaskStatus, to: TaskStatus): Issue {
  const allowed = MOVES[from].join(', ') || 'nothing else'
  return {
    severity: 'error',
    code: 'business-rule',
    diagnostics: `A Task that is ${from} may not become ${to}. From ${from} it may become: ${allowed}.`,
    expression: ['Task.status'],
  }
}
