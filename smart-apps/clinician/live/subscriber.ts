import type { Parameters, Subscription } from '@medplum/fhirtypes'
import type { FhirClient } from '../../fhir/client.ts'
import { Refused } from '../../fhir/failure.ts'
import { toSubscription } from './subscription.ts'
import type { Watch } from './watch.ts'

/** A server activates a Subscription after it has answered: how long it is waited for, each time. */
const ACTIVE_WAITS_MILLIS = [40, 80, 160, 320, 640, 1_280, 2_560]

/** The server will not have it, so there is nothing to hurry for. */
export class NotToBeHad extends Error {}
export const isRefusal = (error: unknown): boolean =>
  error instanceof NotToBeHad || (error instanceof Refused && error.status < 500)

export type SubscriberNeeds = {
  fhir: Pick<FhirClient, 'create' | 'update' | 'read' | 'operation' | 'batch'>
  /** Whether somebody wants to be told of it still. */
  isWatched: (watch: Watch) => boolean
  /** The server will tell of some and not of others. */
  onSomeRefused: () => void
}

export type Subscriber = {
  /**
   * Makes a Subscription for each, or makes it anew.
   * @returns the word that binds a socket to all that the server tells of, and where the socket is opened
   * @throws where it tells of none of them, or is not reached
   */
  bind(asked: readonly Watch[]): Promise<{ token: string; url: string }>
  /** Ends Subscriptions, by their ids. */
  forget(ids: readonly string[]): void
}

/** What is asked of the server before a socket can tell of anything. @see https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/ */
export function createSubscriber({ fhir, isWatched, onSomeRefused }: SubscriberNeeds): Subscriber {
  /** @returns the id of a Subscription that is told of from now on */
  async function subscribed(watch: Watch): Promise<string> {
    const asked = toSubscription(watch.criteria, new Date(), watch.id)
    let stored: Subscription
    try {
      // The same one again, with the same name: so a window that has been cut off often leaves one behind, not many.
      stored = watch.id ? await fhir.update(asked as Subscription & { id: string }) : await fhir.create(asked)
    } catch (error) {
      if (!watch.id || !(error instanceof Refused)) throw error
      delete watch.id
      stored = await fhir.create(toSubscription(watch.criteria, new Date()))
    }
    const id = String(stored.id)
    watch.id = id
    if (!isWatched(watch)) forget([id])
    for (const wait of ACTIVE_WAITS_MILLIS) {
      if (stored.status === 'active') return id
      if (stored.status !== 'requested') throw new NotToBeHad(stored.error ?? stored.status)
      await new Promise((resolve) => setTimeout(resolve, wait))
      stored = await fhir.read('Subscription', id)
    }
    if (stored.status === 'active') return id
    throw new Error('It has not become active.')
  }

  async function subscribedOf(asked: readonly Watch[]): Promise<string[]> {
    const answers = await Promise.allSettled(asked.map(subscribed))
    const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    const serious = failures.find((one) => !isRefusal(one))
    if (serious !== undefined) throw serious
    const ids = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    if (ids.length === 0) throw failures[0]
    for (const [at, watch] of asked.entries()) watch.isRefused = answers[at]?.status === 'rejected'
    if (failures.length > 0) onSomeRefused()
    return ids
  }

  async function bind(asked: readonly Watch[]): Promise<{ token: string; url: string }> {
    const given = (await subscribedOf(asked)).map((id) => ({ name: 'id', valueId: id }))
    const { parameter = [] } = await fhir.operation<Parameters>('Subscription/$get-ws-binding-token', given)
    const find = (name: string) => parameter.find((one) => one.name === name)
    const [token, address] = [find('token')?.valueString, find('websocket-url')]
    const url = address?.valueUrl ?? address?.valueUri
    if (!token || !url) throw new NotToBeHad('no binding')
    return { token, url }
  }

  const forget = (ids: readonly string[]) => {
    if (ids.length === 0) return
    const entry = ids.map((id) => ({ request: { method: 'DELETE' as const, url: `Subscription/${id}` } }))
    // Sent while the page closes, or not at all: then it ends by itself.
    fhir.batch(entry, { keepalive: true }).catch(() => {})
  }

  return { bind, forget }
}
