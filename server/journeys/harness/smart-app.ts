import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { Browser } from './browser.ts'

type Form = Record<string, string>
export type TokenResponse = {
  access_token: string
  token_type: string
  expires_in: number
  scope: string
  refresh_token?: string
  id_token?: string
  patient?: string
  encounter?: string
  need_patient_banner?: boolean
  smart_style_url?: string
  error?: string
  error_description?: string
}

/** What the person does on the pages between the app's request and its code. */
export type Person = {
  /** Whom they sign in as. */
  account?: string
  /** Whom they choose, where a patient must be chosen. */
  patient?: string
  /** What they untick on the consent page: `Observation`, `Observation|vital-signs`, `offline`. */
  untick?: string[]
  /** Reads the consent page and does nothing. */
  stayAtConsent?: boolean
}

/** A key of a client, and the public half that it registers. */
export type ClientKey = { alg: string; kid: string; privateKey: CryptoKey; publicJwk: JWK }
export async function newClientKey(alg: string, kid: string = randomUUID()): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** An app as a test kit plays it: independent of the server's code, and as strict as the standard lets it be. */
export class SmartApp {
  readonly baseUrl: string
  readonly clientId: string
  readonly redirectUri: string
  readonly secret: string | undefined
  readonly key: ClientKey | undefined

  constructor(
    server: { baseUrl: string },
    client: { client_id: string; redirect_uri?: string; client_secret?: string; key?: ClientKey },
  ) {
    this.baseUrl = server.baseUrl
    this.clientId = client.client_id
    this.redirectUri = client.redirect_uri ?? ''
    this.secret = client.client_secret
    this.key = client.key
  }

  get tokenUrl(): string {
    return `${this.baseUrl}/auth/token`
  }

  /** Sends the browser to the authorize endpoint, and the person through our pages. @returns where the browser ends, and the verifier */
  async authorize(
    params: Record<string, string | undefined>,
    person: Person = {},
    { browser = new Browser(), method = 'GET' }: { browser?: Browser; method?: 'GET' | 'POST' } = {},
  ): Promise<{ url: URL; state: string; verifier: string; html: string }> {
    const verifier = randomBytes(32).toString('base64url')
    const state = randomUUID()
    const all = {
      ...{ response_type: 'code', client_id: this.clientId, redirect_uri: this.redirectUri, state },
      ...{ aud: `${this.baseUrl}/fhir`, code_challenge: challengeOf(verifier), code_challenge_method: 'S256' },
      ...params,
    }
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
    const address = new URL(`${this.baseUrl}/auth/authorize`)
    if (method === 'GET') for (const [name, value] of given) address.searchParams.set(name, value)
    const { response, url } = await browser.open(address, this.baseUrl, method === 'POST' ? given : undefined)
    const end = await answerPages(browser, this.baseUrl, response, url, person)
    return { ...end, state, verifier }
  }

  /** From the authorize request to the tokens. */
  async launch(
    params: Record<string, string | undefined>,
    person: Person = {},
    options: { browser?: Browser; method?: 'GET' | 'POST' } = {},
  ): Promise<TokenResponse> {
    const { url, verifier } = await this.authorize(params, person, options)
    const response = await this.redeem(url.searchParams.get('code') ?? '', verifier)
    return (await response.json()) as TokenResponse
  }

  redeem(code: string, code_verifier: string, form: Form = {}): Promise<Response> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.redirectUri,
      code_verifier,
      ...form,
    })
  }

  refresh(refresh_token: string, form: Form = {}): Promise<Response> {
    return this.token({ grant_type: 'refresh_token', refresh_token, ...form })
  }

  /** A request to the token endpoint, with the proof of the client that it was registered with. */
  async token(form: Form, headers: Record<string, string> = {}): Promise<Response> {
    return this.post('/auth/token', form, headers)
  }

  async post(path: string, form: Form, headers: Record<string, string> = {}): Promise<Response> {
    const proof = await this.proof()
    return fetch(this.baseUrl + path, {
      method: 'POST',
      headers: { ...proof.headers, ...headers },
      body: new URLSearchParams({ ...proof.form, ...form }),
    })
  }

  private async proof(): Promise<{ form: Form; headers: Record<string, string> }> {
    if (this.key) {
      const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
      return { form: { client_assertion_type, client_assertion: await this.assertion() }, headers: {} }
    }
    if (this.secret === undefined) return { form: { client_id: this.clientId }, headers: {} }
    const authorization = `Basic ${Buffer.from(`${this.clientId}:${this.secret}`).toString('base64')}`
    return { form: {}, headers: { authorization } }
  }

  /** A client assertion as SMART has it; `claims` and `header` make it wrong where a test wants that. */
  async assertion(claims: object = {}, header: object = {}, key = this.key): Promise<string> {
    if (!key) throw new Error('this client has no key')
    const now = Math.floor(Date.now() / 1000)
    const { clientId: iss, tokenUrl: aud } = this
    return new SignJWT({ iss, sub: iss, aud, exp: now + 300, iat: now, jti: randomUUID(), ...claims })
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
      .sign(key.privateKey)
  }

  /** What FHIR answers to this token. */
  fhir(tokens: TokenResponse | undefined, path: string): Promise<Response> {
    const headers: Record<string, string> = tokens ? { authorization: `Bearer ${tokens.access_token}` } : {}
    return fetch(`${this.baseUrl}/fhir/${path}`, { headers })
  }
}

export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url')

/** Answers login, patient picker and consent as the person would, until the browser leaves for the app or a page tells an error. */
export async function answerPages(browser: Browser, origin: string, first: Response, at: URL, person: Person) {
  let [response, url, html] = [first, at, await first.text()]
  for (let page = 0; page < 5 && response.status === 200 && url.origin === origin; page++) {
    const form = answerTo(html, person)
    if (!form) break
    ;({ response, url } = await browser.open(new URL(form.action, url), origin, form.fields))
    html = await response.text()
  }
  return { url, html }
}

type Answer = { action: string; fields: [string, string][] }
function answerTo(html: string, { account, patient, untick = [], stayAtConsent }: Person): Answer | undefined {
  const action = (name: string) => new RegExp(`action="([^"]+/${name})"`).exec(html)?.[1]
  const [login, choose, consent] = [action('login'), action('patient'), action('consent')]
  if (login !== undefined) return account === undefined ? undefined : { action: login, fields: [['account', account]] }
  if (choose !== undefined)
    return patient === undefined ? undefined : { action: choose, fields: [['patient', patient]] }
  if (consent === undefined || stayAtConsent) return undefined
  return {
    action: consent,
    fields: fieldsOf(html).filter(([name, value]) => !untick.includes(value) && !untick.includes(name)),
  }
}

/** What the form of the consent page would send as it stands. */
function fieldsOf(html: string): [string, string][] {
  return [...html.matchAll(/<input type="(?:hidden|checkbox)" name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))],
  )
}

/** Registers a client as an administrator of a demo server would. */
export async function registerClient(
  baseUrl: string,
  metadata: object,
): Promise<{ client_id: string; client_secret?: string; registration_access_token: string }> {
  const token = await adminToken(baseUrl, 'fylgje/client.manage')
  const response = await fetch(`${baseUrl}/auth/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(metadata),
  })
  if (response.status !== 201) throw new Error(`not registered: ${await response.text()}`)
  return (await response.json()) as { client_id: string; client_secret?: string; registration_access_token: string }
}

/** @param scope one of the server's own, such as fylgje/launch.create */
export async function adminToken(baseUrl: string, scope: string): Promise<string> {
  const response = await fetch(`${baseUrl}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('demo-admin:demo-admin-secret').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}
