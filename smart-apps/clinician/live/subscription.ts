import type { Subscription } from '@medplum/fhirtypes'

/** The types that a topic tells of, each of which is narrowed to a patient by a search of its own. */
const TYPES_OF = {
  'task-changes': ['Task'],
  'plan-changes': ['CarePlan', 'Goal'],
  measurements: ['Observation'],
  answers: ['QuestionnaireResponse'],
  messages: ['Communication'],
  documents: ['DocumentReference', 'DiagnosticReport'],
  sperring: ['Consent'],
} as const

/** What somebody wants to be told of; without a patient, of all whom they may see. `{ topic: 'measurements', patient: '7' }` */
export type Criteria = { topic: keyof typeof TYPES_OF; patient?: string }

/** A server that tells of nothing says so this often that it is still there. */
export const HEARTBEAT_SECONDS = 20
/** What a window leaves behind when it is cut off ends by itself; a window that is still there asks anew. */
const LIFE_MILLIS = 60 * 60_000

const TOPICS = 'http://fylgje.no/fhir/SubscriptionTopic'
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** It is told that there is something, not what: what is shown is asked for, as the list is. */
export function toSubscription({ topic, patient }: Criteria, now: Date, id?: string): Subscription {
  return {
    resourceType: 'Subscription',
    ...(id && { id }),
    status: 'requested',
    reason: 'What is shown is to be as it is.',
    criteria: `${TOPICS}/${topic}`,
    ...(patient && {
      _criteria: {
        extension: TYPES_OF[topic].map((type) => ({
          url: `${BACKPORT}/backport-filter-criteria`,
          valueString: `${type}?patient=${patient}`,
        })),
      },
    }),
    end: new Date(now.getTime() + LIFE_MILLIS).toISOString(),
    channel: {
      type: 'websocket',
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'empty' }] },
      extension: [{ url: `${BACKPORT}/backport-heartbeat-period`, valueUnsignedInt: HEARTBEAT_SECONDS }],
    },
  } as Subscription
}
