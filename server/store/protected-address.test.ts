import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import { readStanding } from './relations/read-standing.ts'
import type { Store } from './store.ts'
import { createDecidingStore } from './test-store.ts'

// Two patients of one team: one whose address is strictly confidential, and one whose is not.

const BASE = 'http://localhost/fhir'
const NOW = new Date('2026-11-10T08:00:00Z')
const definitions = loadDefinitions()
const LABEL = { system: 'http://ehelse.no/fhir/ValueSet/gd-person-addressprotection', code: 'strengtFortrolig' }
const HOME = [{ line: ['Storgata 1'], city: 'Oslo' }]
const PHONE = [{ system: 'phone', value: '11223344' }]
const ref = (reference: string) => ({ reference })
const role = (id: string, code: string) => ({
  ...{ resourceType: 'PractitionerRole', id: `role-${id}`, practitioner: ref(`Practitioner/${id}`) },
  code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code }] }],
})
const patient = (id: string, rest: object = {}) => ({
  ...{ resourceType: 'Patient', id, name: [{ family: 'Danser' }], address: HOME, telecom: PHONE },
  generalPractitioner: [ref('Practitioner/nurse')],
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Storgata 1</div>' },
  ...rest,
})
const WORLD = [
  role('nurse', 'nurse'),
  role('admin', 'administrator'),
  patient('hidden', { meta: { security: [LABEL] } }),
  patient('open'),
  ...['hidden', 'open'].map((id) => ({
    ...{ resourceType: 'RelatedPerson', id: `kin-${id}`, patient: ref(`Patient/${id}`), address: HOME },
    name: [{ family: 'Kin' }],
  })),
  {
    resourceType: 'Location',
    id: 'home',
    name: 'Storgata 1',
    physicalType: { coding: [{ code: 'ho' }] },
    address: HOME[0],
  },
  {
    ...{
      resourceType: 'Encounter',
      id: 'visit',
      status: 'finished',
      class: { code: 'HH' },
      subject: ref('Patient/hidden'),
    },
    location: [{ location: { reference: 'Location/home', display: 'Storgata 1' } }],
  },
  {
    ...{ resourceType: 'Appointment', id: 'visit', status: 'booked' },
    participant: ['Patient/hidden', 'Patient/open', 'Location/home'].map((one) => ({
      ...{
        actor: { reference: one, ...(one === 'Location/home' ? { display: 'Storgata 1' } : {}) },
        status: 'accepted',
      },
    })),
  },
]

let database: TestDatabase
let store: Store
let nurse: Access
let admin: Access

beforeAll(async () => {
  database = await startTestDatabase()
  const filtersOf = (type: string, query: [string, string][]) =>
    parseSearch(definitions, type, new URLSearchParams(query), 'strict').filters
  store = createDecidingStore({ pool: database.pool, definitions, baseUrl: BASE, now: () => NOW, filtersOf })
  await put(...(WORLD as Stored[]))
  nurse = await as('Practitioner/nurse')
  admin = await as('Practitioner/admin')
})
afterAll(() => database.stop())

type Stored = Resource & { id: string }
const put = (...resources: Stored[]) =>
  store.writeAll(
    engineAccess('test'),
    resources.map((resource) => ({ interaction: 'update', resource, id: resource.id })),
  )

async function as(actor: string, scope = 'user/*.cruds'): Promise<Access> {
  const access: Access = { actor, clientId: 'app', scopes: parseScopes(scope) }
  const standing = await readStanding(database.pool, access, NOW)
  return { ...access, ...(standing ? { standing } : {}) }
}

const page = (access: Access, type: string, query = '') =>
  store.search(access, parseSearch(definitions, type, new URLSearchParams(query), 'strict'))
const found = async (access: Access, type: string, query: string) =>
  (await page(access, type, query)).matches.map(({ id }) => id).sort()
const textOf = async (access: Access, type: string, id: string) => (await store.read(access, type, id)).text ?? ''

const TELLS = /Storgata|Oslo|11223344/

