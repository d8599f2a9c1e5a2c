import express, { type Request, type Response, Router } from 'express'
import { errors } from 'oidc-provider'
import { z } from 'zod'
import { parseScopes } from '../access/scopes.ts'
import { type Account, findAccount, listDemoAccounts } from './accounts.ts'
import { ownMetadataOf } from './clients/clients.ts'
import { applyChoices } from './consent/choices.ts'
import { accessTypeOf, decideGrant, type Grant, type GrantRequest, needsPatient } from './consent/decide-grant.ts'
import { endSession, saveAuthorization } from './consent/grants.ts'
import { happened } from './events.ts'
import { finishLogin, whoMaySignIn } from './finish-login.ts'
import { interactionErrors } from './interaction-errors.ts'
import { type Client, type Interaction, type InteractionSettings, interactionPages } from './interaction-pages.ts'
import { findLaunch, takeLaunch } from './launch/launches.ts'
import { accessOf, isKin, patientOfKin } from './patients-of-person.ts'
import type { ListedPatient } from './people.ts'
import { noteSignInFailed } from './sign-in-guard.ts'

/** Who wants what from whom: all that is known when a person has signed in. */
type Wish = { client: Client; account: Account; request: Omit<GrantRequest, 'chosenPatient'> }

const form = express.urlencoded({ extended: false, limit: '16kb' })
const several = z
  .union([z.string(), z.array(z.string())])
  .default([])
  .transform((values) => [values].flat())
/** What the consent page sends: what was left ticked. */
const CONSENT = z.object({
  patient: z.string().optional(),
  type: several,
  part: several,
  offline: z.string().optional(),
})
/** What the patient picker sends: one of its buttons, or what to search for. */
const PATIENT = z.object({ patient: z.string().optional(), text: z.string().max(100).default('') })

/**
 * What happens between the app's request and the code it gets: the person signs in, chooses a patient where one is needed,
 * and says what the app may have. The library sends the browser here, and takes over again when we have answered.
 */
