import { randomBytes } from 'node:crypto'
import type { DocumentReference, OperationOutcome, Parameters, ParametersParameter } from '@medplum/fhirtypes'
import request from 'supertest'
import { syntheticOrganisasjonsnummer } from '../demo/organisasjonsnummer.ts'
import { Browser } from './harness/browser.ts'
import { demoSession } from './harness/demo-session.ts'
import { startKjernejournal, type TestKjernejournal } from './harness/kjernejournal.ts'
import { classesOf, privacyConsent } from './harness/privacy-consent.ts'
import { privateJwk, signInAt } from './harness/signed-in-elsewhere.ts'
import { newClientKey, SmartApp } from './harness/smart-app.ts'
import { freePort, type RunningServer, startServer } from './harness/start-server.ts'

/** Of Responssenteret in the demo, for which the nurse signs in. */
const ORGANIZATION = syntheticOrganisasjonsnummer(1)
/** A nurse of the demo who signs in by HelseID, as the other does not. */
const NURSE = {
  sub: 'jonas',
  'helseid://claims/identity/pid': '05073500186',
  'helseid://claims/identity/security_level': '4',
  'helseid://claims/hpr/hpr_number': '999000002',
}
const LINE = 'Patient/demo-line'

let kjernejournal: TestKjernejournal
let server: RunningServer
const tokens = { nurse: '', narrow: '', demoNurse: '', patient: '', service: '' }

