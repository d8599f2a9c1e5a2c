import type { Bundle, DocumentReference, List, Parameters } from '@medplum/fhirtypes'
import { faultsOfProvided } from '../../../scripts/mhd/refuse-provided.ts'
import { DELAYED_RELEASE_SYSTEM, RELEASE_AT } from '../../access/vocabulary.ts'
import type { AuditRecord } from '../../audit/record.ts'
import { OBJECT_TYPES, SHARED_DOCUMENT, sha1Of } from '../../documents/document-reference.ts'
import { HPR_NUMBER, ORGANIZATION_NUMBER } from '../../national-numbers/systems.ts'
import { keepPlaces } from '../feed-place.ts'
import type { HttpAnswer } from '../http-answer.ts'
import type { Receiver } from '../message.ts'
import { followOrganization } from '../receiving-organization.ts'
import { senderTurn } from '../sender.ts'
import { createSentMessages } from '../sent-messages.ts'
import { startTestGround, TESTER, type TestGround } from '../test-ground.ts'
import { mhdReceiver } from './mhd-receiver.ts'

const ORGANIZATION = '312229544'
const clock = { now: new Date('2026-11-23T08:00:00Z') }
const later = (minutes: number) => {
  clock.now = new Date(clock.now.getTime() + minutes * 60_000)
}
const PDF = Buffer.from('%PDF-1.7 Behandlingsplan')

let ground: TestGround
let receiver: Receiver
let noted: AuditRecord[]
/** What the region has: by the name of each document, its place and status. */
let region: Map<string, { id: string; status: string }>
let asked: Bundle[]
/** What comes of the next posts, before or instead of what the region does by itself. */
let moods: ('lost' | 'failing' | 'refusing')[]

const reply = (status: number, body: object): HttpAnswer => ({
  ...{ status, header: () => null, body: JSON.stringify(body) },
})
const outcome = (code: string) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code }] })

/** As a strict recipient does. */
function take(bundle: Bundle): HttpAnswer {
  const faults = faultsOfProvided(bundle)
  if (faults.length > 0) throw new Error(faults.join('; '))
  const names = (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === 'DocumentReference' ? [resource.masterIdentifier?.value ?? ''] : [],
  )
  if (names.some((name) => region.has(name))) return reply(400, outcome('duplicate'))
  const entry = (bundle.entry ?? []).map(({ resource, request }) => {
    if (request?.method === 'PATCH') {
      const held = [...region.values()].find(({ id }) => `DocumentReference/${id}` === request.url)
      if (!held) throw new Error(`no ${request.url}`)
      const { part = [] } = (resource as Parameters).parameter?.[0] ?? {}
      held.status = part.find(({ name }) => name === 'value')?.valueCode ?? ''
      return { response: { status: '200', location: `${request.url}/_history/2` } }
    }
    const id = `r${region.size + 1}`
    if (resource?.resourceType === 'DocumentReference')
      region.set(resource.masterIdentifier?.value ?? '', { id, status: resource.status ?? '' })
    return { response: { status: '201 Created', location: `https://r/${resource?.resourceType}/${id}/_history/1` } }
  })
  return reply(200, { resourceType: 'Bundle', type: 'transaction-response', entry })
}

