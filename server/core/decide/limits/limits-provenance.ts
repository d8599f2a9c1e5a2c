import type { Provenance } from '@medplum/fhirtypes'
import { provenanceAgent } from '../../fhir/provenance-agent.ts'

export type LimitsChange = {
  /** `Goal/1/_history/2` */
  goal: string
  /** `Patient/1`: by whom it is found, and by whom it is decided who may read it. */
  subject?: string | undefined
  /** The version before, where there was one. */
  before?: string
  /** As in Access and events: `Practitioner/kari`, `Client/demo-service`. */
  actor: string
  /** Left out where nobody said why. */
  reason?: string
  at: Date
}

/** Who changed limits, when and why. https://hl7.org/fhir/R4/provenance.html */
export function limitsProvenance({ goal, subject, before, actor, reason, at }: LimitsChange): Provenance {
  return {
    resourceType: 'Provenance',
    target: [{ reference: goal }, ...(subject === undefined ? [] : [{ reference: subject }])],
    occurredDateTime: at.toISOString(),
    recorded: at.toISOString(),
    ...(reason === undefined ? {} : { reason: [{ text: reason }] }),
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          ...(before ? { code: 'UPDATE', display: 'revise' } : { code: 'CREATE', display: 'create' }),
        },
      ],
    },
    agent: [provenanceAgent(actor)],
    ...(before ? { entity: [{ role: 'revision', what: { reference: before } }] } : {}),
  }
}
