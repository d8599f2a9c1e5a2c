import type { Configuration, CryptoKeyPair, DPoPHandle } from 'openid-client'
import type { Outgoing } from '../outgoing.ts'
import type { IdentityProviderSettings } from './identity-provider.ts'
import type { KeptSignIn, KeptSignIns } from './kept-sign-ins.ts'
import { configurationSaying, followProvider } from './provider-configuration.ts'
import { refreshed } from './refreshed.ts'

/** An access token, and what it takes to use it. */
export type BoundToken = {
  configuration: Configuration
  /** Absent of a token that is bound to no key. */
  dpop?: DPoPHandle
  token: { value: string; until: number }
}

/** Why somebody's APIs cannot be asked: they have not signed in by HelseID, or HelseID wants them to sign in anew. */
export class NotAtHelseId extends Error {}

export type ApiAsked = {
  /** Such as `nhn:phr`. */
  api: string
  /** Of those that were asked for when the person signed in. */
  scope: string
  /** How long an answer is waited for. */
  timeoutSeconds: number
  /** For what, as the trust framework attests it; the token bears it. @param signIn for whom they have signed in */
  attest: (signIn: KeptSignIn) => object | undefined
}

export type PersonAtHelseId = {
  /** @returns undefined where they have not signed in by HelseID */
  signIn(fhirUser: string): Promise<Omit<KeptSignIn, 'refreshToken'> | undefined>
  /** @throws NotAtHelseId, or what the network or HelseID said */
  tokenOf(fhirUser: string, asked: ApiAsked): Promise<BoundToken>
}

/** A token is not used in its last moments: it must live until the request has come. */
const SPARE_SECONDS = 10
const REMEMBERED_MAX = 500
/** A refresh token may be good for one use, and so a connection is held while it is used: no more than these, however slow HelseID is. */
const LANES = 4
const forWhom = ({ organization, organizationUnit }: KeptSignIn): string =>
  JSON.stringify([organization, organizationUnit])
const laneOf = (fhirUser: string): string =>
  `lane ${[...fhirUser].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % LANES}`

type Settings = {
  settings: IdentityProviderSettings
  outgoing: Outgoing
  kept: KeptSignIns
}

/**
 * National APIs are asked as the person who looks: with a token of HelseID that is got by the refresh token of their sign-in, bound to a key of this
 * process, and whose attest is in the assertion by which we ask for it. What is attested once is used until it expires.
 * @see https://utviklerportal.nhn.no, "HelseID": profil for Tillitsrammeverket, flyt 2
 */
export function personAtHelseId({ settings, outgoing, kept }: Settings): PersonAtHelseId {
  const readConfiguration = followProvider(settings, outgoing)
  const remembered = new Map<string, BoundToken>()
  /** What waits for what: a person's looks, so that one token serves them all, and those who share a lane. */
  const turns = new Map<string, Promise<unknown>>()
  let keys: Promise<CryptoKeyPair> | undefined

  async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(name)
    const mine = (async () => {
      await before?.catch(() => undefined)
      return work()
    })()
    turns.set(name, mine)
    try {
      return await mine
    } finally {
      if (turns.get(name) === mine) turns.delete(name)
    }
  }

  async function fetchToken(
    fhirUser: string,
    { api, scope, timeoutSeconds }: ApiAsked,
    { attest, signIn }: { attest: object | undefined; signIn: KeptSignIn },
  ): Promise<BoundToken> {
    const openid = await import('openid-client')
    const known = await readConfiguration()
    const configuration = await configurationSaying(settings, outgoing, { known, details: attest ? [attest] : [] })
    configuration.timeout = timeoutSeconds
    keys ??= openid.randomDPoPKeyPair('ES256')
    const dpop = openid.getDPoPHandle(configuration, await keys)
    const grant = (refreshToken: string) =>
      openid
        .refreshTokenGrant(configuration, refreshToken, { scope, resource: api }, { DPoP: dpop })
        .catch((error: unknown) => {
          if (error instanceof openid.ResponseBodyError && error.error === 'invalid_grant') return 'over' as const
          throw error
        })
    const answer = await inTurn(laneOf(fhirUser), () =>
      kept.alone(fhirUser, (mine) => {
        // One that has taken its place meanwhile, for another organisation, is not what was attested.
        const find = async (who: string) => {
          const now = await mine.find(who)
          return now && forWhom(now) === forWhom(signIn) ? now : undefined
        }
        return refreshed({ ...mine, find }, fhirUser, grant)
      }),
    )
    if (!answer) throw new NotAtHelseId('the sign-in by HelseID is over')
    const until = Date.now() + ((answer.expires_in ?? 60) - SPARE_SECONDS) * 1000
    return { configuration, dpop, token: { value: answer.access_token, until } }
  }

  return {
    async signIn(fhirUser) {
      const found = await kept.find(fhirUser)
      if (!found) return undefined
      const { refreshToken: _, ...rest } = found
      return rest
    },
    tokenOf: (fhirUser, asked) =>
      inTurn(fhirUser, async () => {
        const found = await kept.find(fhirUser)
        if (!found) throw new NotAtHelseId('not signed in by HelseID')
        const attest = asked.attest(found)
        const name = JSON.stringify([fhirUser, asked.api, asked.scope, attest])
        const known = remembered.get(name)
        if (known && known.token.until > Date.now()) return known
        const fetched = await fetchToken(fhirUser, asked, { attest, signIn: found })
        for (const [old, { token }] of remembered)
          if (token.until <= Date.now() || remembered.size >= REMEMBERED_MAX) remembered.delete(old)
        remembered.set(name, fetched)
        return fetched
      }),
  }
}
