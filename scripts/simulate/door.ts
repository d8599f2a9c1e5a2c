import { setTimeout as sleep } from 'node:timers/promises'

/** There is no server, or none that lets us in: nothing can be simulated. One line. */
export class NoAnswer extends Error {}

export type Answer = { status: number; body: unknown; attempts: number }
export type Message = { path: string; body: unknown; headers?: { [name: string]: string } }
type Client = { base: string; clientId: string; clientSecret: string }

const ATTEMPTS_MAX = 8
const PAUSE_MS = 250
const PAUSE_MS_MAX = 15_000
const RENEW_BEFORE_MS = 30_000

/** One device gateway's way in: a token that is renewed in time, and messages that are sent until they arrive. */
export class Door {
  readonly fhir: string
  #client: Client
  #tokenEndpoint: string
  #token = ''
  #expiresAt = 0
  #renewal: Promise<void> | undefined

  private constructor(client: Client, tokenEndpoint: string) {
    this.fhir = `${client.base}/fhir`
    this.#client = client
    this.#tokenEndpoint = tokenEndpoint
  }

  /** Asks the server itself where tokens are had. @throws NoAnswer */
  static async open(client: Client): Promise<Door> {
    const address = `${client.base}/fhir/.well-known/smart-configuration`
    const response = await fetch(address).catch((error: unknown) => {
      throw new NoAnswer(`No server answers at ${client.base} (${causeOf(error)}). Start one with: npm start`)
    })
    const configuration: unknown = await response.json().catch(() => undefined)
    const endpoint = response.ok && isRecord(configuration) ? configuration.token_endpoint : undefined
    if (typeof endpoint !== 'string') throw new NoAnswer(`${address} does not tell a token endpoint.`)
    const door = new Door(client, endpoint)
    await door.#renew()
    return door
  }

  async get(path: string): Promise<Answer> {
    return this.#send('GET', { path, body: undefined })
  }

  async post(message: Message): Promise<Answer> {
    return this.#send('POST', message)
  }

  /** Tries again after a lost connection, 429 and 503, ever later, or when the server says (Retry-After). */
  async #send(method: string, message: Message): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#once(method, message).catch(() => undefined)
      if (response?.status === 401) this.#expiresAt = 0
      const again = !response || [401, 429, 502, 503, 504].includes(response.status)
      if (!again || attempt === ATTEMPTS_MAX) {
        if (!response) return { status: 0, body: undefined, attempts: attempt }
        return { status: response.status, body: await response.json().catch(() => undefined), attempts: attempt }
      }
      await response?.body?.cancel()
      await sleep(pauseOf(response, attempt))
    }
  }

  async #once(method: string, { path, body, headers }: Message): Promise<Response> {
    if (this.#expiresAt - RENEW_BEFORE_MS < Date.now()) await this.#renewOnce()
    return fetch(path === '' ? this.fhir : `${this.fhir}/${path}`, {
      method,
      headers: {
        accept: 'application/fhir+json',
        'content-type': 'application/fhir+json',
        authorization: `Bearer ${this.#token}`,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** Messages that find the token old at the same time wait for one new token. */
  #renewOnce(): Promise<void> {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = undefined
    })
    return this.#renewal
  }

  async #renew(): Promise<void> {
    const { clientId, clientSecret } = this.#client
    const credentials = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`)
    const response = await fetch(this.#tokenEndpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials.toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
    })
    const answer: unknown = await response.json().catch(() => undefined)
    const token = isRecord(answer) ? answer.access_token : undefined
    if (!isRecord(answer) || typeof token !== 'string') {
      const reason = isRecord(answer) ? (answer.error_description ?? answer.error) : `HTTP ${response.status}`
      throw new NoAnswer(`The server gives ${clientId} no token: ${reason}. Is it in demo mode?`)
    }
    this.#token = token
    this.#expiresAt = Date.now() + Number(answer.expires_in ?? 60) * 1000
  }
}

/** @param attempt 1 for the first that failed */
export function pauseOf(response: { headers: Headers } | undefined, attempt: number): number {
  const asked = Number(response?.headers.get('retry-after'))
  const own = PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2)
  return Math.min(PAUSE_MS_MAX, asked > 0 ? asked * 1000 : own)
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  return isRecord(cause) || cause instanceof Error
    ? String(('code' in cause && cause.code) || 'no connection')
    : 'no connection'
}