beforeAll(async () => {
  ground = await startTestGround(() => clock.now)
  const { store, search, database } = ground
  receiver = mhdReceiver(
    {
      ...{ organization: ORGANIZATION, url: 'https://region.example/fhir', sourceSystem: 'Fylgje' },
      ...{ numbers: 'real', timeoutSeconds: 5 },
      facilityType: { system: 'urn:oid:2.16.578.1.12.4.1.1.1303', code: '47.2' },
      practiceSetting: { system: 'urn:oid:2.16.578.1.12.4.1.1.8451', code: 'S03' },
    },
    {
      ...{ store, search, db: database.pool, now: () => clock.now, ready: async () => {} },
      accessNow: followOrganization(database.pool, ORGANIZATION, () => clock.now),
      async call({ method, url, body = '' }) {
        if (method === 'GET') {
          const name = new URL(url).searchParams.get('identifier')?.split('|')[1]
          const held = name ? region.get(name) : [...region.values()].find(({ id }) => url.endsWith(`/${id}`))
          const resource = held && { resourceType: 'DocumentReference', ...held }
          if (name) return reply(200, { resourceType: 'Bundle', entry: resource ? [{ resource }] : [] })
          return resource ? reply(200, resource) : reply(404, outcome('not-found'))
        }
        const bundle = JSON.parse(body) as Bundle
        asked.push(bundle)
        const mood = moods.shift()
        if (mood === 'failing') return reply(500, outcome('exception'))
        if (mood === 'refusing') return reply(422, outcome('processing'))
        const answer = take(bundle)
        if (mood === 'lost') throw new TypeError('fetch failed')
        return answer
      },
    },
  )
  await ground.put(
    { resourceType: 'Organization', id: 'ward', identifier: [{ system: ORGANIZATION_NUMBER, value: ORGANIZATION }] },
    {
      ...{ resourceType: 'Practitioner', id: 'kari', name: [{ given: ['Kari'], family: 'Nordlys' }] },
      identifier: [{ system: HPR_NUMBER, value: '9144900' }],
    },
    {
      ...{ resourceType: 'Patient', id: 'p' },
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }],
    },
    {
      ...{ resourceType: 'EpisodeOfCare', id: 'e', status: 'active', patient: { reference: 'Patient/p' } },
      managingOrganization: { reference: 'Organization/ward' },
    },
  )
})
afterAll(() => ground.database.stop())
beforeEach(async () => {
  ;[asked, moods, noted, region] = [[], [], [], new Map()]
  await ground.database.pool.query('TRUNCATE outgoing_message, outgoing_place')
  await keepPlaces(ground.database.pool, [receiver])
})

let count = 0
type Filed = DocumentReference & { id: string }
/** A document as it is filed here, with its pages. */
async function file(more: Partial<DocumentReference> = {}): Promise<Filed> {
  const id = `d${++count}`
  const document: Filed = {
    ...{ resourceType: 'DocumentReference', id, status: 'current', docStatus: 'final' },
    meta: { profile: [SHARED_DOCUMENT], tag: [{ system: 'urn:ietf:rfc:3986', code: OBJECT_TYPES.stable }] },
    masterIdentifier: {
      system: 'urn:ietf:rfc:3986',
      value: `urn:uuid:0b7c3a5e-0000-4000-8000-${String(count).padStart(12, '0')}`,
    },
    type: { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.9602', code: 'B01-2' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '18776-5' }] }],
    ...{
      subject: { reference: 'Patient/p' },
      date: '2026-11-23T07:00:00Z',
      author: [{ reference: 'Practitioner/kari' }],
    },
    description: 'Egenbehandlingsplan',
    securityLabel: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }] }],
    content: [
      {
        attachment: {
          ...{ contentType: 'application/pdf', language: 'nb', url: `Binary/b${count}`, size: PDF.length },
          ...{ hash: sha1Of(PDF).toString('base64'), creation: '2026-11-23T07:00:00Z' },
        },
        format: {
          system: 'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode',
          code: 'urn:ihe:iti:xds:2017:mimeTypeSufficient',
        },
      },
      { attachment: { contentType: 'application/fhir+json', url: 'Binary/other' } },
    ],
    context: { related: [{ reference: 'CarePlan/c' }] },
    ...more,
  }
  await ground.put(
    {
      ...{ resourceType: 'Binary', id: `b${count}`, contentType: 'application/pdf', data: PDF.toString('base64') },
      securityContext: { reference: `DocumentReference/${id}` },
    },
    document,
  )
  return document
}
async function work(): Promise<void> {
  const turn = senderTurn(
    ground.roomsFor(receiver, async (...records) => void noted.push(...records)),
    receiver,
  )
  while (await turn());
}
const states = async () =>
  (await createSentMessages(ground.database.pool, () => clock.now).list({ countMax: 100 })).messages
    .reverse()
    .map(({ state }) => state)
const statuses = () => [...region.values()].map(({ status }) => status)
const sentDocument = ({ entry = [] }: Bundle | { entry?: never } = {}) =>
  entry.map(({ resource }) => resource).find((one) => one?.resourceType === 'DocumentReference') as DocumentReference

test('a document that is filed is published with its pages, as the region demands, audited, and found to be there', async () => {
  await file()
  await work()
  expect(await states()).toEqual(['accepted'])
  expect(sentDocument(asked[0])).toMatchObject({
    author: [{ display: 'Kari Nordlys', identifier: { value: '9144900' } }],
    subject: { identifier: { value: '13116900216' } },
  })
  expect(noted).toMatchObject([{ code: 'sent', patients: ['p'], types: ['DocumentReference'] }])
  later(1)
  await work()
  expect(await states()).toEqual(['journaled'])
})

