import type { CarePlan } from '@medplum/fhirtypes'
import type { CompiledPlan } from '../../core/decide/plan/compile-plan.ts'
import type { StoredVersion } from '../../core/decide/simulation/play-ground.ts'
import { STEERED_TYPES } from '../../core/requests/activity-life.ts'
import { moveActivities } from '../../lifecycle/moved-activities.ts'

/** An enrolment, and the version of the plan that it really was in. */
export type EnrolledIn = { carePlan: CarePlan; from: CompiledPlan }

const MOVED: ReadonlySet<string> = new Set(STEERED_TYPES)

/**
 * What a patient was asked for as it would have been in the version that is tried: by its schedules, and without what it does not have,
 * as a move to it would leave it. Only what is new in it is not there, for nobody has it.
 */
export function movedHistory(versions: StoredVersion[], enrolments: EnrolledIn[], to: CompiledPlan): StoredVersion[] {
  const moving = enrolments.filter(({ from }) => from.url === to.url && from.canonical !== to.canonical)
  if (moving.length === 0) return versions
  return versions.map((version) => {
    const { resource, type, at } = version
    if (!resource || !MOVED.has(type)) return version
    const moved = moving.reduce((one, { carePlan, from }) => {
      const move = { carePlan: `CarePlan/${carePlan.id}`, from, to, now: at }
      return moveActivities([one], move)[0]?.after ?? one
    }, resource)
    return moved === resource ? version : { ...version, resource: moved }
  })
}
