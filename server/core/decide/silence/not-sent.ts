import type { CarePlan, PlanDefinition, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { type Decisions, NOTHING } from '../decisions.ts'
import type { Ring } from '../ring.ts'
import type { Timer } from '../timer.ts'
import { toldConcept } from '../words/told.ts'
import { type SilenceOwner, silenceOwner, toldAt } from './silence-owner.ts'
import { endSilence, findSilenceTask, silenceTask } from './silence-task.ts'
import { unsentInWords } from './silence-words.ts'
import { type Unsent, unsentOf } from './sync-status.ts'

/** An enrolment, and the plan that it is in. */
type Enrolled = { carePlan: CarePlan; plan: PlanDefinition }

export type UnsentFacts = { enrolled: Enrolled[]; openTasks: Task[]; now: Date }

/**
 * A device has told how much it has not sent, or a result was announced or has come: the clock of what is measured and not sent starts
 * for each plan that owns that silence, or ends.
 * @param changed what came, or the last version of what was deleted
 * @param isThere false when it was deleted
 */
export function followUnsent(
  changed: Resource,
  isThere: boolean,
  { enrolled, openTasks, now }: UnsentFacts,
): Omit<Decisions, 'trace'> {
  const about = `${changed.resourceType}/${changed.id}`
  const unsent = isThere ? unsentOf(changed) : undefined
  const watching = enrolled.flatMap(({ plan }) => {
    const clock = silenceOwner(plan, 'not-sent')
    return clock ? [{ clock, key: keyOf(about, plan) }] : []
  })
  if (!unsent) {
    const ended = endSilence(openTasks, 'not-sent', about, now)
    return {
      tasks: ended.map((task) => ({ act: 'update', task })),
      timers: watching.map(({ key }) => ({ act: 'drop', timer: key })),
    }
  }
  return {
    tasks: [],
    timers: watching.map(({ clock, key }) => ({ act: 'start', timer: { ...key, dueAt: toldAt(clock, unsent.since) } })),
  }
}

/** It has not been sent for too long: a Task for who owns that. It rings again while it lasts, and joins that Task. */
export const ringOfUnsent: Ring = ({ timer, about, carePlans, openTasks, plansOf = () => [], now, newId }) => {
  const unsent = about && unsentOf(about)
  const enrolled = carePlans
    .filter(({ status }) => status === 'active')
    .flatMap((carePlan) => plansOf(carePlan).map((plan) => ({ carePlan, plan })))
    .find(({ plan }) => plan.url === timer.plan)
  const clock = silenceOwner(enrolled?.plan, 'not-sent')
  if (!unsent || !enrolled || !clock) return NOTHING
  const due = toldAt(clock, unsent.since)
  // What had waited has been sent, and something newer waits.
  if (due > now) return { ...NOTHING, timers: [{ act: 'set', timer: { ...timer, dueAt: due } }] }
  const again: Timer = { ...timer, dueAt: toldAt(clock, now) }
  const open = findSilenceTask(openTasks, 'not-sent', timer.about)
  const tasks: Decisions['tasks'] = open
    ? retold(open, unsent, now)
    : [{ act: 'create', task: unsentTask(timer.about, unsent, { ...enrolled, clock }, { id: newId(), now }) }]
  return { tasks, timers: [{ act: 'set', timer: again }], trace: [] }
}

function unsentTask(
  about: string,
  { count, since }: Unsent,
  { carePlan, clock }: Enrolled & { clock: SilenceOwner },
  made: { id: string; now: Date },
): Task {
  const { owner, after } = clock
  return silenceTask(
    {
      ...{ silence: 'not-sent', owner, after, about, since },
      subject: String(carePlan.subject.reference),
      basedOn: [{ reference: `CarePlan/${carePlan.id}` }],
      team: carePlan.careTeam?.[0],
      told: unsentInWords(count, since),
    },
    made,
  )
}

/** How many there are now; the same again changes nothing. */
function retold(task: Task, { count, since }: Unsent, now: Date): Decisions['tasks'] {
  const reasonCode = toldConcept(unsentInWords(count, since))
  if (reasonCode.text === task.reasonCode?.text) return []
  return [{ act: 'update', task: { ...task, reasonCode, lastModified: now.toISOString() } }]
}

const keyOf = (about: string, { url }: PlanDefinition) =>
  ({ kind: 'silence', about, name: 'not-sent', ...(url ? { plan: url } : {}) }) as const
