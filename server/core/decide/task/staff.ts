import type {
  CareTeam,
  CodeableConcept,
  HealthcareService,
  PractitionerRole,
  Reference,
  Schedule,
  Slot,
} from '@medplum/fhirtypes'
import { tokensOf } from '../limits/measured.ts'
import { CARE_TEAM } from '../plan/vocabulary.ts'
import { ALWAYS_OPEN, isOpenAt, isWithin, type OpeningHours, openingHoursOf } from '../time/opening-hours.ts'

/** Teams, people and their shifts, read beforehand. */
export type Staff = {
  careTeams: CareTeam[]
  services: HealthcareService[]
  roles: PractitionerRole[]
  schedules: Schedule[]
  /** Those around now are enough. */
  slots: Slot[]
  /** How many open Tasks each person has, by reference. */
  load: ReadonlyMap<string, number>
}

export const NOBODY: Staff = {
  ...{ careTeams: [], services: [], roles: [], schedules: [], slots: [] },
  load: new Map(),
}

/** The unit behind a queue: the HealthcareService itself, or the one that says that it serves this CareTeam or is of this Organization. */
export function serviceOf(queue: string | undefined, { services }: Staff): HealthcareService | undefined {
  const wanted = services.filter(({ active }) => active !== false)
  return (
    wanted.find(({ id }) => `HealthcareService/${id}` === queue) ??
    wanted.find(({ extension = [] }) =>
      extension.some(({ url, valueReference }) => url === CARE_TEAM && refersTo(valueReference, queue)),
    ) ??
    wanted.find(({ providedBy }) => refersTo(providedBy, queue))
  )
}

/** When the team behind a queue is at work; a queue of which nothing is known is always open. */
export function hoursOf(queue: string | undefined, staff: Staff): OpeningHours {
  const service = serviceOf(queue, staff)
  return service ? openingHoursOf(service) : ALWAYS_OPEN
}

/** The roles of those who work a queue at this time. */
export function rolesIn(queue: string | undefined, staff: Staff, now: Date): PractitionerRole[] {
  const service = serviceOf(queue, staff)
  const team = staff.careTeams.find(({ id }) => `CareTeam/${id}` === queue)
  const members = (team?.participant ?? []).flatMap(({ member, period }) =>
    isWithin(period, now) ? (member?.reference ?? []) : [],
  )
  return staff.roles.filter((role) => {
    if (role.active === false || !isWithin(role.period, now)) return false
    return (
      role.healthcareService?.some((one) => refersTo(one, service && `HealthcareService/${service.id}`)) ||
      members.some((member) => namesOf(role).includes(member)) ||
      (queue?.startsWith('Organization/') && refersTo(role.organization, queue))
    )
  })
}

/** Whether a person is one of those behind a queue: a member of the CareTeam, or by one of their roles. */
export function worksFor(practitioner: string, queue: string | undefined, staff: Staff, now: Date): boolean {
  const mine = staff.roles.filter((role) => namesOf(role).includes(practitioner))
  const names = new Set<string | undefined>([practitioner, ...mine.flatMap(namesOf)])
  const team = staff.careTeams.find(({ id }) => `CareTeam/${id}` === queue)
  const isMember = team?.participant?.some(
    ({ member, period }) => names.has(member?.reference) && isWithin(period, now),
  )
  // A role may be asked itself.
  return (
    isMember ||
    mine.some((role) => namesOf(role).includes(queue)) ||
    rolesIn(queue, { ...staff, roles: mine }, now).length > 0
  )
}

/**
 * Whether somebody works just now. Who has a Schedule works in its Slots, but not in those that are `busy-unavailable`; who has
 * none works by the hours of the role, and who has neither whenever the team is at work.
 */
export function isOnShift(role: PractitionerRole, { schedules, slots }: Staff, now: Date): boolean {
  const own = schedules.filter(
    ({ active, actor }) => active !== false && actor.some(({ reference }) => namesOf(role).includes(reference)),
  )
  if (own.length === 0) return isOpenAt(openingHoursOf(role), now)
  const references = own.map(({ id }) => `Schedule/${id}`)
  return slots.some(
    ({ schedule, status, start, end }) =>
      references.includes(schedule.reference ?? '') &&
      WORKING.has(status) &&
      Date.parse(start) <= now.getTime() &&
      now.getTime() < Date.parse(end),
  )
}

/** At work, whether or not somebody has booked the time. */
const WORKING: ReadonlySet<string> = new Set(['free', 'busy', 'busy-tentative'])

/** Whether a role has every one of these skills, as its code or its specialty. */
export function hasSkills({ code = [], specialty = [] }: PractitionerRole, skills: CodeableConcept[]): boolean {
  const own = [...code, ...specialty]
  return skills.every((skill) => own.some((concept) => means(concept, skill)))
}

/** Whether a role is one of these; where none is asked for, each will do. */
export function isOneOf({ code = [] }: PractitionerRole, roles: CodeableConcept[]): boolean {
  return roles.length === 0 || roles.some((role) => code.some((concept) => means(concept, role)))
}

/** Two names of one role or skill: one coding in common; by its text where either has no codes. */
export function means(one: CodeableConcept, other: CodeableConcept): boolean {
  const codes = tokensOf(one)
  if (codes.length > 0 && other.coding?.length) return tokensOf(other).some((token) => codes.includes(token))
  return one.text !== undefined && one.text === other.text
}

/** What a person is called: by the role, and as the practitioner. */
export const namesOf = ({ id, practitioner }: PractitionerRole): (string | undefined)[] => [
  `PractitionerRole/${id}`,
  ...(practitioner?.reference ? [practitioner.reference] : []),
]

const refersTo = (one: Reference | undefined, wanted: string | undefined): boolean =>
  wanted !== undefined && one?.reference === wanted
