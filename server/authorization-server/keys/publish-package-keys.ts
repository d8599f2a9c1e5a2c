import type { RequestHandler } from 'express'
import { JWKS_KEPT_SECONDS } from './keys.ts'
import type { PackageKeys } from './package-keys.ts'

export const PACKAGE_KEYS_PATH = '/auth/package-keys'

/** A JWK Set: whoever takes in a package from here finds the key that signed it. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export const publishPackageKeys =
  (keys: PackageKeys): RequestHandler =>
  async (_req, res) => {
    res
      .set({ 'access-control-allow-origin': '*', 'cache-control': `public, max-age=${JWKS_KEPT_SECONDS}` })
      .type('application/jwk-set+json')
      .send(JSON.stringify({ keys: await keys.published() }))
  }
