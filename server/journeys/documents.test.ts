import { createHash } from 'node:crypto'
import type { Bundle, BundleEntry, Composition, Consent, DocumentReference, OperationOutcome } from '@medplum/fhirtypes'
import request from 'supertest'
import { extractText } from 'unpdf'
import { demoSession } from './harness/demo-session.ts'
import { eventually } from './harness/eventually.ts'
import { classesOf, privacyConsent } from './harness/privacy-consent.ts'
import { type RunningServer, startServer } from './harness/start-server.ts'

let server: RunningServer
const tokens = { service: '', nurse: '', patient: '' }
type Who = keyof typeof tokens

beforeAll(async () => {
  server = await startServer()
  tokens.service = await server.token()
  for (const user of ['nurse', 'patient'] as const) tokens[user] = await demoSession(server, user)
})
afterAll(() => server.dispose())

const send = (method: 'get' | 'post' | 'put' | 'delete', path: string, as: Who = 'service') =>
  request(server.baseUrl)
    [method](path.startsWith('http') ? new URL(path).pathname + new URL(path).search : `/fhir/${path}`)
    .set('Authorization', `Bearer ${tokens[as]}`)
    .type('application/fhir+json')
const content = (url: string, accept: string, as: Who) =>
  send('get', url, as)
    .set('Accept', accept)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(null, Buffer.concat(chunks)))
    })
const textOf = async (pdf: Buffer) =>
  (await extractText(new Uint8Array(pdf), { mergePages: true })).text.replace(/\s+/g, ' ')
const documentsIn = ({ entry = [] }: Bundle) => entry.map(({ resource }) => resource as DocumentReference)
const codesIn = ({ issue }: OperationOutcome) => issue.map(({ code, details }) => details?.text ?? code)

const PLAN = 'CarePlan/demo-line-kols'

test('the patient fetches the plan as pages, in their own language', async () => {
  const pdf = await content(`${PLAN}/$pdf?kind=plan`, 'application/pdf', 'patient').set('Accept-Language', 'nn')
  expect([pdf.status, pdf.headers['content-type'], pdf.headers['cache-control']]).toEqual([
    ...[200, 'application/pdf', 'no-store'],
  ])
  const text = await textOf(pdf.body)
  expect(text).toContain('Eigenbehandlingsplan')
  expect(text).toContain('Line Danser')
  const asResource = await send('get', `${PLAN}/$pdf`, 'patient').expect(200)
  expect([asResource.body.resourceType, asResource.body.contentType]).toEqual(['Binary', 'application/pdf'])
  expect((await content(`${PLAN}/$pdf`, 'image/png', 'patient')).status).toBe(406)
})

test('the summary of a period holds what was measured in it, and nothing else', async () => {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)
  const { body } = await send('get', `${PLAN}/$document?kind=summary&start=${day(20)}&end=${day(10)}`, 'nurse').expect(
    200,
  )
  const [first, ...parts] = (body as Bundle).entry ?? []
  expect([(body as Bundle).type, first?.resource?.resourceType]).toEqual(['document', 'Composition'])
  const measured = parts.flatMap(({ resource }) => (resource?.resourceType === 'Observation' ? [resource] : []))
  expect(measured.length).toBeGreaterThan(0)
  for (const { effectiveDateTime = '' } of measured) {
    expect(effectiveDateTime.slice(0, 10) >= day(20) && effectiveDateTime.slice(0, 10) <= day(10)).toBe(true)
  }
})

test.each([
  ['another kind', `${PLAN}/$document?kind=diary`, 400, 'value'],
  [
    'a period that ends before it begins',
    `${PLAN}/$document?kind=summary&start=2026-02-01&end=2026-01-01`,
    400,
    'value',
  ],
  ['a period of a plan', `${PLAN}/$pdf?kind=plan&start=2026-02-01`, 400, 'value'],
  ['a language that is not spoken', `${PLAN}/$pdf?language=fr`, 400, 'value'],
  ['the report of a plan that goes on', `${PLAN}/$pdf?kind=final`, 422, 'business-rule'],
  ['a plan that is not there', 'CarePlan/none/$pdf', 404, 'not-found'],
  ['documents of nobody', 'DocumentReference/$docref', 400, 'required'],
  ['documents of what is no id', 'DocumentReference/$docref?patient=a%20b', 400, 'value'],
])('%s is refused', async (_what, path, status, code) => {
  const answer = await send('get', path)
  expect([answer.status, codesIn(answer.body)]).toEqual([status, [code]])
})

