import { expect, test } from '@jest/globals'
import type { Consent } from '@medplum/fhirtypes'
import { ended, type Grant, grantsOf, type StoredConsent, type StoredKin, shareOf } from '../../sharing/grants.ts'
import { granted, identifierOf, withoutAccess } from './granted.ts'

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
  const giving = {
    ...{ act: '0d7c2a9e-0000-4000-8000-000000000000', person: '0d7c2a9e-0000-4000-8000-000000000001' },
    ...{ over: undefined, now: NOW, patient: '1', practitioner: 'Practitioner/kari' },
    ...{
      who: { name: 'Mari Ny', phone: '', relation: 'barn' },
      shares: ['forms'] as const,
      until: undefined,
      reason: 'Sa det.',
    },
  }
  const entry = granted(giving)
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
  // After an answer that was lost it takes the place of what may be there.
  expect(made?.request?.ifNoneExist).toBe(`identifier=${identifierOf(giving.act)}`)
  expect(granted({ ...giving, over: { id: 'c7', versionId: '2' } })[1]).toMatchObject({
    ...{ fullUrl: made?.fullUrl, resource: { ...made?.resource, id: 'c7' } },
    request: { method: 'PUT', url: 'Consent/c7', ifMatch: 'W/"2"' },
  })
})

const PERMIT = consent({}).provision
const goals = { class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Goal' }] }
const told = (one: StoredConsent) =>
  grantsOf([one], KIN, NOW)
    .filter(({ isOver }) => !isOver)
    .map(({ isClosing, actors, types }) => [isClosing ? 'closed to' : 'open to', actors.map(({ name }) => name), types])
const mari = actor('RelatedPerson/mari')
const both = [...mari, ...actor('RelatedPerson/per')]

test('ended, it is over; its period stands, also one that has not begun', () => {
  const period = { start: '2027-01-01', end: '2027-02-01' }
  const given = consent({ provision: { ...PERMIT, period }, meta: { lastUpdated: '2026-11-23T09:00:00Z' } })
  const over = ended(only(given) as Grant)
  expect(over).toEqual({ ...given, status: 'inactive' })
  expect(grantsOf([over], KIN, NOW)).toMatchObject([{ isOver: true, until: new Date('2026-11-23T09:00:00Z') }])
})

test.each<[string, Consent['provision'], number, Grant['actors'], unknown[]]>([
  [
    'the whole, without what is closed within',
    { type: 'permit', actor: mari, provision: [{ type: 'deny', ...goals }] },
    ...([0, [{ reference: 'RelatedPerson/mari' }]] as [number, Grant['actors']]),
    [['closed to', ['Mari'], ['Goal']]],
  ],
  [
    'one of two who share one',
    { type: 'permit', actor: both, provision: [{ type: 'deny', ...goals }] },
    ...([0, [{ reference: 'RelatedPerson/per' }]] as [number, Grant['actors']]),
    [
      ['open to', ['Mari'], undefined],
      ['closed to', ['Mari', 'Per'], ['Goal']],
    ],
  ],
  [
    'one that stands beside another’s',
    {
      type: 'permit',
      provision: [
        { type: 'permit', actor: mari },
        { type: 'permit', actor: actor('RelatedPerson/per'), ...goals },
      ],
    },
    ...([0, [{ reference: 'RelatedPerson/mari' }]] as [number, Grant['actors']]),
    [['open to', ['Per'], ['Goal']]],
  ],
  [
    'what stays open of what is closed',
    { type: 'deny', actor: mari, provision: [{ type: 'permit', ...goals }] },
    ...([1, [{ reference: 'RelatedPerson/mari' }]] as [number, Grant['actors']]),
    [['closed to', ['Mari'], undefined]],
  ],
])('ended is %s', (_, provision, which, actors, left) => {
  const given = consent({ ...(provision && { provision }) })
  const grant = grantsOf([given], KIN, NOW)[which] as Grant
  const after = ended({ ...grant, actors })
  expect(after.status).toBe('active')
  expect(told(after)).toEqual(left)
})

test('a Consent of which all that it gave has ended, and that closes nothing, is inactive; one that opts out is not', () => {
  const provision = { type: 'permit' as const, provision: [{ type: 'permit' as const, actor: mari }] }
  const policyRule = { coding: [{ code: 'OPTOUT' }] }
  expect(ended(only({ provision }) as Grant).status).toBe('inactive')
  expect(ended(only({ policyRule, provision: { provision: provision.provision } }) as Grant).status).toBe('active')
})
