import type { CarePlan, Extension, Goal, GoalTarget, PlanDefinition } from '@medplum/fhirtypes'
import { LIMIT } from '../../../server/core/decide/plan/vocabulary.ts'
import { boundIn, goalWith, type MeasureLimits, measuresOf, orderFaults } from './own-limits.ts'

const SPO2 = { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' }
const target = (zone: string, side: string, value: number, more: Extension[] = []): GoalTarget => ({
  extension: [{ url: LIMIT, extension: [{ url: 'zone', valueCode: zone }, { url: 'side', valueCode: side }, ...more] }],
  measure: SPO2,
  detailQuantity: { value, comparator: '<', unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})
const PLAN = {
  resourceType: 'PlanDefinition',
  status: 'active',
  goal: [{ description: { text: 'SpO2' }, target: [target('red', 'low', 88), target('yellow', 'low', 92)] }],
} as PlanDefinition
const RELATIVE = target('yellow', 'low', -3, [{ url: 'relativeTo', valueCode: 'baseline' }])
const GOAL: Goal & { id: string } = {
  ...{ resourceType: 'Goal', id: 'own', lifecycleStatus: 'active', description: { text: 'Egne grenser' } },
  subject: { reference: 'Patient/p' },
  target: [target('yellow', 'low', 90), RELATIVE],
}
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  goal: [{ reference: 'Goal/own' }],
}
const NEW = { subject: { reference: 'Patient/p' }, description: 'Egne grenser for SpO₂' }
const only = (goals: (Goal & { id: string })[]): MeasureLimits => {
  const [first, ...others] = measuresOf(CARE_PLAN, goals, PLAN)
  expect(others).toEqual([])
  if (!first) throw new Error('no measure')
  return first
}
const values = (goal: Goal | undefined) => goal?.target?.map(({ detailQuantity }) => detailQuantity?.value)

test('a bound of the person’s own stands before the plan’s; the plan’s holds for the rest', () => {
  const found = only([GOAL])
  expect(boundIn(found, 'yellowLow')).toEqual({ value: 90, comparator: '<' })
  expect(boundIn(found, 'redLow')).toEqual({ value: 88, comparator: '<' })
  expect(boundIn(found, 'redHigh')).toBeUndefined()
  expect(found.others).toEqual([RELATIVE])
  expect(found.goal?.id).toBe('own')
})

test.each([
  ['ended', { ...GOAL, lifecycleStatus: 'cancelled' as const }],
  ['of another plan', { ...GOAL, id: 'other' }],
])('a Goal that is %s sets nothing', (_, goal) => {
  expect(boundIn(only([goal]), 'yellowLow')?.value).toBe(92)
})

test('what is changed becomes the person’s own; what is as the plan says goes on following it; the rest of the Goal stays', () => {
  expect(values(goalWith(only([GOAL]), { yellowLow: 89, redLow: 88 }, NEW))).toEqual([89, -3])
  expect(goalWith(only([GOAL]), { yellowLow: 89, redLow: 86 }, NEW)).toMatchObject({
    id: 'own',
    description: { text: 'Egne grenser' },
    target: [
      { detailQuantity: { value: 86, comparator: '<', code: '%' } },
      { detailQuantity: { value: 89 } },
      RELATIVE,
    ],
  })
})

test('a field that is emptied gives the plan’s limit back', () => {
  expect(values(goalWith(only([GOAL]), {}, NEW))).toEqual([-3])
  expect(goalWith(only([{ ...GOAL, target: [target('yellow', 'low', 90)] }]), {}, NEW)).toBeUndefined()
})

test('whoever had no limits of their own gets a Goal', () => {
  const goal = goalWith(only([]), { yellowLow: 90, redLow: 88 }, NEW)
  expect(goal).toMatchObject({
    lifecycleStatus: 'active',
    subject: NEW.subject,
    description: { text: NEW.description },
  })
  expect(goal?.id).toBeUndefined()
  expect(values(goal)).toEqual([90])
})

test.each([
  [{ redLow: 91, yellowLow: 90 }, ['redLow', 'yellowLow']],
  [{ redLow: 93 }, ['redLow', 'yellowLow']],
  [{ redLow: 86, yellowLow: 90, yellowHigh: 99, redHigh: 98 }, ['yellowHigh', 'redHigh']],
  [{ redLow: 86, yellowLow: 90 }, []],
])('%j contradicts itself in %j', (wanted, expected) => {
  expect(orderFaults(only([GOAL]), wanted)).toEqual(expected)
})
