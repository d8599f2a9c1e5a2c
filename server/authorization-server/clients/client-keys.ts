import type Provider from 'oidc-provider'
import type { Fetch } from '../outgoing.ts'

/** Between two fetches of one client's keys, whoever asks: a stranger must not make us call somebody again and again. */
const REFETCH_MILLISECONDS_MIN = 1000

/** What the library keeps a client's public keys in: https://github.com/panva/node-oidc-provider, lib/models/client.js */
type KeyStore = {
  fresh: () => boolean
  refresh: () => Promise<void>
  selectForVerify: (header: { alg: string; kid?: string }) => object[]
}
type ClientWithKeys = { jwksUri?: string; asymmetricKeyStore: KeyStore }

/**
 * How long what a client publishes as its keys is believed. SMART: never longer than Cache-Control says; and a key that is
 * not there is looked for anew, so that a client may change its keys at any moment. The library keeps them for a minute at
 * least, whatever was said, and does not look again meanwhile.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html#registering-a-client-communicating-public-keys
 */
export class ClientKeys {
  readonly #now: () => number
  /** By address: until when what was fetched may be used, as a time in milliseconds. */
  readonly #usableUntil = new Map<string, number>()
  readonly #followed = new WeakSet<object>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** `fetch` for the library, which notes how long the answer may be kept. */
  noting(fetch: Fetch): Fetch {
    return async (url, options) => {
      const response = await fetch(url, options)
      this.#usableUntil.set(String(url), this.#now() + keepSeconds(response.headers) * 1000)
      return response
    }
  }

  /** Makes every client that `provider` finds obey this. */
  follow(provider: Provider): void {
    const find = provider.Client.find.bind(provider.Client)
    provider.Client.find = async (id) => {
      const client = await find(id)
      if (client) this.#followOne(client as unknown as ClientWithKeys)
      return client
    }
  }

  #followOne(client: ClientWithKeys): void {
    const address = client.jwksUri && new URL(client.jwksUri).href
    if (!address || this.#followed.has(client)) return
    this.#followed.add(client)
    const keys = client.asymmetricKeyStore
    let triedAt = Number.NEGATIVE_INFINITY
    let fetchedAt = Number.NEGATIVE_INFINITY
    const isJustNow = (time: number) => this.#now() - time < REFETCH_MILLISECONDS_MIN
    const select = keys.selectForVerify.bind(keys)
    const refresh = keys.refresh.bind(keys)
    // The library verifies; when that fails and the keys are not fresh, it fetches them and verifies once more.
    keys.fresh = () => isJustNow(triedAt)
    keys.refresh = async () => {
      await refresh().finally(() => {
        triedAt = this.#now()
      })
      fetchedAt = triedAt
    }
    keys.selectForVerify = (header) => {
      const isUsable = isJustNow(fetchedAt) || (this.#usableUntil.get(address) ?? 0) > this.#now()
      const found = isUsable ? select(header) : []
      // Two keys of one name: it cannot be known which is meant. https://www.rfc-editor.org/rfc/rfc7517#section-4.5
      return header.kid !== undefined && found.length > 1 ? [] : found
    }
  }
}

/** How long an answer may be kept by its own words; none at all when it does not say. */
function keepSeconds(headers: Headers): number {
  const cacheControl = headers.get('cache-control') ?? ''
  if (/\bno-(store|cache)\b/i.test(cacheControl)) return 0
  return Number(/\bmax-age=(\d{1,9})/i.exec(cacheControl)?.[1] ?? 0)
}