describe('who may not see it is not told in any form', () => {
  const everything = { tokens: ['compartment|Patient/hidden'], isEveryType: false, about: { type: '', id: '' } }
  const forms: [string, () => Promise<unknown>][] = [
    ['read', () => store.read(nurse, 'Patient', 'hidden')],
    ['read of a relative', () => store.read(nurse, 'RelatedPerson', 'kin-hidden')],
    ['read of a visit', () => store.read(nurse, 'Encounter', 'visit')],
    ['read of an appointment', () => store.read(nurse, 'Appointment', 'visit')],
    ['read of a home', () => store.read(nurse, 'Location', 'home')],
    ['read to change it', () => store.read(nurse, 'Patient', 'hidden', 'u')],
    ['vread', () => store.readVersion(nurse, 'Patient', 'hidden', '1')],
    ['history', () => store.history(nurse, 'Patient', 'hidden', { count: 9 })],
    ['search', () => page(nurse, 'Patient', '_id=hidden')],
    ['search by patient', () => page(nurse, 'RelatedPerson', 'patient=hidden')],
    ['search of one patient’s visits', () => page(nurse, 'Encounter', 'subject=Patient/hidden')],
    ['search of the visits of several', () => page(nurse, 'Encounter', 'patient=hidden,open')],
    ['search of visits', () => page(nurse, 'Encounter', 'status=finished')],
    ['search of appointments, which name several patients', () => page(nurse, 'Appointment', 'status=booked')],
    ['search of an appointment by one of its patients', () => page(nurse, 'Appointment', 'patient=open')],
    ['_include', () => page(nurse, 'Encounter', '_include=Encounter:subject&_include=Encounter:location')],
    ['_revinclude', () => page(nurse, 'Patient', '_id=hidden&_revinclude=RelatedPerson:patient')],
    [
      'the record',
      () =>
        store.record(nurse, {
          ...everything,
          types: ['RelatedPerson', 'Encounter'],
          undated: [],
          count: 9,
          isCounted: false,
        }),
    ],
    [
      'several types',
      () =>
        store.searchTypes(nurse, {
          ...parseSearch(definitions, 'Encounter', new URLSearchParams(), 'strict'),
          types: ['Encounter', 'Location'],
        }),
    ],
    ['inside a transaction', () => store.transact((inside) => inside.readForChange(nurse, 'Patient', 'hidden'))],
    [
      'a condition',
      () =>
        store.transact((inside) =>
          inside.findOne(nurse, parseSearch(definitions, 'Patient', new URLSearchParams('_id=hidden'), 'strict')),
        ),
    ],
    [
      'what is created unless it is there',
      () =>
        store.write(nurse, {
          interaction: 'create',
          resource: { resourceType: 'Patient' },
          unless: parseSearch(definitions, 'Patient', new URLSearchParams('_id=hidden'), 'strict'),
        }),
    ],
  ]
  test.each(forms)('%s', async (_, form) => {
    const text = JSON.stringify(await form())
    expect(text).toMatch(/REDACTED/)
    expect(text).not.toMatch(TELLS)
  })

  test('nor is the history of a type', async () => {
    const { versions } = await store.historyOfTypes(nurse, ['Patient', 'Location'], { count: 9 })
    const told = versions.filter(({ text = '' }) => TELLS.test(text)).map(({ id }) => id)
    expect(told).toEqual(['open'])
  })
})

// Where a condition asks for a place, what it finds is not looked at again: it must be what may be told.
test.each([
  ...[
    'address=Storgata',
    'address-city=Oslo&name=Danser',
    'phone=11223344',
    '_text=Storgata',
    'address-city:missing=false',
  ],
  ...['telecom:not=phone|999', 'address-city:missing=true', 'telecom:not=phone|999&address=Storgata'],
  ...['_filter=address-city eq Oslo and name eq Danser', '_filter=address-city eq Oslo or name eq Danser'],
  ...['_filter=not (address-city eq Bergen)'],
])('a search that asks for a place tells those that may be told, and no others: %s', async (query) => {
  const { matches } = await page(nurse, 'Patient', query)
  expect(matches.length).toBeGreaterThan(0)
  for (const { id, text } of matches) expect([id, TELLS.test(String(text))]).toEqual([id, id === 'open'])
})

describe('who may, is', () => {
  test.each(['Patient/hidden', 'RelatedPerson/kin-hidden', 'Location/home'])(
    'an administrator reads %s',
    async (name) => {
      const [type = '', id = ''] = name.split('/')
      expect(await textOf(admin, type, id)).toMatch(/Storgata/)
    },
  )

  test('a patient whose address is open is shown to all', async () => {
    expect(await textOf(nurse, 'Patient', 'open')).toMatch(/Storgata/)
    expect(await textOf(nurse, 'RelatedPerson', 'kin-open')).toMatch(/Storgata/)
    expect(JSON.stringify(await page(nurse, 'RelatedPerson', 'patient=open'))).toMatch(/Storgata/)
  })

  test('somebody who has opened the record, as long as it is open', async () => {
    const opening = (status: string): Stored => ({
      ...{ resourceType: 'Task', id: 'opening', status, intent: 'order', for: ref('Patient/hidden') },
      code: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-opening', code: 'open-restricted' }] },
      requester: ref('Practitioner/nurse'),
      restriction: { period: { start: '2026-11-10T07:00:00Z', end: '2026-11-10T09:00:00Z' } },
    })
    expect((await store.ties(nurse, ['hidden'])).isAddressWithheld).toBe(true)
    await put(opening('requested'))
    expect((await store.ties(nurse, ['hidden'])).isAddressWithheld).toBe(false)
    expect(await textOf(nurse, 'RelatedPerson', 'kin-hidden')).toMatch(/Storgata/)
    expect(await found(nurse, 'Patient', 'address=Storgata')).toEqual(['hidden', 'open'])
    await put(opening('cancelled'))
    expect(await textOf(nurse, 'Patient', 'hidden')).not.toMatch(TELLS)
  })
})

