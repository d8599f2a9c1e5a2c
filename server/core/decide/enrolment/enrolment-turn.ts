import type { CarePlan, CommunicationRequest, RequestGroup, ServiceRequest, Task } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { endOf } from '../time/end-of-period.ts'
import { REASONS } from '../words/reasons.ts'
import { toldConcept } from '../words/told.ts'

/** What happened to an enrolment as a whole. */
export type Turn = 'ended' | 'paused' | 'resumed'

/** What an enrolment has set going, and what ends or rests with it. */
export type Activity = ServiceRequest | CommunicationRequest | RequestGroup
export const ACTIVITY_TYPES = ['ServiceRequest', 'CommunicationRequest', 'RequestGroup'] as const

/** On an activity: the CarePlan that rests, so that only what rested with it goes on with it. */
const PAUSED_WITH = `${FYLGJE}/StructureDefinition/paused-with`

/** When an enrolment is over by its period; undefined for what does not run, or has no end. */
export const closingOf = (carePlan: CarePlan | undefined): Date | undefined =>
  carePlan && isEnrolment(carePlan) && RUNNING.has(carePlan.status) ? endOf(carePlan.period) : undefined

const RUNNING: ReadonlySet<string> = new Set(['active', 'on-hold'])
const ENDS: ReadonlySet<string> = new Set(['completed', 'revoked', 'entered-in-error'])

/** Whether a CarePlan follows a plan. Any other is what somebody has written down, in an EHR for example, and stays as it was written. */
const isEnrolment = ({ instantiatesCanonical = [] }: CarePlan): boolean => instantiatesCanonical.length > 0

/** Which turn lies between two versions of an enrolment. One that was never followed here does not end here. */
export function turnOf(before: CarePlan | undefined, after: CarePlan | undefined): Turn | undefined {
  if (!before || !isEnrolment(before) || !RUNNING.has(before.status)) return undefined
  if (!after || ENDS.has(after.status)) return 'ended'
  if (before.status === 'active' && after.status === 'on-hold') return 'paused'
  if (before.status === 'on-hold' && after.status === 'active') return 'resumed'
  return undefined
}

export type Followed = { carePlan: CarePlan; activities: Activity[]; openTasks: Task[]; now: Date }

/**
 * What changes with the turn. Pausing touches what goes on by itself, not the work: a red finding of yesterday is still somebody's.
 * @returns the resources that change, as they will be
 */
export function followTurn(turn: Turn, followed: Followed): (Activity | Task | CarePlan)[] {
  switch (turn) {
    case 'ended':
      return end(followed)
    case 'paused':
      return pause(followed)
    case 'resumed':
      return resume(followed)
  }
}

function end({ carePlan, activities, openTasks, now }: Followed): (Activity | Task | CarePlan)[] {
  const status = carePlan.status === 'completed' ? 'completed' : 'revoked'
  const ended = activities
    .filter((activity) => activity.status === 'active' || activity.status === 'on-hold' || activity.status === 'draft')
    .map((activity): Activity => ({ ...unmarked(activity), status: activity.status === 'draft' ? 'revoked' : status }))
  const lastModified = now.toISOString()
  const tasks = openTasks.map(
    (task): Task => ({ ...task, status: 'cancelled', statusReason: toldConcept(REASONS.closed), lastModified }),
  )
  return [...ended, ...tasks, ...closedCarePlan(carePlan, now)]
}

/** The CarePlan's own activities end with it, and it says when. Nothing where both are so already. */
function closedCarePlan(carePlan: CarePlan, now: Date): CarePlan[] {
  const { activity = [], period } = carePlan
  const open = new Set(['not-started', 'scheduled', 'in-progress', 'on-hold'])
  const isOver = period?.end !== undefined && Date.parse(period.end) <= now.getTime()
  if (isOver && !activity.some(({ detail }) => detail && open.has(detail.status))) return []
  return [
    {
      ...carePlan,
      period: isOver ? period : { ...period, end: now.toISOString() },
      ...(activity.length > 0
        ? {
            activity: activity.map((one) =>
              one.detail && open.has(one.detail.status)
                ? {
                    ...one,
                    detail: {
                      ...one.detail,
                      status:
                        one.detail.status === 'in-progress' && carePlan.status === 'completed'
                          ? 'completed'
                          : 'stopped',
                      statusReason: toldConcept(REASONS.closed),
                    },
                  }
                : one,
            ),
          }
        : {}),
    },
  ]
}

function pause({ carePlan, activities }: Followed): Activity[] {
  const mark = { url: PAUSED_WITH, valueReference: { reference: `CarePlan/${carePlan.id}` } }
  return activities
    .filter(({ status }) => status === 'active')
    .map((activity): Activity => ({ ...activity, status: 'on-hold', extension: [...(activity.extension ?? []), mark] }))
}

function resume({ carePlan, activities }: Followed): Activity[] {
  return activities
    .filter((activity) => activity.status === 'on-hold' && pausedWith(activity) === `CarePlan/${carePlan.id}`)
    .map((activity): Activity => ({ ...unmarked(activity), status: 'active' }))
}

const pausedWith = ({ extension }: Activity): string | undefined =>
  extension?.find(({ url }) => url === PAUSED_WITH)?.valueReference?.reference

function unmarked(activity: Activity): Activity {
  const { extension, ...rest } = activity
  const kept = extension?.filter(({ url }) => url !== PAUSED_WITH) ?? []
  return { ...rest, ...(kept.length > 0 ? { extension: kept } : {}) } as Activity
}
