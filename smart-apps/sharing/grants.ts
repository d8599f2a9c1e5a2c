import type { Coding, Consent, ConsentProvision, RelatedPerson } from '@medplum/fhirtypes'
import { translated } from '../fhir/translated.ts'
import type { Language } from '../texts/language.ts'
import { nameOf } from '../ui/person.ts'

export type StoredConsent = Consent & { id: string }
export type StoredKin = RelatedPerson & { id: string }

/** What of the record somebody may see, in groups that people choose between; every other type is named by itself. */
const SHARED = {
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
  /** Which of the provisions within it; undefined: the Consent's own. */
  within?: number
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
    const own = provision ? [{ one: provision }] : []
    const all: Placed[] = [...own, ...within(provision).map((one, i) => ({ one, within: i }))]
    return all.filter(({ one }) => says(one)).map((placed) => toGrant(consent, placed, kin, now))
  })
}

type Placed = { one: ConsentProvision; within?: number }

/** Each says whom it is for: those of the whole, where it names nobody itself. */
const within = (provision: ConsentProvision | undefined): ConsentProvision[] =>
  (provision?.provision ?? []).map((one) => ({ ...(provision?.actor && { actor: provision.actor }), ...one }))

/** Whether it closes, or is for somebody. */
const says = ({ type, actor = [] }: ConsentProvision): boolean =>
  type === 'deny' || (type === 'permit' && actor.length > 0)

function toGrant(consent: StoredConsent, { one, within: place }: Placed, kin: readonly StoredKin[], now: Date): Grant {
  const period = one.period ?? consent.provision?.period
  const from = period?.start ?? consent.dateTime
  const until = earliest(period?.end ? endOf(period.end) : undefined, endedAt(consent))
  const types = one.class?.flatMap(({ system, code }) => (system === RESOURCE_TYPES && code ? [code] : []))
  return {
    consent,
    ...(place !== undefined && { within: place }),
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

/** What is over was changed last when it ended, or after it. */
const endedAt = ({ status, meta }: StoredConsent): Date | undefined =>
  status === 'inactive' && meta?.lastUpdated ? new Date(meta.lastUpdated) : undefined

const earliest = (one: Date | undefined, other: Date | undefined): Date | undefined =>
  one && other && other < one ? other : (one ?? other)

/** What is shared, as the groups that it is made of, and the types that belong to none. */
export function shareOf(types: readonly string[]): { shares: Share[]; others: string[] } {
  const shares = SHARES.filter((share) => SHARED[share].every((type) => types.includes(type)))
  const named = new Set<string>([WHOSE, ...shares.flatMap((share) => SHARED[share])])
  return { shares, others: types.filter((type) => !named.has(type)) }
}

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

export type Permit = {
  now: Date
  patient: string
  /** Whom it lets in: `RelatedPerson/7`, or what a transaction will make of a `urn:uuid:`. */
  actor: { reference: string; display?: string }
  /** Empty: all of the record. */
  shares: readonly Share[]
  until: Date | undefined
}

/** Whoever sees something of a patient knows whose it is; without it nobody could sign in as their next of kin. */
const WHOSE = 'Patient'

/** A patient's own word that somebody may see something, and help with it, from now on. */
export const permitFor = ({ now, patient, actor, shares, until }: Permit): Consent => {
  const at = now.toISOString()
  const subject = { reference: `Patient/${patient}` }
  const types = shares.length > 0 ? [...shares.flatMap((share) => SHARED[share]), WHOSE] : []
  return {
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
      ...(types.length > 0 && { class: types.map((code) => ({ system: RESOURCE_TYPES, code })) }),
    },
  }
}

/** @property relation code of one of RELATIONS */
export type NewKin = {
  name: string
  relation: string
  phone?: string
  nationalNumber?: { system: string; value: string }
}

/** Next of kin who are not known yet. With their national number they can sign in, and show by that who they are. */
export function kinWith(
  { name, phone, relation, nationalNumber }: NewKin,
  patient: { reference: string },
): RelatedPerson {
  const coding = RELATIONS.find(({ coding }) => coding.code === relation)?.coding
  const words = name.trim().split(/\s+/)
  return {
    ...{ resourceType: 'RelatedPerson', active: true, patient },
    ...(nationalNumber && { identifier: [{ use: 'official', ...nationalNumber }] }),
    name: [{ use: 'official', given: words.slice(0, -1), family: words.at(-1) ?? '' }],
    relationship: [{ coding: coding ? [coding] : [] }],
    ...(phone && { telecom: [{ system: 'phone', value: phone }] }),
  }
}

/**
 * Its Consent without it: who are named in it see nothing by it from now on. What else the Consent gives, to them or others, and
 * what it closes stand; where nothing does, it is inactive, and says what it has said.
 */
export function ended({ consent, within: place, actors }: Pick<Grant, 'consent' | 'within' | 'actors'>): StoredConsent {
  const { provision: own = {} } = consent
  const gone = new Set(actors.map(({ reference }) => reference))
  const without = (one: ConsentProvision): ConsentProvision[] => {
    const actor = (one.actor ?? []).filter(({ reference: { reference = '' } }) => !gone.has(reference))
    return actor.some(({ reference: { reference } }) => reference) ? [{ ...one, actor }] : []
  }
  const { provision: _, ...whole } = own
  // Of the whole, what those within have of it is left.
  const [root = onlyFrame(whole)] = place === undefined ? without(whole) : [whole]
  const inner = within(own).flatMap((one, i) => (i === place ? without(one) : [one]))
  if (!isClosing(consent, root) && ![root, ...inner].some(says)) return { ...consent, status: 'inactive' }
  return { ...consent, provision: { ...root, ...(inner.length > 0 && { provision: inner }) } }
}

/** It says how long, and nothing of itself. */
const onlyFrame = ({ type, period }: ConsentProvision): ConsentProvision => ({
  ...(type && { type }),
  ...(period && { period }),
})

/** Of R4's own words: without a type, the rule that it stands under says where it begins. */
const isClosing = ({ policyRule }: Consent, { type }: ConsentProvision): boolean =>
  type === undefined && (policyRule?.coding ?? []).some(({ code }) => code === 'OPTOUT')
