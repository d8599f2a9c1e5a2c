import { randomBytes, timingSafeEqual } from 'node:crypto'
import express, { type NextFunction, type Request, type Response, Router } from 'express'
import { Refusal } from '../../core/fhir/outcome.ts'
import { inTransaction, type Pool } from '../../db/pool.ts'
import type { Bearer, Credentials } from '../authenticate.ts'
import { bearerHash } from '../bearer-hash.ts'
import { SERVER_SCOPES } from '../consent/decide-grant.ts'
import type { Addresses } from '../discovery.ts'
import { happened } from '../events.ts'
import {
  type ClientRegistration,
  findRegistration,
  hashSecret,
  listRegistrations,
  putClient,
  removeClient,
  type StoredClient,
} from './clients.ts'
import { parseRegistration, RegistrationRefusal, toResponse } from './registration-request.ts'

type RegistrationSettings = {
  pool: Pool
  addresses: Addresses
  demo: boolean
  /** With it clients are registered, before there is a client that may do so. */
  initialAccessToken: string | undefined
  bearer: (credentials: Credentials) => Promise<Bearer>
}

/** Who is not allowed in, in the words of RFC 6750. */
class Unauthorized extends Error {
  readonly status: 401 | 403
  constructor(status: 401 | 403, description: string) {
    super(description)
    this.status = status
  }
}

/**
 * Clients are registered by an administrator, who comes with the initial access token or with a token that has the scope
 * `fylgje/client.manage`; what is registered can then be read, replaced and removed by who has its registration token too.
 *
 *     POST   /auth/register               a client; its secret is told here, and never again
 *     GET    /auth/register               every client (administrator)
 *     GET    /auth/register/{client_id}   one
 *     PUT    /auth/register/{client_id}   replaced as a whole; keeps its id and its secret
 *     POST   /auth/register/{client_id}/secret   another secret; the old one ends at once
 *     DELETE /auth/register/{client_id}   and with it every token it has
 *
 * https://www.rfc-editor.org/rfc/rfc7591, https://www.rfc-editor.org/rfc/rfc7592
 */
