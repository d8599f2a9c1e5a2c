import type { Condition } from '@medplum/fhirtypes'
import { news2Impediment } from './who-it-is-for.ts'

const born = (birthDate?: string) => ({ resourceType: 'Patient' as const, ...(birthDate ? { birthDate } : {}) })
const condition = (code: string, system = 'http://snomed.info/sct'): Condition => ({
  resourceType: 'Condition',
  subject: { reference: 'Patient/1' },
  code: { coding: [{ system, code }] },
})

test.each([
  ['2010-11-11', 'Patient.birthDate'],
  ['2010-11-10', undefined],
  ['2010-12', 'Patient.birthDate'],
  ['2010-11', undefined],
  ['2010', undefined],
  ['2011', 'Patient.birthDate'],
  [undefined, undefined],
])('who was born on %s: %s speaks against a score on 10 November 2026', (birthDate, expression) => {
  expect(news2Impediment(born(birthDate), [], '2026-11-10')?.expression).toBe(expression)
})

test.each([
  ['77386006', 'Condition.code'],
  ['11687002', 'Condition.code'],
  ['13645005', undefined],
])('of the condition %s: %s', (code, expression) => {
  expect(news2Impediment(born('1960-01-01'), [condition(code)], '2026-11-10')?.expression).toBe(expression)
})

test('a code of another system says nothing of a pregnancy', () => {
  expect(news2Impediment(born(), [condition('77386006', 'http://example.org')], '2026-11-10')).toBeUndefined()
})
