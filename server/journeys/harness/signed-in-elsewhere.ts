import { exportJWK } from 'jose'
import { Browser } from './browser.ts'
import { startIdentityProvider, type TestIdentityProvider } from './identity-provider.ts'
import { type ClientKey, newClientKey, SmartApp } from './smart-app.ts'

type Provider = { name: 'helseid' | 'idporten'; issuer: string }

/** Chooses a way to sign in on the login page, and follows the browser to the provider and back. */
export async function signInAt(smart: SmartApp, { name, issuer }: Provider, scope: string, browser = new Browser()) {
  const { html, verifier } = await smart.authorize({ scope, prompt: 'login' }, {}, { browser })
  const link = new RegExp(`href="([^"]+/federated/${name})"`).exec(html)?.[1]
  if (link === undefined) throw new Error(`no link to ${name} in ${html}`)
  const { url } = await browser.open(new URL(link, smart.baseUrl), smart.baseUrl)
  const { url: back } = await new Browser().open(url, issuer)
  const end = await comeBackTo(smart.baseUrl, browser, back)
  return { ...end, back, verifier, html: await end.response.text() }
}

/** Goes on where the browser of the harness rests because an address bears a code: this one is for our own server. */
export async function comeBackTo(baseUrl: string, browser: Browser, back: URL) {
  let end = await browser.open(back, baseUrl)
  while (end.response.headers.has('location') && end.url.pathname.startsWith('/interaction/'))
    end = await browser.open(end.url, baseUrl)
  return end
}

export async function privateJwk({ privateKey, kid, alg }: ClientKey) {
  return { ...(await exportJWK(privateKey)), kid, alg } as { kty: 'RSA'; kid: string; alg: string; d: string }
}

/** A HelseID beside a server that will be at `baseUrl`. */
export async function startHelseIdFor(baseUrl: string) {
  const key = await newClientKey('PS256')
  const helseid: TestIdentityProvider = await startIdentityProvider({
    ...{ dialect: 'helseid', clientId: 'fylgje-helseid', clientJwk: key.publicJwk },
    redirectUri: `${baseUrl}/interaction/federated`,
  })
  const env = {
    ...{ HELSEID_ISSUER: helseid.issuer, HELSEID_CLIENT_ID: 'fylgje-helseid' },
    HELSEID_KEY: JSON.stringify(await privateJwk(key)),
  }
  return {
    env,
    stop: () => helseid.stop(),
    /** The access token of whoever has this HPR number, for our own app. */
    async tokenOf(hprNumber: string, scope: string): Promise<string> {
      helseid.person = {
        sub: `hpr-${hprNumber}`,
        'helseid://claims/identity/security_level': '4',
        'helseid://claims/hpr/hpr_number': hprNumber,
      }
      const app = { client_id: 'fylgje-apps', redirect_uri: `${baseUrl}/apps/clinician/` }
      const smart = new SmartApp({ baseUrl }, app)
      const { url, verifier, html } = await signInAt(smart, { name: 'helseid', issuer: helseid.issuer }, scope)
      const response = await smart.redeem(url.searchParams.get('code') ?? '', verifier)
      const { access_token } = (await response.json()) as { access_token?: string }
      if (access_token === undefined) throw new Error(`not signed in: ${url} ${html}`)
      return access_token
    },
  }
}
