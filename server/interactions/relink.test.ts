import { expect, test } from '@jest/globals'
import { parseJson, stringifyJson } from '../core/fhir/json.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { relink } from './relink.ts'

const definitions = loadDefinitions()
const LINK = 'urn:uuid:0d6f0c2e-3d5b-4c7b-8f44-0d8b3a2f6c11'

function relinked(resource: object): Record<string, unknown> {
  const copy = parseJson(JSON.stringify(resource)) as Resource
  relink(definitions, copy, (link) => (link === LINK ? 'Patient/1' : undefined))
  return copy
}

test.each([
  ['a reference', { subject: { reference: LINK } }, { subject: { reference: 'Patient/1' } }],
  [
    'a reference to what is contained in it',
    { subject: { reference: `${LINK}#a` } },
    { subject: { reference: 'Patient/1#a' } },
  ],
  ['a uri', { implicitRules: LINK }, { implicitRules: 'Patient/1' }],
  [
    'an extension of a primitive',
    { _status: { extension: [{ url: 'u', valueUuid: LINK }] } },
    { _status: { extension: [{ url: 'u', valueUuid: 'Patient/1' }] } },
  ],
  [
    'a backbone element',
    { component: [{ extension: [{ url: 'u', valueUri: LINK }] }] },
    { component: [{ extension: [{ url: 'u', valueUri: 'Patient/1' }] }] },
  ],
] as const)('%s leads to what the entry became', (_, before, after) => {
  expect(relinked({ resourceType: 'Observation', ...before })).toEqual({ resourceType: 'Observation', ...after })
})

test.each([
  ['the value of an identifier', { identifier: [{ value: LINK }] }],
  ['a text', { note: [{ text: LINK }] }],
  ['a display', { subject: { display: LINK } }],
  ['another reference', { subject: { reference: 'Patient/2' } }],
  ['a canonical', { extension: [{ url: 'u', valueCanonical: LINK }] }],
] as const)('%s stays as it is', (_, rest) => {
  const resource = { resourceType: 'Observation', ...rest }
  expect(relinked(resource)).toEqual(resource)
})

test('decimals keep their digits', () => {
  const text = `{"resourceType":"Observation","subject":{"reference":"${LINK}"},"valueQuantity":{"value":1.00}}`
  const resource = parseJson(text) as Resource
  relink(definitions, resource, () => 'Patient/1')
  expect(stringifyJson(resource)).toBe(text.replace(LINK, 'Patient/1'))
})
