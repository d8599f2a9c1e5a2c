import type { OperationOutcome } from '@medplum/fhirtypes'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import { type Asked, tokenChecker } from './check-token.ts'
import type { Api } from './helseid.ts'

/** How a service behaves until it is told otherwise. */
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
export type Fault = { code: string; text: string; expression: string }

/** Longer than whoever asks waits. */
const SLOW_MILLISECONDS = 4_000

type Entered = { organization: string; mood: Mood }
/** Lets a caller in, or has answered already. `quietly` whatever its mood is, which then waits for the next. */
type Enter = ((req: Request, res: Response) => Promise<Entered | undefined>) & {
  quietly: (req: Request, res: Response) => Promise<{ organization: string } | undefined>
}
export type StandIn = {
  app: Express
  /** Before a handler that calls `enter`: the body as it came. */
  takes: RequestHandler
  enter: Enter
}

/**
 * What all stand-ins for services of Norsk helsenett are strict about: token, DPoP, who calls, form and size of what is sent; and a door by which
 * a test tells it how to behave, `PUT /control/moods {"standing", "next": []}`.
 * @param baseUrl its own, as callers see it
 */
export function standIn({
  issuer,
  baseUrl,
  api,
  bytesMax,
}: {
  issuer: string
  baseUrl: string
  api: Api
  bytesMax: number
}): StandIn {
  /** What comes next, one after the other; then `standing`. */
  const moods: { next: Mood[]; standing: Mood } = { next: [], standing: 'well' }
  const check = tokenChecker(issuer, api)
  const app = express()
  app.put('/control/moods', express.json(), (req, res) => {
    Object.assign(moods, req.body)
    res.status(204).end()
  })

  const askedBy = (req: Request): Asked => ({
    ...{ method: req.method, url: `${baseUrl}${req.path}` },
    ...{ authorization: req.get('authorization'), proof: req.get('dpop') },
  })

  async function recognise(req: Request, res: Response, mood: Mood): Promise<{ organization: string } | undefined> {
    const caller = mood === 'token-refusing' ? { error: 'invalid_token' } : await check(askedBy(req))
    if (!('error' in caller)) return caller
    res.set('www-authenticate', `DPoP error="${caller.error}", algs="ES256 PS256"`)
    refuse(res, caller.error === 'insufficient_scope' ? 403 : 401, [fault('1', caller.error, '')])
    return undefined
  }

  async function enter(req: Request, res: Response): Promise<Entered | undefined> {
    const mood = moods.next.shift() ?? moods.standing
    if (mood === 'down') return void req.socket.destroy()
    if (mood === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MILLISECONDS))
    if (mood === 'failing') return refuse(res, 500, [fault('3', 'Unexpected.', '')])
    if (mood === 'busy') return refuse(res.set('retry-after', '1'), 429, [fault('3', 'Too many.', '')])
    const caller = await recognise(req, res, mood)
    if (!caller) return undefined
    if (!req.get('nhn-source-system')) return refuse(res, 400, [fault('2.2', 'nhn-source-system is missing.', '')])
    if (!/^application\/fhir\+json\b/.test(req.get('content-type') ?? ''))
      return refuse(res, 415, [fault('2.4', 'application/fhir+json.', '')])
    if ((req.body as Buffer).length > bytesMax)
      return refuse(res, 413, [fault('2.4', `Larger than ${bytesMax} bytes.`, '')])
    return { ...caller, mood }
  }

  return {
    app,
    takes: express.raw({ type: () => true, limit: '20mb' }),
    enter: Object.assign(enter, { quietly: (req: Request, res: Response) => recognise(req, res, 'well') }),
  }
}

export const fault = (code: string, text: string, expression: string): Fault => ({ code, text, expression })

/** @returns undefined, so that whoever refuses can return it */
export function refuse(res: Response, status: number, faults: Fault[]): undefined {
  res
    .status(status)
    .type('application/fhir+json')
    .send(JSON.stringify(outcomeOf(faults)))
}

export const outcomeOf = (faults: Fault[]): OperationOutcome => ({
  resourceType: 'OperationOutcome',
  issue: faults.map(({ code, text, expression }) => ({
    ...{ severity: 'error', code: 'invalid' },
    details: { coding: [{ system: 'http://ehelse.no/fhir/CodeSystem/vkp-operation-outcome-v090', code }], text },
    ...(expression ? { expression: [expression] } : {}),
  })),
})

export function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
