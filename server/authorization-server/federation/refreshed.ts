import type { OneKept } from './kept-sign-ins.ts'

type Granted = { refresh_token?: string | undefined }

/**
 * What is granted for the refresh token of a kept sign-in; the token that comes in its place is kept. One that is taken no more is forgotten, unless the
 * person has signed in anew meanwhile: then theirs is used.
 * @param grant resolves to `over` for a refresh token that is taken no more
 * @returns undefined where they have not signed in, or must do so anew
 */
export async function refreshed<T extends Granted>(
  kept: OneKept,
  fhirUser: string,
  grant: (refreshToken: string) => Promise<T | 'over'>,
): Promise<T | undefined> {
  const tried = new Set<string>()
  for (;;) {
    const found = await kept.find(fhirUser)
    if (!found || tried.size > 1 || tried.has(found.refreshToken)) return undefined
    const { refreshToken } = found
    tried.add(refreshToken)
    const granted = await grant(refreshToken)
    if (granted === 'over') {
      await kept.forget(fhirUser, refreshToken)
      continue
    }
    if (granted.refresh_token && granted.refresh_token !== refreshToken)
      await kept.renew(fhirUser, refreshToken, granted.refresh_token)
    return granted
  }
}
