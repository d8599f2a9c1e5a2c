import type { CarePlan, CommunicationRequest, RequestGroup, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isOrderedBeside } from '../../requests/asked-timing.ts'
import { carePlansOf } from '../../requests/same-activity.ts'
import { FYLGJE } from '../plan/vocabulary.ts'
import { leftBy } from '../schedule/strictest-policy.ts'
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

export type Followed = {
  carePlan: CarePlan
  /** Those that are based on it. */
  activities: Activity[]
  openTasks: Task[]
  /** The patient's other CarePlans: what one of them wants as well goes on for that one. */
  others?: readonly CarePlan[]
  now: Date
}

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

function end(followed: Followed): (Activity | Task | CarePlan)[] {
  const { carePlan, now } = followed
  const status = carePlan.status === 'completed' ? 'completed' : 'revoked'
  const wanting = wantingOf(followed, RUNNING)
  const isLeft = (one: Activity | Task) => isBesidePlans(one) || wanting(one).length > 0
  const left = [...followed.activities, ...followed.openTasks]
    .filter((one) => isLeft(one) && isOpen(one))
    .map((one) => leftToOthers(one, followed))
  const activities = followed.activities.filter((one) => !isLeft(one))
  const openTasks = followed.openTasks.filter((one) => !isLeft(one))
  const ended = activities
    .filter((activity) => activity.status === 'active' || activity.status === 'on-hold' || activity.status === 'draft')
    .map((activity): Activity => ({ ...unmarked(activity), status: activity.status === 'draft' ? 'revoked' : status }))
  const lastModified = now.toISOString()
  const tasks = openTasks.map(
    (task): Task => ({ ...task, status: 'cancelled', statusReason: toldConcept(REASONS.closed), lastModified }),
  )
  return [...left, ...ended, ...tasks, ...closedCarePlan(carePlan, now)]
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

/** Which of the patient's other CarePlans that are in such a state want it too. */
function wantingOf(
  { carePlan, others = [] }: Pick<Followed, 'carePlan' | 'others'>,
  statuses: ReadonlySet<string>,
): (one: Activity | Task) => string[] {
  const running = new Set(
    others.flatMap(({ id, status }) => (id !== carePlan.id && statuses.has(status) ? [`CarePlan/${id}`] : [])),
  )
  return (one) => carePlansOf(one as unknown as Resource).filter((reference) => running.has(reference))
}

/** What somebody had ordered before a plan came to share it is theirs still. */
const isBesidePlans = (one: Activity | Task): boolean => isOrderedBeside(one as unknown as Resource)

/** It is the others' from now on; where all of these rest, it rests with them. */
function leftToOthers(one: Activity | Task, followed: Followed): Activity | Task {
  const { carePlan } = followed
  const left = leftBy(one as unknown as Resource, `CarePlan/${carePlan.id}`) as unknown as Activity | Task
  if (left.resourceType === 'Task') return left
  const rested = left.status === 'on-hold' && pausedWith(left) === `CarePlan/${carePlan.id}`
  const rests = left.status === 'active' && !isBesidePlans(one) && wantingOf(followed, ACTIVE)(one).length === 0
  const [other] = wantingOf(followed, RUNNING)(one)
  return other && (rested || rests) ? pausedFor(unmarked(left), other) : left
}

const ACTIVE: ReadonlySet<string> = new Set(['active'])
const OVER: ReadonlySet<string> = new Set([
  'completed',
  'revoked',
  'cancelled',
  'entered-in-error',
  'failed',
  'rejected',
])
const isOpen = ({ status }: Activity | Task): boolean => !OVER.has(String(status))

function pause(followed: Followed): Activity[] {
  const wanting = wantingOf(followed, ACTIVE)
  return followed.activities
    .filter((activity) => activity.status === 'active' && !isBesidePlans(activity) && wanting(activity).length === 0)
    .map((activity) => pausedFor(activity, `CarePlan/${followed.carePlan.id}`))
}

const pausedFor = (activity: Activity, reference: string): Activity => ({
  ...activity,
  status: 'on-hold',
  extension: [...(activity.extension ?? []), { url: PAUSED_WITH, valueReference: { reference } }],
})

/** Of what several ask for, the last of them that rested has marked it; it goes on with the first that does. */
function resume({ carePlan, activities }: Followed): Activity[] {
  const isResting = (activity: Activity) =>
    [`CarePlan/${carePlan.id}`, ...carePlansOf(activity as unknown as Resource)].includes(pausedWith(activity) ?? '')
  return activities
    .filter((activity) => activity.status === 'on-hold' && isResting(activity))
    .map((activity): Activity => ({ ...unmarked(activity), status: 'active' }))
}

const pausedWith = ({ extension }: Activity): string | undefined =>
  extension?.find(({ url }) => url === PAUSED_WITH)?.valueReference?.reference

function unmarked(activity: Activity): Activity {
  const { extension, ...rest } = activity
  const kept = extension?.filter(({ url }) => url !== PAUSED_WITH) ?? []
  return { ...rest, ...(kept.length > 0 ? { extension: kept } : {}) } as Activity
}
