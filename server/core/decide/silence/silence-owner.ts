import type { CodeableConcept, Duration, Extension, PlanDefinition, Reference, Task } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { milliseconds, after as momentAfter } from '../time/duration.ts'

/** On a PlanDefinition: whom one kind of silence belongs to. Profile: fhir-profiles/fsh/extensions.fsh. */
export const SILENCE_OWNER = `${FYLGJE}/StructureDefinition/silence-owner`

/** The ways in which nothing can happen, told apart. Each is somebody's, and each has a time after which it is told. */
export const SILENCES = ['not-measured', 'not-sent', 'not-evaluated', 'not-opened', 'not-decided'] as const
export type SilenceKind = (typeof SILENCES)[number]

/** `opening-hours`: only the hours count in which the team that has the work is there. */
export type SilenceCalendar = 'clock' | 'opening-hours'

export type SilenceOwner = {
  silence: SilenceKind
  /** A role to choose from, or somebody by name. */
  owner: CodeableConcept | Reference
  after: Duration
  calendar: SilenceCalendar
}

/** Who is told of which silence, and after how long. What is incomplete is nobody's. */
export function silenceOwnersOf({ extension }: Pick<PlanDefinition, 'extension'>): SilenceOwner[] {
  return (extension ?? []).flatMap((one) => (one.url === SILENCE_OWNER ? (toSilenceOwner(one) ?? []) : []))
}

/** @param holder an extension with the parts silence, owner, after, calendar */
export function toSilenceOwner(holder: Extension): SilenceOwner | undefined {
  const silence = SILENCES.find((code) => code === partOf(holder, 'silence')?.valueCode)
  const part = partOf(holder, 'owner')
  const owner = ownerIn(part)
  const after = partOf(holder, 'after')?.valueDuration
  const calendar = partOf(holder, 'calendar')?.valueCode === 'opening-hours' ? 'opening-hours' : 'clock'
  return silence && owner && after && isTime(after) ? { silence, owner, after, calendar } : undefined
}

/** Somebody, or some role, is named; an empty element names nobody. */
function ownerIn(part: Extension | undefined): SilenceOwner['owner'] | undefined {
  const { valueCodeableConcept: role, valueReference: somebody } = part ?? {}
  if (role?.text || role?.coding?.some(({ code }) => code)) return role
  return somebody?.reference || somebody?.identifier ? somebody : undefined
}

export const silenceOwner = (
  plan: Pick<PlanDefinition, 'extension'> | undefined,
  silence: SilenceKind,
): SilenceOwner | undefined => plan && silenceOwnersOf(plan).find((one) => one.silence === silence)

function isTime(after: Duration): boolean {
  try {
    return milliseconds(after) > 0
  } catch {
    return false
  }
}

/** When a silence that began at `since` is told, by the clock. */
export const toldAt = ({ after }: Pick<SilenceOwner, 'after'>, since: Date): Date =>
  new Date(momentAfter(since.getTime(), after))

/** Whose a Task about such a silence is: a role to choose from, or somebody by name. Empty where the plan says nothing. */
export function ownedBy(
  plan: Pick<PlanDefinition, 'extension'> | undefined,
  silence: SilenceKind,
): Pick<Task, 'performerType' | 'owner'> {
  const found = silenceOwner(plan, silence)
  return found ? asOwner(found.owner) : {}
}

/** As a Task says whose it is. */
export const asOwner = (owner: SilenceOwner['owner']): Pick<Task, 'performerType' | 'owner'> =>
  'reference' in owner || 'identifier' in owner
    ? { owner: owner as Task['owner'] }
    : { performerType: [owner as CodeableConcept] }

const partOf = ({ extension }: Extension, url: string): Extension | undefined =>
  extension?.find((part) => part.url === url)
