import type { CarePlan, ServiceRequest } from '@medplum/fhirtypes'
import { FYLGJE } from '../plan/vocabulary.ts'
import { toAskedFor } from '../schedule/asked-for.ts'
import { burdenOf } from './burden.ts'

/** On a CarePlan that is proposed: how many minutes of the patient's day its requests ask for. */
export const DAILY_BURDEN = `${FYLGJE}/StructureDefinition/daily-burden`

/** The proposal with what it asks of the patient, so that it is seen before it is stored. One that asks for nothing stays as it is. */
export function withBurden(proposal: CarePlan, now: Date): CarePlan {
  const requests = (proposal.contained ?? []).flatMap((one): ServiceRequest[] =>
    one.resourceType === 'ServiceRequest' ? [{ ...one, status: 'active', intent: 'order', basedOn: [] }] : [],
  )
  const { asked } = toAskedFor({ carePlans: [], requests, tasks: [] })
  const { minutesPerDay } = burdenOf(asked, now)
  if (minutesPerDay === 0) return proposal
  return {
    ...proposal,
    extension: [...(proposal.extension ?? []), { url: DAILY_BURDEN, valueDecimal: minutesPerDay }],
  }
}
