import type { PractitionerRole, Task } from '@medplum/fhirtypes'
import { isQuestionToTeam } from './question-to-team.ts'
import { skillsOf } from './route-task.ts'
import { hasSkills, isOneOf } from './staff.ts'
import { urgencyIn } from './task-marks.ts'

/** Most urgent first; of equals the one whose deadline comes first, then the one that has waited longest. */
export function byUrgency(one: Task, other: Task): number {
  return (
    urgencyIn(other) - urgencyIn(one) ||
    momentOf(one.restriction?.period?.end) - momentOf(other.restriction?.period?.end) ||
    momentOf(one.authoredOn) - momentOf(other.authoredOn) ||
    String(one.id).localeCompare(String(other.id))
  )
}

/** What says no moment comes last. */
function momentOf(text: string | undefined): number {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? Number.MAX_SAFE_INTEGER : at
}

/**
 * Whether somebody with these roles may be given a Task: one of them is among the performer types and has every skill. Of whom no role is
 * known, no role is asked, but a skill still is.
 */
export function isFor(task: Task, roles: PractitionerRole[]): boolean {
  const skills = skillsOf(task)
  if (isQuestionToTeam(task)) return false
  if (roles.length === 0) return skills.length === 0
  const types = (task.performerType ?? []).filter(({ coding, text }) => coding?.length || text)
  return roles.some((role) => isOneOf(role, types) && hasSkills(role, skills))
}
