import type { OperationOutcome } from '@medplum/fhirtypes'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import type { JWTPayload } from 'jose'
import type { CheckToken } from '../helseid/bound-token.ts'
import { type Attested, attestedIn } from './attest-faults.ts'
import { CLAIMS } from './helseid.ts'

/** Who calls an API for health personnel, and why, as the token tells it. */
export type Caller = { claims: JWTPayload; attested: Attested | undefined; scopes: string[]; organization: string }

const ERROR_CODES = 'http://nhn.no/hit/fhir/error/CodeSystem/ErrorCode'

/** As these services tell of an error: its code in a header too. */
export function fail(res: Response, status: number, code: string, text: string): void {
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: [
      {
        ...{ severity: 'error', code: status === 404 ? 'not-found' : status < 500 ? 'invalid' : 'exception' },
        ...{ diagnostics: text, details: { coding: [{ system: ERROR_CODES, code }] } },
      },
    ],
  }
  res.set('nhn-error-code', code).status(status).type('application/fhir+json').send(JSON.stringify(outcome))
}

type Demand = { audience: string; anyScope: readonly string[]; baseUrl: string; check: CheckToken }

/**
 * Lets those in whose token is right: bound to their key, for this API and scope; of a person at level 4 with their number, for an organisation, and
 * with an attest where it is demanded.
 */
export function forPersonnel({ audience, anyScope, baseUrl, check }: Demand, isAttested: boolean): RequestHandler {
  return async (req: Request, res: Response, next: NextFunction) => {
    const checked = await check(
      {
        ...{ method: req.method, url: `${baseUrl}${req.path}` },
        ...{ authorization: req.get('authorization'), proof: req.get('dpop') },
      },
      audience,
    )
    if ('error' in checked) {
      res.set('www-authenticate', `DPoP error="${checked.error}", algs="ES256 PS256"`)
      return fail(res, 401, 'AUTH-0001', `The token is not taken: ${checked.error}.`)
    }
    const { claims } = checked
    const scopes = String(claims.scope).split(' ')
    if (!scopes.some((scope) => anyScope.includes(scope))) return fail(res, 403, 'AUTH-0002', 'The scope is missing.')
    if (claims[CLAIMS.securityLevel] !== '4') return fail(res, 403, 'AUTH-0005', 'Security level 4 is required.')
    if (typeof claims[CLAIMS.pid] !== 'string') return fail(res, 403, 'AUTH-0006', 'The token is of no person.')
    const organization = claims[CLAIMS.legalEntity]
    if (typeof organization !== 'string') return fail(res, 403, 'AUTH-0007', 'The token is for no organisation.')
    const attested = attestedIn(claims)
    if (isAttested && !attested) return fail(res, 403, 'AUTH-0008', 'The token has no attest of the trust framework.')
    res.locals.caller = { claims, attested, scopes, organization } satisfies Caller
    next()
  }
}

export const callerOf = (res: Response): Caller => res.locals.caller as Caller

/** `nhn-source-system`: 3 to 512 characters. @returns whether it is there; else it has been answered */
export function hasSourceSystem(req: Request, res: Response): boolean {
  const said = req.get('nhn-source-system') ?? ''
  if (said.length >= 3 && said.length <= 512) return true
  fail(res, 400, 'AUTH-0003', 'nhn-source-system must have 3 to 512 characters.')
  return false
}

export const ACCESS_BASES: ReadonlySet<string> = new Set([
  ...['UNNTAK', 'SAMTYKKE', 'FORHOYET_SAMTYKKE', 'AKUTT', 'FORHOYET_AKUTT'],
])
export const isRaised = (basis: string | undefined): boolean => basis?.startsWith('FORHOYET_') ?? false

/** Whose data are asked for stands in a header; it must be whom the attest is about. @returns the number; undefined: it has been answered */
export function patientAsked(req: Request, res: Response): string | undefined {
  const number = req.get('nhn-patient-nin') ?? ''
  if (!/^\d{11}$/.test(number)) {
    fail(res, 400, 'AUTH-0004', 'nhn-patient-nin must be a national identity number.')
    return undefined
  }
  const { attested } = callerOf(res)
  if (attested && attested.patient !== number) {
    fail(res, 403, 'AUTH-0009', 'The attest is about another patient.')
    return undefined
  }
  return number
}