export function clientRegistration({
  pool,
  addresses,
  demo,
  initialAccessToken,
  bearer,
}: RegistrationSettings): Router {
  const router = Router()
  const json = express.json({ limit: '64kb' })
  const { issuer } = addresses

  router.use((_req, res, next) => {
    res.set({ 'cache-control': 'no-store', pragma: 'no-cache' })
    next()
  })
  router.post('/', json, async (req, res) => {
    const registered_by = await administrator(req)
    const asked = parseRegistration(req.body)
    const secret = asked.token_endpoint_auth_method === 'client_secret_basic' ? newSecret() : undefined
    const registration = newSecret()
    const client: ClientRegistration = {
      ...asked,
      client_id: randomBytes(16).toString('hex'),
      secret_hash: secret === undefined ? null : hashSecret(secret),
      registration_hash: bearerHash(registration),
      ...{ registered_by, demo: false },
    }
    await putClient(pool, client)
    happened(res, { code: 'client-registered', who: registered_by, what: `Client/${client.client_id}` })
    const stored = await read(client.client_id)
    res.status(201).json({
      ...toResponse(stored, issuer),
      ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
      registration_access_token: registration,
    })
  })

  router.get('/', async (req, res) => {
    await administrator(req)
    const clients = await listRegistrations(pool, demo)
    res.json({ clients: clients.map((client) => toResponse(client, issuer)) })
  })

  router.get('/:clientId', async (req, res) => {
    res.json(toResponse(await allowed(req), issuer))
  })

  router.put('/:clientId', json, async (req, res) => {
    const before = await allowed(req)
    const body: unknown = req.body
    // RFC 7592 has the caller send back what was told; what is ours alone to say is left aside.
    const { client_id, client_id_issued_at: _, registration_client_uri: _2, ...rest } = isObject(body) ? body : {}
    if (client_id !== undefined && client_id !== before.client_id)
      throw new RegistrationRefusal('invalid_client_metadata', 'client_id: is not the one of this address')
    const asked = parseRegistration(rest)
    if (asked.token_endpoint_auth_method !== before.token_endpoint_auth_method)
      throw new RegistrationRefusal(
        'invalid_client_metadata',
        `token_endpoint_auth_method: stays ${before.token_endpoint_auth_method}; register another client to change it`,
      )
    await checkWidening(req, before, asked.allowed_scope)
    const { client_id: id, secret_hash, demo: isDemo, registered_by } = before
    await putClient(pool, { ...asked, client_id: id, secret_hash, demo: isDemo, registered_by })
    happened(res, {
      code: 'client-changed',
      who: res.locals.actor,
      what: `Client/${id}`,
      scope: asked.allowed_scope,
    })
    res.json(toResponse(await read(id), issuer))
  })

  router.post('/:clientId/secret', async (req, res) => {
    const client = await allowed(req)
    if (client.token_endpoint_auth_method !== 'client_secret_basic')
      throw new RegistrationRefusal('invalid_client_metadata', 'this client has no secret')
    const client_secret = newSecret()
    await putClient(pool, { ...client, secret_hash: hashSecret(client_secret) })
    happened(res, { code: 'client-changed', who: res.locals.actor, what: `Client/${client.client_id}` })
    res.json({ client_id: client.client_id, client_secret, client_secret_expires_at: 0 })
  })

  router.delete('/:clientId', async (req, res) => {
    const { client_id } = await allowed(req)
    await inTransaction(pool, (tx) => removeClient(tx, client_id))
    happened(res, { code: 'client-removed', who: res.locals.actor, what: `Client/${client_id}` })
    res.status(204).end()
  })

  router.use((error: Error & { status?: number }, _req: Request, res: Response, next: NextFunction) => {
    if (error instanceof Unauthorized) {
      happened(res, { code: 'client-changed', failed: error.message })
      const code = error.status === 401 ? 'invalid_token' : 'insufficient_scope'
      res
        .status(error.status)
        .set('www-authenticate', `Bearer realm="auth", error="${code}"`)
        .json({ error: code, error_description: error.message })
    } else if (error instanceof RegistrationRefusal)
      res.status(400).json({ error: error.error, error_description: error.message })
    else if (error.status !== undefined && error.status >= 400 && error.status < 500)
      res
        .status(error.status)
        .json({ error: 'invalid_client_metadata', error_description: 'the body cannot be read as JSON' })
    else next(error)
  })
  return router

  /** @returns who it is, for the register @throws Unauthorized for anybody who is no administrator */
  async function administrator(req: Request): Promise<string> {
    if (isInitial(tokenOf(req))) return actsAs(req, 'initial access token')
    const { authorization, dpop } = req.headers
    try {
      const { access, scope } = await bearer({
        ...{ authorization, method: req.method, path: req.baseUrl + req.path },
        dpop: typeof dpop === 'string' ? dpop : undefined,
      })
      if (scope.split(' ').includes(SERVER_SCOPES.clients)) return actsAs(req, access.actor)
    } catch (error) {
      if (error instanceof Refusal) throw new Unauthorized(401, error.message)
      throw error
    }
    throw new Unauthorized(403, `the scope ${SERVER_SCOPES.clients} is needed`)
  }

  /** The client of the address, for an administrator and for who has its registration token. Others do not learn whether it is there. */
  async function allowed(req: Request): Promise<StoredClient> {
    const clientId = String(req.params.clientId)
    const client = await findRegistration(pool, clientId, demo)
    if (client && isRegistrationOf(client, tokenOf(req))) {
      actsAs(req, `Client/${clientId}`)
      return client
    }
    await administrator(req)
    if (!client) throw new RegistrationRefusal('invalid_client_metadata', `no client has the id ${clientId}`)
    return client
  }

  /** Who has only the registration token cannot give the client more than an administrator has given it. */
  async function checkWidening(req: Request, { allowed_scope }: StoredClient, asked: string): Promise<void> {
    const before = new Set(allowed_scope.split(' '))
    if (asked.split(' ').some((word) => !before.has(word))) await administrator(req)
  }

  async function read(clientId: string): Promise<StoredClient> {
    const stored = await findRegistration(pool, clientId, demo)
    if (!stored) throw new Error(`client ${clientId} was registered and is not there`)
    return stored
  }

  function isInitial(token: string | undefined): boolean {
    return (
      initialAccessToken !== undefined &&
      token !== undefined &&
      isSame(bearerHash(token), bearerHash(initialAccessToken))
    )
  }
}

/** Who has been let in, for what is told of the request afterwards. */
function actsAs({ res }: Request, who: string): string {
  if (res) res.locals.actor = who
  return who
}

const tokenOf = (req: Request) => /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '')?.[1]
const isRegistrationOf = ({ registration_hash }: StoredClient, token: string | undefined) =>
  registration_hash !== null && token !== undefined && isSame(bearerHash(token), registration_hash)
const isSame = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
const newSecret = () => randomBytes(32).toString('base64url')
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
