import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { base64url } from 'jose'

/**
 * As much of another vendor's EHR as launching an app takes (SMART App Launch 2.2): its configuration, a sign-in that asks nobody
 * anything, a token endpoint, and a FHIR API in which nothing is. It writes down what it is asked.
 */
export type ForeignSmartEhr = {
  /** The FHIR base. */
  iss: string
  /** The parameters of each request to its authorize endpoint. */
  authorizations: Record<string, string>[]
  /** The form of each request to its token endpoint. */
  redemptions: Record<string, string>[]
  /** What it does otherwise than it should, until `forget`. */
  wrong: { state?: (given: string) => string | undefined; error?: string; challengeMethods?: string[] }
  forget(): void
  stop(): void
}

export async function startForeignSmartEhr(): Promise<ForeignSmartEhr> {
  const server = createServer(async (req, res) => {
    const { pathname, searchParams } = new URL(req.url ?? '', ehr.iss)
    res.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', '*')
    const send = (status: number, body: object) => {
      res.statusCode = status
      res.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    }
    if (req.method === 'OPTIONS') return void res.end()
    if (pathname === '/fhir/.well-known/smart-configuration')
      return send(200, {
        ...{ authorization_endpoint: new URL('/authorize', ehr.iss), token_endpoint: new URL('/token', ehr.iss) },
        code_challenge_methods_supported: ehr.wrong.challengeMethods ?? ['S256'],
      })
    if (pathname === '/authorize') {
      const asked = Object.fromEntries(searchParams)
      ehr.authorizations.push(asked)
      const { state: change = (given: string) => given, error } = ehr.wrong
      const back = new URL(asked.redirect_uri ?? '')
      const state = change(asked.state ?? '')
      if (state !== undefined) back.searchParams.set('state', state)
      if (error === undefined) back.searchParams.set('code', `code-${ehr.authorizations.length}`)
      else back.searchParams.set('error', error)
      res.statusCode = 302
      return void res.setHeader('location', back.href).end()
    }
    if (pathname === '/token') {
      ehr.redemptions.push(Object.fromEntries(new URLSearchParams(await text(req))))
      return send(200, {
        ...{ access_token: `at-${ehr.redemptions.length}`, token_type: 'Bearer', expires_in: 3600 },
        ...{ scope: ehr.authorizations.at(-1)?.scope, patient: 'p-there', encounter: 'e-there' },
        id_token: `e30.${base64url.encode(JSON.stringify({ fhirUser: `${ehr.iss}/Practitioner/7` }))}.e30`,
      })
    }
    send(404, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const ehr: ForeignSmartEhr = {
    iss: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`,
    ...{ authorizations: [], redemptions: [], wrong: {} },
    forget() {
      Object.assign(ehr, { authorizations: [], redemptions: [], wrong: {} })
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
  return ehr
}
