import type { AssessedLimit } from '../limits/limits.ts'
import { limitInWords } from './explanation-words.ts'

const spo2: AssessedLimit = {
  ...{ codes: ['http://loinc.org|59408-5'], measure: 'SpO2', zone: 'red', side: 'low', comparator: '<=' },
  ...{ value: -5, unit: '%', relative: true, source: 'plan', observed: 89, baseline: 94, hit: true },
}
const creatinine: AssessedLimit = {
  ...{ codes: ['http://loinc.org|14682-9'], measure: 'Kreatinin', zone: 'yellow', side: 'high', comparator: '>' },
  ...{ value: 50, unit: '%', relative: true, inPercent: true, source: 'patient' },
  ...{ observed: 160, observedUnit: 'umol/L', baseline: 100, hit: true },
}

test('what is measured in percent lies so many percentage points from the usual value', () => {
  expect(limitInWords(spo2, 'nb')).toContain('5 prosentpoeng under')
  expect(limitInWords(spo2, 'nb')).toContain('−5 prosentpoeng')
  expect(limitInWords(spo2, 'en')).toContain('5 percentage points below')
})

test('a limit in percent tells the values in the unit that was measured, and the difference in percent', () => {
  for (const language of ['nb', 'nn', 'en'] as const) {
    const told = limitInWords(creatinine, language)
    expect(told).toContain('Kreatinin 160 umol/L')
    expect(told).toContain('60 %')
    expect(told).toContain('100 umol/L')
    expect(told).toContain('+50 %')
  }
})