export function interactionRouter(settings: InteractionSettings): Router {
  const { provider, pool, addresses, demo, people } = settings
  const { showLogin, showPatients, showConsent } = interactionPages(settings)
  const router = Router()

  router.get('/:uid', async (req, res) => {
    const interaction = await detailsOf(req, res)
    if (interaction.prompt.name === 'login') return showLogin({ req, res, interaction })
    await orBackToApp(req, res, async () => goOn(req, res, interaction, await wishOf(interaction)))
  })

  router.post('/:uid/login', form, async (req, res) => {
    await detailsOf(req, res)
    const account = await demoAccount(req.body)
    if (!account) {
      noteSignInFailed(res)
      happened(res, { code: 'login', failed: 'no such user' })
      throw new errors.AccessDenied('no such user')
    }
    await finishLogin({ provider, pool }, req, res, { ...account, login: { provider: 'demo' } })
  })

  /** Who has proven who they are says as whom they go on, where they are more than one. */
  router.post('/:uid/as', form, async (req, res) => {
    const interaction = await detailsOf(req, res)
    const accountId = whoMaySignIn(interaction).find((one) => one === req.body?.account)
    const account = accountId === undefined ? undefined : await findAccount(pool, accountId, demo)
    if (interaction.prompt.name !== 'login' || !account) throw new errors.AccessDenied('no such user')
    await finishLogin({ provider, pool }, req, res, account)
  })

  router.post('/:uid/patient', form, async (req, res) => {
    const interaction = await consentOf(req, res)
    const { patient, text } = read(PATIENT, req.body)
    await orBackToApp(req, res, async () => {
      const wish = await wishOf(interaction)
      if (!needsPatient(wish.request)) throw new errors.InvalidRequest('no patient is to be chosen')
      if (patient === undefined) return showPatients({ req, res, interaction }, wish, text)
      await goOn(req, res, interaction, wish, await chosen(wish, patient))
    })
  })

  router.post('/:uid/consent', form, async (req, res) => {
    const interaction = await consentOf(req, res)
    const { patient, type, part, offline } = read(CONSENT, req.body)
    await orBackToApp(req, res, async () => {
      const wish = await wishOf(interaction)
      const offered = offerOf(wish, needsPatient(wish.request) ? await chosen(wish, patient ?? '') : undefined)
      const left = applyChoices(parseScopes(offered.scope), { types: new Set(type), parts: new Set(part) })
      const words = offered.scope
        .split(' ')
        .filter((word) => !word.includes('/') || word.startsWith('launch/'))
        .filter((word) => word !== 'offline_access' || offline !== undefined)
      if (left.length === 0 && parseScopes(offered.scope).length > 0)
        throw new errors.AccessDenied('the person refused everything that was asked for')
      await give(req, res, interaction, { ...offered, scope: [...words, ...left.map(({ text }) => text)].join(' ') })
    })
  })

  router.post('/:uid/cancel', async (req, res) => {
    const answer = { error: 'access_denied', error_description: 'the person cancelled' }
    const { params, session } = await detailsOf(req, res)
    happened(res, {
      ...{ code: 'app-refused', who: await personOf(session), client: String(params.client_id) },
      failed: answer.error_description,
    })
    await provider().interactionFinished(req, res, answer, { mergeWithLastSubmission: false })
  })

  /** Someone else is at this browser: the session ends, and the app's request begins anew. */
  router.post('/:uid/switch', async (req, res) => {
    const { session, params } = await detailsOf(req, res)
    if (session) await endSession(pool, session.uid)
    const again = new URLSearchParams(
      Object.entries(params).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    )
    res.redirect(303, `${addresses.issuer}/authorize?${again}`)
  })

  router.use(interactionErrors)
  return router

  function detailsOf(req: Request, res: Response): Promise<Interaction> {
    return provider().interactionDetails(req, res)
  }

  /** The interaction, if it is at the point where somebody has signed in. */
  async function consentOf(req: Request, res: Response): Promise<Interaction> {
    const interaction = await detailsOf(req, res)
    if (interaction.prompt.name !== 'consent') throw new errors.InvalidRequest('nobody has signed in yet')
    return interaction
  }

  /** What the person, or we, refuse is told to the app; everything else is a fault. */
  async function orBackToApp(req: Request, res: Response, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error
      const { error: code, error_description } = error
      const { params, session } = await detailsOf(req, res)
      happened(res, {
        ...{ code: 'app-refused', who: await personOf(session), client: String(params.client_id) },
        failed: error_description ?? code,
      })
      await provider().interactionFinished(req, res, { error: code, error_description })
    }
  }

  /** The next page, or the end: choose a patient, be asked, or be let through where nobody needs to be asked. */
  async function goOn(req: Request, res: Response, interaction: Interaction, wish: Wish, given?: ListedPatient) {
    const shown = { req, res, interaction }
    const patient = given ?? (await onlyPatient(wish))
    if (patient === undefined && needsPatient(wish.request)) return showPatients(shown, wish, '')
    const offered = offerOf(wish, patient)
    if (ownMetadataOf(wish.client).consent === 'implied') return give(req, res, interaction, offered)
    await showConsent(shown, wish, offered)
  }

  async function wishOf({ params, session }: Interaction): Promise<Wish> {
    const client = await provider().Client.find(String(params.client_id))
    const account = await findAccount(pool, session?.accountId ?? '', demo)
    if (!client || !account) throw new errors.AccessDenied('the client or the account has been removed')
    const use = launchUse(params, account)
    const launch = use && (await findLaunch(pool, use))
    if (use && !launch) throw unusable()
    const allowedScope = ownMetadataOf(client).allowed_scope
    const mayRefresh = client.grantTypeAllowed('refresh_token')
    const scope = String(params.scope ?? '')
    return { client, account, request: { scope, client: { allowedScope, mayRefresh }, account, launch } }
  }

  /** @throws AccessDenied where a patient lets their next of kin see nothing now */
  async function onlyPatient({ account, request }: Wish): Promise<ListedPatient | undefined> {
    if (!isKin(account) || !needsPatient(request)) return undefined
    const patient = await patientOfKin(people, account)
    if (!patient) throw new errors.AccessDenied('nobody shares anything with this person now')
    return patient
  }

  /** @throws AccessDenied for a patient whom this person may not see, or who is not there */
  async function chosen({ account }: Wish, patientId: string): Promise<ListedPatient> {
    const found = await people.findPatient(accessOf(account), patientId)
    if (!found) throw new errors.AccessDenied('no such patient')
    return found
  }

  /** Ends the interaction: uses the launch up, keeps what was given, and lets the library send the code. */
  async function give(req: Request, res: Response, interaction: Interaction, { scope, context }: Grant): Promise<void> {
    const { params, session } = interaction
    const account = await findAccount(pool, session?.accountId ?? '', demo)
    const use = account && launchUse(params, account)
    if (use && !(await takeLaunch(pool, use))) throw unusable()
    const grantId = await saveGrant(interaction, { scope, context }, account)
    // The library compares scopes word by word. What was granted may be narrower words than those asked for, so from
    // here on the request is for what was granted.
    interaction.params.scope = scope
    await interaction.persist()
    const event = {
      who: account?.fhirUser,
      client: String(params.client_id),
      login: account?.login,
      patient: context.patient,
      scope,
    }
    happened(res, { code: 'app-allowed', ...event })
    if (use) happened(res, { code: 'launch', ...event })
    await provider().interactionFinished(req, res, { consent: { grantId } })
  }

  /** Always a new grant: what it is for, and for which patient, holds for this one authorization. */
  async function saveGrant(
    { params, session }: Interaction,
    { scope, context }: Grant,
    account: Account | undefined,
  ): Promise<string> {
    const accountId = session?.accountId ?? ''
    const clientId = String(params.client_id)
    const grant = new (provider().Grant)({ accountId, clientId })
    grant.addOIDCScope(scope)
    // The answer names only what the grant holds for the resource, so `openid` and `launch/patient` stand there as well.
    grant.addResourceScope(addresses.fhirBase, scope)
    const grantId = await grant.save()
    await saveAuthorization(pool, {
      ...{ grantId, accountId, clientId, scope, context },
      ...{ accessType: accessTypeOf(scope), sessionUid: session?.uid, login: account?.login ?? {} },
    })
    return grantId
  }

  /** Who has signed in, if anybody has. */
  async function personOf(session: Interaction['session']): Promise<string | undefined> {
    return session?.accountId === undefined ? undefined : (await findAccount(pool, session.accountId, demo))?.fhirUser
  }

  /** Demo users are the only ones who come in by a click; everyone else comes from an identity provider. */
  async function demoAccount(body: { account?: unknown } | undefined): Promise<Account | undefined> {
    if (!demo) return undefined
    return (await listDemoAccounts(pool)).find(({ accountId }) => accountId === body?.account)
  }
}

/** What the person could be offered: everything that was asked for and may be had. @throws AccessDenied when that is nothing */
function offerOf({ request }: Wish, patient: ListedPatient | undefined): Grant {
  return decideGrant({ ...request, ...(patient ? { chosenPatient: patient.id } : {}) })
}

function launchUse({ launch, client_id }: Interaction['params'], { fhirUser }: Account) {
  return typeof launch === 'string' ? { launch, clientId: String(client_id), fhirUser } : undefined
}
const unusable = () => new errors.AccessDenied('the launch is used, expired or meant for somebody else')

/** @throws InvalidRequest for a form that our pages do not send */
function read<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const parsed = shape.safeParse(body ?? {})
  if (!parsed.success) throw new errors.InvalidRequest('the form is not one of this page')
  return parsed.data
}
