import express, { type Request, type Response, Router } from 'express'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { Pool } from '../db/pool.ts'
import { type Account, findAccount, listDemoAccounts } from './accounts.ts'
import { ownMetadataOf } from './clients/clients.ts'
import { accessTypeOf, decideGrant, type Grant } from './consent/decide-grant.ts'
import { saveAuthorization } from './consent/grants.ts'
import type { Addresses } from './discovery.ts'
import { errorPage } from './error-page.ts'
import { takeLaunch } from './launch/launches.ts'
import { loginPage } from './login-page.ts'
import { languageOf, pageHeaders } from './page.ts'
import type { People } from './people.ts'
import { interactionUrl } from './provider.ts'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
type InteractionSettings = { provider: () => Provider; pool: Pool; addresses: Addresses; demo: boolean; people: People }

/**
 * What happens between the app's request and the code it gets: the person signs in, and access is granted. The library
 * sends the browser here for each of the two, and takes over again when we have answered.
 */
export function interactionRouter({ provider, pool, addresses, demo }: InteractionSettings): Router {
  const router = Router()

  router.get('/:uid', async (req, res) => {
    const interaction = await provider().interactionDetails(req, res)
    if (interaction.prompt.name === 'login') return showLogin(req, res, interaction)
    await grantAccess(req, res, interaction)
  })

  router.post('/:uid/login', express.urlencoded({ extended: false, limit: '1kb' }), async (req, res) => {
    await provider().interactionDetails(req, res)
    const account = await demoAccount(req.body)
    if (!account) throw new errors.AccessDenied('no such user')
    await provider().interactionFinished(
      req,
      res,
      { login: { accountId: account.accountId, amr: ['demo'] } },
      { mergeWithLastSubmission: false },
    )
  })

  router.post('/:uid/cancel', async (req, res) => {
    const answer = { error: 'access_denied', error_description: 'the person cancelled' }
    await provider().interactionFinished(req, res, answer, { mergeWithLastSubmission: false })
  })

  router.use((error: Error, req: Request, res: Response, next: express.NextFunction) => {
    if (!(error instanceof errors.OIDCProviderError)) return next(error)
    const out = {
      error: error.error,
      ...(error.error_description ? { error_description: error.error_description } : {}),
    }
    res
      .status(error.statusCode)
      .set(pageHeaders())
      .send(errorPage(out, req.get('accept-language')))
  })
  return router

  async function showLogin(req: Request, res: Response, { uid, params }: Interaction): Promise<void> {
    const client = await provider().Client.find(String(params.client_id))
    const html = loginPage({
      language: languageOf(req.query.lang ?? params.ui_locales, req.get('accept-language')),
      appName: client?.clientName ?? String(params.client_id),
      demoAccounts: demo ? await listDemoAccounts(pool) : undefined,
      action: new URL(interactionUrl(addresses.issuer, uid)).pathname,
    })
    res.set(pageHeaders([formTarget(String(params.redirect_uri))])).send(html)
  }

  /** Demo users are the only ones who come in by a click; everyone else will come from an identity provider. */
  async function demoAccount(body: { account?: unknown } | undefined): Promise<Account | undefined> {
    if (!demo) return undefined
    return (await listDemoAccounts(pool)).find(({ accountId }) => accountId === body?.account)
  }

  async function grantAccess(req: Request, res: Response, interaction: Interaction): Promise<void> {
    try {
      const { scope, context } = await decide(interaction)
      const grantId = await saveGrant(interaction, { scope, context })
      // The library compares scopes word by word. What was granted may be narrower words than those asked for, so from
      // here on the request is for what was granted.
      interaction.params.scope = scope
      await interaction.persist()
      await provider().interactionFinished(req, res, { consent: { grantId } })
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error
      await provider().interactionFinished(req, res, { error: error.error, error_description: error.error_description })
    }
  }

  async function decide({ params, session }: Interaction): Promise<Grant> {
    const clientId = String(params.client_id)
    const client = await provider().Client.find(clientId)
    const account = await findAccount(pool, session?.accountId ?? '', demo)
    if (!client || !account) throw new errors.AccessDenied('the client or the account has been removed')
    const launched =
      typeof params.launch === 'string' ? { launch: params.launch, clientId, fhirUser: account.fhirUser } : undefined
    const launch = launched && (await takeLaunch(pool, launched))
    if (launched && !launch) throw new errors.AccessDenied('the launch is used, expired or meant for somebody else')
    return decideGrant({
      scope: String(params.scope ?? ''),
      client: {
        allowedScope: ownMetadataOf(client).allowed_scope,
        mayRefresh: client.grantTypeAllowed('refresh_token'),
      },
      account,
      launch,
    })
  }

  /** Always a new grant: what it is for, and for which patient, holds for this one authorization. */
  async function saveGrant({ params, session }: Interaction, { scope, context }: Grant): Promise<string> {
    const accountId = session?.accountId ?? ''
    const clientId = String(params.client_id)
    const grant = new (provider().Grant)({ accountId, clientId })
    grant.addOIDCScope(scope)
    // The answer names only what the grant holds for the resource, so `openid` and `launch/patient` stand there as well.
    grant.addResourceScope(addresses.fhirBase, scope)
    const grantId = await grant.save()
    await saveAuthorization(pool, {
      ...{ grantId, accountId, clientId, scope, context },
      ...{ accessType: accessTypeOf(scope), sessionUid: session?.uid, login: { provider: 'demo' } },
    })
    return grantId
  }
}

/** What a Content-Security-Policy calls the place that a redirect URI is at: an origin, or a scheme for a native app. */
function formTarget(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri)
  return origin === 'null' ? protocol : origin
}
