import type {
  CareTeam,
  CodeableConcept,
  HealthcareService,
  Organization,
  Practitioner,
  PractitionerRole,
} from '@medplum/fhirtypes'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { CARE_TEAM, TEAM_ROLE } from '../core/decide/plan/vocabulary.ts'
import { HPR_NUMBER, ORGANIZATION_NUMBER } from '../national-numbers/systems.ts'
import { syntheticOrganisasjonsnummer } from './organisasjonsnummer.ts'

/** Helsepersonell categories, Volven 9060. */
const CATEGORY_SYSTEM = 'urn:oid:2.16.578.1.12.4.1.1.9060'

type Workplace = 'sykehus' | 'fjordvik' | 'granli' | 'responssenter'

/** None of these exists; the organisation numbers are of the synthetic series. */
const ORGANIZATIONS: Record<Workplace, { name: string; email: string }> = {
  sykehus: { name: 'Fjordvik sykehus, lungeavdelingen', email: 'lunge@fjordviksykehus.example' },
  fjordvik: { name: 'Fjordvik kommune', email: 'post@fjordvik.example' },
  granli: { name: 'Granli kommune', email: 'post@granli.example' },
  responssenter: { name: 'Responssenter Fjordvik og Granli', email: 'kols@responssenter.example' },
}

type Staff = { id: string; given: string; family: string; category: 'SP' | 'LE'; role: string; workplace: Workplace }

const STAFF: Staff[] = [
  {
    id: 'demo-nurse',
    given: 'Kari',
    family: 'Nordlys',
    category: 'SP',
    role: 'Sykepleier',
    workplace: 'responssenter',
  },
  {
    id: 'demo-nurse-2',
    given: 'Jonas',
    family: 'Kveldsbris',
    category: 'SP',
    role: 'Sykepleier',
    workplace: 'responssenter',
  },
  { id: 'demo-doctor', given: 'Amina', family: 'Morgendugg', category: 'LE', role: 'Lungelege', workplace: 'sykehus' },
  { id: 'demo-gp', given: 'Henrik', family: 'Skogvei', category: 'LE', role: 'Fastlege', workplace: 'fjordvik' },
  { id: 'demo-gp-2', given: 'Mari', family: 'Fjellvann', category: 'LE', role: 'Fastlege', workplace: 'granli' },
]

const CATEGORY_NAMES = { SP: 'Sykepleier', LE: 'Lege' }

/** Since when everybody has worked where they do; a Monday, before any patient of the demo came. */
const SINCE = '2024-01-08'

/** The team that the Tasks are for. */
export const RESPONSE_TEAM = { reference: 'CareTeam/demo-responssenter', display: 'Responssenteret, KOLS-teamet' }

export const organizationReference = (workplace: Workplace) => ({
  reference: `Organization/demo-${workplace}`,
  display: ORGANIZATIONS[workplace].name,
})

/** Who works where, before there are patients. */
export function demoOrganizations(): (Organization | Practitioner | PractitionerRole | CareTeam | HealthcareService)[] {
  const organizations = Object.entries(ORGANIZATIONS).map(
    ([workplace, { name, email }], i): Organization => ({
      resourceType: 'Organization',
      id: `demo-${workplace}`,
      identifier: [{ system: ORGANIZATION_NUMBER, value: syntheticOrganisasjonsnummer(i + 1) }],
      active: true,
      name,
      telecom: [{ system: 'email', value: email, use: 'work' }],
    }),
  )
  return [...organizations, ...STAFF.map(toPractitioner), ...STAFF.map(toRole), responseTeam(), responseService()]
}

function toPractitioner({ id, given, family, category }: Staff, index: number): Practitioner {
  return {
    resourceType: 'Practitioner',
    id,
    // Nine digits that begin with 999: the register gives shorter numbers.
    identifier: [{ system: HPR_NUMBER, value: String(999_000_001 + index) }],
    active: true,
    name: [{ use: 'official', family, given: [given] }],
    qualification: [
      { code: { coding: [{ system: CATEGORY_SYSTEM, code: category, display: CATEGORY_NAMES[category] }] } },
    ],
  }
}

function toRole({ id, given, family, role, workplace }: Staff): PractitionerRole {
  return {
    resourceType: 'PractitionerRole',
    id: `${id}-role`,
    active: true,
    period: { start: SINCE },
    practitioner: { reference: `Practitioner/${id}`, display: `${given} ${family}` },
    organization: organizationReference(workplace),
    code: [
      { ...codingOf(role), text: role },
      // In the demo the nurse also writes plans and approves them, so that one login shows everything.
      ...(id === 'demo-nurse'
        ? [{ coding: [{ system: ACCESS_ROLE, code: 'plan-author' }], text: 'Planforfatter' }]
        : []),
    ],
  }
}

/** Of those in the team what the Tasks of the pathways ask for, so that what waits too long for the nurse has a doctor to go to. */
function codingOf(role: string): Pick<CodeableConcept, 'coding'> {
  const asked = TEAM_ROLES[role]
  return asked ? { coding: [{ system: TEAM_ROLE, ...asked }] } : {}
}

const TEAM_ROLES: Readonly<Record<string, { code: string; display: string }>> = {
  Sykepleier: { code: 'response-nurse', display: 'Sykepleier i responssenter' },
  Lungelege: { code: 'doctor', display: 'Lege' },
}

function responseTeam(): CareTeam {
  return {
    resourceType: 'CareTeam',
    id: 'demo-responssenter',
    status: 'active',
    name: RESPONSE_TEAM.display,
    participant: STAFF.filter(({ role }) => role !== 'Fastlege').map(({ id, given, family, role, workplace }) => ({
      role: [{ text: role }],
      member: { reference: `Practitioner/${id}`, display: `${given} ${family}` },
      onBehalfOf: organizationReference(workplace),
      period: { start: SINCE },
    })),
    managingOrganization: [organizationReference('responssenter')],
    telecom: [{ system: 'email', value: ORGANIZATIONS.responssenter.email, use: 'work' }],
  }
}

/** When the centre answers, and by which number: what a patient reads. The number is none that anybody can have. */
function responseService(): HealthcareService {
  return {
    resourceType: 'HealthcareService',
    id: 'demo-responssenter',
    extension: [{ url: CARE_TEAM, valueReference: RESPONSE_TEAM }],
    active: true,
    providedBy: organizationReference('responssenter'),
    name: 'Responssenteret',
    telecom: [{ system: 'phone', value: '00 00 00 00', use: 'work' }],
    availableTime: [
      {
        daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
        availableStartTime: '08:00:00',
        availableEndTime: '15:00:00',
      },
    ],
  }
}