test('somebody else’s plan is nobody’s business', async () => {
  const { body } = await send('get', 'CarePlan?_count=50').expect(200)
  const [other] = ((body as Bundle).entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'CarePlan' && resource.subject.reference !== 'Patient/demo-line' ? [resource] : [],
  )
  expect((await send('get', `CarePlan/${other?.id}/$pdf`)).status).toBe(200)
  expect((await send('get', `CarePlan/${other?.id}/$pdf`, 'patient')).status).toBe(404)
  const path = `DocumentReference/$docref?patient=${other?.subject.reference}`
  expect((await send('get', path)).body.total).toBeGreaterThan(0)
  expect((await send('get', path, 'patient')).body.total).toBe(0)
})

test('a document that is filed stays as it is, is found, and is as open as its DocumentReference', async () => {
  const filed = await send('post', `${PLAN}/$file-document?kind=plan&language=nb`, 'nurse').expect(201)
  const reference = filed.body as DocumentReference
  expect(reference.type?.coding?.[0]?.code).toBe('B01-2')
  const [pdf, fhir] = reference.content.map(({ attachment }) => attachment)
  const before = await content(String(pdf?.url), 'application/pdf', 'patient')
  expect(before.status).toBe(200)
  expect(createHash('sha1').update(before.body).digest('base64')).toBe(pdf?.hash)
  expect([before.body.length, await textOf(before.body)]).toEqual([pdf?.size, expect.stringContaining('Line Danser')])
  const bundle = JSON.parse(
    String((await content(String(fhir?.url), 'application/octet-stream', 'nurse')).body),
  ) as Bundle
  expect((bundle.entry?.[0]?.resource as Composition | undefined)?.author).toEqual([
    expect.objectContaining({ reference: expect.stringMatching(/^Practitioner/) }),
  ])

  const byNumber = await send('post', 'DocumentReference/_search', 'nurse')
    .type('form')
    .send({ 'patient.identifier': 'urn:oid:2.16.578.1.12.4.1.4.1|13116900216', status: 'current', type: 'B01-2' })
  expect(documentsIn(byNumber.body).map(({ id }) => id)).toContain(reference.id)
  const found = documentsIn((await send('get', 'DocumentReference/$docref?patient=demo-line', 'patient')).body)
  expect(found.map(({ id }) => id)).toContain(reference.id)
  const offered = found.filter(({ id }) => id === undefined)
  expect(offered.length).toBeGreaterThan(1)
  for (const { content: made } of offered)
    expect((await content(String(made[0]?.attachment.url), 'application/pdf', 'patient')).status).toBe(200)
  const onDemand = documentsIn(
    (await send('get', 'DocumentReference/$docref?patient=demo-line&on-demand=true', 'patient')).body,
  )
  expect(onDemand.every(({ id }) => id === undefined)).toBe(true)
  const plans = documentsIn(
    (
      await send(
        'get',
        'DocumentReference/$docref?patient=demo-line&type=urn:oid:2.16.578.1.12.4.1.1.9602|B01-2',
        'patient',
      )
    ).body,
  )
  expect(plans.every(({ type }) => type?.coding?.some(({ code }) => code === 'B01-2'))).toBe(true)

  const seen = await send('get', `AuditEvent?patient=demo-line&entity=${pdf?.url}`)
  expect((seen.body as Bundle).entry?.length).toBeGreaterThan(0)

  // The patient closes documents to all staff.
  const closing = privacyConsent('Patient/demo-line', { type: 'deny', class: classesOf('DocumentReference') })
  const consent = (await send('post', 'Consent').send(closing).expect(201)).body as Consent
  expect((await content(String(pdf?.url), 'application/pdf', 'nurse')).status).toBe(404)
  expect((await content(String(pdf?.url), 'application/pdf', 'patient')).status).toBe(200)
  const again = await send('post', `${PLAN}/$file-document?kind=plan`)
  expect([again.status, codesIn(again.body)]).toEqual([422, ['business-rule']])
  await send('delete', `Consent/${consent.id}`)
  await eventually(
    async () => (await content(String(pdf?.url), 'application/pdf', 'nurse')).status,
    (status) => status === 200,
  )
  expect((await send('get', 'Binary', 'nurse')).body.total ?? 0).toBe(0)
})

