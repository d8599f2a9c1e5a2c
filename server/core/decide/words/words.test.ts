import type { Observation, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { AssessedLimit } from '../limits/limits.ts'
import { reasonIn, toldConcept } from './told.ts'
import { observationInWords, reasonOf } from './words.ts'

const SPO2 = 'http://loinc.org|59408-5'
const LONG = 'Oxygen saturation in Arterial blood by Pulse oximetry'

const limit: AssessedLimit = {
  ...{ codes: [SPO2], measure: 'SpO2', zone: 'red', side: 'low', comparator: '<', value: 88, unit: '%' },
  ...{ relative: false, source: 'patient', observed: 84.5, hit: true },
}

const measured: Observation = {
  ...{ resourceType: 'Observation', status: 'final' },
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5', display: LONG }] },
  valueQuantity: { value: 84.5, unit: '%' },
}

test('a measurement is called as its limits are called, whatever the device calls it', () => {
  expect(observationInWords(measured)).toEqual({
    ...{ nb: `${LONG} 84,5 %`, nn: `${LONG} 84,5 %`, en: `${LONG} 84.5 %` },
  })
  expect(observationInWords(measured, [limit]).nb).toBe('SpO2 84,5 %')
  expect(observationInWords(measured, [{ codes: ['http://loinc.org|8867-4'], measure: 'Puls' }]).nb).toBe(
    `${LONG} 84,5 %`,
  )
})

test.each<[string, Partial<AssessedLimit>, [string, string, string]]>([
  ['a limit', {}, ['SpO2 84,5 %, rød grense 88 %', 'SpO2 84,5 %, raud grense 88 %', 'SpO2 84.5 %, red limit 88 %']],
  [
    'what no body can have',
    { zone: 'plausible' },
    [
      'SpO2 84,5 % er utenfor det mulige',
      'SpO2 84,5 % er utanfor det moglege',
      'SpO2 84.5 % is outside what is possible',
    ],
  ],
  [
    'one from the own baseline',
    { zone: 'yellow', relative: true, value: -5, baseline: 91 },
    [
      'SpO2 84,5 %, 6,5 under egen grunnverdi 91 % (gul grense 5)',
      'SpO2 84,5 %, 6,5 under eigen grunnverdi 91 % (gul grense 5)',
      'SpO2 84.5 %, 6.5 below own baseline 91 % (yellow limit 5)',
    ],
  ],
  [
    'one in percent of the own baseline',
    {
      ...{ zone: 'yellow', relative: true, inPercent: true, value: 50, baseline: 90, observed: 140 },
      ...{ observedUnit: 'umol/L', measure: 'Kreatinin' },
    },
    [
      'Kreatinin 140 umol/L, 55,56 % over egen grunnverdi 90 umol/L (gul grense 50 %)',
      'Kreatinin 140 umol/L, 55,56 % over eigen grunnverdi 90 umol/L (gul grense 50 %)',
      'Kreatinin 140 umol/L, 55.56 % above own baseline 90 umol/L (yellow limit 50 %)',
    ],
  ],
])('%s is told in bokmål, nynorsk and English', (_name, change, [nb, nn, en]) => {
  expect(reasonOf({ ...limit, ...change })).toEqual({ nb, nn, en })
})

test('a reason that stands on a Task is read from it again, in each language', () => {
  const words = fc.string({ minLength: 1 })
  fc.assert(
    fc.property(words, words, words, (nb, nn, en) => {
      const task = { reasonCode: toldConcept({ nb, nn, en }) } as Task
      expect(task.reasonCode?.text).toBe(nb)
      expect(reasonIn(task)).toEqual({ nb, nn, en })
    }),
  )
})
