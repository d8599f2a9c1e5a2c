import type { Provenance, ProvenanceAgent } from '@medplum/fhirtypes'

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
    agent: [
      {
        type: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
              code: 'author',
              display: 'Author',
            },
          ],
        },
        who: whoIs(actor),
      },
    ],
    ...(before ? { entity: [{ role: 'revision', what: { reference: before } }] } : {}),
  }
}

/** A person or a device by reference; a system by the id of its client. */
export function whoIs(actor: string): ProvenanceAgent['who'] {
  const [kind, id] = actor.split('/')
  return kind === 'Client'
    ? { identifier: { system: 'urn:ietf:rfc:6749:client_id', value: id }, display: id }
    : { reference: actor }
}
