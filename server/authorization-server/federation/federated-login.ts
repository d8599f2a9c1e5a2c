import { type Request, type Response, Router } from 'express'
import type Provider from 'oidc-provider'
import type { Pool } from '../../db/pool.ts'
import type { Log } from '../../log.ts'
import { type Account, putAccount } from '../accounts.ts'
import type { Addresses } from '../discovery.ts'
import { happened } from '../events.ts'
import { finishLogin, forgetWhoMaySignIn, keepWhoMaySignIn } from '../finish-login.ts'
import { interactionErrors } from '../interaction-errors.ts'
import type { Outgoing } from '../outgoing.ts'
import { languageOf } from '../page.ts'
import type { People } from '../people.ts'
import { noteSignInFailed } from '../sign-in-guard.ts'
import { findAttemptUid, saveAttempt, takeAttempt } from './attempts.ts'
import type { IdentityProviderSettings, ProviderName } from './identity-provider.ts'
import type { KeptSignIns } from './kept-sign-ins.ts'
import { LoginRefusal, recognise } from './recognise.ts'
import { accountIdOf, RelyingParty } from './relying-party.ts'

export type FederatedLoginSettings = {
  provider: () => Provider
  pool: Pool
  addresses: Addresses
  people: People
  outgoing: Outgoing
  identityProviders: readonly IdentityProviderSettings[]
  /** Of those whose APIs are asked later. */
  keptSignIns?: KeptSignIns
  log: Log
}

/** The one address that identity providers send people back to; it is registered there. */
const redirectUriOf = ({ baseUrl }: Addresses): string => `${baseUrl}/interaction/federated`

/**
 * The way to an identity provider and back. There: the interaction, with its cookie, says where to. Back: all come to one
 * address, which sends them on to their interaction; only the browser that has its cookie gets any further, so that nobody
 * can be made to sign in as somebody else.
 */
export function federatedLogin(settings: FederatedLoginSettings): Router {
  const { provider, pool, addresses, people, log } = settings
  const parties = new Map(
    settings.identityProviders.map((one) => [
      one.name,
      new RelyingParty(one, redirectUriOf(addresses), settings.outgoing),
    ]),
  )
  const router = Router()

  router.get('/federated', async (req, res) => {
    const uid = await findAttemptUid(pool, String(req.query.state))
    if (uid === undefined) return res.redirect(303, `${addresses.baseUrl}/`)
    res.redirect(303, `${pathOf(uid)}/federated?${queryOf(req)}`)
  })

  router.get('/:uid/federated/:provider', async (req, res) => {
    const interaction = await provider().interactionDetails(req, res)
    const { uid, params } = interaction
    const party = parties.get(req.params.provider as ProviderName)
    if (!party) return res.redirect(303, pathOf(uid))
    try {
      const language = languageOf(params.ui_locales, req.get('accept-language'))
      const { url, attempt } = await party.begin(language)
      await saveAttempt(pool, party.settings.name, uid, attempt)
      await forgetWhoMaySignIn(interaction)
      res.set('cache-control', 'no-store').redirect(303, url.href)
    } catch (error) {
      log.error({ err: error, provider: party.settings.name }, 'an identity provider could not be asked')
      res.redirect(303, `${pathOf(uid)}?refused=failed`)
    }
  })

  router.get('/:uid/federated', async (req, res) => {
    const interaction = await provider().interactionDetails(req, res)
    const { uid } = interaction
    try {
      const accounts = await signIn(req, uid)
      const [only, ...others] = accounts
      if (only && others.length === 0) return await finishLogin({ provider, pool }, req, res, only)
      await keepWhoMaySignIn(interaction, accounts)
      res.redirect(303, pathOf(uid))
    } catch (error) {
      refuse(res, uid, error)
    }
  })
  router.use(interactionErrors)
  return router

  /** Everybody as whom the person may go on from here: themselves, or somebody's next of kin. */
  async function signIn(req: Request, uid: string): Promise<Account[]> {
    const taken = await takeAttempt(pool, String(req.query.state), uid)
    const party = taken && parties.get(taken.provider)
    if (!taken || !party) throw new LoginRefusal('failed', 'the state is unknown, used or too old')
    if (req.query.error === 'access_denied') throw new LoginRefusal('cancelled', 'the person cancelled')
    const { claims, kept } = await party.finish(queryOf(req), taken.attempt)
    const accounts = (await recognise(taken.provider, claims, people)).map(({ subject, ...rest }) => ({
      ...rest,
      accountId: accountIdOf(taken.provider, party.settings.issuer, subject),
    }))
    for (const account of accounts) await putAccount(pool, { ...account, demo: false })
    const [only] = accounts
    if (only && kept) await settings.keptSignIns?.keep({ ...only, ...kept })
    return accounts
  }

  /** Back to the login page, which says why; what is not the person's own fault is logged, without who it was. */
  function refuse(res: Response, uid: string, error: unknown): void {
    const reason = error instanceof LoginRefusal ? error.reason : 'failed'
    if (reason !== 'cancelled') noteSignInFailed(res)
    happened(res, { code: 'login', failed: reason })
    if (reason === 'failed') log.warn({ err: error }, 'a federated sign-in failed')
    else log.info({ reason }, 'a federated sign-in was refused')
    res.redirect(303, `${pathOf(uid)}?refused=${reason}`)
  }

  function pathOf(uid: string): string {
    return `${new URL(addresses.baseUrl).pathname.replace(/\/$/, '')}/interaction/${uid}`
  }
}

const queryOf = (req: Request): string => req.originalUrl.split(/\?(.*)/s)[1] ?? ''
