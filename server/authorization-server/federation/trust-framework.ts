import { z } from 'zod'
import { refuse } from '../../core/fhir/outcome.ts'
import type { Attested } from '../consent/grants.ts'
import { type Claims, HELSEID_CLAIM, organizationsOf, textOf } from './helseid-claims.ts'

/** The element of `authorization_details` by which the Norwegian trust framework attests why somebody asks. */
export const TRUST_FRAMEWORK = 'nhn:tillitsrammeverk:parameters'

const text = z.string().min(1).max(200)
const code = z.object({ code: text })
const organization = z.object({ id: text })
const careRelation = z.object({
  healthcare_service: code.optional(),
  /** v3-ActReason: treatment, in an emergency, coordination of care, breaking the glass. */
  purpose_of_use: z.object({ code: z.enum(['TREAT', 'ETREAT', 'COC', 'BTG']) }),
  purpose_of_use_details: code.optional(),
  decision_ref: z.object({ id: text, user_selected: z.boolean() }).optional(),
})
const attestation = z
  .object({
    practitioner: z.object({
      hpr_nr: organization.optional(),
      authorization: code.optional(),
      legal_entity: organization,
      point_of_care: organization.optional(),
      department: organization.optional(),
    }),
    care_relationship: careRelation.optional(),
    /** As version 1.1 calls it. */
    care_relation: careRelation.optional(),
  })
  .refine((one) => one.care_relationship !== undefined || one.care_relation !== undefined, {
    path: ['care_relationship'],
    message: 'Required',
  })

/**
 * What the trust framework attests in a token of HelseID: as what and for which unit somebody acts, for which service and purpose, and by
 * which decision. Names, descriptions and patients' numbers are left where they are.
 * @returns undefined where the token attests nothing
 * @throws Refusal login for what is not as the framework says, or tells of another organisation or person than the token's own claims
 * @see https://github.com/NorskHelsenett/Tillitsrammeverk
 */
export function attestedBy(claims: Claims): Attested | undefined {
  const said = elementsOf(claims.authorization_details ?? claims.assertion_details)
  const [element, ...more] = said.filter(({ type }) => type === TRUST_FRAMEWORK)
  if (element === undefined) return undefined
  if (more.length > 0) throw wrong('there are several')
  const read = attestation.safeParse(element)
  if (!read.success) {
    const [issue] = read.error.issues
    throw wrong(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { practitioner, care_relationship, care_relation } = read.data
  const care = care_relationship ?? care_relation
  if (!care) return undefined
  const { organization: legalEntity } = organizationsOf(claims)
  if (legalEntity !== undefined && practitioner.legal_entity.id !== legalEntity)
    throw wrong('practitioner.legal_entity is another organisation than the token is for')
  const hprNumber = textOf(claims, HELSEID_CLAIM.hprNumber)
  if (practitioner.hpr_nr !== undefined && practitioner.hpr_nr.id !== hprNumber)
    throw wrong('practitioner.hpr_nr is another person than the token is of')
  const { decision_ref: decision } = care
  return without({
    authorization: practitioner.authorization?.code,
    pointOfCare: practitioner.point_of_care?.id,
    department: practitioner.department?.id,
    healthcareService: care.healthcare_service?.code,
    purpose: care.purpose_of_use.code,
    purposeDetails: care.purpose_of_use_details?.code,
    decision: decision?.id,
    decidedBy: decision && (decision.user_selected ? 'user' : 'system'),
  })
}

const wrong = (what: string) => refuse('login', `What the token attests by the trust framework cannot be: ${what}.`)

/** One element stands alone in older tokens. */
function elementsOf(details: unknown): { type?: unknown }[] {
  const all: unknown[] = Array.isArray(details) ? details : [details]
  return all.filter((one): one is { type?: unknown } => typeof one === 'object' && one !== null)
}

const without = (all: Record<keyof Attested, string | undefined>): Attested =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
