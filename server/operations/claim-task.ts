import type { CarePlan, Task } from '@medplum/fhirtypes'
import { acting } from '../access/acting.ts'
import { claimTask, queueOf, releaseTask } from '../core/decide/task/claim.ts'
import type { Owner } from '../core/decide/task/task-marks.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { changeTask } from './change-task.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation, Parameter } from './operation.ts'
import { parseOwner, readPerformer } from './performer.ts'

export const PERFORMER: Parameter = {
  ...{ name: 'performer', type: 'Reference', min: 0, max: '1' },
  documentation: 'Who does the work: a Practitioner or PractitionerRole; else who has signed in.',
}
export const QUEUES = ['CareTeam', 'HealthcareService', 'Organization'] as const
const TASK: Parameter[] = [{ name: 'return', type: 'Task', min: 1, max: '1', documentation: 'The Task as it now is.' }]

/**
 * Task/{id}/$claim: takes a Task for somebody. Of several who ask at once, one has it; If-Match is obeyed.
 * @throws Refusal conflict (409: somebody else has it), conflict (412: another version), business-rule, forbidden, required
 */
export const taskClaim: Operation = {
  code: 'claim',
  title: 'Take a Task',
  description: 'The Task is accepted by one person, unless another has it. Taking what one has changes nothing.',
  resource: ['Task'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [PERFORMER],
  out: TASK,
  async handler(exchange, rooms) {
    const given = readGiven(exchange, taskClaim)
    const { owner } = await readPerformer(exchange, rooms, given.text('performer'))
    return changeTask(exchange, rooms, (task) => claimTask(task, owner, rooms.now()))
  },
}

/**
 * Task/{id}/$release: gives a Task back to the queue that it came from, or to another.
 * @throws Refusal business-rule (nobody has it), required (where to is not known), value
 */
export const taskRelease: Operation = {
  code: 'release',
  title: 'Give a Task back',
  description: 'The Task is requested again, of the queue that it was taken from or of another.',
  resource: ['Task'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    {
      ...{ name: 'to', type: 'Reference', min: 0, max: '1' },
      documentation: `Another queue: ${QUEUES.join(', ')}.`,
    },
    { name: 'reason', type: 'string', min: 0, max: '1', documentation: 'Why; it is noted on the Task.' },
  ],
  out: TASK,
  handler(exchange, rooms) {
    const given = readGiven(exchange, taskRelease)
    const to = given.text('to')
    const wanted = to === undefined ? undefined : parseOwner(to, 'to', QUEUES)
    return changeTask(exchange, rooms, async (task) => {
      const queue = wanted ?? queueOf(task) ?? (await teamOf(task, exchange, rooms))
      return releaseTask(task, {
        to: queue,
        reason: given.text('reason'),
        by: acting(exchange.access),
        now: rooms.now(),
      })
    })
  },
}

/** The team of the CarePlan that the Task is part of; of one that was taken by a plain update. */
async function teamOf(task: Task, { access }: Exchange, { store }: Rooms): Promise<Owner | undefined> {
  const [type, id] = task.basedOn?.[0]?.reference?.split('/') ?? []
  if (type !== 'CarePlan' || !id) return undefined
  const { text } = await store.read(access, 'CarePlan', id)
  return (JSON.parse(text ?? '{}') as CarePlan).careTeam?.[0]
}
