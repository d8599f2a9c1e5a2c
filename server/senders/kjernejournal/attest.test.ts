import { attestFaults } from '../../../scripts/kjernejournal/attest-faults.ts'
import { type Attesting, attestOf } from './attest.ts'

const LINE = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }
const ASKED: Attesting = {
  ...{ authorization: 'SP', purpose: 'TREAT', decision: { id: 'CareTeam/copd', isUserSelected: false } },
  ...{ legalEntity: '999977774', pointOfCare: '999977776', healthcareService: 'S03', patient: LINE },
}
const faults = (asked: Partial<Attesting> = {}) =>
  attestFaults(attestOf({ ...ASKED, ...asked }) as Record<string, unknown>, '999977774')

test('it is as the trust framework demands', () => expect(faults()).toEqual([]))

test('whoever works at no unit works at the organisation itself', () => {
  expect(faults({ pointOfCare: undefined })).toEqual([])
  expect(attestOf({ ...ASKED, pointOfCare: undefined })).toMatchObject({
    practitioner: { point_of_care: { id: '999977774' } },
  })
})

test('nothing is said of who has no authorisation', () => {
  const { authorization: _, ...without } = ASKED
  expect(attestOf(without)).not.toHaveProperty('practitioner.authorization')
})

test('the same look is the same attest: no time and no chance is in it', () =>
  expect(attestOf(ASKED)).toEqual(attestOf({ ...ASKED })))

test.each([
  ['another organisation than the client acts for', { legalEntity: '111111111' }],
  ['a purpose that is none', { purpose: 'CURIOUS' as never }],
  ['no decision', { decision: { id: '', isUserSelected: false } }],
  ['a patient by a number of one EHR', { patient: { system: 'urn:local', value: '17' } }],
])('the stand-in refuses %s', (_case, asked) => expect(faults(asked)).toHaveLength(1))
