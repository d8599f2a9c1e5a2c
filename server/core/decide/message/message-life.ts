import type { CarePlan, Communication, CommunicationRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { statusOf } from '../../requests/activity-life.ts'
import { carePlansOf } from '../../requests/same-activity.ts'
import type { Decisions, RequestDecision } from '../decisions.ts'
import { type AskedOf, engineTask } from '../task/engine-task.ts'
import { intervalOf } from '../time/date-precision.ts'
import { after, type Length } from '../time/duration.ts'
import { endOf } from '../time/end-of-period.ts'
import { type Told, toldAs, toldConcept } from '../words/told.ts'

/** What nobody has sent after this is no news any more; one that says by `occurrencePeriod.end` how long it is worth sending goes by that. */
const WORTH_SENDING: Length = { value: 24, code: 'h' }

/** Statuses of a Communication by which whoever sends tells how it went. */
const HOW_IT_WENT = { completed: 'completed', 'not-done': 'revoked' } as const
type Outcome = keyof typeof HOW_IT_WENT
const isOutcome = (status: unknown): status is Outcome => typeof status === 'string' && status in HOW_IT_WENT

/**
 * The CommunicationRequests, as `CommunicationRequest/1`, that a Communication is the answer to: it was sent, or it was tried and could
 * not be. Empty for any other resource.
 * @see https://hl7.org/fhir/R4/communication-definitions.html#Communication.basedOn
 */
export function answeredMessages(resource: Resource | undefined): string[] {
  if (resource?.resourceType !== 'Communication' || !isOutcome(resource.status)) return []
  return ((resource as unknown as Communication).basedOn ?? []).flatMap(
    ({ reference }) => /(?:^|\/)(CommunicationRequest\/[^/]+)/.exec(reference ?? '')?.[1] ?? [],
  )
}

/** A message that was answered is over: the rule that asked for it may ask anew when it finds something again. */
export function answered(communication: Resource, request: Resource, now: Date): Resource | undefined {
  const { status } = communication
  if (!isOutcome(status) || !isWaiting(request)) return undefined
  const { statusReason } = communication as unknown as Communication
  return {
    ...request,
    status: HOW_IT_WENT[status],
    ...(status === 'not-done'
      ? {
          statusReason: statusReason ?? toldConcept(NOT_SENT),
          note: [...notesOf(request), { time: now.toISOString(), ...toldAs('text', NOT_SENT) }],
        }
      : {}),
  }
}

/**
 * What becomes of a message that somebody tells about: it is over, and where it could not be sent the team gets a Task.
 * @param carePlans of its patient: whose team that is
 * @returns undefined where it was over already
 */
export function followMessage(
  communication: Resource,
  { request, carePlans, now, newId }: { request: Resource; carePlans: CarePlan[]; now: Date; newId: () => string },
): Pick<Decisions, 'tasks' | 'requests' | 'timers'> | undefined {
  const over = answered(communication, request, now)
  if (!over) return undefined
  const carePlan = carePlans.find(({ id }) => carePlansOf(over).includes(`CarePlan/${id}`))
  const tasks =
    over.status === 'revoked'
      ? [{ act: 'create' as const, task: unsentTask(over, { id: newId(), owner: carePlan?.careTeam?.[0], now }) }]
      : []
  return { tasks, requests: [{ act: 'update', resource: over }], timers: [] }
}

/** A message that whoever sends messages would have sent by now: those are not waited for where nobody sends. */
export function sentBy(request: Resource, now: Date): Resource | undefined {
  if (request.resourceType !== 'CommunicationRequest' || request.status !== 'active') return undefined
  const { occurrencePeriod, occurrenceDateTime } = request as unknown as CommunicationRequest
  const from = occurrencePeriod?.start ?? occurrenceDateTime
  const isDue = from === undefined || intervalOf(from).low <= now.getTime()
  return isDue ? { ...request, status: HOW_IT_WENT.completed } : undefined
}

const isWaiting = ({ resourceType, status }: Resource) =>
  resourceType === 'CommunicationRequest' && (status === 'active' || status === 'on-hold')
const notesOf = ({ note }: Resource) => (note ?? []) as object[]

/** What could not be sent is told to the team, who can reach the person otherwise. */
function unsentTask(request: Resource, { id, owner, now }: Pick<AskedOf, 'id' | 'owner' | 'now'>): Task {
  const about = `CommunicationRequest/${request.id}`
  const { subject, basedOn, payload } = request as unknown as CommunicationRequest
  const said = payload?.[0]?.contentString ?? ''
  return engineTask({
    ...{ id, about, now, code: 'carry-out', colour: 'yellow', owner },
    name: `${about}|not-done|${subject?.reference ?? ''}|${about}`,
    ...(subject ? { subject } : {}),
    basedOn: (basedOn ?? []).flatMap(({ reference }) => reference ?? []),
    told: {
      nb: `Gi beskjed på en annen måte: ${said}`,
      nn: `Gje beskjed på ein annan måte: ${said}`,
      en: `Tell by another way: ${said}`,
    },
    reason: NOT_SENT,
  })
}

const NOT_SENT: Told = {
  nb: 'Meldingen kunne ikke sendes.',
  nn: 'Meldinga kunne ikkje sendast.',
  en: 'The message could not be sent.',
}

/** Whether nobody has sent a message as long as it was worth sending: it must not keep its rule from asking for another. */
export function isStale(request: Resource, now: Date): boolean {
  if (request.resourceType !== 'CommunicationRequest' || request.status !== 'active') return false
  const { occurrencePeriod, occurrenceDateTime, authoredOn } = request as unknown as CommunicationRequest
  const end = endOf(occurrencePeriod)
  if (end) return end <= now
  // Of one that says no moment nobody can tell how old it is: it waits.
  const from = intervalOf(occurrencePeriod?.start ?? occurrenceDateTime ?? authoredOn ?? '').low
  return after(from, WORTH_SENDING) <= now.getTime()
}

/** A stale message, taken back so that nobody sends old news beside the new. */
export const takenBack = (request: Resource): RequestDecision => ({
  act: 'update',
  resource: {
    ...request,
    status: statusOf('CommunicationRequest', 'ended') ?? request.status,
    statusReason: toldConcept(EXPIRED),
  },
})

const EXPIRED: Told = {
  nb: 'Ingen sendte meldingen i tide; en ny er bedt om.',
  nn: 'Ingen sende meldinga i tide; ei ny er beden om.',
  en: 'Nobody sent the message in time; another was asked for.',
}
