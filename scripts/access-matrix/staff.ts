import { type Making, PERIODS, ref } from './making.ts'

const ROLE = 'http://fylgje.no/fhir/CodeSystem/access-role'
const VOLVEN = 'urn:oid:2.16.578.1.12.4.1.1.9060'

/** Organisations in a tree, and people with roles in it. */
const ORGANIZATIONS = [
  ['trust'],
  ['hospital', 'trust'],
  ['ward', 'hospital'],
  ['municipality'],
  ['centre', 'municipality'],
] as const
const STAFF: [id: string, organization: string, code: [string, string], more?: object][] = [
  ['nurse', 'centre', [VOLVEN, 'SP']],
  ['nurse2', 'ward', [ROLE, 'nurse']],
  ['doctor', 'ward', [VOLVEN, 'LE']],
  ['gp', 'municipality', [ROLE, 'doctor']],
  ['responder', 'centre', ['http://fylgje.no/fhir/CodeSystem/team-role', 'response-nurse']],
  ['author', 'trust', [ROLE, 'plan-author']],
  ['admin', 'trust', [ROLE, 'administrator']],
  ['former', 'ward', [ROLE, 'doctor'], { period: { end: '2020-01-01' } }],
  ['retired', 'ward', [ROLE, 'doctor'], { active: false }],
  ['left', 'ward', [ROLE, 'doctor']],
  ['privacy', 'trust', [ROLE, 'privacy-officer']],
]
/** Whose role nobody has ended when they left. */
const INACTIVE = 'left'
export const PEOPLE = STAFF.map(([id]) => id)

export function makeStaff({ docs, random, now }: Making): void {
  for (const [id, parent] of ORGANIZATIONS) {
    docs.push({
      resourceType: 'Organization',
      id: `m-${id}`,
      active: true,
      name: id,
      ...(parent ? { partOf: ref(`Organization/m-${parent}`) } : {}),
    })
  }
  for (const [id, organization, [system, code], more = {}] of STAFF) {
    docs.push({ resourceType: 'Practitioner', id: `m-${id}`, active: id !== INACTIVE, name: [{ family: id }] })
    docs.push({
      ...{ resourceType: 'PractitionerRole', id: `m-role-${id}`, active: true },
      ...{ practitioner: ref(`Practitioner/m-${id}`), organization: ref(`Organization/m-${organization}`) },
      code: [{ coding: [{ system, code }] }],
      ...more,
    })
  }
  // A standing team, and one within it that is no more.
  docs.push({
    ...{ resourceType: 'CareTeam', id: 'm-team', status: 'active' },
    participant: [
      { member: ref('Practitioner/m-nurse') },
      { member: ref('PractitionerRole/m-role-responder') },
      { member: ref('Practitioner/m-doctor'), period: random.pick(PERIODS(now).slice(3, 5)) },
    ],
  })
  docs.push({
    ...{ resourceType: 'CareTeam', id: 'm-team-old', status: 'inactive' },
    participant: [{ member: ref('Practitioner/m-nurse2') }],
  })
}

/** Who may be in a team, own a Task, refer. */
export const MEMBERS = [
  ...PEOPLE.slice(0, 5).flatMap((id) => [`Practitioner/m-${id}`, `PractitionerRole/m-role-${id}`]),
  ...[
    'Organization/m-ward',
    'Organization/m-hospital',
    'Organization/m-centre',
    'CareTeam/m-team',
    'Practitioner/m-former',
  ],
]
