import type { BundleEntry, Coding, Consent, ConsentProvision, Provenance, RelatedPerson } from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { nameOf } from '../../ui/person.ts'
import { once } from '../task/act.ts'

export type StoredConsent = Consent & { id: string }
export type StoredKin = RelatedPerson & { id: string }

/** What of the record somebody may see, in groups that people choose between; every other type is named by itself. */
export const SHARED = {
  measurements: ['Observation', 'ClinicalImpression'],
  plan: ['CarePlan', 'Goal', 'ServiceRequest', 'CareTeam'],
  forms: ['QuestionnaireResponse'],
  messages: ['Communication', 'CommunicationRequest'],
  documents: ['DocumentReference', 'DiagnosticReport', 'Composition', 'Binary'],
} as const
export type Share = keyof typeof SHARED
export const SHARES = Object.keys(SHARED) as Share[]

/** Something that somebody may see, or that is closed to them. */
export type Grant = {
  consent: StoredConsent
  isClosing: boolean
  /** `RelatedPerson/7`; several where one Consent is for several. Empty of a closing: everybody. */
  actors: readonly { reference: string; name?: string }[]
  /** undefined: all of the record. */
  types?: readonly string[]
  from?: Date
  until?: Date
  isOver: boolean
  basis?: string
}

const RESOURCE_TYPES = 'http://hl7.org/fhir/resource-types'
const CONSENT_SCOPE = 'http://terminology.hl7.org/CodeSystem/consentscope'

const isAboutAccess = ({ scope }: Consent): boolean =>
  scope?.coding?.some(({ system, code }) => system === CONSENT_SCOPE && code === 'patient-privacy') ?? false

/** Who may see what, and what is closed to whom: of each Consent about access its provision and those within. */
export function grantsOf(consents: readonly StoredConsent[], kin: readonly StoredKin[], now: Date): Grant[] {
  return consents.filter(isAboutAccess).flatMap((consent) => {
    const { provision } = consent
    const all = provision
      ? [provision, ...(provision.provision ?? []).map((one) => ({ actor: provision.actor, ...one }))]
      : []
    return all
      .filter(({ type, actor }) => type === 'deny' || (type === 'permit' && (actor?.length ?? 0) > 0))
      .map((one) => toGrant(consent, one, kin, now))
  })
}

function toGrant(consent: StoredConsent, one: ConsentProvision, kin: readonly StoredKin[], now: Date): Grant {
  const period = one.period ?? consent.provision?.period
  const from = period?.start ?? consent.dateTime
  const until = period?.end && endOf(period.end)
  const types = one.class?.flatMap(({ system, code }) => (system === RESOURCE_TYPES && code ? [code] : []))
  return {
    consent,
    isClosing: one.type === 'deny',
    actors: (one.actor ?? []).flatMap(({ reference: { reference, display } }) => {
      const name = display ?? nameOf(kin.find(({ id }) => reference === `RelatedPerson/${id}`)?.name)
      return reference ? [{ reference, ...(name && { name }) }] : []
    }),
    ...(types && types.length > 0 && { types }),
    ...(from && { from: new Date(from) }),
    ...(until && { until }),
    isOver: consent.status !== 'active' || (until !== undefined && until <= now),
    ...(consent.policyRule?.text && { basis: consent.policyRule.text }),
  }
}

/** A day belongs to the period as a whole. */
const endOf = (end: string): Date => (end.includes('T') ? new Date(end) : new Date(Date.parse(end) + 86_400_000))

/** What is shared, as the groups that it is made of, and the types that belong to none. */
export function shareOf(types: readonly string[]): { shares: Share[]; others: string[] } {
  const shares = SHARES.filter((share) => SHARED[share].every((type) => types.includes(type)))
  const named = new Set<string>(shares.flatMap((share) => SHARED[share]))
  return { shares, others: types.filter((type) => !named.has(type)) }
}

/** Who has no access although they are known: not by a grant that counts now. */
export const withoutAccess = (kin: readonly StoredKin[], grants: readonly Grant[]): StoredKin[] =>
  kin.filter(
    ({ id, active }) =>
      active !== false &&
      !grants.some(
        ({ isOver, isClosing, actors }) =>
          !isOver && !isClosing && actors.some(({ reference }) => reference === `RelatedPerson/${id}`),
      ),
  )

