import type { Patient } from '@medplum/fhirtypes'
import type { JournalResource } from '../../exchange.ts'
import { D_NUMBER, FH_NUMBER, FNR } from '../../national-numbers/systems.ts'
import { isOfAnother, numbersOf, type Placed } from './whose.ts'

const LINE = { system: FNR, value: '13116900216' }
const OTHER = '05073500186'
/** Line was known by a D-number before. */
const D_OF_LINE = { system: D_NUMBER, value: '53116900216', use: 'old' as const }
const NUMBERS = numbersOf({ identifier: [LINE, D_OF_LINE, { system: 'urn:oid:1.2.3', value: OTHER }] })
const patient = (id: string, value: string, system = FNR): Patient => ({
  ...{ resourceType: 'Patient', id, identifier: [{ system, value }] },
})
const placed = (id: string, value: string, fullUrl?: string): Placed => ({ patient: patient(id, value), fullUrl })
const condition = (subject: object, contained: Patient[] = []) =>
  ({ resourceType: 'Condition', subject, contained }) as JournalResource
const allergy = (whose: object) => ({ resourceType: 'AllergyIntolerance', patient: whose }) as JournalResource
const OWN = { system: 'urn:oid:1.2.3', value: '17' }
const URN = 'urn:uuid:0b5f1c5e-6a43-4d4f-8d39-0d3b2bb7f0a1'

test('of a patient the national numbers are known, and no other', () =>
  expect([...NUMBERS]).toEqual(['13116900216', '53116900216']))

test.each([
  ['the same number', condition({ identifier: LINE }), [], false],
  ['the same number, with a gap', condition({ identifier: { system: FNR, value: '131169 00216' } }), [], false],
  ['the same number by a bare OID', condition({ identifier: { ...LINE, system: FNR.slice(8) } }), [], false],
  ['another number', condition({ identifier: { system: FNR, value: OTHER } }), [], true],
  ['another number by a bare OID', condition({ identifier: { system: FNR.slice(8), value: OTHER } }), [], true],
  ['another number of an allergy', allergy({ identifier: { system: FNR, value: OTHER } }), [], true],
  ['another number without a system', condition({ identifier: { value: OTHER } }), [], true],
  ['the same number without a system', condition({ identifier: { value: LINE.value } }), [], false],
  ['a number of the EHR’s own', condition({ identifier: OWN }), [], false],
  ['a D-number of theirs', condition({ identifier: D_OF_LINE }), [], false],
  ['a D-number of another', condition({ identifier: { system: D_NUMBER, value: '45073500186' } }), [], true],
  ['an FH-number of another', condition({ identifier: { system: FH_NUMBER, value: '81234567890' } }), [], true],
  ['a patient of the answer who is theirs', condition({ reference: 'Patient/1' }), [placed('1', LINE.value)], false],
  [
    'a patient of the answer who is another',
    condition({ reference: 'https://x/Patient/1' }),
    [placed('1', OTHER)],
    true,
  ],
  ['a version of another', condition({ reference: 'Patient/1/_history/2' }), [placed('1', OTHER)], true],
  [
    ...(['another by the EHR’s own number', condition({ identifier: OWN, reference: 'Patient/1' })] as const),
    ...([[placed('1', OTHER)], true] as const),
  ],
  [
    ...([
      'another by reference and theirs by number',
      condition({ identifier: LINE, reference: 'Patient/1' }),
    ] as const),
    ...([[placed('1', OTHER)], true] as const),
  ],
  ['another by urn:uuid', condition({ reference: URN }), [placed('1', OTHER, URN)], true],
  ['theirs by urn:uuid', condition({ reference: URN }), [placed('1', LINE.value, URN), placed('2', OTHER)], false],
  [
    ...(['one of two of the same id, by the address', condition({ reference: 'https://x/Patient/1' })] as const),
    ...([[placed('1', OTHER, 'https://y/Patient/1'), placed('1', LINE.value, 'https://x/Patient/1')], false] as const),
  ],
  ['a contained patient who is another', condition({ reference: '#p' }, [patient('p', OTHER)]), [], true],
  ['a contained patient who is theirs', condition({ reference: '#p' }, [patient('p', LINE.value)]), [], false],
  ['a contained patient by D-number', condition({ reference: '#p' }, [patient('p', OTHER, D_NUMBER)]), [], true],
  ['a patient who did not come', condition({ reference: 'Patient/1' }), [placed('2', OTHER)], false],
  ['nobody', condition({ display: 'Line' }), [], false],
] as [string, JournalResource, Placed[], boolean][])('what names %s', (_case, one, patients, expected) =>
  expect(isOfAnother(one, NUMBERS, patients)).toBe(expected),
)
