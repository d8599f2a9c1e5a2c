import type { AddressDegree } from '../address/protection.ts'
import { ACCESS_OPENING, ACCESS_ROLE } from '../vocabulary.ts'

export type Role =
  | 'patient'
  | 'next-of-kin'
  | 'nurse'
  | 'doctor'
  | 'responder'
  | 'plan-author'
  | 'administrator'
  /** Personvernombud: reads the audit. */
  | 'privacy-officer'
  | 'system'
  /** Everybody who has signed in. */
  | 'anyone'

/**
 * How a role must have to do with a patient. `any`: not at all; `own`: it is their own record, or their child's; `unattached`: it is
 * of no patient; `maker`: they have made it, by the same app; the others are kinds of `server/store/relations/relation-row.ts`.
 */
export type By =
  | 'any'
  | 'own'
  | 'unattached'
  | 'maker'
  | 'care-team'
  | 'care-plan'
  | 'episode'
  | 'gp'
  | 'task'
  | 'asked'
  | 'granted'
  | 'break-glass'

/** A role may do this (letters of SMART: c r u d s) to these types, where it has to do with the patient in one of these ways. */
export type Rule = {
  id: string
  role: Role
  /** Resource types, or names of `type-groups.ts`. */
  types: readonly string[]
  except?: readonly string[]
  letters: string
  by: readonly By[]
  /** What a patient has closed is seen all the same: who reviews an opening must see that it was. */
  despiteRestrictions?: boolean
  /** Search parameters that must match. */
  only?: readonly [parameter: string, value: string][]
}

export type Policy = {
  version: string
  /** Codes of a PractitionerRole or a qualification, `system|code`, that make somebody one of a role. */
  roleCodes: readonly { code: string; role: Role }[]
  rules: readonly Rule[]
  /** Who sees what bears a label; a label that does not stand here hides nothing by itself. */
  labels: readonly { label: string; roles: readonly Role[] }[]
  /** Who sees a protected address without opening what is closed; nobody else but systems does, the patient and the family neither. */
  addresses: readonly { degree: AddressDegree; roles: readonly Role[] }[]
  /** What a role may do that is no matter of single resources. */
  acts: readonly { act: Act; roles: readonly Role[] }[]
  /** Years. */
  family: {
    /** From here on what bears a label that hides it is kept from a parent. https://lovdata.no/lov/1999-07-02-63 §3-4 */
    youthAge: number
    /** From here on a youth decides alone, and a parent is next of kin like others. https://lovdata.no/lov/1999-07-02-63 §4-3 */
    ofHealthAge: number
  }
  /** For how long a record may be opened at a time, and how many characters a reason has at least. */
  openings: { minutesDefault: number; minutesMax: number; reasonCharsMin: number }
}

/** Moving enrolments between versions of a plan; reading the policy and why somebody was refused; taking the audit out; what was sent to national services; what others have written, in the national core journal; what the EHR of one’s own organisation has. */
export type Act =
  | 'migrate-plans'
  | 'explain-access'
  | 'break-glass'
  | 'open-restricted'
  | 'export-audit'
  | 'see-sent-messages'
  | 'look-in-kjernejournal'
  | 'look-in-journal'

const VOLVEN_9060 = 'urn:oid:2.16.578.1.12.4.1.1.9060'
const HL7_ROLE = 'http://terminology.hl7.org/CodeSystem/practitioner-role'
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'

/** In the patient's care. */
const CARE = ['care-team', 'care-plan', 'episode', 'gp'] as const
const CLINICIANS = ['nurse', 'doctor'] as const
const STAFF = [...CLINICIANS, 'responder'] as const
const OF_QUESTION = ['Patient', 'Task', 'QuestionnaireResponse', 'Communication'] as const

/**
 * Who may do what to whose. A change of it is a new version, which is kept (`node scripts/keep-policy.ts`), and a line in
 * docs/access.md. An administrator reads it, and those of before, by `GET /fhir/$access-policy`.
 */
