import { randomUUID } from 'node:crypto'
import type { AuditEvent, Bundle, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import request from 'supertest'
import type { Card } from '../cds-hooks/cards.ts'
import { demoPatients, subjectOf } from '../demo/roster.ts'
import { FNR, HPR_NUMBER } from '../national-numbers/systems.ts'
import { startEhr, type TestEhr } from './harness/ehr.ts'
import { eventually } from './harness/eventually.ts'
import { newClientKey } from './harness/smart-app.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

/** As an EHR of another vendor calls us while a clinician works in it. */
let server: RunningServer
let ehr: TestEhr
let token: string
const HOME = 'home-monitoring'

beforeAll(async () => {
  ehr = await startEhr()
  const { issuer } = ehr
  const trusted = {
    ...{
      issuer,
      fhirBase: `${issuer}/fhir`,
      clientId: 'fylgje-at-ehr',
      jwksUri: `${issuer}/jwks`,
      patients: 'any-shown',
    },
    cdsHooks: { issuer, jwksUri: `${issuer}/jwks` },
  }
  server = await startServer({ env: { TRUSTED_EHRS: JSON.stringify([trusted]) } })
  token = await server.token()
  await put(referral).expect(201)
  await put(plan()).expect(201)
  await post({ ...observation(84) }).expect(201)
})
afterAll(async () => {
  ehr.stop()
  await server.dispose()
})

const asSystem = (method: 'get' | 'post' | 'put', path: string) =>
  request(server.baseUrl)[method](`/fhir/${path}`).set('Authorization', `Bearer ${token}`).type('application/fhir+json')
const post = (resource: { resourceType: string }) => asSystem('post', resource.resourceType).send(resource)
const put = (resource: { resourceType: string; id?: string }) =>
  asSystem('put', `${resource.resourceType}/${resource.id}`).send(resource)

const observation = (value: number) => ({
  ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/demo-line' } },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: new Date().toISOString(),
  valueQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
})

const referral = {
  ...{ resourceType: 'ActivityDefinition', id: 'refer', url: 'http://example.org/ActivityDefinition/refer' },
  ...{ version: '1', status: 'active', kind: 'ServiceRequest', description: 'Henvis til hjemmeoppfølging' },
  code: { text: 'Hjemmeoppfølging' },
}
/** Offers, where the chart of somebody with lung fibrosis is opened, that they are followed at home. */
const plan = (): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', id: 'offer', url: 'http://example.org/PlanDefinition/offer', version: '1' },
  ...{ status: 'active', title: 'Tilby hjemmeoppfølging', description: 'Til den som har lungefibrose' },
  action: [
    {
      ...{ id: 'offer', title: 'Kan følges opp hjemme', priority: 'urgent' },
      trigger: [{ type: 'named-event', name: 'patient-view' }],
      input: [
        {
          ...{ id: 'conditions', type: 'Condition' },
          codeFilter: [{ path: 'code', code: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J84.1' }] }],
        },
      ],
      condition: [
        { kind: 'applicability', expression: { language: 'text/fhirpath', expression: '%conditions.exists()' } },
      ],
      action: [{ id: 'refer', title: 'Henvis', definitionCanonical: 'http://example.org/ActivityDefinition/refer|1' }],
    },
  ],
})

type Hooked = { [name: string]: unknown }
const prefetched = {
  patient: { resourceType: 'Patient', id: 'p-line', identifier: [{ system: FNR, value: '13116900216' }] },
  user: { resourceType: 'Practitioner', id: 'nurse', identifier: [{ system: HPR_NUMBER, value: '999000001' }] },
}
const hooked = (change: Hooked = {}): Hooked => ({
  ...{ hook: 'patient-view', hookInstance: randomUUID() },
  context: { userId: 'Practitioner/nurse', patientId: 'p-line' },
  prefetch: prefetched,
  ...change,
})
const endpoint = (path: string) => `${server.baseUrl}/cds-services/${path}`
async function call(path: string, body: object, jwt?: string) {
  const bearer = jwt ?? (await ehr.hookJwt(endpoint(path)))
  return request(server.baseUrl).post(`/cds-services/${path}`).set('Authorization', `Bearer ${bearer}`).send(body)
}
const cardsIn = ({ body }: { body: unknown }) => (body as { cards: Card[] }).cards

describe('discovery', () => {
  test('tells the services to whoever asks, from any page: our own, and each plan in force that answers to a hook', async () => {
    const read = () => request(server.baseUrl).get('/cds-services').set('Origin', 'https://any.example')
    const { body, headers } = await eventually(read, (found) =>
      found.body.services.some(({ id }: { id: string }) => id === 'offer'),
    )
    expect(headers['access-control-allow-origin']).toBe('*')
    expect(body.services).toEqual([
      expect.objectContaining({
        ...{ id: HOME, hook: 'patient-view', title: 'Hjemmeoppfølging', description: expect.any(String) },
        prefetch: { patient: 'Patient/{{context.patientId}}', user: 'Practitioner/{{userPractitionerId}}' },
      }),
      expect.objectContaining({
        ...{
          id: 'offer',
          hook: 'patient-view',
          title: 'Tilby hjemmeoppfølging',
          description: 'Til den som har lungefibrose',
        },
        prefetch: {
          patient: 'Patient/{{context.patientId}}',
          condition: 'Condition?patient={{context.patientId}}&code=urn:oid:2.16.578.1.12.4.1.1.7110|J84.1',
          user: 'Practitioner/{{userPractitionerId}}',
        },
      }),
      ...['patient-view', 'encounter-discharge'].map((hook) =>
        expect.objectContaining({ id: `copd-offer-${hook}`, hook, title: 'Tilby hjemmeoppfølging ved KOLS' }),
      ),
    ])
  })

  test('a browser may ask before it calls', async () => {
    const preflight = await request(server.baseUrl).options(`/cds-services/${HOME}`).expect(204)
    expect(preflight.headers['access-control-allow-headers']).toContain('Authorization')
  })
})

describe('a chart is opened', () => {
  test('of somebody who is followed at home: one card, with what waits and the way into our app', async () => {
    const answer = await eventually(
      () => call(HOME, hooked()),
      (found) => cardsIn(found)[0]?.indicator === 'critical',
    )
    expect(answer.status).toBe(200)
    const [card, ...others] = cardsIn(answer)
    expect(others).toEqual([])
    expect(card?.summary).toMatch(/^Hjemmeoppfølging: 1 rød oppgave, siste måling \d{4}-\d\d-\d\d kl\. \d\d:\d\d$/)
    expect(card?.detail).toContain('**Rød**: SpO2 84 %, rød grense 88 %')
    expect(card?.links).toEqual([
      { label: 'Åpne hjemmeoppfølging', url: `${server.baseUrl}/apps/clinician/launch`, type: 'smart' },
    ])
  })

  test('in English, where the EHR asks for it', async () => {
    const bearer = await ehr.hookJwt(endpoint(HOME))
    const answer = await request(server.baseUrl)
      .post(`/cds-services/${HOME}`)
      .set({ Authorization: `Bearer ${bearer}`, 'Accept-Language': 'en' })
      .send(hooked())
    expect(cardsIn(answer)[0]?.summary).toMatch(/^Home monitoring: /)
  })

  test('the numbers that did not come along are read where the EHR shows them, by the token that it gave', async () => {
    const fhirAuthorization = {
      access_token: 'at-kari',
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'user/*.rs',
      subject: 'us',
    }
    const known = await call(HOME, hooked({ prefetch: {}, fhirServer: `${ehr.issuer}/fhir`, fhirAuthorization }))
    expect(cardsIn(known)).toHaveLength(1)
    const without = await call(HOME, hooked({ prefetch: { patient: null } }))
    expect(without.status).toBe(412)
    expect(without.body.issue[0]).toMatchObject({ code: 'incomplete', expression: ['prefetch.user'] })
    const refused = await call(
      HOME,
      hooked({ prefetch: {}, fhirAuthorization: { ...fhirAuthorization, access_token: 'guess' } }),
    )
    expect(refused.status).toBe(412)
    expect(refused.body.issue[0].diagnostics).toContain('the EHR does not show Practitioner (401)')
  })

  test.each([
    [
      'a patient who is not known here',
      { patient: { ...prefetched.patient, identifier: [{ system: FNR, value: '01010000000' }] } },
    ],
    ['a patient without a national number', { patient: { ...prefetched.patient, identifier: [] } }],
    [
      'a clinician who is not known here',
      { user: { ...prefetched.user, identifier: [{ system: HPR_NUMBER, value: '1' }] } },
    ],
  ])('there is no card for %s', async (_whom, change) => {
    const answer = await call(HOME, hooked({ prefetch: { ...prefetched, ...change } }))
    expect([answer.status, answer.body]).toEqual([200, { cards: [] }])
  })

  test('a clinician who has nothing to do with the patient sees nothing of them', async () => {
    // The regular GP of others.
    const { body } = await asSystem('get', 'Practitioner/demo-gp-2')
    const [hpr] = body.identifier ?? []
    expect(hpr).toBeDefined()
    const answer = await call(
      HOME,
      hooked({ prefetch: { ...prefetched, user: { ...prefetched.user, identifier: [hpr] } } }),
    )
    expect([answer.status, answer.body]).toEqual([200, { cards: [] }])
  })

  test('who looks at their own chart has our app for that', async () => {
    const context = { userId: 'Patient/p-line', patientId: 'p-line' }
    expect((await call(HOME, hooked({ context }))).body).toEqual({ cards: [] })
  })

  test('that data of the patient were given stands in the audit, with who saw them in which system', async () => {
    await call(HOME, hooked())
    const found = await asSystem('get', 'AuditEvent?patient=Patient/demo-line&agent=Practitioner/demo-nurse&_count=20')
    const events = ((found.body as Bundle).entry ?? []).map(({ resource }) => resource as AuditEvent)
    const [told] = events.filter(({ entity = [] }) =>
      entity.some(({ query = '' }) => atob(query).includes(`$cds-hooks?service=${HOME}`)),
    )
    expect(told?.agent.map(({ who }) => who?.reference ?? who?.identifier?.value)).toEqual([
      'Practitioner/demo-nurse',
      ehr.issuer,
    ])
  })
})

describe('a plan answers', () => {
  const condition = {
    ...{ resourceType: 'Condition', id: 'c', subject: { reference: 'Patient/p-line' } },
    code: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J84.1' }] },
  }
  const withConditions = (...conditions: object[]) =>
    hooked({
      prefetch: {
        ...prefetched,
        condition: { resourceType: 'Bundle', type: 'searchset', entry: conditions.map((resource) => ({ resource })) },
      },
    })

  test('by what the EHR has sent along, to what is known of the patient there alone', async () => {
    const answer = await eventually(
      () => call('offer', withConditions(condition)),
      ({ status }) => status === 200,
    )
    expect(cardsIn(answer)).toMatchObject([
      { summary: 'Kan følges opp hjemme', indicator: 'warning', source: { label: 'Tilby hjemmeoppfølging' } },
    ])
    // What is suggested is about the patient as the EHR knows them, for it is the EHR that stores it.
    const [suggestion] = cardsIn(answer)[0]?.suggestions ?? []
    expect(suggestion).toMatchObject({ label: 'Henvis', actions: [{ type: 'create' }] })
    expect(suggestion?.actions[0]?.resource).toMatchObject({
      ...{ resourceType: 'ServiceRequest', subject: { reference: 'Patient/p-line' } },
      requester: { reference: 'Practitioner/nurse' },
    })
  })

  test('and is silent where its condition does not hold', async () => {
    expect((await call('offer', withConditions())).body).toEqual({ cards: [] })
  })

  test('and to a clinician who has nothing to do with the patient, as if the patient were not known here', async () => {
    const { body } = await asSystem('get', 'Practitioner/demo-gp-2')
    const sent = withConditions(condition)
    const user = { ...prefetched.user, identifier: body.identifier }
    const answer = await call('offer', { ...sent, prefetch: { ...(sent.prefetch as object), user } })
    expect([answer.status, answer.body]).toEqual([200, { cards: [] }])
  })
})

describe('where somebody has had an exacerbation of COPD', () => {
  const OFFER = 'copd-offer-patient-view'
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
  const copd = (change: object = {}) => ({
    ...{ resourceType: 'Condition', id: 'copd', subject: { reference: 'Patient/p-other' } },
    code: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J44.1' }] },
    recordedDate: daysAgo(3),
    ...change,
  })
  const admission = (end: string) => ({
    ...{ resourceType: 'Encounter', id: 'stay', status: 'finished', subject: { reference: 'Patient/p-other' } },
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    ...{ period: { start: daysAgo(90), end }, diagnosis: [{ condition: { reference: 'Condition/copd' } }] },
  })
  const old = copd({ recordedDate: daysAgo(400) })
  const bundleOf = (resources: object[]) => ({
    ...{ resourceType: 'Bundle', type: 'searchset', entry: resources.map((resource) => ({ resource })) },
  })
  let other: object
  let user: object
  const numberOf = (person: object) => (person as { identifier: { value: string }[] }).identifier[0]?.value
  const gpNumber = () => `${HPR_NUMBER}|${numberOf(user)}`
  const asked = (conditions: object[], encounters: object[] = [], { patient = other, by = user } = {}) =>
    call(
      OFFER,
      hooked({
        context: { userId: 'Practitioner/nurse', patientId: (patient as { id: string }).id },
        prefetch: { patient, user: by, condition: bundleOf(conditions), encounter: bundleOf(encounters) },
      }),
    )

  // One of the demo's patients, whose follow-up has ended.
  beforeAll(async () => {
    const [, one] = demoPatients()
    if (!one) throw new Error('the demo has no second patient')
    const { reference } = subjectOf(one)
    const { body } = await asSystem('get', `CarePlan?subject=${reference}&status=active,on-hold`).expect(200)
    for (const { resource } of (body as Bundle).entry ?? [])
      await put({ ...(resource as CarePlan & { id: string }), status: 'completed' } as CarePlan).expect(200)
    other = { resourceType: 'Patient', id: 'p-other', identifier: [{ system: FNR, value: one.fnr }] }
    // The response centre is no longer concerned; the regular GP is.
    const { body: patient } = await asSystem('get', reference).expect(200)
    const { body: gp } = await asSystem('get', patient.generalPractitioner[0].reference).expect(200)
    user = { ...prefetched.user, identifier: gp.identifier }
  })

  test('and nobody follows them, home monitoring is offered, with a referral to store in the EHR', async () => {
    const [card, ...more] = cardsIn(await asked([copd()]))
    expect(more).toEqual([])
    expect(card).toMatchObject({
      summary: 'Forverring av KOLS siste 30 dager: tilby hjemmeoppfølging?',
      indicator: 'info',
      source: { label: expect.stringContaining('GOLD') },
      suggestions: [
        {
          label: 'Henvis til hjemmeoppfølging',
          actions: [{ type: 'create', resource: { resourceType: 'ServiceRequest' } }],
        },
      ],
    })
    expect(card?.suggestions?.[0]?.actions[0]?.resource).toMatchObject({ subject: { reference: 'Patient/p-other' } })
  })

  test('and likewise where they were admitted with COPD', async () => {
    expect(cardsIn(await asked([old], [admission(daysAgo(10))]))).toHaveLength(1)
  })

  test('there is no offer to a clinician to whom something of the record is closed, for they might be followed', async () => {
    const { body: gp } = await asSystem('get', `Practitioner?identifier=${gpNumber()}`).expect(200)
    const { body: known } = await asSystem('get', `Patient?identifier=${FNR}|${numberOf(other)}`).expect(200)
    const consent = (status: string) => ({
      ...{ resourceType: 'Consent', id: 'closed-plans', status, dateTime: '2026-11-01' },
      patient: { reference: `Patient/${known.entry[0].resource.id}` },
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
      provision: {
        type: 'deny',
        class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'CarePlan' }],
        actor: [
          {
            role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
            reference: { reference: `Practitioner/${gp.entry[0].resource.id}` },
          },
        ],
      },
    })
    await put(consent('active')).expect(201)
    expect(cardsIn(await asked([copd()]))).toEqual([])
    await put(consent('inactive')).expect(200)
    expect(cardsIn(await asked([copd()]))).toHaveLength(1)
  })

  test('there is no offer of what is long ago, was refuted or is another disease, or to who is followed already', async () => {
    const code = { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.7110', code: 'J45' }] }
    const refuted = copd({ verificationStatus: { coding: [{ code: 'refuted' }] } })
    const answers = [
      await asked([]),
      await asked([old], [admission(daysAgo(60))]),
      await asked([refuted], [admission(daysAgo(10))]),
      await asked([copd({ code })], []),
      await asked([copd({ subject: { reference: 'Patient/p-line' } })], [], {
        ...{ patient: prefetched.patient, by: prefetched.user },
      }),
    ]
    expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map(() => [200, { cards: [] }]))
  })
})

