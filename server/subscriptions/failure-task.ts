import type { Reference, Task } from '@medplum/fhirtypes'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import type { SubscriptionRow } from './rows.ts'

const FAILURE = 'http://fylgje.no/fhir/CodeSystem/operation-task'

type Told = {
  row: Pick<SubscriptionRow, 'id' | 'last_number' | 'delivered_number' | 'channel'>
  reason: string
  now: Date
  operator: string | undefined
}

/**
 * Somebody is not told any more of what they rely on: the operator is. One open Task for each Subscription, of no patient.
 * The words are for whoever runs this server; how they go on stands in them.
 */
export function failureTask({ row, reason, now, operator }: Told): Task {
  const waiting = BigInt(row.last_number) - BigInt(row.delivered_number)
  return {
    resourceType: 'Task',
    identifier: [{ system: 'http://fylgje.no/fhir/NamingSystem/subscription-failure', value: row.id }],
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [{ system: FAILURE, code: 'subscription-failed' }], text: 'En mottaker får ikke varsler' },
    description: `Abonnementet ${row.id} er stanset: ${reason} ${row.channel === 'websocket' ? '' : `${waiting} hendelser venter. `}Når mottakeren er på plass igjen, settes Subscription.status til requested.`,
    focus: { reference: `Subscription/${row.id}` },
    authoredOn: now.toISOString(),
    performerType: [{ coding: [{ system: ACCESS_ROLE, code: 'administrator' }] }],
    ...(operator ? { owner: { reference: operator } as Reference as NonNullable<Task['owner']> } : {}),
  }
}