describe('a search does not tell it either', () => {
  test.each([
    ['Patient', 'address=Storgata'],
    ['Patient', 'address-city:contains=slo'],
    ['Patient', 'address-city:missing=false'],
    ['Patient', 'telecom=11223344'],
    ['Patient', 'phone:missing=false'],
    ['Patient', '_text=Storgata'],
    ['Patient', '_content=Storgata'],
    ['Patient', '_filter=address-city eq Oslo'],
    ['Patient', '_filter=name co Dan and (address co Storgata)'],
    ['Patient', 'general-practitioner=Practitioner/nurse&address=Storgata'],
    ['RelatedPerson', 'address=Storgata'],
    ['RelatedPerson', 'patient.address=Storgata'],
    ['Patient', '_has:RelatedPerson:patient:address=Storgata'],
  ])('%s?%s finds the open one alone', async (type, query) => {
    const name = (id: string) => (type === 'Patient' ? id : `kin-${id}`)
    expect(await found(nurse, type, query)).toEqual([name('open')])
    expect(await found(admin, type, query)).toEqual([name('hidden'), name('open')])
  })

  test.each([
    ['Location', 'name=Storgata', 0],
    ['Location', 'address=Storgata', 0],
    ['Encounter', 'location.address=Storgata', 0],
    ['Patient', 'address-city:missing=true', 1],
    ['Patient', 'phone:missing=true', 1],
    ['Patient', 'telecom:not=phone|11223344', 1],
    ['Patient', '_filter=not (address-city eq Oslo)', 1],
  ])('%s?%s: %i', async (type, query, count) => expect(await found(nurse, type, query)).toHaveLength(count))

  test('the order says nothing: without a value, the hidden one comes last either way', async () => {
    const ordered = async (sort: string) => (await page(nurse, 'Patient', `_sort=${sort}`)).matches.map(({ id }) => id)
    expect(await ordered('address-city')).toEqual(['open', 'hidden'])
    expect(await ordered('-telecom')).toEqual(['open', 'hidden'])
  })
})

describe('writing back', () => {
  const change = (access: Access, resource: Stored) =>
    store.write(access, { interaction: 'update', resource, id: resource.id })
  const shown = async (type: string, id: string) => JSON.parse(await textOf(nurse, type, id)) as Stored

  test('a copy without addresses does not delete them, and the answer does not tell them', async () => {
    const copy = await shown('Patient', 'hidden')
    const { text } = await change(nurse, { ...copy, gender: 'female' })
    expect(text).toMatch(/REDACTED/)
    expect(text).not.toMatch(TELLS)
    const stored = JSON.parse(await textOf(admin, 'Patient', 'hidden'))
    expect(stored).toMatchObject({ gender: 'female', address: HOME, telecom: PHONE })
    expect(stored.meta).toMatchObject({ security: [LABEL] })
    expect(JSON.stringify(stored)).not.toMatch(/REDACTED|SUBSETTED|masked/)
  })

  test.each<[string, string, string, (copy: Stored) => object, string]>([
    ['a new address', 'Patient', 'hidden', () => ({ address: [{ city: 'Bodø' }] }), 'Patient.address'],
    [
      'it moved to a patient whose is open',
      'RelatedPerson',
      'kin-hidden',
      () => ({ patient: ref('Patient/open') }),
      'RelatedPerson',
    ],
  ])('%s is refused', async (_, type, id, edit, expression) => {
    const copy = await shown(type, id)
    await expect(change(nurse, { ...copy, ...edit(copy) })).rejects.toMatchObject({
      issues: [{ code: 'forbidden', expression: [expression] }],
    })
    expect(await textOf(admin, type, id)).toMatch(/Storgata/)
  })

  test('whoever sees it may change it, and end the protection', async () => {
    const whole = JSON.parse(await textOf(admin, 'Patient', 'hidden')) as Stored
    await change(admin, { ...whole, meta: {} })
    expect(await textOf(nurse, 'Patient', 'hidden')).toMatch(TELLS)
    await change(admin, whole)
    expect(await textOf(nurse, 'Patient', 'hidden')).not.toMatch(TELLS)
  })
})
