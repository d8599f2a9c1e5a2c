import type { CarePlan, Consent, Extension, PlanDefinition } from '@medplum/fhirtypes'
import { FYLGJE } from '../../core/decide/plan/vocabulary.ts'
import { endOf } from '../../core/decide/time/end-of-period.ts'
import { demandsOf, isOfCategory, type LegalDemand } from './demands.ts'

/** On a CarePlan: by what right its patient is followed; on a handover: by what right the receiver is told of them. */
export const LEGAL_BASIS = `${FYLGJE}/StructureDefinition/legal-basis`

export type LegalBasis = {
  /** Laws, regulations, agreements, as uris. */
  policies: string[]
  /** Consents of the patient's, as `Consent/1`. */
  consents: string[]
}

/** What an enrolment rests on, as its CarePlan says. */
export function basisOf({ extension = [] }: Pick<CarePlan, 'extension'>): LegalBasis {
  const parts = extension.filter(({ url }) => url === LEGAL_BASIS).flatMap((one) => one.extension ?? [])
  return {
    policies: parts.flatMap(({ url, valueUri }) => (url === 'policy' && valueUri ? [valueUri] : [])),
    consents: parts.flatMap(({ url, valueReference }) =>
      url === 'consent' && valueReference?.reference ? [valueReference.reference] : [],
    ),
  }
}

/** The same as extensions of the CarePlan, one for each. */
export const toExtensions = ({ policies, consents }: LegalBasis): Extension[] => [
  ...policies.map((valueUri) => ({ url: LEGAL_BASIS, extension: [{ url: 'policy', valueUri }] })),
  ...consents.map((reference) => ({
    url: LEGAL_BASIS,
    extension: [{ url: 'consent', valueReference: { reference } }],
  })),
]

/** A resource that rests on this, and on nothing that it said before. */
export const withBasis = <T extends { extension?: Extension[] }>(resource: T, basis: LegalBasis): T => {
  const others = (resource.extension ?? []).filter(({ url }) => url !== LEGAL_BASIS)
  return { ...resource, extension: [...others, ...toExtensions(basis)] }
}

/** Whether a Consent says yes, to this patient's being followed, now. */
export function isGiven(consent: Consent, patient: string | undefined, now: Date): boolean {
  const { status, provision } = consent
  if (status !== 'active' || consent.patient?.reference !== patient || provision?.type === 'deny') return false
  const start = provision?.period?.start === undefined ? Number.NaN : Date.parse(provision.period.start)
  const end = endOf(provision?.period)
  return !(start > now.getTime()) && (end === undefined || end > now)
}

export type Rested = LegalBasis & {
  /** Those of the named consents that are given; see `isGiven`. */
  given: Consent[]
}

/** What a plan demands and the enrolment does not rest on. */
export const missingBasis = (plan: Pick<PlanDefinition, 'extension'>, rested: Rested): LegalDemand[] =>
  demandsOf(plan).filter((demand) => !isMet(demand, rested))

const isMet = (demand: LegalDemand, { policies, given }: Rested): boolean =>
  demand.policies.some((policy) => policies.includes(policy)) || given.some((one) => isOfCategory(demand, one))
