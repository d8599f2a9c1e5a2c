import { randomUUID } from 'node:crypto'
import { type Request, type RequestHandler, type Response, Router } from 'express'
import type { Access } from '../access/access.ts'
import type { VerifyEhrCall } from '../authorization-server/exchange/ehr-call.ts'
import type { Ehr } from '../authorization-server/exchange/trusted-ehr.ts'
import type { Card } from '../cds-hooks/cards.ts'
import { chooseLanguage } from '../core/decide/words/language.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import type { Exchange, Origin, Rooms, Route } from '../exchange.ts'
import { audited } from '../interactions/audited.ts'
import { findAll } from '../operations/find-all.ts'
import { cardsOfPlan } from './cards-of-plan.ts'
import { keepFeedback, rememberCards } from './feedback.ts'
import { readFollowUp } from './follow-up.ts'
import { homeMonitoringCard } from './home-monitoring-card.ts'
import { fetchMissing, type HookRequest, readHookRequest } from './hook-call.ts'
import { type CallerRooms, type HookCaller, recogniseCaller } from './hook-caller.ts'
import { renamed, reversed } from './renamed.ts'
import { seesWhole } from './sees-whole.ts'
import { type Offered, offeredServices } from './services.ts'

export type CdsRooms = {
  rooms: Rooms
  db: Queryable
  verify: VerifyEhrCall
  caller: CallerRooms
  /** As whom plans are read for discovery. */
  access: Access
  /** As callers see it, without a slash at the end. */
  baseUrl: string
  /** The body, parsed. @throws Refusal */
  readBody: (req: Request, res: Response) => Promise<unknown>
  /** Lets in whom `authenticate` names, not too often, and writes down whom it does not. @throws Refusal */
  letIn: (req: Request, res: Response, authenticate: () => Promise<Access>) => Promise<Access>
}

/** How long a plan that came into force may not be seen yet. */
const OFFERED_MILLISECONDS_MAX = 5_000

/** What the audit says was asked; the service is in its query. */
const ROUTE: Route = {
  ...{ method: 'POST', path: '$cds-hooks', letter: undefined, interaction: 'operation' },
  handler: () => Promise.reject(new Error('is run by the router')),
}

/**
 * CDS Hooks 2.0, to be mounted at `/cds-services`: discovery, a call for each service, feedback. Discovery is public, as it says nothing of
 * anybody; who calls proves by a JWT of their own which EHR they are, so that any page may call from a browser.
 * @see https://cds-hooks.hl7.org/2.0/
 */
