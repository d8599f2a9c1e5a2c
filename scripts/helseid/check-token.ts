import { type Asked, boundTokens } from './bound-token.ts'
import { type Api, ORGNR_PARENT } from './helseid.ts'

export type { Asked } from './bound-token.ts'

/** @returns checks a request; the organisation that it comes from, or why it may not come */
export function tokenChecker(
  issuer: string,
  { audience, scope }: Api,
): (asked: Asked) => Promise<{ organization: string } | { error: string }> {
  const check = boundTokens(issuer)
  return async (asked) => {
    const checked = await check(asked, audience)
    if ('error' in checked) return checked
    const { claims } = checked
    if (!String(claims.scope).split(' ').includes(scope)) return { error: 'insufficient_scope' }
    const organization = claims[ORGNR_PARENT]
    return typeof organization === 'string' ? { organization } : { error: 'invalid_token' }
  }
}
