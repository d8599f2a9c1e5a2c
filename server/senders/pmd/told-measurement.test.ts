import type { Observation } from '@medplum/fhirtypes'
import { isTold, tellsMeasurement } from './told-measurement.ts'

const SPO2: Observation = {
  ...{ resourceType: 'Observation', id: 'o', status: 'final', subject: { reference: 'Patient/line' } },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  valueQuantity: { value: 91, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
}
const zone = { type: { text: 'Rød' }, low: { value: 88, code: '%' } }

test.each([
  ['a measurement of the table', {}, true],
  ['one that is not made yet', { status: 'preliminary' }, false],
  ['one that was entered in error', { status: 'entered-in-error' }, false],
  ['one without a value', { valueQuantity: undefined }, false],
  ['one of a group', { subject: { reference: 'Group/g' } }, false],
  ['what is not in the table', { code: { coding: [{ system: 'http://loinc.org', code: '72514-3' }] } }, false],
] as const)('%s: it is told: %s', (_what, change, told) => expect(isTold({ ...SPO2, ...change })).toBe(told))

test.each([
  ['is new', undefined, SPO2, true],
  ['becomes final', { ...SPO2, status: 'preliminary' }, SPO2, true],
  ['was never told, and is deleted', { ...SPO2, status: 'preliminary' }, undefined, false],
  ['is deleted', SPO2, undefined, true],
  ['was entered in error', SPO2, { ...SPO2, status: 'entered-in-error' }, true],
  ['has another value', SPO2, { ...SPO2, valueQuantity: { value: 92, code: '%' } }, true],
  ['has another zone', SPO2, { ...SPO2, referenceRange: [zone] }, true],
  ['is of something that is not in the table now', SPO2, { ...SPO2, code: { text: 'Humør' } }, true],
  ['is commented', SPO2, { ...SPO2, note: [{ text: 'Etter trapp' }] }, false],
  ['is labelled', SPO2, { ...SPO2, meta: { tag: [{ code: 'x' }] } }, false],
] as const)('a measurement that %s', (_what, before, after, told) => expect(tellsMeasurement(before, after)).toBe(told))
