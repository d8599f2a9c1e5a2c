import type { Bundle, Parameters } from '@medplum/fhirtypes'

/**
 * What a socket tells of one Subscription, by the backport for R4.
 * @property isOver it will tell nothing more: it has ended, was turned off, or is in error
 */
export type Notice = { subscription: string; type: string; isOver: boolean }

const LIVING = ['requested', 'active']

/**
 * @returns undefined for what is no notice, such as the words with which a server unbinds a Subscription that was deleted
 * @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription-status-r4.html
 */
export function readNotice(text: unknown): Notice | undefined {
  let bundle: Bundle
  try {
    bundle = JSON.parse(String(text))
  } catch {
    return undefined
  }
  const status = bundle?.entry?.[0]?.resource as Parameters | undefined
  if (status?.resourceType !== 'Parameters') return undefined
  const find = (name: string) => status.parameter?.find((one) => one.name === name)
  const subscription = /(?:^|\/)Subscription\/([^/]+)$/.exec(find('subscription')?.valueReference?.reference ?? '')?.[1]
  const type = find('type')?.valueCode
  if (!subscription || !type) return undefined
  return { subscription, type, isOver: !LIVING.includes(find('status')?.valueCode ?? '') }
}