describe('refused is', () => {
  const bodyOf = hooked
  test.each<[string, () => Promise<string>, RegExp]>([
    ['no JWT', async () => 'opaque-token', /A JWT of the CDS client is required/],
    ['that of an issuer who is not trusted', () => jwt({ claims: { iss: 'https://evil.example' } }), /no CDS client/],
    ['one for another address', () => ehr.hookJwt(endpoint('offer')), /aud/],
    ['one that is over', () => jwt({ claims: { exp: now() - 60 } }), /exp/],
    ['one that lives for an hour', () => jwt({ claims: { exp: now() + 3_600 } }), /longer than five minutes/],
    ['one that was issued long ago', () => jwt({ claims: { iat: now() - 3_600 } }), /iat/],
    ['one without a name of its own', () => jwt({ claims: { jti: undefined } }), /jti/],
    ['one whose keys are elsewhere', () => jwt({ header: { jku: 'https://evil.example/jwks' } }), /jku/],
    ['one that is no plain JWT', () => jwt({ header: { typ: 'dpop+jwt' } }), /typ/],
    ['one that is signed by another key', async () => jwt({ key: await newClientKey('RS256', 'ehr-1') }), /SIGNATURE/],
  ])('%s', async (_what, bearer, why) => {
    const answer = await call(HOME, bodyOf(), await bearer())
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('Bearer')
    expect(answer.body.issue[0]).toMatchObject({ code: 'login', diagnostics: expect.stringMatching(why) })
  })
  const now = () => Math.floor(Date.now() / 1000)
  const jwt = (wrong: Parameters<TestEhr['hookJwt']>[1]) => ehr.hookJwt(endpoint(HOME), wrong)

  test('one that comes a second time', async () => {
    const once = await jwt({})
    expect((await call(HOME, bodyOf(), once)).status).toBe(200)
    const again = await call(HOME, bodyOf(), once)
    expect([again.status, again.body.issue[0].diagnostics]).toEqual([401, 'The JWT was used before (jti).'])
  })

  test.each<[string, Hooked, number, string]>([
    ['another hook', { hook: 'order-sign' }, 400, 'hook'],
    ['no instance', { hookInstance: undefined }, 400, 'hookInstance'],
    ['no user', { context: { patientId: 'p-line' } }, 400, 'context.userId'],
    ['no patient', { context: { userId: 'Practitioner/nurse' } }, 400, 'context.patientId'],
    ['another FHIR server', { fhirServer: 'https://evil.example/fhir' }, 400, 'fhirServer'],
    [
      'a token of another kind',
      { fhirAuthorization: { access_token: 'x', token_type: 'MAC' } },
      400,
      'fhirAuthorization',
    ],
  ])('a call with %s', async (_what, change, status, path) => {
    const answer = await call(HOME, hooked(change))
    expect([answer.status, answer.body.issue[0].expression]).toEqual([status, [path]])
  })

  test('a service that there is not, a body that is no JSON, and another method', async () => {
    expect((await call('nothing', hooked())).status).toBe(404)
    const broken = await request(server.baseUrl)
      .post(`/cds-services/${HOME}`)
      .set('Authorization', `Bearer ${await jwt({})}`)
      .type('json')
      .send('{')
    expect([broken.status, broken.body.issue[0].code]).toEqual([400, 'invalid'])
    expect((await request(server.baseUrl).delete(`/cds-services/${HOME}`)).status).toBe(405)
  })
})