beforeAll(async () => {
  const [key, port] = [await newClientKey('PS256'), await freePort()]
  const baseUrl = `http://localhost:${port}`
  kjernejournal = await startKjernejournal(key.publicJwk, `${baseUrl}/interaction/federated`)
  const { url } = kjernejournal
  const settings = {
    ...{ documentsUrl: url, criticalInformationUrl: url, portalSessionUrl: url, portalUrl: `${url}/portal` },
    ...{ sourceSystem: 'Fylgje 1.0', healthcareService: 'S03', timeoutSeconds: 2, laboratoryUrl: `${url}/pps` },
  }
  server = await startServer({
    env: {
      ...{ PORT: String(port), HELSEID_ISSUER: kjernejournal.issuer, HELSEID_CLIENT_ID: 'fylgje-helseid' },
      ...{
        HELSEID_KEY: JSON.stringify(await privateJwk(key)),
        HELSEID_ORGANIZATION: `${ORGANIZATION}:${ORGANIZATION}`,
      },
      ...{ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64url'), KJERNEJOURNAL: JSON.stringify(settings) },
    },
  })
  tokens.service = await server.token()
  tokens.demoNurse = await demoSession(server, 'nurse')
  tokens.patient = await demoSession(server, 'patient')
  tokens.nurse = await signIn()
})
afterAll(async () => {
  await server?.dispose()
  await kjernejournal?.stop()
})
beforeEach(() => kjernejournal.behave('well'))

async function signIn({ browser = new Browser(), scope = 'openid fhirUser user/*.cruds' } = {}): Promise<string> {
  await kjernejournal.signsIn(NURSE)
  const { baseUrl } = server
  const smart = new SmartApp({ baseUrl }, { client_id: 'fylgje-apps', redirect_uri: `${baseUrl}/apps/clinician/` })
  const { url, verifier, html } = await signInAt(
    smart,
    { name: 'helseid', issuer: kjernejournal.issuer },
    scope,
    browser,
  )
  const response = await smart.redeem(url.searchParams.get('code') ?? '', verifier)
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (!token) throw new Error(`not signed in: ${url} ${html}`)
  return token
}

const ask = (path: string, given: Record<string, string | boolean> = {}, as: keyof typeof tokens = 'nurse') =>
  request(server.baseUrl)
    .post(`/fhir/${path}`)
    .set('Authorization', `Bearer ${tokens[as]}`)
    .type('application/fhir+json')
    .send({
      resourceType: 'Parameters',
      ...(Object.keys(given).length > 0
        ? {
            parameter: Object.entries(given).map(([name, value]) =>
              typeof value === 'boolean' ? { name, valueBoolean: value } : { name, valueString: value },
            ),
          }
        : {}),
    })
const WHY = { purpose: 'TREAT', basis: 'consent' }
const named = ({ parameter = [] }: Parameters, name: string): ParametersParameter[] =>
  parameter.filter((one) => one.name === name)
const documentsIn = (found: Parameters) =>
  named(found, 'document').map(({ part = [] }) => {
    const of = (name: string) => part.find((one) => one.name === name)
    return {
      reference: of('reference')?.resource as DocumentReference,
      names: Object.fromEntries(
        ['document', 'community', 'repository'].map((name) => [name, of(name)?.valueString ?? '']),
      ),
    }
  })
const refusedBy = ({ body }: { body: OperationOutcome }) => body.issue?.[0]

test('whoever has signed in by HelseID can look; whoever came another way is told to sign in so', async () => {
  const status = async (as: keyof typeof tokens) =>
    ((await ask(`${LINE}/$kjernejournal-status`, {}, as).expect(200)).body as Parameters).parameter
  expect(await status('nurse')).toEqual([
    { name: 'connected', valueBoolean: true },
    { name: 'signed-in', valueBoolean: true },
  ])
  expect(await status('demoNurse')).toEqual([
    { name: 'connected', valueBoolean: true },
    { name: 'signed-in', valueBoolean: false },
  ])
  const refused = await ask(`${LINE}/$kjernejournal`, WHY, 'demoNurse').expect(422)
  expect(refusedBy(refused)).toMatchObject({ code: 'business-rule', diagnostics: expect.stringContaining('HelseID') })
})

test('documents of others and critical information are found, with how many are blocked, and the look is attested and audited', async () => {
  const before = (await kjernejournal.seen()).length
  const { body } = await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  expect(documentsIn(body).map(({ reference }) => reference.description)).toEqual([
    'Epikrise, lungeavdelingen',
    'Spirometri',
    'Henvisning fra fastlege',
  ])
  expect(named(body, 'blocked')).toEqual([{ name: 'blocked', valueInteger: 1 }])
  expect(named(body, 'critical').map(({ resource }) => resource?.resourceType)).toEqual([
    'AllergyIntolerance',
    'Condition',
  ])
  expect(JSON.stringify(body)).not.toContain('psykiatri')
  const looks = (await kjernejournal.seen()).slice(before)
  expect(looks).toHaveLength(4)
  for (const look of looks) expect(look).toMatchObject({ organization: ORGANIZATION, purpose: 'TREAT' })
  expect(looks.find(({ path }) => path.endsWith('/_search'))).not.toHaveProperty('basis')
  expect(looks.find(({ path }) => path.endsWith('/Condition'))).toMatchObject({ basis: 'SAMTYKKE' })
  const { body: log } = await request(server.baseUrl)
    .get(`/fhir/AuditEvent?patient=${LINE}&subtype=operation&_sort=-date&_count=1`)
    .set('Authorization', `Bearer ${tokens.service}`)
    .expect(200)
  expect(JSON.stringify(log.entry[0].resource)).toContain('kjernejournal')
  expect(log.entry[0].resource.purposeOfEvent[0].coding[0].code).toBe('TREAT')
})

test('documents of one group are found; one is opened as it was written, and nothing of it stays', async () => {
  const { body: found } = await ask(`${LINE}/$kjernejournal`, { ...WHY, type: 'A00-1' }).expect(200)
  const [first, ...others] = documentsIn(found)
  expect(others).toEqual([])
  const { body: binary } = await ask(`${LINE}/$kjernejournal-document`, { ...WHY, ...first?.names }).expect(200)
  expect(binary).toMatchObject({ resourceType: 'Binary', contentType: expect.stringContaining('text/plain') })
  expect(Buffer.from(binary.data, 'base64').toString()).toContain('KOLS-forverring')
  expect(binary.id).toBeUndefined()
})

test('a copy is filed where that is asked for, and is open to those to whom the patient’s documents are', async () => {
  const { body: found } = await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  const [first] = documentsIn(found)
  const given = { ...WHY, ...first?.names, keep: true, title: 'Epikrise, lungeavdelingen' }
  const { body: kept } = await ask(`${LINE}/$kjernejournal-document`, given).expect(201)
  expect(kept).toMatchObject({
    ...{ resourceType: 'DocumentReference', subject: { reference: LINE }, custodian: { display: 'Kjernejournal' } },
    identifier: [{ value: 'urn:oid:1.2.840.4711.815.1.1' }],
  })
  const read = (as: keyof typeof tokens) =>
    request(server.baseUrl)
      .get(`/fhir/${kept.content[0].attachment.url}`)
      .set('Authorization', `Bearer ${tokens[as]}`)
      .set('Accept', 'application/fhir+json')
  expect(Buffer.from((await read('nurse').expect(200)).body.data, 'base64').toString()).toContain('KOLS-forverring')

  // The answer was lost, and the button is pressed again.
  const again = await Promise.all([1, 2].map(() => ask(`${LINE}/$kjernejournal-document`, given)))
  expect(again.map(({ status, body }) => [status, body.id])).toEqual([
    [200, kept.id],
    [200, kept.id],
  ])
})

const answersIn = (body: Parameters) => named(body, 'answer').map(({ resource }) => resource?.id)

test('laboratory answers of others are found, the newest first, with the ground; what is blocked by a raised one alone', async () => {
  const before = (await kjernejournal.seen()).length
  const { body } = await ask(`${LINE}/$kjernejournal-laboratory`, WHY).expect(200)
  expect(answersIn(body)).toEqual(['svar-1', 'crp', 'kreatinin'])
  const looks = (await kjernejournal.seen()).slice(before)
  expect(looks.map(({ path }) => path).sort()).toEqual(['/pps/DiagnosticReport/_search', '/pps/Observation/_search'])
  for (const look of looks) expect(look).toMatchObject({ organization: ORGANIZATION, basis: 'SAMTYKKE' })
  const { body: raised } = await ask(`${LINE}/$kjernejournal-laboratory`, { ...WHY, basis: 'raised-consent' })
  expect(answersIn(raised)).toEqual(['svar-1', 'crp', 'svar-2', 'kreatinin'])
  const since = { ...WHY, since: '2026-06-01' }
  expect(answersIn((await ask(`${LINE}/$kjernejournal-laboratory`, since)).body)).toEqual(['svar-1', 'crp'])
  const refused = await ask(`${LINE}/$kjernejournal-laboratory`, { ...WHY, since: 'last week' }).expect(400)
  expect([refusedBy(refused)?.code, refusedBy(refused)?.expression]).toEqual(['value', ['since']])
})

test('an answer that says by number that it is somebody else’s is not shown, and that something is missing is', async () => {
  await kjernejournal.behave('mixed-up')
  const { body } = await ask(`${LINE}/$kjernejournal-laboratory`, WHY).expect(200)
  expect(answersIn(body)).toEqual(['svar-1', 'crp', 'kreatinin'])
  expect(named(body, 'incomplete')).toEqual([{ name: 'incomplete', valueCode: 'Observation' }])
})

test('of laboratory answers too a part takes the other not away, and when nothing can be had it is said why', async () => {
  await kjernejournal.behave('well', 'failing')
  const { body } = await ask(`${LINE}/$kjernejournal-laboratory`, WHY).expect(200)
  expect(named(body, 'missing')).toHaveLength(1)
  await kjernejournal.behave('busy')
  const refused = await ask(`${LINE}/$kjernejournal-laboratory`, WHY).expect(429)
  expect(refusedBy(refused)).toMatchObject({ code: 'throttled', diagnostics: 'Pasientens prøvesvar answered 429.' })
})

test('the portal opens with the patient, once', async () => {
  const { body } = await ask(`${LINE}/$kjernejournal-portal`, WHY).expect(200)
  const address = named(body, 'url')[0]?.valueUrl ?? ''
  expect((await fetch(address)).status).toBe(200)
  expect((await fetch(address)).status).toBe(403)
})

test('the portal shows what $kjernejournal finds, and so takes the same scopes', async () => {
  tokens.narrow = await signIn({ scope: 'openid fhirUser user/Patient.rs user/DocumentReference.rs' })
  const before = (await kjernejournal.seen()).length
  for (const operation of ['$kjernejournal', '$kjernejournal-portal', '$kjernejournal-laboratory'])
    expect(refusedBy(await ask(`${LINE}/${operation}`, WHY, 'narrow').expect(403))?.code).toBe('forbidden')
  expect(await kjernejournal.seen()).toHaveLength(before)
})

test('nobody looks to whom the patient has closed anything, until it is opened', async () => {
  const closing = privacyConsent(LINE, { type: 'deny', class: classesOf('DocumentReference') })
  const asService = (method: 'post' | 'put' | 'delete', path: string, body?: object) =>
    request(server.baseUrl)
      [method](`/fhir/${path}`)
      .set('Authorization', `Bearer ${tokens.service}`)
      .type('application/fhir+json')
      .send(body)
  const { body: consent } = await asService('post', 'Consent', closing).expect(201)
  const before = (await kjernejournal.seen()).length
  const names = { document: '1.2.3', community: 'urn:oid:1.2', repository: '1.2.3' }
  for (const [operation, given] of [
    ['$kjernejournal', WHY],
    ['$kjernejournal', { purpose: 'ETREAT', basis: 'emergency' }],
    ['$kjernejournal-document', { ...WHY, ...names }],
    ['$kjernejournal-portal', WHY],
    ['$kjernejournal-laboratory', WHY],
  ] as const)
    expect(refusedBy(await ask(`${LINE}/${operation}`, given).expect(403))?.code).toBe('suppressed')
  expect(await kjernejournal.seen()).toHaveLength(before)

  const reason = 'The patient asks me to look, and consents.'
  const { body: task } = await ask(`${LINE}/$open-restricted`, { basis: 'consent', reason }).expect(201)
  await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  await asService('put', `Task/${task.id}`, { ...task, status: 'rejected' }).expect(200)
  await ask(`${LINE}/$kjernejournal`, WHY).expect(403)
  await asService('delete', `Consent/${consent.id}`)
  await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
})

test.each([
  ['without a purpose', { basis: 'consent' }, 'nurse', 400, 'required', 'purpose'],
  ['for a purpose that is none', { ...WHY, purpose: 'CURIOUS' }, 'nurse', 400, 'value', 'purpose'],
  ['on a ground that is none', { ...WHY, basis: 'hunch' }, 'nurse', 400, 'value', 'basis'],
  ['with the glass broken by who needs not', { ...WHY, purpose: 'BTG' }, 'nurse', 400, 'value', 'purpose'],
  ['by the patient', WHY, 'patient', 403, 'forbidden', undefined],
  ['by a system', WHY, 'service', 403, 'forbidden', undefined],
] as const)('%s nobody looks', async (_case, given, as, status, code, expression) => {
  const before = (await kjernejournal.seen()).length
  const refused = await ask(`${LINE}/$kjernejournal`, given, as).expect(status)
  expect([refusedBy(refused)?.code, refusedBy(refused)?.expression?.[0]]).toEqual([code, expression])
  expect(await kjernejournal.seen()).toHaveLength(before)
})

test('a part that cannot be had does not take away the other; when nothing can be had it is said why', async () => {
  // The first that is asked is answered wrongly, whichever it is.
  await kjernejournal.behave('well', 'failing')
  const { body } = await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  expect(named(body, 'missing')).toHaveLength(1)
  for (const [mood, status, code] of [
    ['failing', 503, 'transient'],
    ['down', 503, 'transient'],
    ['busy', 429, 'throttled'],
    ['token-refusing', 422, 'processing'],
  ] as const) {
    await kjernejournal.behave(mood)
    expect([mood, refusedBy(await ask(`${LINE}/$kjernejournal`, WHY).expect(status))?.code]).toEqual([mood, code])
  }
})

test('what kjernejournal says is not whole is told as that, and what came is there', async () => {
  const incompleteIn = (body: Parameters) => named(body, 'incomplete').map(({ valueCode }) => valueCode)
  await kjernejournal.behave('well')
  const { body: whole } = await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  await kjernejournal.behave('incomplete')
  const { body } = await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  await kjernejournal.behave('well')
  expect([incompleteIn(whole), incompleteIn(body)]).toEqual([[], ['documents', 'critical-information']])
  expect(named(body, 'critical')).toHaveLength(named(whole, 'critical').length)
})

test('a document that is not there is refused with kjernejournal’s own code and words', async () => {
  const given = { ...WHY, document: '1.2.3', community: 'urn:oid:1.2', repository: '1.2.3' }
  const refused = await ask(`${LINE}/$kjernejournal-document`, given).expect(404)
  expect(refusedBy(refused)).toMatchObject({
    ...{ code: 'not-found', diagnostics: expect.stringContaining('Dokumentet finnes ikke') },
    details: { coding: [{ code: 'PJD-0010' }] },
  })
})

test('when HelseID says that the sign-in is over, it must be done anew, and then serves again', async () => {
  await kjernejournal.end(true)
  // What was attested before is asked for with a token that is still good; another purpose needs a new one.
  const refused = await ask(`${LINE}/$kjernejournal`, { ...WHY, purpose: 'COC' }).expect(422)
  expect(refusedBy(refused)?.code).toBe('business-rule')
  await kjernejournal.end(false)
  tokens.nurse = await signIn()
  await ask(`${LINE}/$kjernejournal`, { ...WHY, purpose: 'COC' }).expect(200)
})

test('whoever has signed out somewhere must sign in by HelseID before kjernejournal is asked as they, also where a token is still good', async () => {
  await ask(`${LINE}/$kjernejournal`, WHY).expect(200)
  const elsewhere = new Browser()
  await signIn({ browser: elsewhere })
  await elsewhere.open(`${server.baseUrl}/account/logout`, server.baseUrl, {})
  const refused = await ask(`${LINE}/$kjernejournal`, WHY).expect(422)
  expect(refusedBy(refused)?.code).toBe('business-rule')
})
