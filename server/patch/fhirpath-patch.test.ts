import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { cloneJson, parseJson, stringifyJson } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { applyFhirPathPatch } from './fhirpath-patch.ts'

type Fields = Record<string, unknown>

const operation = (type: string, path: string, ...parts: object[]) => ({
  name: 'operation',
  part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...parts],
})
const value = (rest: object) => ({ name: 'value', ...rest })
const name = (text: string) => ({ name: 'name', valueString: text })
const at = (partName: string, index: number) => ({ name: partName, valueInteger: index })

function patched(resource: object, ...parameter: object[]): Fields {
  const copy = cloneJson(resource) as Fields
  applyFhirPathPatch(copy, { resourceType: 'Parameters', parameter })
  return copy
}

function refusalOf(resource: object, ...parameter: unknown[]): Refusal['issues'][number] | undefined {
  try {
    patched(resource, ...(parameter as object[]))
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]
    throw error
  }
  return undefined
}

const patient = {
  resourceType: 'Patient',
  gender: 'male',
  deceasedBoolean: false,
  birthDate: '1970-01-01',
  _birthDate: { extension: [{ url: 'http://x.example/time', valueString: 'noon' }] },
  name: [
    { use: 'official', given: ['Line', 'Marie'], family: 'Danser' },
    { use: 'nickname', given: ['Lillemor'] },
  ],
}

test.each([
  ['replace a code', operation('replace', 'Patient.gender', value({ valueCode: 'other' })), { gender: 'other' }],
  [
    'replace a choice by another type',
    operation('replace', 'Patient.deceased', value({ valueDateTime: '2026-01-01' })),
    { deceasedBoolean: undefined, deceasedDateTime: '2026-01-01' },
  ],
  [
    'replace by condition',
    operation('replace', "Patient.name.where(use = 'official').family", value({ valueString: 'Nord' })),
    { name: [{ use: 'official', given: ['Line', 'Marie'], family: 'Nord' }, patient.name[1]] },
  ],
  [
    'replace an item of a list of primitives',
    operation('replace', 'Patient.name[0].given[1]', value({ valueString: 'Mari' })),
    { name: [{ use: 'official', given: ['Line', 'Mari'], family: 'Danser' }, patient.name[1]] },
  ],
  [
    'a replaced primitive has lost its extensions',
    operation('replace', 'Patient.birthDate', value({ valueDate: '1971-01-01' })),
    { birthDate: '1971-01-01', _birthDate: undefined },
  ],
  [
    'replace what stands in an extension of a primitive',
    operation('replace', 'Patient.birthDate.extension[0].value', value({ valueString: 'dawn' })),
    { _birthDate: { extension: [{ url: 'http://x.example/time', valueString: 'dawn' }] } },
  ],
  [
    'add an extension to a primitive that has none',
    operation('add', 'Patient.gender', name('extension'), value({ valueExtension: { url: 'u', valueCode: 'c' } })),
    { _gender: { extension: [{ url: 'u', valueCode: 'c' }] } },
  ],
  [
    'add to a list that is not there',
    operation('add', 'Patient', name('telecom'), value({ valueContactPoint: { value: '1' } })),
    { telecom: [{ value: '1' }] },
  ],
  [
    'add a choice by its name',
    operation('add', 'Patient', name('multipleBirth'), value({ valueInteger: 2 })),
    { multipleBirthInteger: 2 },
  ],
  [
    'add what has no type of its own',
    operation(
      'add',
      'Patient',
      name('contact'),
      value({
        part: [
          { name: 'name', valueHumanName: { text: 'a' } },
          { name: 'gender', valueCode: 'male' },
        ],
      }),
    ),
    { contact: [{ name: { text: 'a' }, gender: 'male' }] },
  ],
  [
    'insert at the start',
    operation('insert', 'Patient.name', at('index', 0), value({ valueHumanName: { text: 'new' } })),
    { name: [{ text: 'new' }, ...patient.name] },
  ],
  [
    'insert into a list that is not there',
    operation('insert', 'Patient.telecom', at('index', 0), value({ valueContactPoint: { value: '1' } })),
    { telecom: [{ value: '1' }] },
  ],
  [
    'move',
    operation('move', 'Patient.name[0].given', at('source', 1), at('destination', 0)),
    { name: [{ use: 'official', given: ['Marie', 'Line'], family: 'Danser' }, patient.name[1]] },
  ],
  ['delete', operation('delete', 'Patient.birthDate'), { birthDate: undefined, _birthDate: undefined }],
  ['delete what is not there', operation('delete', 'Patient.maritalStatus'), {}],
  ['what becomes empty goes too', operation('delete', 'Patient.birthDate.extension[0]'), { _birthDate: undefined }],
] as const)('%s', (_, one, changes) => {
  expect(patched(patient, one)).toEqual({ ...patient, ...changes })
})

