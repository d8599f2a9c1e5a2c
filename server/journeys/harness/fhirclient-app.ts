import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

/** An app as its users would write it with the library fhirclient: a page that launches, and a page that is launched. */
export type FhirclientApp = {
  origin: string
  launchUri: string
  redirectUri: string
  /** Which client it is, and what it asks for; to be set when it is registered. */
  options: { clientId: string; scope: string }
  stop: () => void
}

/** What the app found, as its page tells it. */
export type FhirclientFound = {
  patient: string | null
  fhirUser: string | null
  family: string
  tokenBefore: string
  tokenAfter: string
  familyAfter: string
}

const BUNDLE = createRequire(import.meta.url).resolve('fhirclient/build/fhir-client.js')
const page = (script: string) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script src="/fhir-client.js"></script><script>${script}</script>`
const FOUND = `FHIR.oauth2.ready().then(async (client) => {
  const familyOf = async () => (await client.patient.read()).name[0].family
  const family = await familyOf()
  const tokenBefore = client.state.tokenResponse.access_token
  await client.refresh()
  const tokenAfter = client.state.tokenResponse.access_token
  return { patient: client.patient.id, fhirUser: client.user.fhirUser, family, tokenBefore, tokenAfter, familyAfter: await familyOf() }
}).then((found) => { document.title = 'found'; document.body.textContent = JSON.stringify(found) },
  (error) => { document.title = 'failed'; document.body.textContent = String(error && error.stack || error) })`

export async function startFhirclientApp(): Promise<FhirclientApp> {
  const bundle = await readFile(BUNDLE)
  const options = { clientId: '', scope: '' }
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://app')
    if (pathname === '/fhir-client.js') return void res.setHeader('content-type', 'text/javascript').end(bundle)
    res.setHeader('content-type', 'text/html')
    if (pathname === '/launch')
      res.end(page(`FHIR.oauth2.authorize(${JSON.stringify({ ...options, redirectUri: '/app' })})`))
    else if (pathname === '/app') res.end(page(`addEventListener('DOMContentLoaded', () => { ${FOUND} })`))
    else res.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ origin, launchUri: `${origin}/launch`, redirectUri: `${origin}/app`, options },
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
