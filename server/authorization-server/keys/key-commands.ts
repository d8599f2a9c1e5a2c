import express, { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { Refusal } from '../../core/fhir/outcome.ts'
import type { Pool } from '../../db/pool.ts'
import type { Bearer, Credentials } from '../authenticate.ts'
import { SERVER_SCOPES } from '../consent/decide-grant.ts'
import { happened } from '../events.ts'
import { listPublished, rotateKeys } from './keys.ts'
import type { Seal } from './seal.ts'

type KeyCommandsSettings = { pool: Pool; seal: Seal; bearer: (credentials: Credentials) => Promise<Bearer> }

const ROTATE = z.strictObject({ withdraw: z.boolean().default(false) })

/**
 * `GET /auth/keys`: which keys there are, since when they sign and until when they are published.
 * `POST /auth/keys` (`{"withdraw": true}` when they have become known): the next ones. Needs the scope `fylgje/key.rotate`.
 */
export function keyCommands({ pool, seal, bearer }: KeyCommandsSettings): Router {
  const router = Router()
  router.use(async (req, res, next) => {
    res.set('cache-control', 'no-store')
    if (await isAllowed(req, res)) next()
  })
  router.get('/', async (_req, res) => {
    res.json({ keys: await listPublished(pool) })
  })
  router.post('/', express.json({ limit: '1kb' }), async (req, res) => {
    const asked = ROTATE.safeParse(req.body ?? {})
    if (!asked.success) {
      res.status(400).json({ error: 'invalid_request', error_description: 'withdraw must be true or false' })
      return
    }
    await rotateKeys(pool, seal, asked.data)
    happened(res, { code: 'keys-rotated', who: res.locals.actor })
    res.json({ keys: await listPublished(pool) })
  })
  return router

  async function isAllowed(req: Request, res: Response): Promise<boolean> {
    const { authorization, dpop } = req.headers
    try {
      const { access, scope } = await bearer({
        ...{ authorization, method: req.method, path: req.baseUrl + req.path },
        dpop: typeof dpop === 'string' ? dpop : undefined,
      })
      res.locals.actor = access.actor
      if (scope.split(' ').includes(SERVER_SCOPES.keys)) return true
      happened(res, { code: 'keys-rotated', who: access.actor, failed: 'insufficient_scope' })
      res
        .status(403)
        .json({ error: 'insufficient_scope', error_description: `the scope ${SERVER_SCOPES.keys} is needed` })
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      happened(res, { code: 'keys-rotated', failed: 'invalid_token' })
      res.status(401).json({ error: 'invalid_token', error_description: error.message })
    }
    return false
  }
}
