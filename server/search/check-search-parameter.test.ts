import type { SearchParameter } from '@medplum/fhirtypes'
import { loadDefinitions } from '../definitions/definitions.ts'
import { withSearchParameters } from '../definitions/with-search-parameters.ts'
import { checkSearchParameter, isInUse } from './check-search-parameter.ts'
import { typeIndex } from './parameters.ts'

const base = loadDefinitions()
const usual: SearchParameter = {
  resourceType: 'SearchParameter',
  url: 'http://x.example/SearchParameter/colour',
  name: 'colour',
  description: 'The colour of the device',
  status: 'active',
  code: 'colour',
  base: ['Device'],
  type: 'token',
  expression: "Device.extension.where(url='http://x.example/colour').value",
}
const check = (change: Partial<SearchParameter>, current = base) =>
  checkSearchParameter(base, current, { ...usual, ...change }).map(({ code, expression }) => `${code} ${expression}`)

test.each<[string, Partial<SearchParameter>]>([
  ['an extension', {}],
  ['a path with a choice', { type: 'quantity', expression: 'Observation.value as Quantity', base: ['Observation'] }],
  ['an expression beyond paths', { expression: 'Device.udiCarrier.exists()' }],
  ['a union of which one part is in the type', { expression: 'Device.manufacturer | Patient.language' }],
  ['a parameter for every type', { base: ['Resource' as 'Patient'], expression: 'Resource.meta.versionId' }],
  ['a special one, which has no expression', { type: 'special', expression: undefined }],
  ['a composite whose parts are not there yet', { type: 'composite', expression: 'Device' }],
  [
    'one of R4’s own, whatever it says',
    { url: 'http://hl7.org/fhir/SearchParameter/Device-type', code: 'x.y', expression: '(((' },
  ],
])('%s can take effect', (_, change) => expect(check(change)).toEqual([]))

test.each<[string, Partial<SearchParameter>, string]>([
  ['is no FHIRPath', { expression: 'Device.where(' }, 'invalid SearchParameter.expression'],
  ['leads nowhere', { expression: 'Device.colour' }, 'invalid SearchParameter.expression'],
  ['is of another type', { expression: 'Patient.language' }, 'invalid SearchParameter.expression'],
  [
    'leads to what its type cannot compare',
    { type: 'date', expression: 'Device.manufacturer' },
    'invalid SearchParameter.expression',
  ],
  [
    'needs other resources',
    { expression: 'Device.patient.resolve().name.first().given' },
    'invalid SearchParameter.expression',
  ],
  ['has the code of another parameter', { code: 'manufacturer' }, 'business-rule SearchParameter.code'],
  ['has a code that is a result parameter', { code: '_sort' }, 'business-rule SearchParameter.code'],
  ['has a code that cannot be asked for', { code: 'a:b' }, 'value SearchParameter.code'],
])('one that %s cannot', (_, change, issue) => expect(check(change)).toEqual([issue]))

test('a code is taken by what was stored before, but not by the same parameter', () => {
  const current = withSearchParameters(base, [usual])
  expect(check({}, current)).toEqual([])
  expect(check({ url: 'http://x.example/other' }, current)).toEqual(['business-rule SearchParameter.code'])
  expect(check({ url: 'http://x.example/other', base: ['Patient'], expression: 'Patient.language' }, current)).toEqual(
    [],
  )
})

test.each([
  ['active', true],
  ['draft', true],
  ['retired', false],
  ['unknown', false],
])('one with the status %s is in use: %s', (status, used) => expect(isInUse({ status })).toBe(used))

test('R4’s parameters stay as they are, also those that decide who may see what', () => {
  const everybody: SearchParameter = {
    ...usual,
    base: ['Observation'],
    code: 'patient',
    type: 'reference',
    expression: 'Observation.performer',
  }
  const definitions = withSearchParameters(base, [everybody])
  expect(typeIndex(definitions, 'Observation')).toBe(typeIndex(base, 'Observation'))
})

test('a date that is added does not take the column of R4’s own', () => {
  const date: SearchParameter = {
    ...usual,
    base: ['Basic'],
    code: 'date',
    type: 'date',
    expression: "Basic.extension.where(url='d').value as dateTime",
  }
  const index = typeIndex(withSearchParameters(base, [date]), 'Basic')
  expect(index.date?.path).toBe('Basic.created')
  expect(index.parameters.get('date')?.keys.map(({ key }) => key.column)).toEqual([undefined])
})

test('types that get nothing keep what was compiled for them', () => {
  const definitions = withSearchParameters(base, [usual])
  expect(typeIndex(definitions, 'Patient')).toBe(typeIndex(base, 'Patient'))
  expect(typeIndex(definitions, 'Device')).not.toBe(typeIndex(base, 'Device'))
})
