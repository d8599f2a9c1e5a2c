import { expect, test } from '@jest/globals'
import type { DiagnosticReport, Observation } from '@medplum/fhirtypes'
import { toAnalytes } from './laboratory.ts'

const CRP = { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7280', code: 'NPU19748' }], text: 'P-CRP' }
const answered = (given: Partial<Observation>): Observation => ({
  ...{ resourceType: 'Observation', id: '1', status: 'final', code: CRP, effectiveDateTime: '2026-11-20T08:00:00Z' },
  ...given,
})
const mg = (value: number) => ({ value, unit: 'mg/L' })
const only = (given: Partial<Observation>) => toAnalytes([answered(given)], [], 'nb')[0]?.results[0]

test.each<[string, Partial<Observation>, string]>([
  ['a number with its unit', { valueQuantity: mg(5.25) }, '5,25\u00a0mg/L'],
  ['less than', { valueQuantity: { ...mg(0.6), comparator: '<' } }, '<\u00a00,6\u00a0mg/L'],
  ['words', { valueString: 'Normal flora' }, 'Normal flora'],
  ['a code', { valueCodeableConcept: { coding: [{ code: '260415000', display: 'Ikke påvist' }] } }, 'Ikke påvist'],
  ['a count', { valueInteger: 3 }, '3'],
  ['yes or no', { valueBoolean: false }, 'nei'],
  ['a titre', { valueRatio: { numerator: { value: 1 }, denominator: { value: 128 } } }, '1 : 128'],
])('an answer may be %s', (_, given, shown) => expect(only(given)?.value).toBe(shown))

test.each<[string, Partial<Observation>, string | undefined]>([
  ['as the laboratory says', { valueQuantity: mg(3), interpretation: [{ coding: [{ code: 'HH' }] }] }, 'criticalHigh'],
  [
    'normal as it says, whatever the range',
    { valueQuantity: mg(9), interpretation: [{ coding: [{ code: 'N' }] }], referenceRange: [{ high: mg(5) }] },
    undefined,
  ],
  ['above its range', { valueQuantity: mg(9), referenceRange: [{ high: mg(5) }] }, 'high'],
  ['below its range', { valueQuantity: mg(1), referenceRange: [{ low: mg(2) }] }, 'low'],
  ['within it', { valueQuantity: mg(4), referenceRange: [{ low: mg(2), high: mg(5) }] }, undefined],
  [
    'of a range in another unit nothing is concluded',
    { valueQuantity: mg(9), referenceRange: [{ high: { value: 5, unit: 'g/L' } }] },
    undefined,
  ],
  [
    'nor of "more than"',
    { valueQuantity: { ...mg(9), comparator: '>' }, referenceRange: [{ high: mg(5) }] },
    undefined,
  ],
])('a value stands out %s', (_, given, flag) => expect(only(given)?.flag).toBe(flag))

test.each([
  [{ low: mg(2), high: mg(5) }, '2–5\u00a0mg/L'],
  [{ high: mg(5) }, '<\u00a05\u00a0mg/L'],
  [{ low: mg(2) }, '>\u00a02\u00a0mg/L'],
  [{ text: 'negativ' }, 'negativ'],
])('a range is told as %j', (range, words) =>
  expect(only({ valueQuantity: mg(3), referenceRange: [range] })?.range).toBe(words),
)

test('of one thing the newest stands first; what is withdrawn or holds nothing is left out; what may change says so', () => {
  const analytes = toAnalytes(
    [
      answered({ id: 'old', valueQuantity: mg(40), effectiveDateTime: '2026-11-01T08:00:00Z' }),
      answered({ id: 'new', valueQuantity: mg(6), status: 'preliminary' }),
      answered({ id: 'wrong', valueQuantity: mg(400), status: 'entered-in-error' }),
      answered({ id: 'empty' }),
    ],
    [],
    'nb',
  )
  expect(analytes.map(({ title }) => title)).toEqual(['P-CRP'])
  expect(analytes[0]?.results.map(({ id, isPreliminary }) => [id, isPreliminary])).toEqual([
    ['new', true],
    ['old', false],
  ])
})

test('each part of a whole is a thing of its own; from the report comes what the laboratory concludes and who it is', () => {
  const report: DiagnosticReport = {
    ...{ resourceType: 'DiagnosticReport', status: 'final', code: { text: 'Blodgass' }, conclusion: 'Kompensert.' },
    performer: [{ display: 'Fjordvik laboratorium' }],
    result: [{ reference: 'Observation/gas' }],
  }
  const gas = answered({
    id: 'gas',
    component: [
      { code: { text: 'pO2' }, valueQuantity: { value: 7.9, unit: 'kPa' } },
      { code: { text: 'pCO2' }, valueQuantity: { value: 6.4, unit: 'kPa' } },
    ],
  })
  expect(toAnalytes([gas], [report], 'nb')).toMatchObject([
    { title: 'pCO2', results: [{ id: 'gas.1', conclusion: 'Kompensert.', performer: 'Fjordvik laboratorium' }] },
    { title: 'pO2', results: [{ id: 'gas.0', value: '7,9\u00a0kPa' }] },
  ])
})
