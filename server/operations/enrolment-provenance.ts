import type { Provenance } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { provenanceAgent } from '../core/fhir/provenance-agent.ts'
import type { LegalBasis } from '../lifecycle/legal-basis/basis.ts'

type Enrolled = {
  basis: LegalBasis
  /** Why this person is followed, in words. */
  reason: string | undefined
  carePlan: string
  subject: string
  actor: string
  at: Date
}

/**
 * By what right somebody is followed, and who said so. https://hl7.org/fhir/R4/provenance-definitions.html#Provenance.policy
 * @param enrolled `carePlan` as `CarePlan/1`, `subject` as `Patient/1`, `actor` as in Access
 * @returns undefined where nothing was said
 */
export function enrolmentProvenance({
  basis: { policies, consents },
  reason,
  carePlan,
  subject,
  actor,
  at,
}: Enrolled): Provenance | undefined {
  if (policies.length + consents.length === 0 && reason === undefined) return undefined
  return {
    resourceType: 'Provenance',
    target: [carePlan, subject].map((reference) => ({ reference })),
    occurredDateTime: at.toISOString(),
    recorded: at.toISOString(),
    ...(policies.length > 0 ? { policy: policies } : {}),
    ...(reason === undefined ? {} : { reason: [{ text: reason }] }),
    activity: { coding: [{ system: `${FYLGJE}/CodeSystem/plan-act`, code: 'enrol', display: 'Innmelding i plan' }] },
    agent: [provenanceAgent(actor)],
    ...(consents.length > 0
      ? { entity: consents.map((reference) => ({ role: 'source' as const, what: { reference } })) }
      : {}),
  }
}
