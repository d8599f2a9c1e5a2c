import type { PlanDefinition } from '@medplum/fhirtypes'
import { type Card, cardsOf } from '../cds-hooks/cards.ts'
import { hookedPlan } from '../cds-hooks/hooked-plan.ts'
import type { Hook } from '../cds-hooks/hooks.ts'
import type { Language } from '../core/decide/words/language.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { propose } from '../operations/apply.ts'

export type PlanCall = {
  plan: PlanDefinition
  hook: Hook
  /** What the EHR tells of the patient, with the names that are used here. */
  data: Resource[]
  language: Language
  newId: () => string
}

/**
 * What a plan says to this hook, by `$apply` over what is stored here and what came along. Nothing is stored.
 * @param exchange of whoever looks: `access.patient` is the patient
 */
export async function cardsOfPlan(exchange: Exchange, rooms: Rooms, call: PlanCall): Promise<Card[]> {
  const { plan, hook, data, language, newId } = call
  const { actor, patient } = exchange.access
  const parameter = [
    { name: 'planDefinition', resource: hookedPlan(plan, hook) },
    { name: 'subject', valueString: `Patient/${patient}` },
    { name: 'practitioner', valueString: actor },
    { name: 'userLanguage', valueCodeableConcept: { coding: [{ system: 'urn:ietf:bcp:47', code: language }] } },
    ...(data.length > 0
      ? [
          {
            name: 'data',
            resource: { resourceType: 'Bundle', type: 'collection', entry: data.map((resource) => ({ resource })) },
          },
        ]
      : []),
  ]
  const body = { resourceType: 'Parameters', parameter }
  const proposals = await propose({ ...exchange, query: new URLSearchParams(), id: '', body }, rooms)
  return proposals.flatMap((proposal) => cardsOf(plan, proposal, { language, newId }))
}
