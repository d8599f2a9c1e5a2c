import type { Extension, PlanDefinition } from '@medplum/fhirtypes'
import { isResultOf } from '../schedule/fulfilment.ts'
import { checkQuality, ofQuality, QUALITY_REQUIRED, qualityOf, shortcomings } from './measurement-quality.ts'

const NOW = new Date('2026-11-10T12:00:00Z')
const METHOD = { system: 'http://example.org/method', code: 'seated', display: 'sittende' }
const GOOD = { system: 'http://fylgje.no/fhir/CodeSystem/measurement-quality', code: 'good' }
const SAYS_GOOD = {
  url: 'http://fylgje.no/fhir/StructureDefinition/measurement-quality',
  valueCodeableConcept: { coding: [GOOD] },
}
const code = (url: string, valueCode: string): Extension => ({ url, valueCode })
const yes = (url: string): Extension => ({ url, valueBoolean: true })
const demanding = (...parts: Extension[]) => ({ extension: [{ url: QUALITY_REQUIRED, extension: parts }] })
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }
const measured = (made: object = {}) => ({
  ...{ resourceType: 'Observation', id: 'o', status: 'final', code: WEIGHT, effectiveDateTime: '2026-11-10T10:00:00Z' },
  ...made,
})
const by = (reference: string) => ({ performer: [{ reference }] })
const withMetric = (state: string, reference = '#m') => ({
  contained: [{ resourceType: 'DeviceMetric', id: 'm', calibration: [{ state }] }],
  device: { reference },
})
const AGE: Extension = { url: 'age', valueDuration: { value: 3, unit: 'timer', code: 'h' } }

test.each<[string, Extension[], object, string[]]>([
  ['without a demand', [], {}, []],
  ['by the patient', [code('performer', 'patient')], by('Patient/1'), []],
  ['by next of kin for the patient', [code('performer', 'patient')], by('RelatedPerson/1'), []],
  ['by the patient where staff must', [code('performer', 'staff')], by('Patient/1'), ['ikke målt av helsepersonell']],
  ['by either', [code('performer', 'staff'), code('performer', 'patient')], by('PractitionerRole/1'), []],
  ['by nobody who is known', [code('performer', 'staff')], {}, ['ikke målt av helsepersonell']],
  ['by the method', [{ url: 'method', valueCoding: METHOD }], { method: { coding: [METHOD] } }, []],
  ['by another method', [{ url: 'method', valueCoding: METHOD }], {}, ['ikke målt med sittende']],
  ['well', [{ url: 'quality', valueCoding: GOOD }], { extension: [SAYS_GOOD] }, []],
  [
    'without a word of its quality',
    [{ url: 'quality', valueCoding: GOOD }],
    {},
    ['sier ikke om kvaliteten at den er good'],
  ],
  ['with a device', [yes('device')], { device: { reference: 'Device/1' } }, []],
  ['without a device', [yes('device')], {}, ['ikke målt med en måler']],
  ['with a calibrated one', [yes('calibrated')], withMetric('calibrated'), []],
  [
    'with one to be calibrated',
    [yes('calibrated')],
    withMetric('not-calibrated'),
    ['måleren sier ikke at den er kalibrert'],
  ],
  [
    'with another than says so',
    [yes('calibrated')],
    withMetric('calibrated', '#n'),
    ['måleren sier ikke at den er kalibrert'],
  ],
  ['within its age', [AGE], {}, []],
  ['too old', [AGE], { effectiveDateTime: '2026-11-10T08:00:00Z' }, ['eldre enn 3 timer']],
  [
    'lacking twice',
    [yes('device'), AGE],
    { effectiveDateTime: '2026-11-09' },
    ['ikke målt med en måler', 'eldre enn 3 timer'],
  ],
])('measured %s', (_case, parts, made, lacks) => {
  expect(shortcomings(measured(made), qualityOf(demanding(...parts)), NOW).map(({ nb }) => nb)).toEqual(lacks)
})

test('what is no measurement has no quality; without the extension nothing is demanded', () => {
  expect(shortcomings({ resourceType: 'Condition' }, qualityOf(demanding(yes('device'))), NOW)).toEqual([])
  expect(qualityOf({ extension: [{ url: 'http://example.org/other', valueBoolean: true }] })).toBeUndefined()
})

test('a rule looks back at what counts for it alone', () => {
  const input = { type: 'Observation', ...demanding(code('performer', 'staff')) }
  const history = [measured(by('Patient/1')), measured(by('Practitioner/1'))]
  expect(ofQuality(history, input, NOW)).toEqual(history.slice(1))
  expect(ofQuality(history, { type: 'Observation' }, NOW)).toBe(history)
})

test('one measurement is a result for the request that takes it as it is, and not for the one that demands more', () => {
  const asked = { about: 'ServiceRequest/a', code: WEIGHT }
  const strict = { ...asked, quality: qualityOf(demanding(code('performer', 'staff'), AGE)) as never }
  expect([isResultOf(asked, measured(by('Patient/1'))), isResultOf(strict, measured(by('Patient/1')))]).toEqual([
    true,
    false,
  ])
  // Its age is for the schedule to say.
  expect(isResultOf(strict, measured({ ...by('Practitioner/1'), effectiveDateTime: '2020-01-01' }))).toBe(true)
})

test('a demand that nothing can meet is told with its place', () => {
  const on = (type: string, ...parts: Extension[]): Pick<PlanDefinition, 'action'> => ({
    action: [{ action: [{ trigger: [{ type: 'data-added', data: [{ type, ...demanding(...parts) }] }] }] }],
  })
  const at = 'PlanDefinition.action[0].action[0].trigger[0].data[0].extension'
  expect(checkQuality(on('Observation', code('performer', 'dog')))).toMatchObject([{ expression: at }])
  expect(checkQuality(on('Condition', yes('device')))).toMatchObject([{ expression: at }])
  expect(checkQuality(on('Observation', code('performer', 'staff')))).toEqual([])
})
