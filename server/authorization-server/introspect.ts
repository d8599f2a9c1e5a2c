import express, { type RequestHandler, Router } from 'express'
import type Provider from 'oidc-provider'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Bearer, Credentials } from './authenticate.ts'
import { SERVER_SCOPES } from './consent/decide-grant.ts'

type IntrospectSettings = {
  provider: () => Provider
  bearer: (credentials: Credentials) => Promise<Bearer>
}

/**
 * Token introspection for who comes with a bearer token instead of a client's secret, which SMART wants to be one of the
 * ways. Such a caller may look into the tokens of every client. Everyone else is left to the library.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html
 */
export function introspectionByBearer({ provider, bearer }: IntrospectSettings): Router {
  const router = Router()
  const isBearer: RequestHandler = (req, _res, next) =>
    next(/^(Bearer|DPoP) /i.test(req.get('authorization') ?? '') ? undefined : 'route')
  const form = express.urlencoded({ extended: false, limit: '8kb' })

  router.post('/auth/introspect', isBearer, form, async (req, res) => {
    res.set({ 'cache-control': 'no-store', pragma: 'no-cache' })
    const refused = await refusalOf(req)
    if (refused) {
      const { status, error, error_description } = refused
      res
        .status(status)
        .set('www-authenticate', `Bearer realm="auth", error="${error}"`)
        .json({ error, error_description })
      return
    }
    const token: unknown = req.body?.token
    if (typeof token !== 'string' || token === '') {
      res.status(400).json({ error: 'invalid_request', error_description: 'the parameter token is missing' })
      return
    }
    res.json(await introspect(token))
  })
  return router

  async function refusalOf(req: express.Request) {
    const { authorization, dpop } = req.headers
    try {
      const { scope } = await bearer({
        ...{ authorization, method: req.method, path: req.path },
        dpop: typeof dpop === 'string' ? dpop : undefined,
      })
      if (scope.split(' ').includes(SERVER_SCOPES.introspect)) return undefined
      const error_description = `the scope ${SERVER_SCOPES.introspect} is needed`
      return { status: 403, error: 'insufficient_scope', error_description }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: 401, error: 'invalid_token', error_description: error.message }
    }
  }

  async function introspect(value: string): Promise<object> {
    const { AccessToken, ClientCredentials, RefreshToken, Grant, issuer } = provider()
    const token =
      (await AccessToken.find(value)) ?? (await ClientCredentials.find(value)) ?? (await RefreshToken.find(value))
    if (!token?.isValid) return { active: false }
    const person = token.kind === 'ClientCredentials' ? undefined : token
    if (person && !(await Grant.find(person.grantId ?? ''))) return { active: false }
    const { clientId, scope, exp, iat, aud, extra = {}, jkt } = token as typeof token & Described
    return {
      ...extra,
      ...{ active: true, client_id: clientId, scope, exp, iat, iss: issuer },
      ...(aud ? { aud } : {}),
      ...(person ? { sub: person.accountId } : {}),
      ...(jkt ? { cnf: { jkt } } : {}),
      ...(token.kind === 'RefreshToken' ? {} : { token_type: jkt ? 'DPoP' : 'Bearer' }),
    }
  }
}

/** What the library's types do not say of all three kinds of token. */
type Described = { aud?: string; extra?: Record<string, unknown>; jkt?: string; iat?: number; exp?: number }
