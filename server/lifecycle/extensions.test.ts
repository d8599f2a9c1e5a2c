import type { PlanDefinition } from '@medplum/fhirtypes'
import { beyondBudget } from './alarm-budget.ts'
import { alarmBudgetOf, shareOf, withShare } from './extensions.ts'

test.each([
  ['within both', { tasksPer100PatientDays: 4, actedOnPercent: 40 }, 0],
  ['too many', { tasksPer100PatientDays: 4.1, actedOnPercent: 60 }, 1],
  ['too often for nothing', { tasksPer100PatientDays: 1, actedOnPercent: 39 }, 1],
  ['both', { tasksPer100PatientDays: 9, actedOnPercent: 1 }, 2],
  ['nobody knows how many helped', { tasksPer100PatientDays: 4 }, 0],
])('%s: the ways in which a rate is beyond the budget', (_what, rate, ways) => {
  expect(beyondBudget({ tasksPer100PatientDays: 4, actedOnPercent: 40 }, rate)).toHaveLength(ways)
})

test('a budget of one kind says nothing of the other', () => {
  expect(beyondBudget({ actedOnPercent: 40 }, { tasksPer100PatientDays: 99, actedOnPercent: 50 })).toEqual([])
})

const plan = (...extension: NonNullable<PlanDefinition['extension']>): PlanDefinition => ({
  resourceType: 'PlanDefinition',
  status: 'draft',
  extension,
})
const URL_ = 'http://fylgje.no/fhir/StructureDefinition'

test('the share of a staged start is set, changed and taken away; nothing else is', () => {
  const other = { url: `${URL_}/alarm-budget`, extension: [{ url: 'actedOnPercent', valueDecimal: 40 }] }
  const staged = withShare(withShare(plan(other), 5), 20)
  expect([shareOf(staged), staged.extension?.length]).toEqual([20, 2])
  expect(withShare(staged, 100)).toEqual(plan(other))
  expect(withShare({ resourceType: 'PlanDefinition', status: 'draft' }, 100)).not.toHaveProperty('extension')
  expect(alarmBudgetOf(staged)).toEqual({ tasksPer100PatientDays: undefined, actedOnPercent: 40 })
})
