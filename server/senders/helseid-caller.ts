import type { CryptoKeyPair } from 'openid-client'
import type { IdentityProviderSettings } from '../authorization-server/federation/identity-provider.ts'
import type { BoundToken } from '../authorization-server/federation/person-at-helseid.ts'
import { followProvider } from '../authorization-server/federation/provider-configuration.ts'
import type { Outgoing } from '../authorization-server/outgoing.ts'
import type { HttpAnswer } from './http-answer.ts'
import { bytesOf } from './looked-up.ts'

export type Call = { method: 'GET' | 'POST'; url: string; headers: Record<string, string>; body?: string }

/** Calls an API of Norsk helsenett as an organisation. @throws what the network or HelseID said; of what is answered, a Refusal of what is too large alone */
export type Caller = (call: Call) => Promise<HttpAnswer>
/** Has a token, so that a call that follows is sent at once. @throws what the network or HelseID said */
export type Ready = () => Promise<void>

/** A token is not used in its last moments: it must live until the request has come. */
const SPARE_SECONDS = 10
type CallerOptions = {
  /** Of the API: `nhn:jft/api`. */
  scope: string
  timeoutSeconds: number
  outgoing: Outgoing
  /** The API takes tokens that are bound to no key, and no others. */
  isBearer?: boolean
  /** Every answer is needed whole: a larger one is refused (too-costly), and no more of it is read. Else its beginning is enough. @property of whose */
  whole?: { bytesMax: number; of: string }
}
/** Of a receipt or a refusal; whoever reads records says how large they may be. */
const ANSWER_BYTES_MAX = 100_000

/**
 * A client of HelseID for what this server does by itself: private_key_jwt, an assertion that names the organisation, and a token that is
 * bound to a key of our own (DPoP). A token is used until it expires; one that is refused is fetched anew once.
 */
export function helseIdCaller(
  settings: IdentityProviderSettings,
  { scope, timeoutSeconds, outgoing, isBearer = false, whole }: CallerOptions,
): { call: Caller; ready: Ready } {
  const readConfiguration = followProvider(settings, outgoing)
  let session: Promise<BoundToken> | undefined
  let keys: Promise<CryptoKeyPair> | undefined

  async function open(): Promise<BoundToken> {
    const openid = await import('openid-client')
    const configuration = await readConfiguration()
    configuration.timeout = timeoutSeconds
    if (!isBearer) keys ??= openid.randomDPoPKeyPair('ES256')
    const dpop = keys ? openid.getDPoPHandle(configuration, await keys) : undefined
    const answer = await openid.clientCredentialsGrant(configuration, { scope }, dpop ? { DPoP: dpop } : {})
    const token = { value: answer.access_token, until: Date.now() + ((answer.expires_in ?? 60) - SPARE_SECONDS) * 1000 }
    return { configuration, ...(dpop ? { dpop } : {}), token }
  }

  /** One token for all who call at once. */
  async function current(): Promise<BoundToken> {
    const known = session
    if (known && (await known).token.until > Date.now()) return known
    if (session === known) {
      const opening = open()
      session = opening
      opening.catch(() => {
        if (session === opening) session = undefined
      })
    }
    return session as Promise<BoundToken>
  }

  return {
    async call(call) {
      const opened = await current()
      const answer = await callWith(opened, call, whole)
      if (answer.status !== 401) return answer
      if (session && (await session.catch(() => undefined)) === opened) session = undefined
      return callWith(await current(), call, whole)
    },
    async ready() {
      await current()
    },
  }
}

/** One call with a token and a proof of its key. @throws as Caller */
async function callWith(token: BoundToken, call: Call, whole: CallerOptions['whole']): Promise<HttpAnswer> {
  return toHttpAnswer(await fetchWith(token, call), whole)
}

/** The same, for what is no text. */
export async function fetchWith({ configuration, dpop, token }: BoundToken, call: Call): Promise<Response> {
  const openid = await import('openid-client')
  try {
    return await openid.fetchProtectedResource(
      configuration,
      token.value,
      new URL(call.url),
      call.method,
      call.body ?? null,
      new Headers(call.headers),
      dpop ? { DPoP: dpop } : {},
    )
  } catch (error) {
    // The library throws an answer that challenges us; to whoever calls it is an answer.
    if (error instanceof openid.WWWAuthenticateChallengeError) return error.response
    throw error
  }
}

async function toHttpAnswer(response: Response, whole: CallerOptions['whole']): Promise<HttpAnswer> {
  const bytes = whole ? await bytesOf(response, whole.bytesMax, whole.of) : await beginningOf(response)
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    body: bytes.toString('utf8'),
  }
}

/** What is taken is taken, however much the receiver says of it. */
async function beginningOf(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  if (response.bodyUsed || !response.body) return Buffer.alloc(0)
  for await (const chunk of response.body) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= ANSWER_BYTES_MAX) break
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX)
}
