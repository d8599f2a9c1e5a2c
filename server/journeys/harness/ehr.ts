import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { type ClientKey, newClientKey } from './smart-app.ts'

/** An EHR of another vendor after it has launched one of our apps: its keys, its user and its patients. */
export type TestEhr = {
  issuer: string
  /** An ID token for Kari as our app got it; `claims` and `key` make it wrong where a test wants that. */
  idToken: (claims?: object, key?: ClientKey) => Promise<string>
  /** What it signs a call of a CDS service with, at this address; `wrong` is what a test wants otherwise. */
  hookJwt: (endpoint: string, wrong?: { claims?: object; header?: object; key?: ClientKey }) => Promise<string>
  /** What it tells of its access token when it is asked: the launch's patient among it. */
  introspection: object
  stop: () => void
}

const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4'
const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1'
const RESOURCES: Record<string, object[]> = {
  'Practitioner/nurse': [{ system: HPR, value: '999000001' }],
  'Practitioner/kari': [{ system: HPR, value: '431001110' }],
  'Practitioner/twin': [{ system: HPR, value: '431001111' }],
  'Practitioner/numberless': [{ system: 'urn:other', value: '431001110' }],
  'Patient/p-line': [
    { system: 'urn:ehr', value: '7' },
    { system: FNR, value: '13116900216' },
  ],
  'Patient/p-unknown': [{ system: FNR, value: '01010000000' }],
  'Patient/p-numberless': [],
}

export async function startEhr(): Promise<TestEhr> {
  const key = await newClientKey('RS256', 'ehr-1')
  const server = createServer((req, res) => {
    const send = (status: number, body: object) => {
      res.statusCode = status
      res.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    }
    if (req.url === '/jwks') return send(200, { keys: [key.publicJwk] })
    if (req.headers.authorization !== 'Bearer at-kari') return send(401, {})
    if (req.url === '/introspect') return send(200, ehr.introspection)
    const [resourceType, id] = (req.url ?? '').replace('/fhir/', '').split('/')
    const identifier = RESOURCES[`${resourceType}/${id}`]
    return identifier ? send(200, { resourceType, id, identifier }) : send(404, { resourceType: 'OperationOutcome' })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ehr: TestEhr = {
    issuer,
    introspection: { active: true },
    idToken(claims = {}, signing = key) {
      const now = Math.floor(Date.now() / 1000)
      const usual = { iss: issuer, aud: 'fylgje-at-ehr', sub: 'u-17', iat: now, exp: now + 3600, name: 'Kari Nordlys' }
      return new SignJWT({ ...usual, fhirUser: `${issuer}/fhir/Practitioner/kari`, ...claims })
        .setProtectedHeader({ alg: signing.alg, kid: signing.kid })
        .sign(signing.privateKey)
    },
    hookJwt(endpoint, { claims = {}, header = {}, key: signing = key } = {}) {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: issuer, aud: endpoint, iat: now, exp: now + 60, jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: signing.alg, kid: signing.kid, typ: 'JWT', ...header })
        .sign(signing.privateKey)
    },
    stop: () => void server.close(),
  }
  return ehr
}
