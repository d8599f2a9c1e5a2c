import type { Parameters } from '@medplum/fhirtypes'
import { bytesOf } from '../../fhir/base64.ts'
import type { FhirClient } from '../../fhir/client.ts'
import type { Language } from '../../texts/language.ts'
import type { Vault } from '../kept/vault.ts'

/** What somebody wants to be told on this phone. Kept here; the server is told of it. */
export type Reminding = { isOn: boolean; quiet?: { from: string; until: string } }

/** Off at night, as most people want it. */
export const NIGHT = { from: '22:00', until: '07:00' } as const

/** How long somebody who signs out waits for the server. */
const END_MILLIS = 3_000

const WISH = 'reminding'

/** Whether the phone would show a notice, and what stands against it. */
export function pushState(): 'unsupported' | 'denied' | 'possible' {
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis))
    return 'unsupported'
  return Notification.permission === 'denied' ? 'denied' : 'possible'
}

export const readReminding = async (vault: Pick<Vault, 'read'>): Promise<Reminding> =>
  (await vault.read<Reminding>(WISH)) ?? { isOn: false, quiet: NIGHT }

type To = {
  fhir: Pick<FhirClient, 'operation'>
  vault: Pick<Vault, 'read' | 'write'>
  patient: string
  language: Language
}

/**
 * Does as somebody wants: asks the phone's permission (only from a click), subscribes, and tells the server; or ends it.
 * @returns whether notices come now; false where the person or the phone said no
 * @throws Unreachable, Refused, DOMException: then nothing is as it was wanted, and the wish is not kept
 */
export async function remind(wish: Reminding, to: To): Promise<boolean> {
  if (!wish.isOn) {
    await endPush(to.fhir, to.patient)
    await to.vault.write({ [WISH]: wish })
    return false
  }
  if (pushState() !== 'possible' || (await Notification.requestPermission()) !== 'granted') return false
  await tell(wish, to)
  await to.vault.write({ [WISH]: wish })
  return true
}

/**
 * What the server knows of this phone is made true again: it forgets the phone with the sign-in that told of it, the browser may have renewed
 * the subscription, and the language may be another. Never fails.
 */
export async function keepPush(to: To): Promise<void> {
  try {
    const wish = await readReminding(to.vault)
    if (!wish.isOn || pushState() !== 'possible' || Notification.permission !== 'granted') return
    await tell(wish, to)
  } catch {
    // Without a net, or with a push service that is away: the next time the app is opened.
  }
}

/** Nothing is told on this phone any more, also if the server cannot be reached: the browser gives the subscription up. Never fails. */
export async function endPush(fhir: Pick<FhirClient, 'operation'>, patient: string | undefined): Promise<void> {
  try {
    const subscription = await (await registered())?.pushManager?.getSubscription()
    if (!subscription) return
    const { endpoint } = subscription
    await subscription.unsubscribe()
    if (patient !== undefined)
      await fhir.operation(`Patient/${patient}/$push-unsubscribe`, [{ name: 'endpoint', valueUri: endpoint }], {
        signal: AbortSignal.timeout(END_MILLIS),
      })
  } catch {
    // The service answers that it is gone when the server tries next.
  }
}

const registered = async (): Promise<ServiceWorkerRegistration | undefined> =>
  'serviceWorker' in navigator ? navigator.serviceWorker.getRegistration() : undefined

async function tell({ quiet }: Reminding, { fhir, patient, language }: To): Promise<void> {
  const { pushManager } = await navigator.serviceWorker.ready
  const { parameter = [] } = await fhir.operation<Parameters>('Patient/$push-key')
  const key = bytesOf(parameter.find(({ name }) => name === 'key')?.valueString ?? '')
  const known = await pushManager.getSubscription()
  // One for another server is of no use to this one.
  const isOurs = known && isSame(known.options.applicationServerKey, key)
  if (known && !isOurs) await known.unsubscribe()
  const subscription = isOurs
    ? known
    : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint, keys } = subscription.toJSON()
  await fhir.operation(`Patient/${patient}/$push-subscribe`, [
    { name: 'endpoint', valueUri: endpoint ?? '' },
    { name: 'p256dh', valueString: keys?.p256dh ?? '' },
    { name: 'auth', valueString: keys?.auth ?? '' },
    { name: 'language', valueCode: language },
    ...(quiet
      ? [
          { name: 'quietFrom', valueTime: `${quiet.from}:00` },
          { name: 'quietUntil', valueTime: `${quiet.until}:00` },
        ]
      : []),
  ])
}

function isSame(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? new ArrayBuffer(0))
  return bytes.length === other.length && bytes.every((byte, i) => byte === other[i])
}