export const relationOf = ({ relationship }: RelatedPerson, language: Language): string | undefined => {
  const code = relationship?.flatMap(({ coding }) => coding ?? []).map(({ code }) => code ?? '')
  const known = RELATIONS.find(({ coding }) => code?.includes(coding.code ?? ''))
  return (
    known?.words[language] ??
    translated(relationship?.[0], 'text', language)?.text ??
    relationship?.[0]?.coding?.find(({ display }) => display)?.display
  )
}

const FAMILY = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation'
const ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
/** What somebody is to the patient. */
export const RELATIONS: readonly { coding: Coding; words: Readonly<Record<Language, string>> }[] = [
  {
    coding: { system: FAMILY, code: 'ektefelleEllerPartner' },
    words: { nb: 'ektefelle eller partner', nn: 'ektefelle eller partnar', en: 'spouse or partner' },
  },
  { coding: { system: FAMILY, code: 'barn' }, words: { nb: 'barn', nn: 'barn', en: 'child' } },
  { coding: { system: FAMILY, code: 'mor' }, words: { nb: 'mor', nn: 'mor', en: 'mother' } },
  { coding: { system: FAMILY, code: 'far' }, words: { nb: 'far', nn: 'far', en: 'father' } },
  { coding: { system: FAMILY, code: 'søsken' }, words: { nb: 'søsken', nn: 'sysken', en: 'sibling' } },
  { coding: { system: ROLE, code: 'NBOR' }, words: { nb: 'nabo', nn: 'nabo', en: 'neighbour' } },
  { coding: { system: ROLE, code: 'FRND' }, words: { nb: 'venn', nn: 'ven', en: 'friend' } },
]

export type Granting = {
  act: string
  now: Date
  patient: string
  practitioner: string
  /** One who is known; or who somebody is, and what to the patient. */
  who: { id: string; name: string } | { name: string; phone: string; relation: string }
  /** Empty: all of the record. */
  shares: readonly Share[]
  until: Date | undefined
  /** How the patient has said so. */
  reason: string
}

/** The person where they are new, what they may see, and who has written it down and why: all of it or nothing. */
export function granted({ act, now, patient, practitioner, who, shares, until, reason }: Granting): BundleEntry[] {
  const at = now.toISOString()
  const isNew = !('id' in who)
  const kinUrl = `urn:uuid:${act}`
  const consentUrl = `urn:uuid:${act.slice(0, -1)}${act.endsWith('0') ? '1' : '0'}`
  const subject = { reference: `Patient/${patient}` }
  const actor = { reference: isNew ? kinUrl : `RelatedPerson/${who.id}`, display: who.name }
  const consent: Consent = {
    ...{ resourceType: 'Consent', status: 'active', patient: subject, dateTime: at, performer: [subject] },
    scope: { coding: [{ system: CONSENT_SCOPE, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'acd' }] }],
    policyRule: { text: 'Pasientens samtykke' },
    verification: [{ verified: true, verifiedWith: subject, verificationDate: at }],
    provision: {
      type: 'permit',
      period: { start: at, ...(until && { end: until.toISOString() }) },
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: actor,
        },
      ],
      ...(shares.length > 0 && {
        class: shares.flatMap((share) => SHARED[share].map((code) => ({ system: RESOURCE_TYPES, code }))),
      }),
    },
  }
  const provenance: Provenance = {
    ...{ resourceType: 'Provenance', recorded: at, reason: [{ text: reason }] },
    target: [{ reference: consentUrl }, subject],
    agent: [{ who: { reference: practitioner } }],
  }
  return [
    ...(isNew ? [{ ...once(kinWith(who, subject), act, 'kin'), fullUrl: kinUrl }] : []),
    { ...once(consent as Consent & { identifier?: unknown }, act, 'consent'), fullUrl: consentUrl },
    { resource: provenance, request: { method: 'POST', url: 'Provenance' } },
  ]
}

function kinWith(
  { name, phone, relation }: { name: string; phone: string; relation: string },
  patient: { reference: string },
): RelatedPerson {
  const coding = RELATIONS.find(({ coding }) => coding.code === relation)?.coding
  const words = name.trim().split(/\s+/)
  return {
    ...{ resourceType: 'RelatedPerson', active: true, patient },
    name: [{ use: 'official', given: words.slice(0, -1), family: words.at(-1) ?? '' }],
    relationship: [{ coding: coding ? [coding] : [] }],
    ...(phone && { telecom: [{ system: 'phone', value: phone }] }),
  }
}

/** The same, over from now on. */
export const endedNow = (consent: StoredConsent, now: Date): StoredConsent => ({
  ...consent,
  status: 'inactive',
  provision: { ...consent.provision, period: { ...consent.provision?.period, end: now.toISOString() } },
})
