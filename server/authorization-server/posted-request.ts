import { randomBytes } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

const LIFETIME_SECONDS = 600
const PARAMETER = 'posted'

/**
 * Authorization requests that come by POST, as SMART's `authorize-post` has them for scopes that are too long for an
 * address. The form is kept for ten minutes and the browser sent on to a short address: a browser sends its cookies with
 * that, and not with a POST from another site, so that nobody has to sign in twice and cookies need no SameSite=None.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html#obtain-authorization-code
 */
export function postedRequests(pool: Pool, issuer: string): Router {
  const router = Router()
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: '64kb' })

  router.post('/auth/authorize', form, async (req: Request, res: Response) => {
    const id = randomBytes(16).toString('base64url')
    const query = typeof req.body === 'string' ? req.body : ''
    await pool.query(sql`
      INSERT INTO oidc_artifact (model, id, payload, expires_at)
      VALUES ('PostedRequest', ${id}, ${{ query }}, now() + make_interval(secs => ${LIFETIME_SECONDS}))`)
    res.set('cache-control', 'no-store').redirect(303, `${issuer}/authorize?${PARAMETER}=${id}`)
  })

  router.get('/auth/authorize', async (req: Request, _res: Response, next: NextFunction) => {
    const [path = '', search = ''] = req.url.split(/\?(.*)/s)
    const posted = new URLSearchParams(search).get(PARAMETER)
    const query = new URLSearchParams(posted === null ? search : await find(posted))
    const rewritten = `${path}?${withConsent(query)}`
    req.originalUrl = req.originalUrl.slice(0, req.originalUrl.length - req.url.length) + rewritten
    req.url = rewritten
    next()
  })
  return router

  async function find(id: string): Promise<string> {
    const { rows } = await pool.query<{ query: string }>(sql`
      SELECT payload->>'query' AS query FROM oidc_artifact
       WHERE model = 'PostedRequest' AND id = ${id} AND expires_at > now()`)
    return rows[0]?.query ?? ''
  }
}

/** OpenID Connect has offline_access asked for by `prompt=consent`, which SMART apps do not send; the library obeys OpenID. */
function withConsent(query: URLSearchParams): URLSearchParams {
  const [prompt, ...more] = query.getAll('prompt')
  const words = (prompt ?? '').split(' ').filter(Boolean)
  const wants = query.getAll('scope').join(' ').split(' ').includes('offline_access')
  if (wants && more.length === 0 && !words.includes('none') && !words.includes('consent'))
    query.set('prompt', [...words, 'consent'].join(' '))
  return query
}
