import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { madeBy } from '../plan/steer.ts'
import { TASK_INPUT } from '../plan/vocabulary.ts'

/** What the engine made a Task of by itself, without a rule of a plan: read from the Task. */
export type EngineWork =
  /** Something that was asked for did not come. */
  | { kind: 'missing'; about: string; activity: string; dues: Date[] }
  /** Anything else: a silence, a stage that is late, a legal basis that is missing. */
  | { kind: 'other'; about: string; since?: Date }

const MISSING = /^occurrence-missing(?:\.(.+))?$/
/** `Type/id`; a plan is named by its url. */
const REQUEST = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/

/**
 * @returns undefined for what the engine has not made, and for what a rule has made
 */
export function engineWorkOf(task: Task): EngineWork | undefined {
  const made = madeBy(task as unknown as Resource)
  // The engine says when it made a Task; whatever bears such a name without is somebody else's.
  if (!made || !task.authoredOn) return undefined
  const isOwn = REQUEST.test(made.url) || made.actionId.startsWith('*')
  if (!isOwn) return undefined
  const [, activity = ''] = MISSING.exec(made.actionId) ?? []
  const dues = momentsOf(task)
  if (MISSING.test(made.actionId) && task.for?.reference) return { kind: 'missing', about: made.url, activity, dues }
  const [since] = dues
  return { kind: 'other', about: task.focus?.reference ?? made.url, ...(since ? { since } : {}) }
}

/** In order. */
function momentsOf({ input = [] }: Task): Date[] {
  return input
    .filter(({ type }) => type.coding?.some(({ system, code }) => system === TASK_INPUT && code === 'moment'))
    .flatMap(({ valueDateTime }) => (valueDateTime ? [new Date(valueDateTime)] : []))
    .sort((one, other) => one.getTime() - other.getTime())
}
