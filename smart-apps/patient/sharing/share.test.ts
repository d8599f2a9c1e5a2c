import { expect, test } from '@jest/globals'
import type { Consent } from '@medplum/fhirtypes'
import type { StoredKin } from '../../sharing/grants.ts'
import { type Asked, endOf, problemsOf, startOf, toSharing } from './share.ts'

const NOW = new Date('2026-11-23T10:00:00Z')
const ACT = '0d7c2a9e-0000-4000-8000-000000000000'
const PERSON = '0d7c2a9e-0000-4000-8000-000000000001'
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const NEW: Asked = {
  ...{ kin: undefined, name: 'Maja Ny', nationalNumber: '131169 00216', relation: 'barn' },
  ...{ isAll: false, shares: ['measurements'], period: 'month' },
}
const KNOWN: StoredKin = {
  ...{ resourceType: 'RelatedPerson', id: 'maja', patient: { reference: 'Patient/1' }, meta: { versionId: '3' } },
  name: [{ given: ['Maja'], family: 'Ny' }],
}
const share = (asked: Asked) => toSharing(asked, { act: ACT, person: PERSON, patient: '1', now: NOW, over: undefined })

test.each<[string, Partial<Asked>, string[]]>([
  ['all that is needed', {}, []],
  ['no name', { name: ' ' }, ['name']],
  ['a first name alone', { name: 'Maja' }, ['name']],
  ['ten digits', { nationalNumber: '1311690021' }, ['number']],
  ['letters', { nationalNumber: '1311690021x' }, ['number']],
  ['no relation', { relation: '' }, ['relation']],
  ['nothing that is shared', { shares: [] }, ['shares']],
  ['nothing chosen, but everything', { shares: [], isAll: true }, []],
  ['one who is known, without a number', { kin: KNOWN, name: '', nationalNumber: '', relation: '' }, ['number']],
  [
    'one who is known by number',
    {
      kin: { ...KNOWN, identifier: [{ system: FNR, value: '13116900216' }] },
      name: '',
      nationalNumber: '',
      relation: '',
    },
    [],
  ],
])('%s: what is missing is %j', (_, changes, missing) => expect(problemsOf({ ...NEW, ...changes })).toEqual(missing))

test('who is new is made with the number by which they sign in, and sees that kind of data and whose it is, until then', () => {
  const [kin, consent, ...others] = share(NEW)
  expect(others).toEqual([])
  expect(kin?.resource).toMatchObject({
    resourceType: 'RelatedPerson',
    identifier: [{ system: FNR, value: '13116900216' }, { value: `urn:uuid:${PERSON}` }],
  })
  expect(consent?.resource).toMatchObject({
    ...{ resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/1' } },
    provision: {
      type: 'permit',
      period: { start: NOW.toISOString(), end: endOf('month', NOW)?.toISOString() },
      actor: [{ reference: { reference: kin?.fullUrl, display: 'Maja Ny' } }],
      class: [{ code: 'Observation' }, { code: 'ClinicalImpression' }, { code: 'Patient' }],
    },
  })
  expect([kin, consent].map((one) => one?.request?.ifNoneExist?.slice(-36))).toEqual([PERSON, ACT])
})

test('everything names no kinds, and without an end there is none', () => {
  const [, consent] = share({ ...NEW, isAll: true, period: 'open' })
  const provision = (consent?.resource as Consent | undefined)?.provision
  expect(provision).not.toHaveProperty('class')
  expect(provision).toMatchObject({ period: { start: NOW.toISOString() } })
  expect(provision?.period).not.toHaveProperty('end')
})

test('who is known by name gets the number over the version that was seen; who has one is left as they are', () => {
  const [numbered, consent] = share({ ...NEW, kin: KNOWN, nationalNumber: '531169 00048' })
  expect(numbered).toMatchObject({
    resource: { id: 'maja', identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.2', value: '53116900048' }] },
    request: { method: 'PUT', ifMatch: 'W/"3"' },
  })
  expect(consent?.resource).toMatchObject({
    provision: { actor: [{ reference: { reference: 'RelatedPerson/maja' } }] },
  })
  expect(share({ ...NEW, kin: { ...KNOWN, identifier: [{ system: FNR, value: '13116900216' }] } })).toHaveLength(1)
})

test.each([
  ['week', '2026-11-30'],
  ['month', '2026-12-23'],
  ['year', '2027-11-23'],
  ['open', undefined],
] as const)('a %s ends on %s', (period, day) => expect(endOf(period, NOW)?.toISOString().slice(0, 10)).toBe(day))

test('of a number, the date of birth alone is shown', () => expect(startOf('131169 00216')).toBe('131169'))
