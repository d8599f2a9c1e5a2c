import { readSettings } from '../../launch/settings.ts'
import { beginSignIn, signInForDemo } from '../../launch/sign-in.ts'
import { addressOf, currentPlace } from '../../place/router.tsx'
import type { Me } from '../me.ts'
import { PATIENT_SCOPE } from './scope.ts'

/** At the server that somebody was signed in at; they come back to where they are. */
export async function signInAgain(me: Me): Promise<void> {
  const session = me.sessions.current()?.session
  if (!session) return
  if (session.isDemo) {
    // A demo that was begun anew has another patient, and nobody's measurements.
    if ((await me.enter(await signInForDemo(session, 'patient'), true)) === 'elsewhere') location.replace(addressOf(''))
    return
  }
  const { issuers } = await readSettings()
  const issuer = issuers.find(({ iss }) => iss === session.iss)
  const { path, query } = currentPlace()
  const returnTo = query.size > 0 ? `${path}?${query}` : path
  if (issuer) location.assign(await beginSignIn(issuer, { scope: PATIENT_SCOPE, returnTo }))
}
