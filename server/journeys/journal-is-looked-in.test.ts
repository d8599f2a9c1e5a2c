import type { AuditEvent, OperationOutcome, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes'
import request from 'supertest'
import { syntheticOrganisasjonsnummer } from '../demo/organisasjonsnummer.ts'
import { demoSession } from './harness/demo-session.ts'
import { eventually } from './harness/eventually.ts'
import { classesOf, forNurse, privacyConsent } from './harness/privacy-consent.ts'
import { privateJwk } from './harness/signed-in-elsewhere.ts'
import { newClientKey } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'
import { startVkp, type TestVkp } from './harness/vkp.ts'

/** Of the demo: a hospital, a municipality, and the response centre that the nurse works at. */
const [HOSPITAL, MUNICIPALITY, CENTRE] = [1, 3, 4].map(syntheticOrganisasjonsnummer) as [string, string, string]
const LINE = 'Patient/demo-line'

let vkp: TestVkp
let server: RunningServer
const tokens = { nurse: '', gp: '', patient: '', service: '' }

beforeAll(async () => {
  const key = await newClientKey('PS256')
  vkp = await startVkp(key.publicJwk)
  const client = { url: `${vkp.url}/epj/r4`, clientId: 'fylgje-vkp', key: await privateJwk(key) }
  server = await startServer({
    env: {
      HELSEID_ISSUER: vkp.issuer,
      JOURNALS: JSON.stringify([
        { organization: CENTRE, ...client, timeoutSeconds: 30 },
        { organization: MUNICIPALITY, ...client, serviceCodes: ['ta', 'dho'], timeoutSeconds: 2 },
      ]),
    },
  })
  tokens.service = await server.token()
  // A doctor elsewhere; here an administrator, who looks in no EHR.
  await write('PractitionerRole', atGranli('Practitioner/demo-gp', 'administrator'))
  for (const user of ['nurse', 'gp', 'patient'] as const) tokens[user] = await demoSession(server, user)
})
afterAll(async () => {
  await server?.dispose()
  await vkp?.stop()
})
beforeEach(() => vkp.behave('well'))

const as = (who: keyof typeof tokens) => ({ Authorization: `Bearer ${tokens[who]}` })
const ask = (path: string, parameter: ParametersParameter[] = [], who: keyof typeof tokens = 'nurse') =>
  request(server.baseUrl)
    .post(`/fhir/${path}`)
    .set(as(who))
    .type('application/fhir+json')
    .send({ resourceType: 'Parameters', ...(parameter.length > 0 ? { parameter } : {}) })
const named = ({ parameter = [] }: Parameters, name: string) => parameter.filter((one) => one.name === name)
const ofParts = (...names: string[]) => names.map((valueCode) => ({ name: 'part', valueCode }))
const write = async (type: string, resource: object, who: keyof typeof tokens = 'service'): Promise<Resource> =>
  (
    await request(server.baseUrl)
      .post(`/fhir/${type}`)
      .set(as(who))
      .type('application/fhir+json')
      .send({ resourceType: type, ...resource })
      .expect(201)
  ).body
const atGranli = (reference: string, code: string) => ({
  ...{ active: true, practitioner: { reference }, organization: { reference: 'Organization/demo-granli' } },
  code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code }] }],
})
/** The newest operation in the patient's log. */
const looked = async (patient: string) =>
  (
    await request(server.baseUrl)
      .get(`/fhir/AuditEvent?patient=${patient}&subtype=operation&_sort=-date&_count=1`)
      .set(as('service'))
      .expect(200)
  ).body.entry[0].resource as AuditEvent
const refusedBy = ({ body }: { body: OperationOutcome }) => body.issue?.[0]