test('another in its place replaces it there; one that was entered in error, or deleted, is withdrawn', async () => {
  const first = await file()
  await work()
  const second = await file({
    relatesTo: [{ code: 'replaces', target: { reference: `DocumentReference/${first.id}` } }],
  })
  await ground.put({ ...first, status: 'superseded' })
  await work()
  expect(statuses()).toEqual(['superseded', 'current'])
  await ground.put({ ...second, status: 'entered-in-error' })
  await work()
  expect(statuses()).toEqual(['superseded', 'entered-in-error'])
  const third = await file()
  await work()
  await ground.store.writeAll(TESTER, [{ interaction: 'delete', type: 'DocumentReference', id: third.id }])
  await work()
  expect(statuses()).toEqual(['superseded', 'entered-in-error', 'entered-in-error'])
  expect(new Set(await states())).toEqual(new Set(['accepted']))
})

test('a receipt that was lost is not a second document: the region tells it apart by its name', async () => {
  moods = ['lost']
  await file()
  await work()
  expect(await states()).toEqual(['failed'])
  later(10)
  await work()
  expect([await states(), region.size]).toEqual([['accepted'], 1])
  const [first, again] = asked.map((bundle) => bundle.entry?.map(({ fullUrl }) => fullUrl))
  expect(again).toEqual(first)
})

test('what fails is tried again; what is refused is a Task for the administrator', async () => {
  moods = ['failing']
  await file()
  await work()
  expect(await states()).toEqual(['failed'])
  later(10)
  await work()
  expect(await states()).toEqual(['accepted'])
  moods = ['refusing']
  await file()
  await work()
  expect(await states()).toEqual(['accepted', 'dead'])
})

test('what is of others, made anew each time, or withdrawn before it was sent, is not published', async () => {
  await file({ meta: {} })
  await file({ meta: { profile: [SHARED_DOCUMENT], tag: [{ code: OBJECT_TYPES['on-demand'] }] } })
  await work()
  expect(await states()).toEqual([])
  const early = await file()
  await ground.put({ ...early, status: 'entered-in-error' })
  await work()
  expect([asked, new Set(await states())]).toEqual([[], new Set(['withheld'])])
})

test('of what the organisation may not see nothing is published', async () => {
  await file({
    meta: {
      ...{ profile: [SHARED_DOCUMENT], tag: [{ system: 'urn:ietf:rfc:3986', code: OBJECT_TYPES.stable }] },
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' }],
    },
  })
  await work()
  expect([asked, await states()]).toEqual([[], ['withheld']])
})

test('a document that its patient may not see yet is published when they may', async () => {
  const until = new Date(clock.now.getTime() + 24 * 3_600_000)
  const release = { url: RELEASE_AT, valueDateTime: until.toISOString() }
  await file({
    meta: {
      ...{ profile: [SHARED_DOCUMENT], tag: [{ system: 'urn:ietf:rfc:3986', code: OBJECT_TYPES.stable }] },
      security: [{ system: DELAYED_RELEASE_SYSTEM, code: 'NORU', extension: [release] }],
    },
  })
  await work()
  expect([asked, await states()]).toEqual([[], ['withheld']])
  later(24 * 60)
  await work()
  expect([asked.length, await states()]).toEqual([1, ['accepted']])
})

test.each([
  ['to another organisation', 'Organization/elsewhere'],
  ['to one clinician', 'Practitioner/kari'],
])('a document of a record that is closed as a whole %s is not published while it is', async (_whom, whom) => {
  const ircp = { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }
  const deny = (status: string) => ({
    ...{ resourceType: 'Consent', id: 'closed-whole', status, patient: { reference: 'Patient/p' } },
    dateTime: '2026-11-01',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: { type: 'deny', actor: [{ role: { coding: [ircp] }, reference: { reference: whom } }] },
  })
  await ground.put({ resourceType: 'Organization', id: 'elsewhere' }, deny('active'))
  await file()
  await work()
  expect([await states(), asked]).toEqual([['withheld'], []])
  await ground.put(deny('inactive'))
  await file()
  await work()
  expect(await states()).toEqual(['withheld', 'accepted'])
})

test('the submission says of whom it is and who makes it, each by a number that is known elsewhere', async () => {
  await file()
  await work()
  const list = asked[0]?.entry?.[0]?.resource as List
  expect(list).toMatchObject({
    ...{ subject: { identifier: { value: '13116900216' } }, source: { identifier: { value: ORGANIZATION } } },
    entry: [{ item: { reference: expect.stringMatching(/^urn:uuid:/) } }],
  })
})
