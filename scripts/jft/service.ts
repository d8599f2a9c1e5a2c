import type { Bundle, OperationOutcome } from '@medplum/fhirtypes'
import express, { type Express, type Request, type Response } from 'express'
import { type Asked, tokenChecker } from '../helseid/check-token.ts'
import type { Api } from '../helseid/helseid.ts'
import { type Environment, type Fault, faultsIn } from './refuse-document.ts'

/** How the service behaves until it is told otherwise. */
export type Mood =
  | 'well'
  | 'down'
  | 'slow'
  | 'failing'
  | 'busy'
  | 'no-location'
  | 'wrong-status'
  | 'refusing'
  | 'token-refusing'
export type Received = {
  id: string
  identifier: string
  organization: string
  times: number
  status: string
  bundle: Bundle
}

export const JFT_API: Api = { audience: 'nhn:jft', scope: 'nhn:jft/api' }
const BYTES_MAX = 1_000_000
/** Longer than whoever asks waits. */
const SLOW_MILLISECONDS = 4_000

export type Service = { app: Express; received: Received[] }

/** The write and read API of JFT, and a door by which a test tells it how to behave. @param baseUrl its own, as callers see it */
export function jftService({
  issuer,
  baseUrl,
  environment,
}: {
  issuer: string
  baseUrl: string
  environment: Environment
}): Service {
  const received = new Map<string, Received>()
  /** What comes next, one after the other; then `standing`. */
  const moods: { next: Mood[]; standing: Mood } = { next: [], standing: 'well' }
  const check = tokenChecker(issuer, JFT_API)
  const app = express()

  app.get('/control/received', (_req, res) => void res.json([...received.values()]))
  app.put('/control/moods', express.json(), (req, res) => {
    Object.assign(moods, req.body)
    res.status(204).end()
  })

  app.post('/v1/Bundle', express.raw({ type: () => true, limit: '20mb' }), async (req, res) => {
    const mood = moods.next.shift() ?? moods.standing
    if (mood === 'down') return void req.socket.destroy()
    if (mood === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MILLISECONDS))
    if (mood === 'failing') return send(res, 500, [fault('3', 'Unexpected.', '')])
    if (mood === 'busy') return send(res.set('retry-after', '1'), 429, [fault('3', 'Too many.', '')])
    const caller = mood === 'token-refusing' ? { error: 'invalid_token' } : await check(askedBy(req))
    if ('error' in caller) {
      res.set('www-authenticate', `DPoP error="${caller.error}", algs="ES256 PS256"`)
      return send(res, caller.error === 'insufficient_scope' ? 403 : 401, [fault('1', caller.error, '')])
    }
    if (!req.get('nhn-source-system')) return send(res, 400, [fault('2.2', 'nhn-source-system is missing.', '')])
    if (!/^application\/fhir\+json\b/.test(req.get('content-type') ?? ''))
      return send(res, 415, [fault('2.4', 'application/fhir+json.', '')])
    const body = req.body as Buffer
    if (body.length > BYTES_MAX) return send(res, 413, [fault('2.4', 'Larger than 1 MB.', '')])
    const bundle = parsed(body)
    const faults =
      mood === 'refusing' ? [fault('2.1', 'Ukjent pasient.', 'Composition.subject')] : faultsIn(bundle, environment)
    if (faults.length > 0) return send(res, 400, faults)
    const kept = keep(bundle as Bundle, caller.organization)
    if (mood === 'no-location') return void res.status(202).end()
    if (mood === 'wrong-status') return void res.status(200).set('location', `/v1/Bundle/${kept.id}`).end()
    res.status(202).set('location', `${baseUrl}/v1/Bundle/${kept.id}`).end()
  })

  /** Each look finds it a step further. */
  app.get('/v1/Bundle/:id/\\$status', async (req, res) => {
    const caller = await check(askedBy(req))
    if ('error' in caller) return send(res, 401, [fault('1', caller.error, '')])
    const found = [...received.values()].find(({ id }) => id === req.params.id)
    if (!found || found.organization !== caller.organization) return send(res, 404, [fault('2', 'Not known.', '')])
    found.status = found.status === 'registered' ? 'read' : 'journaled'
    res.json({ status: found.status })
  })

  /** The same document twice is the same document. */
  function keep(bundle: Bundle, organization: string): Received {
    const identifier = String(bundle.identifier?.value)
    const known = received.get(`${organization} ${identifier}`)
    if (known) {
      known.times += 1
      return known
    }
    const made = { id: String(received.size + 1), identifier, organization, times: 1, status: 'registered', bundle }
    received.set(`${organization} ${identifier}`, made)
    return made
  }

  const askedBy = (req: Request): Asked => ({
    ...{ method: req.method, url: `${baseUrl}${req.path}` },
    ...{ authorization: req.get('authorization'), proof: req.get('dpop') },
  })
  return {
    app,
    get received() {
      return [...received.values()]
    },
  }
}

const fault = (code: string, text: string, expression: string): Fault => ({ code, text, expression })

function send(res: Response, status: number, faults: Fault[]): void {
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: faults.map(({ code, text, expression }) => ({
      ...{ severity: 'error', code: 'invalid' },
      details: { coding: [{ system: 'http://ehelse.no/fhir/CodeSystem/vkp-operation-outcome-v090', code }], text },
      ...(expression ? { expression: [expression] } : {}),
    })),
  }
  res.status(status).type('application/fhir+json').send(JSON.stringify(outcome))
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
