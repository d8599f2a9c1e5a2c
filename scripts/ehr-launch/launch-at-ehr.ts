import * as openid from 'openid-client'

export type EhrLaunch = { iss: string; launch: string; clientId: string; scope: string }
/** What an EHR gives an app that it has launched. */
export type Launch = {
  accessToken: string
  idToken: string
  patient: string
  encounter: unknown
  claims: Record<string, unknown>
}

/** Nobody is there: the address only has to be one that codes are sent to. */
const REDIRECT_URI = 'http://127.0.0.1:9/launched'
const REDIRECT_COUNT_MAX = 10

/**
 * The EHR launch as an app does it: what `iss` says of itself, the authorization with the launch and its audience, the code, and the
 * token with its context. With openid-client, and without a browser: the EHR must ask its user nothing.
 * @throws Error where it shows a page
 * @see https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 */
export async function launchAtEhr({ iss, launch, clientId, scope }: EhrLaunch): Promise<Launch> {
  const configuration = await openid.discovery(new URL(iss), clientId, undefined, openid.None(), {
    execute: [openid.allowInsecureRequests],
  })
  const [state, nonce, pkceCodeVerifier] = [
    ...[openid.randomState(), openid.randomNonce(), openid.randomPKCECodeVerifier()],
  ] as [string, string, string]
  const url = openid.buildAuthorizationUrl(configuration, {
    ...{ redirect_uri: REDIRECT_URI, scope, state, nonce, launch, aud: iss },
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  })
  const back = await follow(url)
  const tokens = await openid.authorizationCodeGrant(configuration, back, {
    ...{ pkceCodeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
  })
  return {
    ...{ accessToken: tokens.access_token, idToken: tokens.id_token ?? '', claims: { ...tokens.claims() } },
    ...{ patient: String(tokens.patient), encounter: tokens.encounter },
  }
}

/** The way that a browser would be sent, to where the code arrives. */
async function follow(from: URL): Promise<URL> {
  let url = from
  for (let count = 0; count < REDIRECT_COUNT_MAX; count++) {
    if (url.href.startsWith(REDIRECT_URI)) return url
    const response = await fetch(url, { redirect: 'manual' })
    const location = response.headers.get('location')
    if (location === null)
      throw new Error(`${url.pathname} shows a page (${response.status}): ${await response.text()}`)
    url = new URL(location, url)
  }
  throw new Error('the redirects do not end')
}