export function cdsRouter(given: CdsRooms): Router {
  const { rooms, db, verify, baseUrl, readBody, letIn } = given
  const router = Router()
  let offered: Promise<Offered[]> | undefined
  let until = 0

  router.use(allowPages)
  router.get('/', async (_req, res) => {
    res.json({ services: (await services()).map(({ told }) => told) })
  })
  router.post('/:id', async (req, res) => {
    const service = await find(req)
    const ehr = await callerOf(req, res, `/${service.told.id}`)
    const request = readHookRequest(await readBody(req, res), service, ehr)
    const cards = await answer(service, ehr, request, { req, res })
    await rememberCards(db, cards, { service: service.told.id, issuer: ehr.trusted.issuer })
    res.set('Cache-Control', 'no-store').json({ cards })
  })
  router.post('/:id/feedback', async (req, res) => {
    const { told } = await find(req)
    const ehr = await callerOf(req, res, `/${told.id}/feedback`)
    await keepFeedback(db, await readBody(req, res), { service: told.id, issuer: ehr.trusted.issuer })
    res.json({})
  })
  router.all(['/', '/:id', '/:id/feedback'], ({ method, path }) => {
    const allowed = path === '/' ? ['GET'] : ['POST']
    const { issues } = refuse('not-supported', `${method} is not supported here; ${allowed.join(', ')} is.`)
    throw Object.assign(new Refusal(issues, 405), { allowed })
  })
  return router

  function services(): Promise<Offered[]> {
    const now = Date.now()
    if (offered && now < until) return offered
    until = now + OFFERED_MILLISECONDS_MAX
    const read = offeredServices(rooms, given.access)
    offered = read
    // What could not be read is not remembered.
    read.catch(() => {
      if (offered === read) offered = undefined
    })
    return read
  }

  async function callerOf(req: Request, res: Response, path: string): Promise<Ehr> {
    const ehr = { known: undefined as Ehr | undefined }
    await letIn(req, res, async () => {
      ehr.known = await verify(req.headers.authorization, `${baseUrl}/cds-services${path}`)
      const { issuer } = ehr.known.trusted
      return { actor: `Client/${issuer}`, clientId: issuer, clientName: issuer, scopes: [] }
    })
    if (!ehr.known) throw new Error('somebody was let in whom nobody has verified')
    return ehr.known
  }

  async function find({ params }: Request): Promise<Offered> {
    const service = (await services()).find(({ told }) => told.id === params.id)
    if (service) return service
    throw refuse(
      'not-found',
      `There is no CDS service ${params.id}; GET ${baseUrl}/cds-services tells those there are.`,
    )
  }

  async function answer(service: Offered, ehr: Ehr, request: HookRequest, http: { req: Request; res: Response }) {
    const { user, subject, accessToken } = request
    // Who looks at their own chart, or at that of a child, has our app for patients.
    if (!user) return []
    const caller = await recogniseCaller(ehr, { user, patient: subject, sent: request.data, accessToken }, given.caller)
    if (!caller) return []
    const asked = {
      ...{ access: caller.access, origin: originOf(http.req, http.res), method: 'POST', path: ROUTE.path },
      query: new URLSearchParams({ service: service.told.id }),
    }
    const reply = await audited(asked, withRoute(rooms), async (_match, inside) => {
      const exchange = exchangeOf(asked)
      const language = chooseLanguage(http.req.headers['accept-language'])
      const cards = await cardsFor(service, { exchange, inside, ehr, request, caller, language })
      return { status: 200, text: JSON.stringify(cards), isPlainJson: true }
    })
    return renamed(JSON.parse(reply.text ?? '[]') as Card[], reversed(caller.names))
  }

  async function cardsFor(
    { plan, hook }: Offered,
    { exchange, inside, ehr, request, caller, language }: Call,
  ): Promise<Card[]> {
    if (!plan) {
      const launchUrl = `${baseUrl}/apps/clinician/launch`
      const followUp = await readFollowUp(inside, exchange.access)
      return [homeMonitoringCard(followUp, { language, newId: randomUUID, launchUrl, baseUrl })].filter((one) => !!one)
    }
    // Whoever may not see the patient here learns nothing, not even that the patient is known.
    const seen = await findAll(inside, exchange.access, 'Patient', { _id: exchange.access.patient ?? '' }, 1)
    if (seen.length === 0) return []
    if (!(await seesWhole(inside, exchange.access, plan))) return []
    const read = [...request.data, ...(await fetchMissing(ehr, request))]
    const facts = read.filter(({ resourceType }) => resourceType !== 'Patient' && resourceType !== 'Practitioner')
    return cardsOfPlan(exchange, inside, {
      plan,
      hook,
      data: renamed(facts, caller.names),
      language,
      newId: randomUUID,
    })
  }
}

type Call = {
  exchange: Exchange
  inside: Rooms
  ehr: Ehr
  request: HookRequest
  caller: HookCaller
  language: ReturnType<typeof chooseLanguage>
}

const allowPages: RequestHandler = (req, res, next) => {
  res.set({ 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'X-Request-Id' })
  if (req.method !== 'OPTIONS') {
    next()
    return
  }
  res.set({
    'Access-Control-Allow-Methods': 'GET, POST',
    'Access-Control-Allow-Headers': 'Authorization, Content-Type, Accept-Language',
    'Access-Control-Max-Age': '600',
  })
  res.status(204).end()
}

const originOf = ({ ip }: Request, res: Response): Origin => ({
  request: String(res.locals.requestId),
  ...(ip ? { address: ip } : {}),
})

const exchangeOf = ({ access, origin }: { access: Access; origin: Origin }): Exchange => ({
  ...{ access, origin, type: '', id: '', versionId: '', query: new URLSearchParams(), headers: {}, body: undefined },
})

/** The same rooms, in which a call of a service is the one thing that can be asked. */
const withRoute = (rooms: Rooms): Rooms => Object.assign(Object.create(rooms) as Rooms, { routes: [ROUTE] })
