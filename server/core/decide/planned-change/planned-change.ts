import type { CarePlan, Extension, ServiceRequest } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import type { Owner } from '../task/task-marks.ts'

/** On a CarePlan or ServiceRequest: what it becomes at a moment to come, and afterwards that it has; one each, in the order of their moments. */
const PLANNED_CHANGE = `${FYLGJE}/StructureDefinition/planned-change`

export type Planned = CarePlan | ServiceRequest
export const PLANNED_TYPES = ['CarePlan', 'ServiceRequest'] as const

/** What may be planned: a pause, going on, an end. */
export const PLANNED_STATUSES = ['on-hold', 'active', 'completed', 'revoked'] as const
export type PlannedStatus = (typeof PLANNED_STATUSES)[number]

export type PlannedChange = {
  id: string
  /** ISO instant. */
  at: string
  reason: string
  /** `Practitioner/1` */
  by?: string
  /** When its moment had come, and whether there was anything left to change, or that it may not be. */
  done?: string
  outcome?: 'changed' | 'not-needed' | 'refused'
} & ({ status: PlannedStatus; careTeam?: undefined } | { careTeam: Owner; status?: undefined })

/** Which status may follow which: what has ended stays so, and what has not begun is begun by somebody. */
const NEXT: { [status: string]: readonly PlannedStatus[] } = {
  active: ['on-hold', 'completed', 'revoked'],
  'on-hold': ['active', 'completed', 'revoked'],
}
export const mayFollow = (from: string, to: PlannedStatus): boolean => NEXT[from]?.includes(to) ?? false

/** Whether anything can still happen to it. */
export const isRunning = ({ status }: Planned): boolean => status in NEXT

export const changesOf = ({ extension = [] }: Planned): PlannedChange[] =>
  extension.filter(({ url }) => url === PLANNED_CHANGE).flatMap((one) => toChange(one) ?? [])

/** Those whose moment is to come, in its order. */
export const changesToCome = (resource: Planned): PlannedChange[] =>
  isRunning(resource) ? changesOf(resource).filter(({ done }) => done === undefined) : []

/** The status that it will have at a moment, by what is planned. */
export const statusAt = (resource: Planned, at: Date): string =>
  changesToCome(resource)
    .filter((change) => Date.parse(change.at) <= at.getTime())
    .reduce((status, { status: to }) => (to && mayFollow(status, to) ? to : status), String(resource.status))

/** With these changes instead of those before. */
export function withChanges<T extends Planned>(resource: T, changes: PlannedChange[]): T {
  const others = (resource.extension ?? []).filter(({ url }) => url !== PLANNED_CHANGE)
  const ordered = changes.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
  const extension = [...others, ...ordered.map(toExtension)]
  const { extension: _before, ...rest } = resource
  return (extension.length > 0 ? { ...rest, extension } : rest) as T
}

function toChange({ extension: parts = [] }: Extension): PlannedChange | undefined {
  const part = (name: string) => parts.find(({ url }) => url === name)
  const [id, at] = [part('id')?.valueId, part('at')?.valueInstant]
  const status = PLANNED_STATUSES.find((one) => one === part('status')?.valueCode)
  const careTeam = part('careTeam')?.valueReference as Owner | undefined
  const what = status ? { status } : careTeam ? { careTeam } : undefined
  if (!id || !at || !what) return undefined
  const by = part('by')?.valueReference?.reference
  const done = part('done')?.valueInstant
  const outcome = part('outcome')?.valueCode as PlannedChange['outcome']
  return {
    ...{ id, at, reason: part('reason')?.valueString ?? '' },
    ...what,
    ...(by ? { by } : {}),
    ...(done ? { done } : {}),
    ...(outcome ? { outcome } : {}),
  }
}

const toExtension = ({ id, at, status, careTeam, reason, by, done, outcome }: PlannedChange): Extension => ({
  url: PLANNED_CHANGE,
  extension: [
    { url: 'id', valueId: id },
    { url: 'at', valueInstant: at },
    ...(status ? [{ url: 'status', valueCode: status }] : []),
    ...(careTeam ? [{ url: 'careTeam', valueReference: careTeam }] : []),
    { url: 'reason', valueString: reason },
    ...(by ? [{ url: 'by', valueReference: { reference: by } }] : []),
    ...(done ? [{ url: 'done', valueInstant: done }] : []),
    ...(outcome ? [{ url: 'outcome', valueCode: outcome }] : []),
  ],
})
