import { parseElm } from './elm.ts'
import { fhirHelpers, fhirHelpersElm, readModelInfo } from './fhir-helpers.ts'
import { includedBy } from './translation.ts'
import { openTranslator } from './translator.ts'

const translator = openTranslator()
afterAll(() => translator.close())

const HEADER = `library Test version '1.0.0'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
codesystem "LOINC": 'http://loinc.org'
code "SpO2": '59408-5' from "LOINC"
context Patient
`

test('CQL over FHIR becomes ELM, with FHIRHelpers built in', async () => {
  const source = `${HEADER}define "Low": exists([Observation: "SpO2"] O where (O.value as Quantity) < 90 '%')`
  const translation = await translator.translate({ source, includes: [] })
  if (!('elm' in translation)) throw new Error(JSON.stringify(translation))
  expect(parseElm(translation.elm).library).toMatchObject({
    identifier: { id: 'Test', version: '1.0.0' },
    includes: { def: [{ path: 'FHIRHelpers', version: '4.0.1' }] },
  })
  expect(translation.elm).not.toContain('annotation')
})

test('what is included is translated from its own CQL', async () => {
  const source = "library A include B version '2' called B define X: B.Y + 1"
  const includes = [{ name: 'B', version: '2', source: "library B version '2' define Y: 3" }]
  expect(await translator.translate({ source, includes })).toHaveProperty('elm')
  expect(await translator.translate({ source, includes: [] })).toMatchObject({
    problems: [
      { message: 'Could not load source for library B, version 2, namespace uri null.', line: 1, column: 11 },
      {},
    ],
  })
})

test.each([
  ["define X: 1 + 'a'", 7, 11, 'Could not resolve call to operator Add'],
  ['define X: Nobody', 7, 11, 'Could not resolve identifier Nobody'],
  ['define X 1 +', 7, 9, 'Syntax error at 1'],
  ["define X: 3 'parsecs per fortnight'", 7, 11, 'no unit of UCUM'],
  ['define X: Patient.colour', 7, 19, 'Member colour not found'],
])(
  '%s is wrong at %i:%i',
  async (text, line, column, message) => {
    const translation = await translator.translate({ source: HEADER + text, includes: [] })
    if (!('problems' in translation)) throw new Error('It was translated.')
    expect(translation.problems[0]).toMatchObject({ line, column, message: expect.stringContaining(message) })
  },
  60_000,
)

test('FHIRHelpers as ELM is what the translator makes of its CQL', async () => {
  const modelInfo = readModelInfo()
  const translation = await translator.translate({ source: fhirHelpers(modelInfo), includes: [] })
  if (!('elm' in translation)) throw new Error(JSON.stringify(translation))
  const withoutNumbers = (name: string, value: unknown) =>
    name === 'localId' || (Array.isArray(value) && value.length === 0) ? undefined : value
  expect(JSON.parse(fhirHelpersElm(modelInfo), withoutNumbers)).toEqual(JSON.parse(translation.elm, withoutNumbers))
})

test('libraries that are included are seen without parsing', () => {
  const source = `library A
    // include Nothing version '1'
    include Common."My Library" version '2.1' called M
    include B /* include C */
    include FHIRHelpers version '4.0.1'`
  expect(includedBy(source)).toEqual([
    { name: 'My Library', version: '2.1' },
    { name: 'B', version: undefined },
    { name: 'FHIRHelpers', version: '4.0.1' },
  ])
})