test('what the EHR has is found with the searches of the hub, and the look is audited; what was entered in error is not shown, and nothing is stored', async () => {
  const { body } = await ask(`${LINE}/$journal`).expect(200)
  expect(named(body, 'found').map(({ resource }) => `${resource?.resourceType}/${resource?.id}`)).toEqual([
    ...['CarePlan/tiltaksplan', 'Condition/kols', 'MedicationStatement/spiriva', 'AllergyIntolerance/penicillin'],
  ])
  expect(named(body, 'organization')[0]?.valueString).toBe(CENTRE)
  expect(named(body, 'missing')).toEqual([])
  const seen = await vkp.seen()
  expect(seen.map(({ path }) => path).sort()).toEqual(
    ['allergyintolerance', 'careplan', 'condition', 'medicationstatement'].map(
      (type) => `/epj/r4/${CENTRE}/${type}/_search`,
    ),
  )
  for (const { serviceCodes } of seen) expect(serviceCodes).toEqual(['dho'])
  const formOf = (type: string) => seen.find(({ path }) => path.includes(`/${type}/`))?.form
  expect(formOf('allergyintolerance')).toEqual([['identifier', '13116900216']])
  expect(formOf('careplan')?.map(([name]) => name)).toEqual(['patient.identifier', 'date', 'date'])

  const log = await looked(LINE)
  expect(log.outcomeDesc).toBe(`journal: ${CENTRE}`)
  expect(log.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('TREAT')
  const { body: stored } = await request(server.baseUrl)
    .get(`/fhir/CarePlan?patient=${LINE}&_elements=title`)
    .set(as('service'))
  expect(JSON.stringify(stored)).not.toContain('Tiltaksplan hjemmetjenesten')
})

test('only what is named is asked for', async () => {
  const before = (await vkp.seen()).length
  const { body } = await ask(`${LINE}/$journal`, ofParts('AllergyIntolerance', 'Condition')).expect(200)
  expect(named(body, 'found').map(({ resource }) => resource?.id)).toEqual(['kols', 'penicillin'])
  expect(await vkp.seen()).toHaveLength(before + 2)
})

test('a number that is made for tests is not looked for in an EHR of people', async () => {
  const { body } = await request(server.baseUrl).get('/fhir/Patient?_count=20').set(as('nurse')).expect(200)
  const [other] = (body.entry as { resource: Resource }[]).filter(({ resource }) => resource.id !== 'demo-line')
  const before = (await vkp.seen()).length
  const refused = await ask(`Patient/${other?.resource.id}/$journal`).expect(422)
  expect(refusedBy(refused)?.code).toBe('business-rule')
  expect(await vkp.seen()).toHaveLength(before)
})

test('an app asks first in which EHRs there is anything to look in, and no EHR is asked by that', async () => {
  const before = (await vkp.seen()).length
  const status = async (who: keyof typeof tokens) => (await ask(`${LINE}/$journal-status`, [], who).expect(200)).body
  expect((await status('nurse')).parameter).toEqual([
    { name: 'connected', valueBoolean: true },
    { name: 'organization', valueString: CENTRE },
  ])
  for (const who of ['gp', 'patient'] as const)
    expect((await status(who)).parameter).toEqual([{ name: 'connected', valueBoolean: false }])
  expect(await vkp.seen()).toHaveLength(before)
})

test.each([
  [
    'by somebody who works elsewhere as health personnel, and here as none',
    'gp',
    LINE,
    [],
    403,
    'forbidden',
    undefined,
  ],
  ['by the patient', 'patient', LINE, [], 403, 'forbidden', undefined],
  ['by a system', 'service', LINE, [], 403, 'forbidden', undefined],
  ['of a part that is none', 'nurse', LINE, ofParts('Observation'), 400, 'value', 'part'],
  [
    ...(['in an EHR of others', 'nurse', LINE, [{ name: 'organization', valueString: HOSPITAL }]] as const),
    ...([400, 'value', 'organization'] as const),
  ],
] as const)('nobody looks %s', async (_case, who, path, given, status, code, expression) => {
  const before = (await vkp.seen()).length
  const refused = await ask(`${path}/$journal`, [...given], who).expect(status)
  expect([refusedBy(refused)?.code, refusedBy(refused)?.expression?.[0]]).toEqual([code, expression])
  expect(await vkp.seen()).toHaveLength(before)
})

test('nobody looks at a patient with whom they have nothing to do', async () => {
  const before = (await vkp.seen()).length
  await ask('Patient/demo-ukjent-myrull/$journal').expect(404)
  expect(await vkp.seen()).toHaveLength(before)
})

test('nobody looks to whom the patient has closed anything, until it is opened', async () => {
  const consent = await write('Consent', privacyConsent(LINE, { type: 'deny', class: classesOf('Condition') }))
  const before = (await vkp.seen()).length
  // Of medicines too: what the patient has closed here can stand anywhere there.
  const refused = await ask(`${LINE}/$journal`, ofParts('MedicationStatement')).expect(403)
  expect(refusedBy(refused)?.code).toBe('suppressed')
  expect(await vkp.seen()).toHaveLength(before)
  await request(server.baseUrl).delete(`/fhir/Consent/${consent.id}`).set(as('service'))
  await ask(`${LINE}/$journal`).expect(200)
})

test('a part that cannot be had does not take away the others; when nothing can be had it is said why', async () => {
  await vkp.behave('well', 'failing')
  const { body } = await ask(`${LINE}/$journal`).expect(200)
  expect(named(body, 'missing')).toHaveLength(1)
  expect(new Set(named(body, 'found').map(({ resource }) => resource?.resourceType)).size).toBe(3)
  for (const [mood, status, code] of [
    ['failing', 503, 'transient'],
    ['down', 503, 'transient'],
    ['busy', 429, 'throttled'],
    ['token-refusing', 422, 'processing'],
    ['not-granted', 403, 'forbidden'],
    ['large', 422, 'too-costly'],
  ] as const) {
    await vkp.behave(mood)
    expect([mood, refusedBy(await ask(`${LINE}/$journal`).expect(status))?.code]).toEqual([mood, code])
  }
})

test('what bears a label that hides it is not shown, and that it came is; so it is where the EHR says that something is wrong', async () => {
  await vkp.behave('labelled')
  const { body } = await ask(`${LINE}/$journal`, ofParts('Condition', 'CarePlan')).expect(200)
  expect(named(body, 'found')).toEqual([])
  expect(named(body, 'labelled')[0]?.valueInteger).toBe(2)
  expect(named(body, 'incomplete').map(({ valueCode }) => valueCode)).toEqual(['CarePlan', 'Condition'])
  await vkp.behave('warning')
  const { body: warned } = await ask(`${LINE}/$journal`, ofParts('Condition')).expect(200)
  expect(warned.parameter.map(({ name }: ParametersParameter) => name)).toEqual(['organization', 'incomplete'])
})

test('what is no FHIR harms nothing: neither the server nor the other parts', async () => {
  await vkp.behave('nulls')
  const { body } = await ask(`${LINE}/$journal`).expect(200)
  expect(named(body, 'incomplete')).toHaveLength(4)
  await vkp.behave('well', 'nulls')
  const { body: others } = await ask(`${LINE}/$journal`).expect(200)
  expect(new Set(named(others, 'found').map(({ resource }) => resource?.id)).size).toBeGreaterThanOrEqual(3)
})

test('in a Bundle it is a look like any other', async () => {
  const before = (await vkp.seen()).length
  const url = `${LINE}/$journal`
  const parameter = ofParts('Condition')
  const entry = { request: { method: 'POST', url }, resource: { resourceType: 'Parameters', parameter } }
  const bundle = { resourceType: 'Bundle', type: 'batch', entry: [entry] }
  const sent = (who: keyof typeof tokens) =>
    request(server.baseUrl).post('/fhir').set(as(who)).type('application/fhir+json').send(bundle).expect(200)
  const { body: refused } = await sent('gp')
  expect([refused.entry[0].response.status.slice(0, 3), (await vkp.seen()).length]).toEqual(['403', before])
  const { body } = await sent('nurse')
  expect(body.entry[0].response.status).toMatch(/^200/)
  expect(named(body.entry[0].resource, 'found').map(({ resource }) => resource?.id)).toEqual(['kols'])
  expect((await looked(LINE)).outcomeDesc).toBe(`journal: ${CENTRE}`)
})

test('what the patient has granted a part of opens no EHR; a broken glass does, and is audited as that', async () => {
  const { id } = await write('Patient', {
    identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '05073500186' }],
    name: [{ family: 'Tester', given: ['Ola'] }],
  })
  const patient = `Patient/${id}`
  await ask(`${patient}/$journal`).expect(404)
  const granted = classesOf('Patient', 'QuestionnaireResponse')
  await write('Consent', privacyConsent(patient, { type: 'permit', actor: forNurse, class: granted }))
  const before = (await vkp.seen()).length
  const refused = await ask(`${patient}/$journal`).expect(422)
  expect(refusedBy(refused)).toMatchObject({ code: 'business-rule', diagnostics: expect.stringMatching(/^A part of/) })
  expect(await vkp.seen()).toHaveLength(before)
  await ask(`${patient}/$break-glass`, [
    { name: 'purpose', valueCode: 'ETREAT' },
    { name: 'reason', valueString: 'Bevisstløs hjemme, legemidler er ukjente' },
  ]).expect(201)
  const { body } = await ask(`${patient}/$journal`).expect(200)
  // The stand-in has the same for everybody, and what is of others is not shown.
  expect([named(body, 'found'), named(body, 'of-others')[0]?.valueInteger]).toEqual([[], 5])
  const log = await looked(patient)
  expect([log.outcomeDesc, log.purposeOfEvent?.[0]?.coding?.[0]?.code]).toEqual([`journal: ${CENTRE}`, 'BTG'])
})

test('who works for several whose EHR is connected says which; one that is too slow is not waited for', async () => {
  await write('PractitionerRole', atGranli('Practitioner/demo-nurse', 'nurse'))
  // What somebody is here is remembered for two seconds.
  const countOf = async () => named((await ask(`${LINE}/$journal-status`).expect(200)).body, 'organization').length
  await eventually(countOf, (count) => count === 2)
  const refused = await ask(`${LINE}/$journal`).expect(400)
  expect(refusedBy(refused)).toMatchObject({ code: 'required', expression: ['organization'] })
  const there = { name: 'organization', valueString: MUNICIPALITY }
  const { body } = await ask(`${LINE}/$journal`, [there]).expect(200)
  expect(named(body, 'organization')[0]?.valueString).toBe(MUNICIPALITY)
  expect((await vkp.seen()).at(-1)).toMatchObject({
    path: expect.stringContaining(`/${MUNICIPALITY}/`),
    serviceCodes: ['ta', 'dho'],
  })
  await vkp.behave('slow')
  const late = await ask(`${LINE}/$journal`, [there, ...ofParts('Condition')]).expect(503)
  expect(refusedBy(late)?.code).toBe('transient')
})
