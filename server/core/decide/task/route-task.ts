import type { ActivityDefinition, CodeableConcept, Extension, PlanDefinitionAction, Task } from '@medplum/fhirtypes'
import { QUEUE, ROUTING, SKILL } from '../plan/vocabulary.ts'
import { isOpenAt } from '../time/opening-hours.ts'
import { hasSkills, hoursOf, isOneOf, isOnShift, namesOf, rolesIn, type Staff } from './staff.ts'
import { part, withExtensions } from './task-extension.ts'
import type { Owner } from './task-marks.ts'
import { isPerson } from './task-status.ts'

/** Where the Tasks of an action go. */
export type Routing = {
  /** Instead of the team of the CarePlan: a HealthcareService, CareTeam or Organization. */
  queue?: Owner
  /** Where they go while the queue is closed. */
  whenClosed?: Owner
  skills: CodeableConcept[]
  /** `person`: somebody on shift is chosen at once; `queue`: whoever is free takes the next. */
  assign: 'queue' | 'person'
}

/** The routing of an action: its own, else its activity's, in the extension `routing`. */
export function routingOf(action: PlanDefinitionAction, activity: ActivityDefinition | undefined): Routing {
  const own = (extensions: Extension[] | undefined) => extensions?.find(({ url }) => url === ROUTING)?.extension
  const parts = own(action.extension) ?? own(activity?.extension) ?? []
  const queue = part(parts, 'queue')?.valueReference as Owner | undefined
  const whenClosed = part(parts, 'when-closed')?.valueReference as Owner | undefined
  return {
    ...(queue ? { queue } : {}),
    ...(whenClosed ? { whenClosed } : {}),
    skills: parts.flatMap(({ url, valueCodeableConcept }) =>
      url === 'skill' && valueCodeableConcept ? [valueCodeableConcept] : [],
    ),
    assign: part(parts, 'assign')?.valueCode === 'person' ? 'person' : 'queue',
  }
}

/**
 * Chooses the owner of a new Task: the queue, or of those who work it, are on shift, have the role and the skills, the one with the
 * fewest open Tasks; the Task says which queue it is of. When nobody fits, the queue has it, with the skills for others to see.
 * @returns the queue too, whose opening hours the deadlines may follow
 */
export function routeTask(task: Task, routing: Routing, staff: Staff, now: Date): { task: Task; queue?: Owner } {
  const wanted = routing.queue ?? task.owner
  const isOpen = isOpenAt(hoursOf(wanted?.reference, staff), now)
  const queue = isOpen ? wanted : (routing.whenClosed ?? wanted)
  const needs = { queue: queue?.reference, roles: task.performerType ?? [], skills: routing.skills }
  const isFree = routing.assign === 'person' && !isPerson(task.owner?.reference)
  const person = isFree ? choosePerson(needs, staff, now) : undefined
  const owner = person ?? queue
  const skills = routing.skills.map((skill) => ({ url: SKILL, valueCodeableConcept: skill }))
  const from = person && queue ? [{ url: QUEUE, valueReference: queue }] : []
  return {
    task: withExtensions({ ...task, ...(owner ? { owner } : {}) }, [SKILL, QUEUE], [...skills, ...from]),
    ...(queue ? { queue } : {}),
  }
}

/** What whoever does a Task must be able to do. */
export const skillsOf = (task: Task): CodeableConcept[] =>
  (task.extension ?? []).flatMap(({ url, valueCodeableConcept }) =>
    url === SKILL && valueCodeableConcept ? [valueCodeableConcept] : [],
  )

type Needs = { queue: string | undefined; roles: CodeableConcept[]; skills: CodeableConcept[] }

function choosePerson({ queue, roles, skills }: Needs, staff: Staff, now: Date): Owner | undefined {
  const loadOf = (names: (string | undefined)[]) =>
    names.reduce((sum, name) => sum + (staff.load.get(name ?? '') ?? 0), 0)
  const [chosen] = rolesIn(queue, staff, now)
    .filter((role) => isOneOf(role, roles) && hasSkills(role, skills) && isOnShift(role, staff, now))
    .map((role) => ({ role, load: loadOf(namesOf(role)) }))
    // By id among equals, so that the same facts always choose the same.
    .sort((one, other) => one.load - other.load || String(one.role.id).localeCompare(String(other.role.id)))
  if (!chosen) return undefined
  return chosen.role.practitioner ?? { reference: `PractitionerRole/${chosen.role.id}` }
}