const LIST_TYPES = 'https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes'
const BYTES = Buffer.from('Epikrise fra et sykehus: røntgen uten funn')
const NUMBER = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }

function provided(name: string, change: Partial<DocumentReference> = {}, more: BundleEntry[] = []): Bundle {
  const post = (fullUrl: string, resource: BundleEntry['resource']): BundleEntry => ({
    ...{ fullUrl, resource, request: { method: 'POST', url: String(resource?.resourceType) } },
  })
  return {
    resourceType: 'Bundle',
    meta: { profile: ['https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Minimal.ProvideBundle'] },
    type: 'transaction',
    entry: [
      post('urn:uuid:11111111-1111-4111-8111-111111111111', {
        ...{ resourceType: 'List', status: 'current', mode: 'working', subject: { identifier: NUMBER } },
        code: { coding: [{ system: LIST_TYPES, code: 'submissionset' }] },
        identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:oid:1.2.3.${name}` }],
        date: '2026-11-01T10:00:00Z',
        entry: [{ item: { reference: 'urn:uuid:22222222-2222-4222-8222-222222222222' } }],
      }),
      post('urn:uuid:22222222-2222-4222-8222-222222222222', {
        ...{ resourceType: 'DocumentReference', status: 'current', subject: { identifier: NUMBER } },
        masterIdentifier: { system: 'urn:ietf:rfc:3986', value: `urn:oid:1.2.4.${name}` },
        type: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.9602', code: 'A03-2' }] },
        date: '2026-11-01T10:00:00Z',
        content: [
          {
            attachment: {
              ...{ contentType: 'text/plain', url: 'urn:uuid:33333333-3333-4333-8333-333333333333' },
              ...{ size: BYTES.length, hash: createHash('sha1').update(BYTES).digest('base64'), title: 'Epikrise' },
            },
          },
        ],
        ...change,
      } as DocumentReference),
      post('urn:uuid:33333333-3333-4333-8333-333333333333', {
        ...{ resourceType: 'Binary', contentType: 'text/plain', data: BYTES.toString('base64') },
      }),
      ...more,
    ],
  }
}
const idsIn = (bundle: Bundle) =>
  (bundle.entry ?? []).map(({ response }) => response?.location?.split('/').at(-3) ?? '')

test('MHD: a document is brought, found and retrieved; the same again is a duplicate; another replaces it', async () => {
  const taken = await send('post', '').send(provided('1')).expect(200)
  const [, document, binary] = idsIn(taken.body)
  const found = await send('post', 'DocumentReference/_search', 'nurse')
    .type('form')
    .send({ patient: 'Patient/demo-line', identifier: 'urn:ietf:rfc:3986|urn:oid:1.2.4.1', date: 'ge2026-11-01' })
  const [reference] = documentsIn(found.body)
  expect([reference?.id, reference?.subject?.reference]).toEqual([document, 'Patient/demo-line'])
  const url = String(reference?.content[0]?.attachment.url)
  expect(url).toBe(`Binary/${binary}`)
  const fetched = await content(url, 'text/plain', 'nurse')
  expect([fetched.status, fetched.body.toString()]).toEqual([200, BYTES.toString()])
  const sets = await send(
    'get',
    `List?code=${LIST_TYPES}|submissionset&patient.identifier=${NUMBER.system}|${NUMBER.value}`,
  )
  expect((sets.body as Bundle).total).toBe(1)

  const again = await send('post', '').send(provided('1'))
  expect([again.status, codesIn(again.body)]).toEqual([412, ['XDSDuplicateUniqueIdInRegistry']])

  const replaces = { relatesTo: [{ code: 'replaces', target: { reference: `DocumentReference/${document}` } }] }
  const alone = await send('post', '').send(provided('2', replaces as Partial<DocumentReference>))
  expect([alone.status, codesIn(alone.body)]).toEqual([400, ['XDSReplaceFailed']])
  const superseded: BundleEntry = {
    resource: { ...(reference as DocumentReference), status: 'superseded' },
    request: { method: 'PUT', url: `DocumentReference/${document}` },
  }
  await send('post', '')
    .send(provided('2', replaces as Partial<DocumentReference>, [superseded]))
    .expect(200)
  const late = await send('post', '').send(provided('3', replaces as Partial<DocumentReference>, [superseded]))
  expect([late.status, codesIn(late.body)]).toEqual([409, ['XDSReplaceFailed']])
})

test('MHD: a label of the metadata is a label for the access decision', async () => {
  const securityLabel = [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }] },
  ]
  const taken = await send('post', '').send(provided('secret', { securityLabel })).expect(200)
  const [, document, binary] = idsIn(taken.body)
  expect((await send('get', `DocumentReference/${document}`, 'nurse')).status).toBe(404)
  expect((await content(`Binary/${binary}`, 'text/plain', 'nurse')).status).toBe(404)
  expect((await content(`Binary/${binary}`, 'text/plain', 'service')).status).toBe(200)
})

test.each([
  [
    'a patient whom nobody knows',
    { subject: { reference: 'Patient/nobody' } },
    ['XDSPatientIdDoesNotMatch', 'XDSUnknownPatientId'],
  ],
  [
    'a document that is not brought',
    { content: [{ attachment: { contentType: 'text/plain', url: 'Binary/x' } }] },
    ['XDSMissingDocument'],
  ],
])('MHD: %s is refused, and nothing is kept', async (_what, change, codes) => {
  const answer = await send('post', '').send(provided('wrong', change as Partial<DocumentReference>))
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(answer.status).toBeLessThan(500)
  expect(codesIn(answer.body)).toEqual(codes)
  expect((await send('get', 'List?identifier=urn:oid:1.2.3.wrong')).body.total).toBe(0)
})

test('MHD: what is no valid resource is told with its place in the Bundle', async () => {
  const answer = await send('post', '').send(
    provided('5', { status: undefined } as unknown as Partial<DocumentReference>),
  )
  expect([answer.status, answer.body.issue[0].expression]).toEqual([400, ['Bundle.entry[1].resource.status']])
})

test('MHD: another profile of theirs is refused by its name', async () => {
  const bundle = { ...provided('4'), meta: { profile: ['https://profiles.ihe.net/ITI/MHD/StructureDefinition/Other'] } }
  const answer = await send('post', '').send(bundle)
  expect([answer.status, answer.body.issue[0].expression]).toEqual([400, ['Bundle.meta.profile']])
})

test('the report of a plan that has ended is a document, filed by itself and found; a later one takes its place', async () => {
  const carePlan = (await send('get', PLAN)).body
  await send('put', PLAN)
    .send({ ...carePlan, status: 'completed', period: { ...carePlan.period, end: new Date().toISOString() } })
    .expect(200)
  await eventually(
    async () => (await send('get', `${PLAN}/$pdf?kind=final`, 'patient')).status,
    (status) => status === 200,
  )
  const pdf = await content(`${PLAN}/$pdf?kind=final&language=en`, 'application/pdf', 'patient')
  expect(await textOf(pdf.body)).toContain('Final summary')
  const found = () =>
    send('post', 'DocumentReference/_search')
      .type('form')
      .send({ 'patient.identifier': `${NUMBER.system}|${NUMBER.value}`, status: 'current', category: '18842-5' })
  const filed = documentsIn((await eventually(found, ({ body }) => documentsIn(body).length > 0)).body)
  expect(filed.map(({ type }) => type?.coding?.[0])).toMatchObject([{ code: 'A03-2', display: 'Epikrise' }])
  const [pages, fhir] = filed[0]?.content.map(({ attachment }) => String(attachment.url)) ?? []
  const opened = await content(String(pages), 'application/pdf', 'patient')
  expect(await textOf(opened.body)).toContain('Line Danser')
  const bundle = JSON.parse(String((await content(String(fhir), 'application/octet-stream', 'patient')).body)) as Bundle
  expect([bundle.type, bundle.entry?.[0]?.resource?.resourceType]).toEqual(['document', 'Composition'])

  const former = `DocumentReference/${filed[0]?.id}`
  const later = await send('post', `${PLAN}/$file-document?kind=final&replaces=${former}`).expect(201)
  expect((later.body as DocumentReference).relatesTo).toEqual([{ code: 'replaces', target: { reference: former } }])
  expect((await send('get', former)).body.status).toBe('superseded')
  expect(documentsIn((await found()).body).map(({ id }) => id)).toEqual([later.body.id])
})
