import type { Request, RequestHandler } from 'express'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { bearerHash } from './bearer-hash.ts'

/** More than any refresh request needs; a larger one is the library's to refuse. */
const BYTES_MAX = 16 * 1024
const FORM = 'application/x-www-form-urlencoded'

/**
 * A public client refreshes with nothing but its refresh token: RFC 6749 has no `client_id` among the parameters of this request, and
 * the most used library, fhirclient, sends none. The library behind the token endpoint wants every client to name itself, so the name is put
 * in for it here. It is no secret; a client that has one, or a key, must still prove it.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export function publicRefresh(pool: Pool): RequestHandler {
  return async (req, _res, next) => {
    const { method, headers } = req
    if (method !== 'POST' || headers.authorization !== undefined || !headers['content-type']?.startsWith(FORM))
      return next()
    const form = new URLSearchParams(await peek(req))
    const token = form.get('refresh_token')
    if (form.get('grant_type') !== 'refresh_token' || token === null || NAMED.some((name) => form.has(name)))
      return next()
    const clientId = await publicClientOf(pool, token)
    if (clientId !== undefined) {
      form.set('client_id', clientId)
      replace(req, form.toString())
    }
    next()
  }
}

/** By which a client says who it is. */
const NAMED = ['client_id', 'client_assertion']

/** The client that a refresh token was given to, where it has nothing by which it could prove that. */
async function publicClientOf(pool: Pool, token: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ client_id: string }>(sql`
    SELECT client.client_id FROM oidc_artifact token JOIN oauth_client client ON client.client_id = token.payload->>'clientId'
     WHERE token.model = 'RefreshToken' AND token.id = ${bearerHash(token)}
       AND client.token_endpoint_auth_method = 'none'`)
  return rows[0]?.client_id
}

/**
 * The body, which stays to be read by whoever comes next: the library reads it itself, and advises against a parser before it.
 * @returns empty for one whose length is not told or too much
 */
function peek(req: Request): Promise<string> {
  const length = Number(req.headers['content-length'])
  if (!(length > 0 && length <= BYTES_MAX)) return Promise.resolve('')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let received = 0
    const finish = () => {
      req.off('readable', take).off('error', reject).off('close', finish)
      resolve(Buffer.concat(chunks).toString())
    }
    const take = () => {
      for (let chunk: Buffer | null = req.read(); chunk !== null; chunk = received < length ? req.read() : null) {
        chunks.push(chunk)
        received += chunk.length
      }
      if (received < length) return
      // In the same turn: once the end has been told, nothing can be put back.
      req.unshift(Buffer.concat(chunks))
      finish()
    }
    req.on('readable', take).on('error', reject).on('close', finish)
  })
}

function replace(req: Request, body: string): void {
  req.read()
  const bytes = Buffer.from(body)
  req.headers['content-length'] = String(bytes.length)
  req.unshift(bytes)
}
