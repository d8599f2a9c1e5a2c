import type { Resource } from '../core/fhir/resource.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { createIndexer } from './indexer.ts'
import { keyId } from './search-key.ts'
import { compartmentToken, tokenHash } from './token-hash.ts'

const baseUrl = 'https://here.example/fhir'
const definitions = loadDefinitions()
const indexer = createIndexer(() => definitions, { baseUrl })
const LOINC = 'http://loinc.org'

const spo2: Resource = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: { coding: [{ system: LOINC, code: '59408-5' }] },
  subject: { reference: 'Patient/p1' },
  effectiveDateTime: '2026-03-01T08:00:00+01:00',
  valueQuantity: { value: 91, unit: 'percent', system: 'http://unitsofmeasure.org', code: '%' },
}

function hasToken(resource: Resource, token: string): boolean {
  return indexer.index(resource).tokens.includes(tokenHash(token))
}

test('a vital sign is one row in the side tables, and its patient and time are columns', () => {
  const row = indexer.index(spo2)
  expect(row).toMatchObject({
    patient: 'p1',
    dateLow: '2026-03-01T07:00:00.000Z',
    dateHigh: '2026-03-01T07:00:01.000Z',
    side: { search_quantity: [[keyId('Observation.value:Quantity'), 0, 91, 91, '%', 'percent', null, '', 0.91, 0.91]] },
  })
  expect(Object.keys(row.side)).toEqual(['search_quantity'])
  expect(new Set(row.tokens).size).toBe(row.tokens.length)
})

test.each([
  ['a code of any system', 'Observation.code=59408-5'],
  ['a code of its system', `Observation.code@${LOINC}|59408-5`],
  ['any code of the system', `Observation.code^${LOINC}`],
  ['a primitive code', 'Observation.status=final'],
  ['a reference', 'Observation.subject>Patient/p1'],
  ['presence of a reference, with its type', 'Observation.subject!Patient'],
  ['the compartment', 'compartment|Patient/p1'],
])('%s is a token', (_, token) => expect(hasToken(spo2, token)).toBe(true))

test('presence of what every Observation has is not indexed', () => {
  expect(hasToken(spo2, 'Observation.status!')).toBe(false)
  expect(hasToken(spo2, 'Observation.code!')).toBe(false)
})

test.each([
  ['relative', 'Patient/p1', 'p1'],
  ['with a version', 'Patient/p1/_history/3', 'p1'],
  ['absolute, of this server', `${baseUrl}/Patient/p1`, 'p1'],
  ['absolute, of another server', 'https://elsewhere.example/fhir/Patient/p1', null],
  ['to another type', 'Group/p1', null],
  ['to a contained resource', '#p1', null],
  ['not yet resolved', 'urn:uuid:6f0d3f0e-0000-4000-8000-000000000000', null],
  ['with a path behind it', 'Patient/p1/x', null],
])('a subject that is %s puts the Observation into the compartment of %p: %p', (_, reference, patient) => {
  const row = indexer.index({ ...spo2, subject: { reference } })
  expect(row.patient).toBe(patient)
  expect(row.tokens.includes(tokenHash(compartmentToken('p1')))).toBe(patient !== null)
})

test('a reference that names a patient by identifier alone gives no access', () => {
  const row = indexer.index({ ...spo2, subject: { type: 'Patient', identifier: { system: 'urn:x', value: 'p1' } } })
  expect(row.patient).toBeNull()
  expect(row.tokens).not.toContain(tokenHash(compartmentToken('p1')))
  expect(row.tokens).toContain(tokenHash('Observation.subject~~urn:x|p1'))
})

test('an Observation is in the compartments of its subject and of each patient who performed it', () => {
  const row = indexer.index({
    ...spo2,
    performer: [{ reference: 'Patient/p2' }, { reference: 'Practitioner/d1' }, { reference: 'Patient/p3' }],
  })
  expect(row.patient).toBe('p1')
  for (const id of ['p1', 'p2', 'p3']) expect(row.tokens).toContain(tokenHash(compartmentToken(id)))
  expect(row.tokens).not.toContain(tokenHash(compartmentToken('d1')))
})

test('a Patient is in its own compartment, by its own id', () => {
  const row = indexer.index({ resourceType: 'Patient', id: 'p1', link: [{ other: { reference: 'Patient/p0' } }] })
  expect(row.patient).toBe('p1')
  expect(row.tokens).toContain(tokenHash(compartmentToken('p1')))
  expect(row.tokens).toContain(tokenHash(compartmentToken('p0')))
})

test('an Appointment has no patient column, and is in the compartment of every patient who takes part', () => {
  const row = indexer.index({
    resourceType: 'Appointment',
    id: 'a1',
    status: 'booked',
    participant: [{ actor: { reference: 'Patient/p1' } }, { actor: { reference: 'Patient/p2' } }],
  })
  expect(row.patient).toBeNull()
  for (const id of ['p1', 'p2']) expect(row.tokens).toContain(tokenHash(compartmentToken(id)))
})

test.each<[string, Resource, string]>([
  [
    'what a where() lets through',
    {
      resourceType: 'Patient',
      id: 'p1',
      telecom: [
        { system: 'phone', value: '1' },
        { system: 'email', value: 'a@b.no' },
      ],
    },
    'Patient.telecom[system is email]=a@b.no',
  ],
  [
    'an expression beyond walks',
    { resourceType: 'Patient', id: 'p1', deceasedDateTime: '2026' },
    'Patient{Patient.deceased.exists() and Patient.deceased != false}=true',
  ],
  [
    'the type of an identifier',
    {
      resourceType: 'Patient',
      id: 'p1',
      identifier: [{ type: { coding: [{ system: 'urn:t', code: 'MR' }] }, value: '1' }],
    },
    'Patient.identifier%urn:t|MR|1',
  ],
  [
    'a canonical without its version',
    { resourceType: 'CarePlan', id: 'c1', instantiatesCanonical: ['http://x/Plan|2'] },
    'CarePlan.instantiatesCanonical>http://x/Plan',
  ],
  [
    'the resource that stands in a Bundle itself',
    {
      resourceType: 'Bundle',
      id: 'b1',
      type: 'document',
      entry: [{ resource: { resourceType: 'Composition', id: 'c1' } }],
    },
    'Bundle.entry[0].resource>Composition/c1',
  ],
])('%s is a token', (_, resource, token) => expect(hasToken(resource, token)).toBe(true))

test('an element of the wrong shape leaves no entry, and no error', () => {
  const row = indexer.index({
    ...spo2,
    code: 'x',
    subject: 7,
    effectiveDateTime: 'soon',
    valueQuantity: null,
    category: [null],
  })
  expect(row).toMatchObject({ patient: null, dateLow: null, dateHigh: null, side: {} })
})

test('every type of R4 can be indexed', () => {
  for (const resourceType of definitions.resourceTypes) {
    expect(indexer.index({ resourceType, id: 'x' }).dateLow).toBeNull()
  }
})
