import { randomBytes } from 'node:crypto'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import type Provider from 'oidc-provider'
import { parseScopes } from '../access/scopes.ts'
import type { Pool } from '../db/pool.ts'
import { type Account, findAccount } from './accounts.ts'
import { OWN_CLIENT_ID, type OwnPage, ownPageOf } from './clients/own-client.ts'
import { appsPage } from './consent/apps-page.ts'
import { endSession, listAuthorizations, revokeAuthorization } from './consent/grants.ts'
import type { Addresses } from './discovery.ts'
import { happened } from './events.ts'
import type { KeptSignIns } from './federation/kept-sign-ins.ts'
import { logPage, type ReadLog } from './log-page.ts'
import { languageOf, pageHeaders } from './page.ts'
import type { People } from './people.ts'

type AccountPagesSettings = {
  provider: () => Provider
  pool: Pool
  addresses: Addresses
  demo: boolean
  people: People
  readLog: ReadLog
  keptSignIns: Pick<KeptSignIns, 'end'>
}
/** Entries of a page of the log. */
const LOG_COUNT = 30

type SignedIn = { account: Account; sessionUid: string }

/** `/account/apps`: what a person has allowed apps to do, and the way to take it back; `/account/log`: who has seen their record; `/account/logout`. */
export function accountPages(settings: AccountPagesSettings): Router {
  const { provider, pool, addresses, demo, people, readLog, keptSignIns } = settings
  const router = Router()
  const path = `${new URL(addresses.baseUrl).pathname.replace(/\/$/, '')}/account`

  router.get('/apps', async (req, res) => {
    // What the sign-in brings back has done its work: the session is there. It need not stand in the address.
    if (req.query.code !== undefined || req.query.error !== undefined) return res.redirect(303, `${path}/apps`)
    const person = await signedIn(req, res)
    if (!person) return res.redirect(303, signInUrl(addresses, 'apps'))
    const html = appsPage({
      language: languageOf(req.query.lang, req.get('accept-language')),
      personName: person.account.name,
      isPatient: patientOf(person.account) !== undefined,
      authorizations: await withPatients(person.account),
      revoked: req.query.revoked !== undefined,
      app: `${addresses.baseUrl}/apps/${isStaff(person.account) ? 'clinician/' : 'patient/data'}`,
      action: path,
    })
    res.set(pageHeaders()).send(html)
  })

  router.get('/log', async (req, res) => {
    if (req.query.code !== undefined || req.query.error !== undefined) return res.redirect(303, `${path}/log`)
    const person = await signedIn(req, res)
    if (!person) return res.redirect(303, signInUrl(addresses, 'log'))
    const { fhirUser } = person.account
    const patient = patientOf(person.account)
    const language = languageOf(req.query.lang, req.get('accept-language'))
    const to =
      typeof req.query.before === 'string' && !Number.isNaN(Date.parse(req.query.before)) ? req.query.before : undefined
    const log = patient === undefined ? undefined : await readLog({ patient, language, countMax: LOG_COUNT, to })
    if (patient !== undefined) happened(res, { code: 'log-read', who: fhirUser, client: OWN_CLIENT_ID, patient })
    res.set(pageHeaders()).send(logPage({ language, log }))
  })

  router.post(
    '/apps/revoke',
    ownPageOnly(addresses),
    express.urlencoded({ extended: false, limit: '4kb' }),
    async (req, res) => {
      const person = await signedIn(req, res)
      const grantId: unknown = req.body?.grant
      if (person && typeof grantId === 'string') {
        const { accountId, fhirUser } = person.account
        const withdrawn = await revokeAuthorization(pool, grantId, accountId)
        if (withdrawn) happened(res, { code: 'app-withdrawn', who: fhirUser, what: `Client/${withdrawn.clientId}` })
      }
      res.redirect(303, `${path}/apps?revoked`)
    },
  )

  router.post('/logout', ownPageOnly(addresses), async (req, res) => {
    const person = await signedIn(req, res)
    if (person) {
      await endSession(pool, person.sessionUid)
      await keptSignIns.end(person.account.fhirUser)
      happened(res, { code: 'logout', who: person.account.fhirUser })
    }
    res.redirect(303, `${addresses.baseUrl}/`)
  })
  return router

  /** Who this browser's session is of. */
  async function signedIn(req: Request, res: Response): Promise<SignedIn | undefined> {
    const { Session, createContext } = provider()
    const session = await Session.get(createContext.call(provider(), req, res))
    const account = session.accountId === undefined ? undefined : await findAccount(pool, session.accountId, demo)
    return account && { account, sessionUid: session.uid }
  }

  async function withPatients(account: Account) {
    const access = { actor: account.fhirUser, clientId: 'account', scopes: parseScopes('user/*.rs') }
    const given = await listAuthorizations(pool, account.accountId)
    return Promise.all(
      given.map(async (authorization) => {
        const { patient } = authorization.context
        if (patient === undefined) return { ...authorization, patientName: undefined }
        const isSelf = account.fhirUser === `Patient/${patient}`
        const found = isSelf ? account : await people.findPatient(access, patient)
        return { ...authorization, patientName: found?.name ?? `Patient/${patient}` }
      }),
    )
  }
}

const isStaff = ({ fhirUser }: Account): boolean => fhirUser.startsWith('Practitioner')

const patientOf = ({ fhirUser }: Account): string | undefined => /^Patient\/(.+)$/.exec(fhirUser)?.[1]

/** These pages sign people in as every app does; the code that comes back is not redeemed, for the session is all that they need. */
function signInUrl(addresses: Addresses, page: OwnPage): string {
  const url = new URL(`${addresses.issuer}/authorize`)
  const random = randomBytes(32).toString('base64url')
  const params = {
    ...{ response_type: 'code', client_id: OWN_CLIENT_ID, redirect_uri: ownPageOf(addresses, page), scope: 'openid' },
    ...{ aud: addresses.fhirBase, state: random, code_challenge: random, code_challenge_method: 'S256' },
  }
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  return url.href
}

/** No other site may send these forms; the cookie, which is SameSite=Lax, would not come along with them anyway. */
function ownPageOnly({ baseUrl }: Addresses): RequestHandler {
  return (req, res, next) => {
    const origin = req.get('origin')
    if (origin === undefined || origin === new URL(baseUrl).origin) return next()
    res.status(403).set(pageHeaders()).send('')
  }
}
