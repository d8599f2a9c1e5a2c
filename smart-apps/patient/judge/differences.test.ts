import { expect, test } from '@jest/globals'
import type { ClinicalImpression, Observation } from '@medplum/fhirtypes'
import type { Zone } from '../../ui/zone.ts'
import { type Entry, toEntries } from '../sending/entry.ts'
import { differencesIn, keptDifferences } from './differences.ts'

const AT = '2026-03-04T11:00:00Z'
const saved = (zone?: Zone): Entry[] => {
  const resource: Observation = { resourceType: 'Observation', status: 'final', code: {}, effectiveDateTime: AT }
  const verdict = zone && { zone, reason: { nb: '', nn: '', en: '' }, at: AT }
  return toEntries([{ id: 'a', resource, ...(verdict ? { verdict } : {}) }], new Date(AT)).map((entry) => ({
    ...{ ...entry, state: 'sent', storedAs: '7' },
  }))
}
const triage = (id: string, code: Zone, about = 'Observation/7/_history/1'): ClinicalImpression => ({
  ...{ resourceType: 'ClinicalImpression', id, status: 'completed', effectiveDateTime: AT, subject: {} },
  investigation: [{ code: {}, item: [{ reference: about }] }],
  finding: [{ itemCodeableConcept: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code }] } }],
})

test.each([
  ['green here and red there', saved('green'), [triage('t', 'red')], { said: 'green', is: 'red', isMilder: true }],
  ['red here and yellow there', saved('red'), [triage('t', 'yellow')], { said: 'red', is: 'yellow', isMilder: false }],
  ['the most urgent of two plans', saved('green'), [triage('u', 'green'), triage('t', 'red')], { is: 'red' }],
] as const)('%s is a difference', (_, entries, triages, difference) => {
  expect(differencesIn(triages, entries)).toMatchObject([{ about: 'Observation/7', triage: 't', ...difference }])
})

test.each([
  ['the same', saved('red'), [triage('t', 'red')]],
  ['no verdict here', saved(), [triage('t', 'red')]],
  ['nothing known here', saved('grey'), [triage('t', 'red')]],
  ['none there yet', saved('green'), []],
  ['one of something else', saved('green'), [triage('t', 'red', 'Observation/8')]],
] as const)('%s is none', (_, entries, triages) => expect(differencesIn(triages, entries)).toEqual([]))

test('one is known until its triage is gone, and found once', () => {
  const [found] = differencesIn([triage('t', 'red')], saved('green'))
  const told = { ...found, isReported: true } as NonNullable<typeof found>
  expect(keptDifferences([triage('t', 'red')], saved('green'), [told])).toEqual([told])
  expect(keptDifferences([triage('t', 'red')], [], [told])).toEqual([told])
  expect(keptDifferences([], [], [told])).toEqual([])
})
