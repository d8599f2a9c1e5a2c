import { readSettings } from '../../launch/settings.ts'
import { beginSignIn, demoUserOf, signInForDemo } from '../../launch/sign-in.ts'
import { addressOf, currentPlace } from '../../place/router.tsx'
import type { Me } from '../me.ts'
import { PATIENT_SCOPE } from './scope.ts'

/** At the server that somebody was signed in at; they come back to where they are. */
export async function signInAgain(me: Me): Promise<void> {
  const session = me.sessions.current()?.session
  if (!session) return
  if (session.isDemo) {
    // A demo that was begun anew has another patient, and nobody's measurements.
    if ((await me.enter(await signInForDemo(session, demoUserOf(session)), true)) === 'elsewhere')
      location.replace(addressOf(''))
    return
  }
  const { issuers } = await readSettings()
  const issuer = issuers.find(({ iss }) => iss === session.iss)
  const { path, query } = currentPlace()
  const returnTo = query.size > 0 ? `${path}?${query}` : path
  if (issuer) location.assign(await beginSignIn(issuer, { scope: PATIENT_SCOPE, returnTo }))
}

/** Whoever is next of kin of several goes on to another; what is not sent yet is asked about before it goes. */
export async function signInForAnother(me: Me): Promise<void> {
  const session = me.sessions.current()?.session
  const { issuers } = await readSettings()
  const issuer = issuers.find(({ iss }) => iss === session?.iss)
  if (issuer) location.assign(await beginSignIn(issuer, { scope: PATIENT_SCOPE, returnTo: '', isOtherPerson: true }))
}
