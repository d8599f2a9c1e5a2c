import type { Address, CareTeam, CodeableConcept, HealthcareService, Location, Patient } from '@medplum/fhirtypes'
import { tokensOf } from '../limits/measured.ts'
import { CARE_TEAM } from '../plan/vocabulary.ts'
import { isOpenAt, isWithin, openingHoursOf } from '../time/opening-hours.ts'
import { hasSkills, rolesIn, type Staff } from './staff.ts'

/**
 * By what a place is known, the narrowest first. A municipality (kommune) is a district in R4's words, and has its number beside its
 * name (no-basis-municipalitycode).
 */
const PARTS = ['postal-code', 'municipality', 'district', 'city', 'state', 'country'] as const
export type AreaPart = (typeof PARTS)[number]

export type TeamSuggestion = {
  service: HealthcareService
  /** The team that the service's work is given to; else the service itself is the queue. */
  team: CareTeam | undefined
  /** The narrowest of what the area and the address have in common; undefined of a service that names no area. */
  area: AreaPart | undefined
  isOpen: boolean
  /** Of those who work there now, so many have every skill. */
  skilledCount: number
}

export type Suggesting = {
  /** As far as whoever asks may see it: an address that is withheld suggests nothing. */
  patient: Patient
  /** The places that services cover, by id. */
  locations: ReadonlyMap<string, Location>
  staff: Staff
  /** Each must be what the service is for, or what somebody there has. */
  skills: CodeableConcept[]
  now: Date
}

/**
 * The services whose coverageArea has the patient's address in it and that have the skills, the narrowest area first, then who is at
 * work, then more people with the skills. A service that names no area comes last: nothing says that it is for somebody else. Pure.
 */
export function suggestTeams({ patient, locations, staff, skills, now }: Suggesting): TeamSuggestion[] {
  const addresses = (patient.address ?? []).filter(
    ({ use, type, period }) => use !== 'old' && use !== 'billing' && type !== 'postal' && isWithin(period, now),
  )
  return staff.services
    .filter(({ active }) => active !== false)
    .flatMap((service): TeamSuggestion[] => {
      const covered = areaOf(service, addresses, locations)
      const skilledCount = rolesIn(queueOf(service), staff, now).filter((role) => hasSkills(role, skills)).length
      if (covered === NOT_COVERED || (skilledCount === 0 && !isFor(service, skills))) return []
      const isOpen = isOpenAt(openingHoursOf(service), now)
      return [{ service, team: teamOf(service, staff), area: covered, isOpen, skilledCount }]
    })
    .sort(
      (one, other) =>
        rank(one) - rank(other) ||
        Number(other.isOpen) - Number(one.isOpen) ||
        other.skilledCount - one.skilledCount ||
        String(one.service.id).localeCompare(String(other.service.id), 'en'),
    )
}

const NOT_COVERED = 'not-covered'
const rank = ({ area }: TeamSuggestion): number => (area === undefined ? PARTS.length : PARTS.indexOf(area))
const queueOf = ({ id }: HealthcareService): string => `HealthcareService/${id}`

function areaOf(
  { coverageArea = [] }: HealthcareService,
  addresses: Address[],
  locations: ReadonlyMap<string, Location>,
): AreaPart | undefined | typeof NOT_COVERED {
  if (coverageArea.length === 0) return undefined
  const parts = coverageArea.flatMap(({ reference }) => {
    const area = locations.get(reference?.replace(/^Location\//, '') ?? '')
    if (!area?.address || area.status === 'inactive') return []
    return addresses.flatMap((address) => narrowest(partsOf(area.address as Address), partsOf(address)) ?? [])
  })
  return PARTS.find((part) => parts.includes(part)) ?? NOT_COVERED
}

/** An area holds an address that is like it in all that the area says; what it leaves open may be anything. */
function narrowest(area: Parts, address: Parts): AreaPart | undefined {
  const said = PARTS.filter((part) => area[part] !== undefined)
  const holds = said.every((part) => {
    // By its number if both have one, whatever the name is.
    if (part === 'district' && area.municipality !== undefined && address.municipality !== undefined) return true
    if (part === 'municipality' && address.municipality === undefined) return area.district !== undefined
    return area[part] === address[part]
  })
  return holds ? said[0] : undefined
}

type Parts = Partial<Record<AreaPart, string | undefined>>

const MUNICIPALITY_CODE = 'http://hl7.no/fhir/StructureDefinition/no-basis-municipalitycode'

function partsOf(address: Address): Parts {
  const { _district: district } = address as {
    _district?: { extension?: { url: string; valueCoding?: { code?: string } }[] }
  }
  const code = district?.extension?.find(({ url }) => url === MUNICIPALITY_CODE)?.valueCoding?.code
  const plain = (text: string | undefined) => text?.trim().toLocaleLowerCase('nb') || undefined
  return {
    ...{ 'postal-code': plain(address.postalCode), municipality: plain(code), district: plain(address.district) },
    ...{ city: plain(address.city), state: plain(address.state), country: plain(address.country) },
  }
}

/** What the service says of itself counts as what everybody there can. */
function isFor({ category = [], type = [], specialty = [] }: HealthcareService, skills: CodeableConcept[]): boolean {
  const own = new Set([...category, ...type, ...specialty].flatMap(tokensOf))
  return skills.every((skill) => tokensOf(skill).some((token) => own.has(token)))
}

function teamOf({ extension = [], providedBy }: HealthcareService, { careTeams }: Staff): CareTeam | undefined {
  const named = extension.find(({ url }) => url === CARE_TEAM)?.valueReference?.reference
  const active = careTeams.filter(({ status }) => status === undefined || status === 'active')
  return (
    active.find(({ id }) => named === `CareTeam/${id}`) ??
    active.find(
      ({ subject, managingOrganization = [] }) =>
        // A team of one patient's is nobody else's.
        !subject && managingOrganization.some(({ reference }) => reference && reference === providedBy?.reference),
    )
  )
}
