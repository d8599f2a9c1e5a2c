import type { Reference, Task } from '@medplum/fhirtypes'
import { engineTask } from '../task/engine-task.ts'
import { identifierOf, withdrawTasks } from '../task/finding-task.ts'
import type { Owner } from '../task/task-marks.ts'
import { isOpen } from '../task/task-status.ts'
import { type TaskCode, taskInput } from '../words/coded-words.ts'
import type { Told } from '../words/told.ts'
import { asOwner, type SilenceKind, type SilenceOwner } from './silence-owner.ts'
import { SILENCE_ENDED } from './silence-words.ts'

/** The code of a Task about a silence, in CodeSystem/task-code. */
export const silenceCode = (silence: SilenceKind): TaskCode =>
  // What was not measured is missing, whoever tells it.
  silence === 'not-measured' ? 'missing-measurement' : `silence-${silence}`

/** One silence that has lasted for too long. */
export type Silent = Pick<SilenceOwner, 'silence' | 'owner' | 'after'> & {
  /** What is silent: the Task that nobody opens, the phone's status, the result that was announced. */
  about: string
  subject?: string
  basedOn?: Reference[]
  /** Whose queue it lies in where the owner is a role. */
  team?: Owner | undefined
  since: Date
  told: Told
  priority?: Task['priority']
}

/** What all Tasks of one silence about one thing share. */
const prefixOf = (silence: SilenceKind, about: string) => `${about}|silence.${silence}|`

/** The open Task about this silence. */
export const findSilenceTask = (tasks: Task[], silence: SilenceKind, about: string): Task | undefined =>
  tasks.find((task) => isOpen(task) && identifierOf(task)?.startsWith(prefixOf(silence, about)))

/**
 * A Task for whom the plan names as the owner of this silence. It has marks as every Task has, so it becomes more urgent itself while
 * nobody answers it; but no silence of its own, or each would breed another.
 */
export function silenceTask(silent: Silent, { id, now }: { id: string; now: Date }): Task {
  const { silence, about, subject, since, told, after, team } = silent
  const task = engineTask({
    ...{ id, code: silenceCode(silence), colour: 'grey', told, about, now, within: after },
    name: `${prefixOf(silence, about)}${subject ?? ''}|${since.toISOString()}`,
    priority: silent.priority ?? 'urgent',
    ...(subject ? { subject: { reference: subject } } : {}),
    ...{ owner: team, ...asOwner(silent.owner) },
    input: [{ type: taskInput('moment', SINCE), valueDateTime: since.toISOString() }],
  })
  return silent.basedOn?.length ? { ...task, basedOn: silent.basedOn } : task
}

/** The silence is over: its Task is taken back. */
export function endSilence(tasks: Task[], silence: SilenceKind, about: string, now: Date): Task[] {
  const open = findSilenceTask(tasks, silence, about)
  return open ? withdrawTasks([open], SILENCE_ENDED[silence], now) : []
}

const SINCE: Told = { nb: 'Siden', nn: 'Sidan', en: 'Since' }
