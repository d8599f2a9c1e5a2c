import type { Observation } from '@medplum/fhirtypes'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import { news2Observation } from './news2-observation.ts'

const AT = '2026-11-10T08:00:00+01:00'
const SNOMED = 'http://snomed.info/sct'

function observation(id: string, fields: Partial<Observation>): Observation {
  return {
    resourceType: 'Observation',
    id,
    meta: { versionId: '1' },
    status: 'final',
    code: {},
    subject: { reference: 'Patient/demo-line' },
    effectiveDateTime: AT,
    performer: [{ reference: 'Practitioner/demo-nurse' }],
    ...fields,
  }
}
const measured = (id: string, code: string, value: number, unit: string, more: Partial<Observation> = {}) =>
  observation(id, {
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: { value, code: unit, system: 'http://unitsofmeasure.org' },
    ...more,
  })

const RATE = measured('rate', '9279-1', 22, '/min')
const PARTS: Observation[] = [
  RATE,
  measured('spo2', '59408-5', 93, '%'),
  measured('flow', '3151-8', 0, 'L/min'),
  observation('pressure', {
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    component: [
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
        valueQuantity: { value: 105, code: 'mm[Hg]' },
      },
      {
        code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] },
        valueQuantity: { value: 70, code: 'mm[Hg]' },
      },
    ],
  }),
  measured('pulse', '8867-4', 95, '/min'),
  observation('acvpu', {
    code: { coding: [{ system: SNOMED, code: '1104441000000107' }] },
    valueCodeableConcept: { coding: [{ system: SNOMED, code: '248234008' }] },
  }),
  measured('temperature', '8310-5', 37.1, 'Cel'),
]
const without = (id: string) => PARTS.filter((one) => one.id !== id)

test('the total, its parts, what to do, and what it was worked out from', () => {
  const news2 = news2Observation(PARTS, 1)
  expect(news2).toMatchObject({
    identifier: [{ value: 'Patient/demo-line|2026-11-10T07:00:00.000Z' }],
    subject: { reference: 'Patient/demo-line' },
    effectiveDateTime: AT,
    valueQuantity: { value: 6, code: '{score}' },
    interpretation: [{ coding: [{ code: 'A' }] }],
  })
  expect(news2?.component?.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([2, 2, 0, 1, 1, 0, 0])
  expect(news2?.derivedFrom).toHaveLength(7)
  expect(news2?.derivedFrom?.[0]).toEqual({ reference: 'Observation/rate/_history/1' })
})

test('scale 2 is said in the code of its part', () => {
  expect(news2Observation(PARTS, 2)?.component?.[1]).toMatchObject({
    code: { coding: [{ code: '1104321000000108' }] },
    valueQuantity: { value: 0 },
  })
})

test.each([
  ['is missing', without('rate')],
  ['is more than an hour older', [...without('rate'), { ...RATE, effectiveDateTime: '2026-11-10T06:59:59+01:00' }]],
  ['has a day without a time', [...without('rate'), { ...RATE, effectiveDateTime: '2026-11-10' }]],
  ['is not final', [...without('rate'), { ...RATE, status: 'preliminary' as const }]],
  ['is in another unit', [...without('rate'), measured('rate', '9279-1', 22, '/s')]],
  [
    'was counted by the patient alone',
    [...without('rate'), { ...RATE, performer: [{ reference: 'Patient/demo-line' }] }],
  ],
])('when a part %s, there is a reason instead of a total', (_why, observations) => {
  const news2 = news2Observation(observations, 1)
  expect(news2?.valueQuantity).toBeUndefined()
  expect(news2?.note).toEqual([{ text: 'Ingen sum. Mangler: respirasjonsfrekvens.' }])
  const absent = news2?.component?.filter(({ valueQuantity }) => valueQuantity === undefined)
  expect(absent).toMatchObject([
    { code: { coding: [{ code: '1104301000000104' }] }, dataAbsentReason: { coding: [{ code: 'unknown' }] } },
  ])
})

test('an hour to the second is the same time; the newest counts', () => {
  const old = { ...RATE, effectiveDateTime: '2026-11-10T07:00:00+01:00' }
  expect(news2Observation([...without('rate'), old], 1)?.valueQuantity?.value).toBe(6)
  const two = [measured('rate-old', '9279-1', 30, '/min', { effectiveDateTime: '2026-11-10T07:30:00+01:00' }), ...PARTS]
  expect(news2Observation(two, 1)?.valueQuantity?.value).toBe(6)
})

test('it has each security label of what it was worked out from, once', () => {
  const label = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code })
  const withLabels = (one: Observation, ...codes: string[]) => ({ ...one, meta: { security: codes.map(label) } })
  const labelled = [withLabels(RATE, 'R', 'V'), ...without('rate').map((one) => withLabels(one, 'R'))]
  expect(news2Observation(labelled, 1)?.meta?.security).toEqual([label('R'), label('V')])
  expect(news2Observation(PARTS, 1)?.meta).not.toHaveProperty('security')
})

test('of nothing there is no score', () => {
  expect(news2Observation([], 1)).toBeUndefined()
})

test('a plan asks by FHIRPath', () => {
  const ask = (expression: string, parts: Observation[]) => compileFhirPath(expression)({}, { parts })
  expect(ask('%parts.news2(1)', PARTS)).toEqual([6])
  expect(ask('%parts.news2(2) >= 5', PARTS)).toEqual([false])
  expect(ask('%parts.news2(1) >= 5', without('pulse'))).toEqual([])
  expect(() => ask('%parts.news2(3)', PARTS)).toThrow('scale 1 or 2')
})
