import { expect, test } from '@jest/globals'
import type { Consent } from '@medplum/fhirtypes'
import { endedNow, grantsOf, type StoredConsent, type StoredKin, shareOf } from '../../sharing/grants.ts'
import { granted, withoutAccess } from './granted.ts'

const NOW = new Date('2026-11-23T10:00:00Z')
const KIN: StoredKin[] = [
  { resourceType: 'RelatedPerson', id: 'mari', patient: { reference: 'Patient/1' }, name: [{ text: 'Mari' }] },
  { resourceType: 'RelatedPerson', id: 'per', patient: { reference: 'Patient/1' }, name: [{ text: 'Per' }] },
]
const actor = (reference: string) => [{ role: { text: 'mottar' }, reference: { reference } }]
const consent = (given: Partial<Consent>): StoredConsent => ({
  ...{ resourceType: 'Consent', id: 'c', status: 'active', category: [] },
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  provision: { type: 'permit', actor: actor('RelatedPerson/mari') },
  ...given,
})
const only = (given: Partial<Consent>) => grantsOf([consent(given)], KIN, NOW)[0]

test('a grant says who, by name, and what; one without an end lasts', () => {
  expect(only({})).toMatchObject({
    actors: [{ reference: 'RelatedPerson/mari', name: 'Mari' }],
    isClosing: false,
    isOver: false,
  })
  expect(only({})).not.toHaveProperty('types')
})

test.each<[string, Partial<Consent>, boolean]>([
  ['that is inactive', { status: 'inactive' }, true],
  ['whose day is over', { provision: { ...consent({}).provision, period: { end: '2026-11-22' } } }, true],
  [
    'of whose last day something is left',
    { provision: { ...consent({}).provision, period: { end: '2026-11-23' } } },
    false,
  ],
])('a grant %s: over is %s', (_, given, isOver) => expect(only(given)?.isOver).toBe(isOver))

test('of a Consent that closes all but something, what is within is told with whom it is for; of research nothing is', () => {
  const closed = grantsOf(
    [
      consent({
        provision: {
          ...{ type: 'deny', actor: actor('Practitioner/7') },
          provision: [{ type: 'permit', class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Goal' }] }],
        },
      }),
      consent({ scope: { coding: [{ code: 'research' }] } }),
    ],
    KIN,
    NOW,
  )
  expect(closed.map(({ isClosing, actors, types }) => [isClosing, actors[0]?.reference, types])).toEqual([
    [true, 'Practitioner/7', undefined],
    [false, 'Practitioner/7', ['Goal']],
  ])
})

test('who has none is who is known and has no grant that counts now', () => {
  expect(withoutAccess(KIN, [only({}) as never]).map(({ id }) => id)).toEqual(['per'])
  expect(withoutAccess(KIN, [only({ status: 'inactive' }) as never]).map(({ id }) => id)).toEqual(['mari', 'per'])
})

test('types are told as the groups that people choose, and what is left by itself', () =>
  expect(shareOf(['Observation', 'ClinicalImpression', 'Goal', 'Patient'])).toEqual({
    shares: ['measurements'],
    others: ['Goal'],
  }))

test('who is new is made with what they may see, and who wrote it down and why; sent twice it is there once', () => {
  const entry = granted({
    ...{ act: '0d7c2a9e-0000-4000-8000-000000000000', now: NOW, patient: '1', practitioner: 'Practitioner/kari' },
    ...{
      who: { name: 'Mari Ny', phone: '', relation: 'barn' },
      shares: ['forms'],
      until: undefined,
      reason: 'Sa det.',
    },
  })
  const [kin, made, told] = entry
  expect(kin?.resource).toMatchObject({ name: [{ given: ['Mari'], family: 'Ny' }], active: true })
  expect(made?.resource).toMatchObject({
    provision: {
      actor: [{ reference: { reference: kin?.fullUrl } }],
      class: [{ code: 'QuestionnaireResponse' }, { code: 'Patient' }],
    },
  })
  expect(told?.resource).toMatchObject({ target: [{ reference: made?.fullUrl }, {}], reason: [{ text: 'Sa det.' }] })
  expect(entry.slice(0, 2).every(({ request }) => request?.ifNoneExist)).toBe(true)
  expect(new Set(entry.map(({ fullUrl }) => fullUrl)).size).toBe(3)
})

test('ended, it is over from that moment', () =>
  expect(grantsOf([endedNow(consent({}), NOW)], KIN, NOW)[0]?.isOver).toBe(true))
