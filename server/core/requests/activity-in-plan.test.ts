import type { ActivityDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { activityInPlan } from './activity-in-plan.ts'

const nurse = { type: 'practitioner', role: { text: 'nurse' } } as const
const doctor = { type: 'practitioner', role: { text: 'doctor' } } as const
const patient = { type: 'patient' } as const
const ACTIVITY: ActivityDefinition = {
  ...{ resourceType: 'ActivityDefinition', status: 'active', priority: 'routine', timingDateTime: '2026-11-23' },
  participant: [patient, nurse],
}

const { timingDateTime: _dateTime, ...UNTIMED } = ACTIVITY

test.each<[string, PlanDefinitionAction, Partial<ActivityDefinition>]>([
  ['a priority', { priority: 'urgent' }, { ...ACTIVITY, priority: 'urgent' }],
  [
    'a time, of whichever type',
    { timingPeriod: { start: '2026-12-01' } },
    { ...UNTIMED, timingPeriod: { start: '2026-12-01' } },
  ],
  ['a role, of those of its type', { participant: [doctor] }, { ...ACTIVITY, participant: [patient, doctor] }],
  ['a type alone, which leaves the role', { participant: [{ type: 'practitioner' }] }, ACTIVITY],
  [
    'a type that the activity has not',
    { participant: [{ type: 'device' }] },
    { ...ACTIVITY, participant: [patient, nurse, { type: 'device' }] },
  ],
])('an action’s own comes before the activity’s: %s', (_what, action, said) => {
  expect(activityInPlan(ACTIVITY, action)).toEqual(said)
})

test('an action that says nothing of its own leaves the activity as it is', () => {
  expect(activityInPlan(ACTIVITY, { timingDuration: { value: 2, code: 'h' } })).toBe(ACTIVITY)
})