export const POLICY: Policy = {
  version: '1.8.0',
  roleCodes: [
    ...['nurse', 'doctor', 'responder', 'plan-author', 'administrator', 'privacy-officer'].map((role) => ({
      code: `${ACCESS_ROLE}|${role}`,
      role: role as Role,
    })),
    { code: 'http://fylgje.no/fhir/CodeSystem/team-role|response-nurse', role: 'responder' },
    { code: `${VOLVEN_9060}|SP`, role: 'nurse' },
    { code: `${VOLVEN_9060}|LE`, role: 'doctor' },
    { code: `${HL7_ROLE}|nurse`, role: 'nurse' },
    { code: `${HL7_ROLE}|doctor`, role: 'doctor' },
  ],
  rules: [
    { id: 'shared', role: 'anyone', types: ['directory', 'knowledge'], letters: 'rs', by: ['any'] },

    // Who is told of changes says so themselves, and is told of nothing that they may not see.
    { id: 'own-subscriptions', role: 'anyone', types: ['Subscription'], letters: 'cruds', by: ['maker'] },

    { id: 'patient-reads', role: 'patient', types: ['record', 'AuditEvent'], letters: 'rs', by: ['own'] },
    {
      id: 'patient-adds',
      role: 'patient',
      types: ['contribution', 'Consent', 'RelatedPerson'],
      letters: 'c',
      by: ['own'],
    },
    {
      id: 'patient-changes',
      role: 'patient',
      types: ['QuestionnaireResponse', 'Consent', 'RelatedPerson'],
      letters: 'u',
      by: ['own'],
    },

    {
      id: 'kin-reads',
      role: 'next-of-kin',
      types: ['record'],
      except: ['Consent'],
      letters: 'rs',
      by: ['own', 'granted'],
    },
    { id: 'kin-adds', role: 'next-of-kin', types: ['contribution'], letters: 'c', by: ['own', 'granted'] },

    ...CLINICIANS.flatMap((role): Rule[] => [
      {
        id: `${role}-care`,
        role,
        types: ['record'],
        except: role === 'nurse' ? ['MedicationRequest'] : [],
        letters: 'cruds',
        by: CARE,
      },
      ...(role === 'nurse'
        ? [{ id: 'nurse-medication', role, types: ['MedicationRequest'], letters: 'rs', by: CARE } as const]
        : []),
      {
        id: `${role}-task`,
        role,
        types: ['record'],
        except: role === 'nurse' ? ['MedicationRequest'] : [],
        letters: 'crus',
        by: ['task'],
      },
      { id: `${role}-granted`, role, types: ['record'], letters: 'rs', by: ['granted'] },
      { id: `${role}-emergency`, role, types: ['record'], letters: 'rs', by: ['break-glass'] },
      { id: `${role}-emergency-writes`, role, types: ['response-work'], letters: 'cu', by: ['break-glass'] },
      { id: `${role}-operation`, role, types: ['operation'], letters: 'rs', by: ['unattached'] },
      { id: `${role}-queue`, role, types: ['Task'], letters: 'cu', by: ['unattached'] },
    ]),

    { id: 'responder-reads', role: 'responder', types: ['record'], letters: 'rs', by: [...CARE, 'task'] },
    { id: 'responder-works', role: 'responder', types: ['response-work'], letters: 'cu', by: [...CARE, 'task'] },
    { id: 'responder-emergency', role: 'responder', types: ['record'], letters: 'rs', by: ['break-glass'] },
    { id: 'responder-operation', role: 'responder', types: ['operation'], letters: 'rs', by: ['unattached'] },
    { id: 'responder-queue', role: 'responder', types: ['Task'], letters: 'cu', by: ['unattached'] },

    // Whoever refers is asked, and answers; that opens who it is about and the question, and no record.
    ...STAFF.flatMap((role): Rule[] => [
      { id: `${role}-asked`, role, types: OF_QUESTION, letters: 'rs', by: ['asked'] },
      { id: `${role}-asked-answers`, role, types: ['QuestionnaireResponse'], letters: 'cu', by: ['asked'] },
      { id: `${role}-asked-works`, role, types: ['Task'], letters: 'u', by: ['asked'] },
    ]),

    { id: 'author-plans', role: 'plan-author', types: ['knowledge'], letters: 'cruds', by: ['any'] },
    { id: 'author-reads', role: 'plan-author', types: ['operation'], letters: 'rs', by: ['unattached'] },
    // Who approved and activated a plan, and why; not who changed a patient's limits.
    {
      id: 'author-reads-acts',
      role: 'plan-author',
      types: ['Provenance'],
      letters: 'rs',
      by: ['unattached'],
      only: [['target:PlanDefinition.url:missing', 'false']],
    },
    { id: 'author-queue', role: 'plan-author', types: ['Task'], letters: 'cu', by: ['unattached'] },

    { id: 'admin-directory', role: 'administrator', types: ['directory', 'setup'], letters: 'cruds', by: ['any'] },
    { id: 'admin-operation', role: 'administrator', types: ['operation'], letters: 'cruds', by: ['unattached'] },
    {
      id: 'admin-registers',
      role: 'administrator',
      types: ['Patient', 'RelatedPerson', 'EpisodeOfCare', 'CareTeam'],
      letters: 'crus',
      by: ['any'],
    },
    { id: 'admin-audit', role: 'administrator', types: ['AuditEvent'], letters: 'rs', by: ['any'] },
    { id: 'privacy-audit', role: 'privacy-officer', types: ['AuditEvent'], letters: 'rs', by: ['any'] },
    {
      id: 'admin-reviews',
      role: 'administrator',
      types: ['Task'],
      letters: 'rus',
      by: ['any'],
      despiteRestrictions: true,
      only: [['code', `${ACCESS_OPENING}|`]],
    },
  ],
  labels: [
    { label: `${CONFIDENTIALITY}|R`, roles: ['patient', 'nurse', 'doctor'] },
    { label: `${CONFIDENTIALITY}|V`, roles: ['patient', 'doctor'] },
    ...['PSY', 'SEX', 'HIV', 'SDV', 'ETH'].map((code) => ({
      label: `${ACT_CODE}|${code}`,
      roles: ['patient', 'nurse', 'doctor'] as const,
    })),
  ],
  // An open screen at home tells whoever looks over a shoulder: neither the patient nor the family is shown it.
  addresses: [
    { degree: 'fortrolig', roles: ['nurse', 'doctor', 'administrator'] },
    { degree: 'strengtFortrolig', roles: ['administrator'] },
  ],
  acts: [
    { act: 'migrate-plans', roles: ['plan-author'] },
    { act: 'explain-access', roles: ['administrator', 'privacy-officer'] },
    { act: 'export-audit', roles: ['privacy-officer'] },
    { act: 'see-sent-messages', roles: ['administrator'] },
    { act: 'break-glass', roles: ['nurse', 'doctor', 'responder'] },
    { act: 'open-restricted', roles: ['nurse', 'doctor'] },
    { act: 'look-in-kjernejournal', roles: ['nurse', 'doctor', 'responder'] },
    { act: 'look-in-journal', roles: ['nurse', 'doctor', 'responder'] },
  ],
  family: { youthAge: 12, ofHealthAge: 16 },
  openings: { minutesDefault: 60, minutesMax: 240, reasonCharsMin: 10 },
}