describe('what became of a card', () => {
  const path = `${HOME}/feedback`
  const told = (card: string, change: object = {}) => ({
    feedback: [{ card, outcome: 'accepted', outcomeTimestamp: new Date().toISOString(), ...change }],
  })

  test('is told, also again, by the EHR that it was given to', async () => {
    const [card] = cardsIn(await call(HOME, hooked()))
    const id = String(card?.uuid)
    expect((await call(path, told(id))).status).toBe(200)
    const overrideReason = { reason: { code: 'known', system: 'http://example.org/why' }, userComment: 'Vet om det' }
    expect((await call(path, told(id, { outcome: 'overridden', overrideReason }))).status).toBe(200)
  })

  test.each<[string, object, number, string]>([
    ['of a card that nobody was given', told(randomUUID()), 404, 'feedback[0].card'],
    [
      'without a card',
      { feedback: [{ outcome: 'accepted', outcomeTimestamp: '2026-01-01T00:00:00Z' }] },
      400,
      'feedback[0].card',
    ],
    ['of another outcome', told(randomUUID(), { outcome: 'ignored' }), 400, 'feedback[0].outcome'],
    ['of nothing', {}, 400, 'feedback'],
  ])('is refused %s', async (_what, body, status, where) => {
    const answer = await call(path, body)
    expect([answer.status, answer.body.issue[0].expression]).toEqual([status, [where]])
  })

  test('is refused without a JWT for this very address', async () => {
    const answer = await call(path, told(randomUUID()), await ehr.hookJwt(endpoint(HOME)))
    expect(answer.status).toBe(401)
  })
})
