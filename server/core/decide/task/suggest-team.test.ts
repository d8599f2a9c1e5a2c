import type { Address, HealthcareService, Location, Patient, PractitionerRole } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { CARE_TEAM } from '../plan/vocabulary.ts'
import { NOBODY, type Staff } from './staff.ts'
import { suggestTeams } from './suggest-team.ts'

const NOW = new Date('2026-11-23T10:00:00+01:00')
const LUNG = { coding: [{ system: 'http://example.org/skill', code: 'lung' }] }
const HEART = { coding: [{ system: 'http://example.org/skill', code: 'heart' }] }
const municipality = (district: string, code?: string): Address =>
  ({
    district,
    ...(code && {
      _district: {
        extension: [{ url: 'http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode', valueCoding: { code } }],
      },
    }),
  }) as Address

const PLACES: Record<string, Address> = {
  post: { postalCode: '9998' },
  fjordvik: municipality('Fjordvik', '1899'),
  granli: municipality('Granli', '1898'),
  region: { state: 'Nordfylket' },
  nowhere: {},
}
const service = (id: string, more: Partial<HealthcareService> = {}): HealthcareService => ({
  ...{ resourceType: 'HealthcareService', id, active: true },
  ...(PLACES[id] && { coverageArea: [{ reference: `Location/${id}` }] }),
  ...more,
})
const locations = new Map(
  Object.entries(PLACES).map(([id, address]): [string, Location] => [id, { resourceType: 'Location', id, address }]),
)
const HOME: Address = {
  use: 'home',
  postalCode: '9998',
  city: 'Fjordvik',
  ...municipality('fjordvik ', '1899'),
  state: 'Nordfylket',
}
const living = (...address: Address[]): Patient => ({ resourceType: 'Patient', address })
const suggest = (
  patient: Patient,
  services: HealthcareService[],
  { skills = [] as (typeof LUNG)[], ...staff }: Partial<Staff> & { skills?: (typeof LUNG)[] } = {},
) => suggestTeams({ patient, locations, skills, now: NOW, staff: { ...NOBODY, services, ...staff } })
const named = (...given: Parameters<typeof suggest>) => suggest(...given).map(({ service: { id }, area }) => [id, area])
const ALL = ['region', 'granli', 'anywhere', 'fjordvik', 'post', 'nowhere'].map((id) => service(id))

test('the narrowest area comes first, and one that names no area last; another municipality is not for them', () => {
  expect(named(living(HOME), ALL)).toEqual([
    ['post', 'postal-code'],
    ['fjordvik', 'municipality'],
    ['region', 'state'],
    ['anywhere', undefined],
  ])
})

test.each<[string, Address]>([
  ['where they lived before', { ...HOME, use: 'old' }],
  ['where bills go', { ...HOME, use: 'billing' }],
  ['where letters go', { ...HOME, type: 'postal' }],
  ['where they move in a month', { ...HOME, period: { start: '2026-12-24' } }],
  [
    'what is withheld',
    { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }] },
  ],
])('%s suggests nothing', (_what, address) => {
  expect(named(living(address), ALL)).toEqual([['anywhere', undefined]])
})

test('the number of a municipality counts more than its name, which may be of several', () => {
  const herøy = { resourceType: 'Location', id: 'post', address: municipality('Herøy', '1515') } as Location
  const at = (code: string) =>
    suggestTeams({
      ...{ patient: living(municipality('Herøy', code)), locations: new Map([['post', herøy]]), skills: [], now: NOW },
      staff: { ...NOBODY, services: [service('post')] },
    }).length
  expect([at('1515'), at('1818')]).toEqual([1, 0])
})

test('an area is all that it says: the postal code in another town is not it', () => {
  const both = new Map([
    ['post', { resourceType: 'Location', id: 'post', address: { postalCode: '9998', city: 'Granli' } } as Location],
  ])
  const staff = { ...NOBODY, services: [service('post')] }
  expect(suggestTeams({ patient: living(HOME), locations: both, skills: [], now: NOW, staff })).toEqual([])
})

test("a skill is the service's own, or somebody's who works there; each must be there", () => {
  const role = (code: typeof LUNG, more: Partial<PractitionerRole> = {}): PractitionerRole => ({
    ...{
      resourceType: 'PractitionerRole',
      code: [code],
      healthcareService: [{ reference: 'HealthcareService/fjordvik' }],
    },
    ...more,
  })
  const services = [service('post', { specialty: [LUNG] }), service('fjordvik')]
  const ids = (skills: (typeof LUNG)[], roles: PractitionerRole[]) =>
    suggest(living(HOME), services, { skills, roles }).map(({ service: { id }, skilledCount }) => [id, skilledCount])
  expect(ids([LUNG], [role(LUNG), role(LUNG)])).toEqual([
    ['post', 0],
    ['fjordvik', 2],
  ])
  expect(ids([LUNG], [role(HEART), role(LUNG, { active: false })])).toEqual([['post', 0]])
  expect(ids([LUNG, HEART], [role(LUNG)])).toEqual([])
})

test('of two for the same area, the one at work comes first, with the team that does its work', () => {
  const closed = { availableTime: [{ daysOfWeek: ['sun' as const], allDay: true }] }
  const extension = [{ url: CARE_TEAM, valueReference: { reference: 'CareTeam/lung' } }]
  const services = [service('a', closed), service('b', { extension }), service('c', { active: false })]
  const careTeams = [{ resourceType: 'CareTeam' as const, id: 'lung', name: 'Lungeteamet' }]
  const found = suggest(living(HOME), services, { careTeams })
  expect(found.map(({ service: { id }, isOpen, team }) => [id, isOpen, team?.id])).toEqual([
    ['b', true, 'lung'],
    ['a', false, undefined],
  ])
})

test('nobody outside of the area is suggested by it, whatever the addresses are', () => {
  const text = fc.constantFrom('a', 'b', undefined)
  const address = fc.record({ postalCode: text, district: text, city: text, state: text }) as fc.Arbitrary<Address>
  fc.assert(
    fc.property(address, address, (home, area) => {
      const place = new Map([['post', { resourceType: 'Location', id: 'post', address: area } as Location]])
      const staff = { ...NOBODY, services: [service('post')] }
      const found = suggestTeams({ patient: living(home), locations: place, skills: [], now: NOW, staff })
      const parts = ['postalCode', 'district', 'city', 'state'] as const
      const said = parts.filter((one) => area[one] !== undefined)
      expect(found.length).toBe(said.length > 0 && said.every((one) => area[one] === home[one]) ? 1 : 0)
    }),
  )
})
