import type { PlanDefinition } from '@medplum/fhirtypes'
import { ratesOf } from '../core/decide/plan/rule-rates.ts'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createValidator } from '../validation/validator.ts'
import { toReport } from './rule-rates.ts'

const { validate } = createValidator(loadDefinitions())
const plan: PlanDefinition = {
  resourceType: 'PlanDefinition',
  id: 'p',
  url: 'http://example.org/p',
  status: 'active',
  action: [{ id: 'group', action: [{ id: 'yellow', title: 'Lav' }] }],
}
const task = (action: string, status: 'requested' | 'completed') => ({
  ...{ resourceType: 'Task' as const, intent: 'order' as const, status, authoredOn: '2026-11-01T00:00:00Z' },
  identifier: [{ system: FINDING, value: `${plan.url}|${action}|Patient/1|e` }],
  executionPeriod: { end: '2026-11-01T00:10:00Z' },
})
const PERIOD = { start: '2026-11-01T00:00:00Z', end: '2026-12-01T00:00:00Z' }

test.each([
  ['nothing at all', [], 0],
  ['Tasks that are all open, and nobody followed', [task('yellow', 'requested')], 0],
  ['Tasks that are done', [task('yellow', 'completed'), task('yellow!', 'requested')], 50],
])('a report is valid R4: %s', (_name, tasks, patientDays) => {
  const report = toReport({ plan, ...PERIOD, patientDays, rates: ratesOf(tasks, String(plan.url), patientDays) })
  expect(validate(report as never).filter(({ severity }) => severity === 'error')).toEqual([])
})

test('a rule is called by its title; its score is Tasks per 100 patient-days', () => {
  const rates = ratesOf([task('yellow', 'completed')], String(plan.url), 50)
  expect(toReport({ plan, ...PERIOD, patientDays: 50, rates }).group).toMatchObject([
    {
      code: { text: 'Lav', coding: [{ code: 'yellow' }] },
      measureScore: { value: 2 },
      stratifier: [
        { stratum: [{ measureScore: { value: 100, code: '%' } }] },
        { stratum: [{ measureScore: { value: 10, code: 'min' } }] },
      ],
    },
  ])
})
