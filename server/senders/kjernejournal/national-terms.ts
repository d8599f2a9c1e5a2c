import type { PersonalApis } from '../../authorization-server/federation/identity-provider.ts'
import type { LookBasis } from '../../exchange.ts'

// What kjernejournal's APIs call things, as utviklerportal.nhn.no told in November 2025, and as Norsk helsenett's samples do. All that may have to be
// changed when it is tried there stands in this file.

/** The ground on which documents are asked for: § 45 of helsepersonelloven, or the regulation, which shows fewer. */
export type Law = 'helsepersonelloven' | 'kjernejournalforskriften'

const DOCUMENTS = 'nhn:phr'
const CRITICAL = 'nhn:critical-information'
/** Uncertain: told of the portal's former way in; the present one is documented by a sample alone, which is configured elsewhere. */
const PORTAL = 'nhn:kjernejournal'
/** Pasientens prøvesvar, by version 2 of its API, which takes bound tokens alone. */
const LABORATORY = 'nhn:pps'

const FIND: Readonly<Record<Law, string>> = {
  helsepersonelloven: 'nhn:phr/mhd/read-documentreferences',
  kjernejournalforskriften: 'nhn:phr/mhd/read-documentreferences/kjernejournalforskriften',
}
const OPEN = 'nhn:phr/mhd/read-document'

/** What is asked of each API, by what is done. */
export const scopesOf = (law: Law) => ({
  find: { api: DOCUMENTS, scope: FIND[law] },
  open: { api: DOCUMENTS, scope: OPEN },
  critical: { api: CRITICAL, scope: 'nhn:critical-information/api' },
  portal: { api: PORTAL, scope: 'nhn:kjernejournal/api' },
  laboratory: { api: LABORATORY, scope: 'nhn:pps/provesvar-read' },
})

/**
 * What a person's sign-in must be good for. Never both grounds: the API refuses tokens that have both. Laboratory answers where they are looked for: a client that
 * may not ask for them there would be let in for nothing.
 */
export const personalApis = ({
  law,
  laboratoryUrl,
}: {
  law: Law
  laboratoryUrl?: string | undefined
}): PersonalApis => {
  const asked = Object.values(scopesOf(law)).filter(({ api }) => api !== LABORATORY || laboratoryUrl !== undefined)
  return Object.fromEntries(
    [...new Set(asked.map(({ api }) => api))].map((api) => [
      api,
      asked.filter((one) => one.api === api).map(({ scope }) => scope),
    ]),
  )
}

/** `tilgangsgrunnlag`; FORHOYET opens what the patient has blocked. */
export const ACCESS_BASES: Readonly<Record<LookBasis, string>> = {
  exception: 'UNNTAK',
  consent: 'SAMTYKKE',
  'raised-consent': 'FORHOYET_SAMTYKKE',
  emergency: 'AKUTT',
  'raised-emergency': 'FORHOYET_AKUTT',
}

/** The portal asks for what is blocked by itself. */
export const PORTAL_BASES: Readonly<Record<LookBasis, string>> = {
  exception: 'UNNTAK',
  consent: 'SAMTYKKE',
  'raised-consent': 'SAMTYKKE',
  emergency: 'AKUTT',
  'raised-emergency': 'AKUTT',
}

export const HEADER = {
  patient: 'nhn-patient-nin',
  sourceSystem: 'nhn-source-system',
  event: 'nhn-event-id',
  accessBasis: 'nhn-access-basis',
  userRole: 'nhn-user-role',
  blockedCount: 'NHN-SecurityLabel-Nors-Count',
  portalSourceSystem: 'X-SOURCE-SYSTEM',
  laboratoryPatient: 'person-id',
  laboratoryBasis: 'access-basis',
  laboratoryRole: 'requester-hpr-role',
  laboratoryCorrelation: 'correlation-id',
} as const

export const VOLVEN_9060 = 'urn:oid:2.16.578.1.12.4.1.1.9060'
export const VOLVEN_8666 = 'urn:oid:2.16.578.1.12.4.1.1.8666'
export const PURPOSE_OF_USE = 'urn:oid:2.16.840.1.113883.1.11.20448'
/** For those whose category is not known: other health personnel. */
export const OTHER_PERSONNEL = 'XX'

/** URL encoded, so that a header can carry it. */
export const userRole = (authorization = OTHER_PERSONNEL): string =>
  encodeURIComponent(JSON.stringify({ system: VOLVEN_9060, code: authorization }))
