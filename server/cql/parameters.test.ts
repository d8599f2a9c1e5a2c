import { createHash } from 'node:crypto'
import { libraryKey } from './library-key.ts'
import { toCqlLibrary } from './library-set.ts'
import { builtInHelpers } from './read-library-set.ts'
import { learnLibraries, runDefine } from './run-define.ts'
import { openTranslator } from './translator.ts'

const translator = openTranslator()
afterAll(() => translator.close())

const SOURCE = `library Given version '1.0.0'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
parameter "Lowest" Decimal default 88.0
parameter "Period" Interval<DateTime>
parameter "Codes" List<String>
parameter "Dose" Quantity
parameter "Setting" Concept
parameter "Code" Code
parameter "Day" Date
parameter "Moment" DateTime
parameter "Count" Integer
parameter "Flag" Boolean
parameter "Time" Time
parameter "Either" Choice<Integer, String>
parameter "Person" Tuple { name String, age Integer }
parameter "Observed" FHIR.Observation
context Patient
define "Lowest of all": "Lowest"
define "Start": start of "Period"
define "How many codes": Count("Codes")
define "More than a gram": "Dose" > 1 'g'
define "Setting code": First("Setting".codes).code
define "The code": "Code".code
define "Day after": "Day" + 1 day
define "Year": year from "Moment"
define "Next": "Count" + 1
define "Not": not "Flag"
define "Hour": hour from "Time"
define "Either one": "Either"
define "Name": "Person".name
define "Status": "Observed".status.value
define "Nothing": "Flag" is null`

let hash = ''
let library = ''
beforeAll(async () => {
  const translation = await translator.translate({ source: SOURCE, includes: [] })
  if (!('elm' in translation)) throw new Error(JSON.stringify(translation.problems))
  hash = createHash('sha256').update(translation.elm).digest('base64')
  library = libraryKey(toCqlLibrary(translation.elm))
  learnLibraries(hash, [translation.elm, builtInHelpers().elm])
})

const ask = (define: string, parameters: Record<string, unknown[]> = {}) =>
  runDefine(hash, {
    ...{ library, define, parameters, valueSets: {}, now: '2026-11-10T08:00:00Z' },
    data: [{ resourceType: 'Patient', id: 'p' }],
  })

test('what is not given has its default, or is nothing; what no library knows is left out', async () => {
  expect(await ask('Lowest of all')).toEqual([88])
  expect(await ask('Nothing', { Stranger: ['x'] })).toEqual([true])
})

test.each<[string, unknown[], string, unknown[]]>([
  ['Lowest', [90.5], 'Lowest of all', [90.5]],
  [
    'Period',
    [{ start: '2026-01-01T00:00:00Z', end: '2026-02-01T00:00:00Z' }],
    'Start',
    [expect.stringMatching(/^2026-01-01T00:00/)],
  ],
  ['Codes', ['a', 'b'], 'How many codes', [2]],
  ['Codes', ['a'], 'How many codes', [1]],
  ['Dose', [{ value: 1200, unit: 'milligram', code: 'mg' }], 'More than a gram', [true]],
  ['Setting', [{ coding: [{ system: 's', code: 'home' }] }], 'Setting code', ['home']],
  ['Setting', [{ system: 's', code: 'home' }], 'Setting code', ['home']],
  ['Code', [{ system: 's', code: 'home' }], 'The code', ['home']],
  ['Day', ['2026-11-30'], 'Day after', ['2026-12-01']],
  ['Moment', ['2026-11-30T08:00:00+01:00'], 'Year', [2026]],
  ['Count', [3], 'Next', [4]],
  ['Flag', [true], 'Not', [false]],
  ['Time', ['08:30:00'], 'Hour', [8]],
  ['Either', ['word'], 'Either one', ['word']],
  ['Either', [7], 'Either one', [7]],
  ['Person', [{ name: 'Line', age: 60 }], 'Name', ['Line']],
  ['Observed', [{ resourceType: 'Observation', status: 'final' }], 'Status', ['final']],
])('%s = %j makes "%s" %j', async (name, values, define, expected) => {
  expect(await ask(define, { [name]: values })).toEqual(expected)
})

test.each<[string, unknown[], string]>([
  ['Count', [1.5], 'The parameter "Count" is Integer, not 1.5.'],
  ['Count', [1, 2], 'The parameter "Count" is one Integer, and 2 were given.'],
  ['Flag', ['yes'], 'The parameter "Flag" is Boolean, not "yes".'],
  ['Period', ['2026'], 'The parameter "Period" is Interval<DateTime>, not "2026".'],
  ['Dose', [12], 'The parameter "Dose" is FHIR.Quantity, not 12.'],
  ['Codes', [1], 'The parameter "Codes" is String, not 1.'],
  ['Either', [true], 'The parameter "Either" is one of Integer, String, not true.'],
  ['Person', ['Line'], 'The parameter "Person" is a tuple, not "Line".'],
  ['Day', ['someday'], 'The parameter "Day" is Date, not "someday".'],
])('%s = %j is refused', async (name, values, told) => {
  await expect(ask('Nothing', { [name]: values })).rejects.toThrow(told)
})
