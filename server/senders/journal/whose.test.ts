import type { Patient } from '@medplum/fhirtypes'
import type { JournalResource } from '../../exchange.ts'
import { D_NUMBER, FNR } from '../../national-numbers/systems.ts'
import { isOfAnother } from './whose.ts'

const LINE = { system: FNR, value: '13116900216' }
const OTHER = '05073500186'
const patient = (id: string, value: string, system = FNR): Patient => ({
  ...{ resourceType: 'Patient', id, identifier: [{ system, value }] },
})
const condition = (subject: object, contained: Patient[] = []) =>
  ({ resourceType: 'Condition', subject, contained }) as JournalResource
const allergy = (whose: object) => ({ resourceType: 'AllergyIntolerance', patient: whose }) as JournalResource

test.each([
  ['the same number', condition({ identifier: LINE }), [], false],
  ['another number', condition({ identifier: { system: FNR, value: OTHER } }), [], true],
  ['another number of an allergy', allergy({ identifier: { system: FNR, value: OTHER } }), [], true],
  ['another number without a system', condition({ identifier: { value: OTHER } }), [], true],
  ['a number of the EHR’s own', condition({ identifier: { system: 'urn:oid:1.2.3', value: '17' } }), [], false],
  ['a D-number', condition({ identifier: { system: D_NUMBER, value: '53116900216' } }), [], false],
  [
    'a patient in the same answer who is theirs',
    condition({ reference: 'Patient/1' }),
    [patient('1', LINE.value)],
    false,
  ],
  [
    'a patient in the same answer who is another',
    condition({ reference: 'https://x/Patient/1' }),
    [patient('1', OTHER)],
    true,
  ],
  ['a contained patient who is another', condition({ reference: '#p' }, [patient('p', OTHER)]), [], true],
  ['a contained patient who is theirs', condition({ reference: '#p' }, [patient('p', LINE.value)]), [], false],
  ['a patient who did not come', condition({ reference: 'Patient/1' }), [patient('2', OTHER)], false],
  ['nobody', condition({ display: 'Line' }), [], false],
])('what names %s', (_case, one, patients, expected) => expect(isOfAnother(one, LINE, patients)).toBe(expected))
