import type { Identifier, Patient } from '@medplum/fhirtypes'
import { D_NUMBER, FH_NUMBER, FNR } from '../national-numbers/systems.ts'
import { type NumbersOf, patientNumber } from './patient-number.ts'
import { Unsendable } from './unsendable.ts'

const NOW = new Date('2026-11-23T12:00:00Z')
const REAL = { system: FNR, value: '13116900216' }
const LOCAL = { system: 'http://cosdoc.dips.no/lopenummer', value: '17' }
const of = (numbers: NumbersOf, ...identifier: Identifier[]) =>
  patientNumber({ resourceType: 'Patient', identifier } as Patient, numbers, NOW)

test('the national number, whatever else the patient is called here', () => {
  expect(of('real', LOCAL, REAL)).toEqual(REAL)
})

test('under the name of its system that receivers know', () => {
  expect(of('real', { ...REAL, system: 'http://hl7.no/fhir/NamingSystem/FNR' })).toEqual(REAL)
})

test.each([
  ['nothing but a number of one EHR', [LOCAL], 'real', 'required', 'Patient.identifier', 'number-missing'],
  ['no number at all', [], 'real', 'required', 'Patient.identifier', 'number-missing'],
  [
    'a number that has ended',
    [{ ...REAL, period: { end: '2020-01-01' } }],
    'real',
    'required',
    'Patient.identifier',
    'number-missing',
  ],
  ['an old number', [{ ...REAL, use: 'old' as const }], 'real', 'required', 'Patient.identifier', 'number-missing'],
  [
    'a number that can be none',
    [{ ...REAL, value: '13116900217' }],
    'real',
    'value',
    'Patient.identifier.value',
    'number-impossible',
  ],
  [
    'a D-number that is a fødselsnummer',
    [{ ...REAL, system: D_NUMBER }],
    'real',
    'value',
    'Patient.identifier.value',
    'number-impossible',
  ],
  [
    'an FH-number that is none',
    [{ system: FH_NUMBER, value: '1' }],
    'real',
    'value',
    'Patient.identifier.value',
    'number-impossible',
  ],
  [
    'a real number for a test environment',
    [REAL],
    'synthetic',
    'business-rule',
    'Patient.identifier.value',
    'number-for-people',
  ],
] as const)('%s is refused', (_case, identifiers, numbers, code, expression, reason) => {
  expect(issueOf(() => of(numbers, ...identifiers))).toMatchObject({ code, expression: [expression], reason })
})

test('a number that is made for tests goes to a test environment, and to no other', () => {
  expect(of('synthetic', MADE_UP)).toEqual(MADE_UP)
  expect(issueOf(() => of('real', MADE_UP))).toMatchObject({ code: 'business-rule', reason: 'number-for-tests' })
})

/** Of Tenor's series: month + 80. */
const MADE_UP = { system: FNR, value: withCheckDigits('139169002') }

function withCheckDigits(nine: string): string {
  const sum = (weights: number[], digits: string) =>
    weights.reduce((all, weight, i) => all + weight * Number(digits[i]), 0)
  const first = (11 - (sum([3, 7, 6, 1, 8, 9, 4, 5, 2], nine) % 11)) % 11
  const second = (11 - (sum([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], `${nine}${first}`) % 11)) % 11
  return `${nine}${first}${second}`
}

function issueOf(work: () => unknown) {
  try {
    work()
  } catch (error) {
    if (error instanceof Unsendable) return { ...error.issues[0], reason: error.reason.code }
    throw error
  }
  return undefined
}
