import type { Request, Response } from 'express'
import type Provider from 'oidc-provider'
import { parseScopes } from '../access/scopes.ts'
import type { Pool } from '../db/pool.ts'
import { type Account, findAccount, listDemoAccounts } from './accounts.ts'
import { offersOf } from './consent/choices.ts'
import { consentPage } from './consent/consent-page.ts'
import { accessTypeOf, type Grant } from './consent/decide-grant.ts'
import { LISTED_COUNT_MAX, patientPage } from './consent/patient-page.ts'
import type { Addresses } from './discovery.ts'
import type { ProviderName } from './federation/identity-provider.ts'
import { whoMaySignIn } from './finish-login.ts'
import type { LaunchContext } from './launch/launches.ts'
import { type ListedAccount, loginPage, whosePage } from './login-page.ts'
import { languageOf, pageHeaders } from './page.ts'
import { accessOf, isKin, patientOfKin, READ_ALL } from './patients-of-person.ts'
import type { People } from './people.ts'
import { interactionUrl } from './provider.ts'

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>
export type Client = NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>

/** The browser that is shown a page, and what it is here for. */
export type Shown = { req: Request; res: Response; interaction: Interaction }
/** Who wants it, and for which app. */
type For = { client: Client; account: Account }

export type InteractionSettings = {
  provider: () => Provider
  pool: Pool
  addresses: Addresses
  demo: boolean
  people: People
  /** Where people can prove who they are. */
  identityProviders: readonly ProviderName[]
}

export type InteractionPages = {
  /** Who are you; or, of one who has proven that, as whom do you go on. */
  showLogin(shown: Shown): Promise<void>
  /** Which patient. @param text what is searched for */
  showPatients(shown: Shown, whose: For, text: string): Promise<void>
  /** May the app have this. */
  showConsent(shown: Shown, whose: For, grant: Grant): Promise<void>
}

/** The pages between an app's request and its code. */
export function interactionPages(rooms: InteractionSettings): InteractionPages {
  const { provider, pool, addresses, demo, people, identityProviders } = rooms

  /** Whose next of kin each is: one person may be it for several. */
  const withPatients = (accounts: Account[]): Promise<ListedAccount[]> =>
    Promise.all(
      accounts.map(async (account) => {
        const patient = isKin(account) ? await patientOfKin(people, account) : undefined
        return patient ? { ...account, kinOf: patient.name } : account
      }),
    )

  /** Whom it is about; nobody alone when the app may see everybody whom the person may see. */
  async function shownPatient(scopes: ReturnType<typeof parseScopes>, { patient }: LaunchContext, account: Account) {
    if (patient === undefined || scopes.some(({ level }) => level !== 'patient')) return undefined
    if (account.fhirUser === `Patient/${patient}`) return { id: patient, name: account.name }
    const found = await people.findPatient({ actor: account.fhirUser, clientId: 'consent', scopes: READ_ALL }, patient)
    return { id: patient, name: found?.name ?? `Patient/${patient}` }
  }

  const frameOf = ({ req, interaction: { uid, params } }: Shown) => ({
    language: languageOf(req.query.lang ?? params.ui_locales, req.get('accept-language')),
    action: new URL(interactionUrl(addresses.issuer, uid)).pathname,
  })
  const appNameOf = ({ clientName, clientId }: Client) => clientName ?? clientId

  return {
    async showLogin(shown) {
      const { req, interaction } = shown
      const several = await Promise.all(whoMaySignIn(interaction).map((id) => findAccount(pool, id, demo)))
      if (several.length > 0) {
        const accounts = await withPatients(several.flatMap((account) => account ?? []))
        return send(shown, whosePage({ ...frameOf(shown), accounts }))
      }
      const clientId = String(interaction.params.client_id)
      const html = loginPage({
        ...frameOf(shown),
        appName: (await provider().Client.find(clientId))?.clientName ?? clientId,
        demoAccounts: demo ? await withPatients(await listDemoAccounts(pool)) : undefined,
        identityProviders,
        refused: req.query.refused,
      })
      send(shown, html)
    },

    async showPatients(shown, { client, account }, text) {
      const patients = await people.listPatients(accessOf(account), text, LISTED_COUNT_MAX + 1)
      send(shown, patientPage({ ...frameOf(shown), text, patients, appName: appNameOf(client) }))
    },

    async showConsent(shown, { client, account }, { scope, context }) {
      const scopes = parseScopes(scope)
      const words = scope.split(' ')
      const html = consentPage({
        ...frameOf(shown),
        appName: appNameOf(client),
        personName: words.includes('fhirUser') || words.includes('profile') ? account.name : undefined,
        patient: await shownPatient(scopes, context, account),
        offers: offersOf(scopes),
        accessType: accessTypeOf(scope),
        coversFuture: scopes.some(({ type }) => type === '*'),
      })
      send(shown, html)
    },
  }
}

/** `form-action` names the app, because the last form redirects to it. */
function send({ res, interaction }: Shown, html: string): void {
  res.set(pageHeaders([formTarget(String(interaction.params.redirect_uri))])).send(html)
}

/** What a Content-Security-Policy calls the place that a redirect URI is at: an origin, or a scheme for a native app. */
function formTarget(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri)
  return origin === 'null' ? protocol : origin
}
