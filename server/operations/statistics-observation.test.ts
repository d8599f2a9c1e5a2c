import { type Measurement, statisticsObservation } from './statistics-observation.ts'

const KILO = { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' }
const on = (day: number, value: number, unit = KILO): Measurement => ({
  quantity: { ...unit, value },
  at: Date.UTC(2026, 2, day),
})
const regressionOf = (measurements: Measurement[]) =>
  statisticsObservation({
    ...{ subject: 'Patient/1', code: { code: 'weight' }, dates: {}, ignoredCount: 0 },
    ...{ measurements, statistics: ['regression'] },
  }).component

test('a regression is how much a day, and where the line begins', () => {
  const coding = [{ system: 'http://terminology.hl7.org/CodeSystem/observation-statistics', code: 'regression' }]
  expect(regressionOf([on(5, 82), on(1, 80), on(3, 81.3)])).toEqual([
    {
      code: { coding, text: 'gradient per day' },
      valueQuantity: { value: 0.5, unit: 'kg/d', system: 'http://unitsofmeasure.org', code: 'kg/d' },
    },
    { code: { coding, text: 'intercept at 2026-03-01T00:00:00.000Z' }, valueQuantity: { value: 80.1, ...KILO } },
  ])
})

test('what does not say when it was measured has no place on the line', () => {
  const untimed = { quantity: { ...KILO, value: 500 }, at: Number.NaN }
  expect(regressionOf([untimed, on(1, 80), on(2, 81)])?.[0]?.valueQuantity?.value).toBe(1)
})

test.each([
  ['one measurement', [on(1, 80)]],
  ['measurements of one moment', [on(1, 80), on(1, 82)]],
  ['measurements without a time', [{ quantity: { value: 1 }, at: Number.NaN }]],
])('through %s there is no line', (_, measurements) => {
  const absent = [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-a-number' }]
  expect(regressionOf(measurements)?.map(({ dataAbsentReason }) => dataAbsentReason?.coding)).toEqual([absent, absent])
})

test('a unit that is no code of UCUM is told in words alone', () => {
  const puffs = { unit: 'puffs', system: 'urn:own', code: 'puff' }
  expect(regressionOf([on(1, 1, puffs), on(2, 3, puffs)])?.[0]?.valueQuantity).toEqual({ value: 2, unit: 'puffs/d' })
})
