import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Express, type Router } from 'express'
import { type Authenticate, bearerChallenge, type Watch } from '../authorization-server/authenticate.ts'
import { Refusal, refuse, toOutcome } from '../core/fhir/outcome.ts'
import type { Pool } from '../db/pool.ts'
import { isUnavailable } from '../db/unavailable.ts'
import type { Rooms } from '../exchange.ts'
import type { Throttling } from '../throttling/throttling.ts'
import { cors } from './cors.ts'
import { fhirHandler, requestId } from './fhir.ts'
import { mountHealth, type Readiness } from './health.ts'
import { type Metrics, mountMetrics } from './metrics.ts'
import { nothingHere } from './nothing-here.ts'
import { recogniseWithin } from './recognise.ts'
import { protectAnswers, protectPages } from './security-headers.ts'
import { sendOutcome } from './send.ts'

export type AppRooms = {
  rooms: Rooms
  pool: Pool
  readiness: Readiness
  metrics: Metrics
  authorizationServer: {
    router: Router
    authenticate: Authenticate
    watch: Watch
    allowsOrigin: (origin: string) => Promise<boolean>
  }
  throttling: Throttling
  /** The implementation guide. */
  guide: Router
  /** CDS Hooks. */
  cdsServices: Router
  /** The apps by their names, `clinician`. */
  apps: { readonly [name: string]: Router }
  /** Whose `X-Forwarded-For` says where a request comes from. */
  trustedProxies: readonly string[]
  /** Who may show our pages in a frame. */
  frameAncestors: readonly string[]
  bodyBytesMax: number
}

const START_PAGE = fileURLToPath(new URL('../../smart-apps/start', import.meta.url))

/** The whole of what answers HTTP. Does not listen; `start.ts` does. */
export function createApp(given: AppRooms): Express {
  const { rooms, pool, readiness, metrics, authorizationServer, throttling, bodyBytesMax } = given
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', given.trustedProxies)
  app.use(protectAnswers(rooms.baseUrl))
  mountHealth(app, pool, readiness)
  mountMetrics(app, metrics)
  app.use(requestId, metrics.measure)
  app.use('/fhir', cors(authorizationServer.allowsOrigin))
  app.use(authorizationServer.router)
  const recognise = recogniseWithin(throttling, authorizationServer.authenticate)
  app.use('/fhir', fhirHandler(rooms, { recognise, watch: authorizationServer.watch }, bodyBytesMax), fhirErrors(rooms))
  app.use('/cds-services', given.cdsServices, fhirErrors(rooms))
  app.use(protectPages(given.frameAncestors))
  app.use('/docs/ig', given.guide)
  for (const [name, router] of Object.entries(given.apps)) app.use(`/apps/${name}`, router)
  app.use(express.static(START_PAGE, { index: 'index.html', maxAge: 0 }))
  app.use(nothingHere(new URL('.', rooms.baseUrl).href))
  app.use(fhirErrors(rooms))
  return app
}

/** The last middleware: whatever was thrown becomes an OperationOutcome. */
function fhirErrors(rooms: Rooms): ErrorRequestHandler {
  return (thrown, req, res, _next) => {
    const error = isUnavailable(thrown)
      ? refuse('transient', 'The database does not answer at the moment; try again.')
      : thrown
    const id = String(res.locals.requestId)
    const { status, outcome } = toOutcome(error, id)
    if (status === 500) rooms.reportFault(error, id)
    if (error instanceof Refusal && error.allowed) res.setHeader('Allow', error.allowed.join(', '))
    if (error instanceof Refusal && error.retryAfterSeconds)
      res.setHeader('Retry-After', String(error.retryAfterSeconds))
    if (status === 401) res.setHeader('WWW-Authenticate', bearerChallenge(req.headers.authorization))
    if (status === 403) res.setHeader('WWW-Authenticate', 'Bearer realm="fhir", error="insufficient_scope"')
    sendOutcome(rooms.definitions, res, status, outcome)
  }
}