test.each([
  ['no operation', { name: 'other' }, 'invalid'],
  ['nothing', null, 'invalid'],
  ['an unknown type', operation('upsert', 'Patient.gender'), 'invalid'],
  ['no path', { name: 'operation', part: [{ name: 'type', valueCode: 'delete' }] }, 'required'],
  ['no value', operation('replace', 'Patient.gender'), 'required'],
  ['no FHIRPath', operation('delete', 'Patient..gender'), 'invalid'],
  ['a function that does not select', operation('delete', 'Patient.name.repeat(given)'), 'invalid'],
  ['a path to several', operation('delete', 'Patient.name.given'), 'invalid'],
  ['a path to nothing', operation('replace', 'Patient.maritalStatus', value({ valueString: 'x' })), 'processing'],
  ['a path to a value', operation('delete', 'Patient.gender.upper()'), 'processing'],
  ['an element that R4 has not', operation('add', 'Patient', name('colour'), value({ valueString: 'x' })), 'invalid'],
  ['adding what is there', operation('add', 'Patient', name('gender'), value({ valueCode: 'male' })), 'processing'],
  [
    'adding a choice that is there',
    operation('add', 'Patient', name('deceased'), value({ valueDate: '2026' })),
    'processing',
  ],
  ['an index beyond', operation('insert', 'Patient.name', at('index', 3), value({ valueHumanName: {} })), 'processing'],
  ['moving from nowhere', operation('move', 'Patient.name', at('source', 2), at('destination', 0)), 'processing'],
  ['moving what is no list', operation('move', 'Patient.gender', at('source', 0), at('destination', 0)), 'processing'],
  ['the resource itself', operation('delete', 'Patient'), 'invalid'],
] as const)('refused: %s', (_, one, code) => {
  const issue = refusalOf(patient, one)
  expect([issue?.code, issue?.expression]).toEqual([code, ['Parameters.parameter[0]']])
})

test('decimals keep their digits, and the patch is as it was', () => {
  const observation = parseJson(
    '{"resourceType":"Observation","valueQuantity":{"value":1.00},"component":[{}]}',
  ) as Fields
  const patch = parseJson(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
    {"name":"type","valueCode":"replace"},{"name":"path","valueString":"Observation.value.value"},{"name":"value","valueDecimal":95.00}]}]}`) as Fields
  const before = stringifyJson(patch)
  applyFhirPathPatch(observation, patch)
  expect(stringifyJson(observation)).toBe(
    '{"resourceType":"Observation","valueQuantity":{"value":95.00},"component":[{}]}',
  )
  expect(stringifyJson(patch)).toBe(before)
})

test('any JSON at all gives a result or a Refusal', () => {
  const part = fc.record({
    name: fc.constantFrom('type', 'path', 'name', 'value', 'index'),
    valueString: fc.anything(),
    part: fc.jsonValue(),
  })
  fc.assert(fc.property(fc.jsonValue(), (one) => void refusalOf(patient, one)))
  fc.assert(fc.property(fc.array(part), (parts) => void refusalOf(patient, { name: 'operation', part: parts })))
})

const CASES = join(import.meta.dirname, '../../../shared/conformance/patch/fhirpath-patch.ndjson')
type Case = { id: string; input: object; patch: { parameter?: object[] }; expected: object; expectError?: boolean }

// Public cases that lie beside the project where it is developed.
const cases: Case[] = existsSync(CASES)
  ? readFileSync(CASES, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : []
if (cases.length > 0) {
  describe('the cases of the FHIRPath Patch suite', () => {
    test.each(cases)('$id', ({ input, patch, expected, expectError }) => {
      if (expectError) expect(refusalOf(input, ...(patch.parameter ?? []))).toBeDefined()
      else expect(patched(input, ...(patch.parameter ?? []))).toEqual(expected)
    })
  })
}
