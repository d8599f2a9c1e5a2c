import type { Patient } from '@medplum/fhirtypes'
import { outcomeOf } from './suggest-team.ts'

const PATIENT: Patient = { resourceType: 'Patient', id: 'p' }
const HOME: Patient = { ...PATIENT, address: [{ postalCode: '5003' }] }
const WITHHELD: Patient = { ...PATIENT, meta: { security: [{ code: 'REDACTED' }] } }

test.each<[string, Patient, boolean, string[]]>([
  ['an address', HOME, true, []],
  ['no address', PATIENT, true, ['not-found']],
  ['an address that is withheld', WITHHELD, true, ['suppressed']],
  ['more units than can be looked at', HOME, false, ['incomplete']],
  ['neither', WITHHELD, false, ['suppressed', 'incomplete']],
])('with %s, what was not looked at is told', (_with, patient, isWhole, expected) => {
  expect((outcomeOf(patient, isWhole)?.issue ?? []).map(({ code }) => code)).toEqual(expected)
})
