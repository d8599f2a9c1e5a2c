/**
 * A patient's app of somebody else's: signs a patient in, tells what is asked of them today, sends an oxygen saturation once, and waits for
 * how it was judged. docs/patient-apps.md explains it; nothing of this server is imported, so that it may be taken as it is.
 *
 *   CLIENT_ID=… REDIRECT_URI=http://127.0.0.1:8765/ node scripts/patient-app-example.ts http://localhost:8080/fhir 84
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'

const [base = '', spo2 = '96'] = process.argv.slice(2)
const { CLIENT_ID = '', REDIRECT_URI = 'http://127.0.0.1:8765/' } = process.env
const SCOPE = 'launch/patient patient/*.rs patient/Observation.c'

async function get<T>(url: string, options: RequestInit = {}): Promise<T> {
  const response = await fetch(url, options)
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Standalone launch with PKCE (SMART App Launch 2.2): the browser comes back to us with a code, which only we can redeem. */
async function signIn(): Promise<{ access_token: string; patient: string }> {
  type Smart = { authorization_endpoint: string; token_endpoint: string }
  const smart = await get<Smart>(`${base}/.well-known/smart-configuration`)
  const verifier = randomBytes(32).toString('base64url')
  const state = randomUUID()
  const asked = new URLSearchParams({
    ...{ response_type: 'code', client_id: CLIENT_ID, redirect_uri: REDIRECT_URI, scope: SCOPE, state, aud: base },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const back = new Promise<URLSearchParams>((resolve) => {
    const server = createServer((req, res) => {
      res.setHeader('connection', 'close').end('You may close this window.')
      server.close()
      resolve(new URL(req.url ?? '/', REDIRECT_URI).searchParams)
    }).listen(Number(new URL(REDIRECT_URI).port), '127.0.0.1')
  })
  console.log(`Open ${smart.authorization_endpoint}?${asked}`)
  const answer = await back
  if (answer.get('state') !== state) throw new Error('This answer is not to our request.')
  const code = answer.get('code')
  if (code === null) throw new Error(`Not signed in: ${answer.get('error_description') ?? answer.get('error')}`)
  const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, client_id: CLIENT_ID }
  return get(smart.token_endpoint, { method: 'POST', body: new URLSearchParams({ ...form, code_verifier: verifier }) })
}

const { access_token, patient } = await signIn()
const authorization = `Bearer ${access_token}`
type Part = { name: string; valueString?: string; valueInstant?: string; valueCode?: string; part?: Part[] }
type Bundle = {
  entry?: { resource: { investigation: object[]; finding?: { itemCodeableConcept: { text: string } }[] } }[]
}

const { parameter } = await get<{ parameter: Part[] }>(`${base}/Patient/${patient}/$schedule`, {
  headers: { authorization },
})
for (const { part = [] } of parameter.filter(({ name }) => name === 'occurrence')) {
  const said = (name: string) => part.find((one) => one.name === name)
  console.log(`${said('due')?.valueInstant} ${said('title')?.valueString}: ${said('state')?.valueCode}`)
}

// Saved with this number before it is sent, it is sent again after a crash, and stored once.
const id = `urn:uuid:${randomUUID()}`
const observation = await get<{ id: string }>(`${base}/Observation`, {
  method: 'POST',
  headers: {
    ...{ authorization, 'content-type': 'application/fhir+json', prefer: 'return=representation' },
    'if-none-exist': `identifier=urn:ietf:rfc:3986|${id}`,
  },
  body: JSON.stringify({
    ...{ resourceType: 'Observation', status: 'final', subject: { reference: `Patient/${patient}` } },
    identifier: [{ system: 'urn:ietf:rfc:3986', value: id }],
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
    effectiveDateTime: new Date().toISOString(),
    valueQuantity: { value: Number(spo2), unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  }),
})
console.log(`Sent as Observation/${observation.id}`)

for (let tries = 0; tries < 60; tries++) {
  const query = `patient=${patient}&investigation=Observation/${observation.id}`
  const { entry = [] } = await get<Bundle>(`${base}/ClinicalImpression?${query}`, { headers: { authorization } })
  const verdict = entry[0]?.resource.finding?.[0]?.itemCodeableConcept.text
  if (verdict !== undefined) {
    console.log(`Judged: ${verdict}`)
    process.exit(0)
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000))
}
throw new Error('It was not judged within a minute.')
