// Launches us from an EHR simulator that is not ours, SMART Health IT's launcher, and exchanges what it gave for our token:
// `node scripts/ehr-launch/run.ts http://127.0.0.1:8445 [port of its patients, 8446]`. The launcher is started by hand beside it, with
// FHIR_SERVER_R4=http://127.0.0.1:8446 (https://github.com/smart-on-fhir/smart-launcher-v2). Ends with 1 where a step fails.
import { registerClient } from '../../server/journeys/harness/smart-app.ts'
import { startServer } from '../../server/journeys/harness/start-server.ts'
import { launchAtEhr } from './launch-at-ehr.ts'
import { launchCode } from './launch-code.ts'
import { servePeople } from './people.ts'

const [simulator = 'http://127.0.0.1:8445', peoplePort = '8446'] = process.argv.slice(2)
const iss = `${simulator}/v/r4/fhir`
const CLIENT_ID = 'fylgje-at-ehr'
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type'

const told = (step: string, found: unknown) => console.log(`${step}: ${JSON.stringify(found)}`)
function mustBe(step: string, found: unknown, expected: unknown): void {
  told(step, found)
  if (JSON.stringify(found) === JSON.stringify(expected)) return
  throw new Error(`${step}: ${JSON.stringify(expected)} was expected`)
}

// The demo's nurse and Line, as another EHR has them: by its own ids, and by the numbers that mean the same everywhere.
const people = await servePeople(Number(peoplePort), { hpr: '999000001', fnr: '13116900216' })
// The exchange without introspection; with it, it is shown by federated-login.test.ts.
const ehrHere = { issuer: iss, fhirBase: iss, clientId: CLIENT_ID, jwksUri: `${simulator}/keys` }
const trusted = [{ ...ehrHere, patients: 'any-shown' }]
const server = await startServer({ env: { TRUSTED_EHRS: JSON.stringify(trusted) } })
try {
  const launch = launchCode({ patient: people.patient, provider: people.practitioner, encounter: people.encounter })
  const ehr = await launchAtEhr({ iss, launch, clientId: CLIENT_ID, scope: 'launch openid fhirUser patient/*.rs' })
  mustBe('launched for the patient of the EHR', ehr.patient, people.patient)
  mustBe('with its encounter', ehr.encounter, people.encounter)
  told('ID token', ehr.claims)

  const client = await registerClient(server.baseUrl, {
    ...{ client_name: 'Kliniker-app', grant_types: [TOKEN_EXCHANGE], scope: 'patient/*.rs user/Task.rs' },
  })
  const exchange = async (form: Record<string, string>) => {
    const response = await fetch(`${server.baseUrl}/auth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.client_id}:${client.client_secret}`)}` },
      body: new URLSearchParams({
        ...{ grant_type: TOKEN_EXCHANGE, scope: 'launch patient/*.rs user/Task.rs' },
        ...{ subject_token: ehr.idToken, subject_token_type: `${TOKEN_TYPE}:id_token` },
        ...{ actor_token: ehr.accessToken, actor_token_type: `${TOKEN_TYPE}:access_token`, patient: ehr.patient },
        ...form,
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const { status, body } = await exchange({})
  mustBe('exchanged for our token', [status, body.patient, body.error_description], [200, 'demo-line', undefined])

  const get = async (path: string) => {
    const response = await fetch(`${server.fhir}/${path}`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    })
    return { status: response.status, body: (await response.json()) as { identifier?: object[]; total?: number } }
  }
  const line = await get('Patient/demo-line')
  const isSame = JSON.stringify(line.body.identifier).includes('13116900216')
  mustBe('the same patient by the national number', [line.status, isSame], [200, true])
  mustBe('no other patient', (await get('Patient?_total=accurate')).body.total, 1)

  const wrong = async (name: string, form: Record<string, string>) => {
    const refused = await exchange(form)
    mustBe(name, [refused.status, refused.body.error], [400, 'invalid_grant'])
    told('because', refused.body.error_description)
  }
  await wrong('another patient is refused', { patient: 'nobody' })
  await wrong('a changed ID token is refused', { subject_token: `${ehr.idToken.slice(0, -4)}AAAA` })
  people.numbers = []
  await wrong(`an EHR that tells no national numbers is refused`, {})
  console.log('every step went well')
} finally {
  await server.dispose()
  people.stop()
}
