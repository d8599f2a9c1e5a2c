import type { ActivityDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'

/**
 * The activity as an action of a plan wants it: its own time, priority and participants come before the activity's. A length or a range
 * says nothing of when the plan begins, and stays with the action.
 * @returns the same object where the action says nothing of its own
 * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.timing_x_
 * @see https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action.participant
 */
export function activityInPlan(activity: ActivityDefinition, action: PlanDefinitionAction): ActivityDefinition {
  const { priority, timingTiming, timingDateTime, timingPeriod } = action
  const isTimed = Boolean(timingTiming ?? timingDateTime ?? timingPeriod)
  if (!isTimed && !priority && !action.participant?.length) return activity
  const { timingTiming: _timing, timingDateTime: _dateTime, timingPeriod: _period, ...untimed } = activity
  const timing = {
    ...(timingTiming ? { timingTiming } : {}),
    ...(timingDateTime ? { timingDateTime } : {}),
    ...(timingPeriod ? { timingPeriod } : {}),
  }
  const participant = participantsOf(activity, action)
  return {
    ...(isTimed ? { ...untimed, ...timing } : activity),
    ...(priority ? { priority } : {}),
    ...(participant.length > 0 ? { participant } : {}),
  }
}

/**
 * Of one type the action's role comes instead of the activity's: "a practitioner" alone leaves open which, and the activity's role stands.
 * Whom the action does not name stays, such as the patient that a message goes to.
 */
function participantsOf(
  { participant: ofActivity = [] }: ActivityDefinition,
  { participant: ofAction = [] }: PlanDefinitionAction,
): NonNullable<ActivityDefinition['participant']> {
  const stays = ofActivity.filter(({ type }) => !ofAction.some((one) => one.type === type && one.role))
  const comes = ofAction.filter(({ type, role }) => role || !stays.some((one) => one.type === type))
  return [...stays, ...comes]
}
