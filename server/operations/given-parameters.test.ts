import fc from 'fast-check'
import { Refusal } from '../core/fhir/outcome.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

const DANCE: Operation = {
  ...{ code: 'dance', title: 'Dance', description: '', resource: ['Basic'], on: ['type'], letter: 'r', out: [] },
  in: [
    { name: 'step', type: 'code', min: 1, max: '1', documentation: '' },
    { name: 'count', type: 'integer', min: 0, max: '1', documentation: '' },
    { name: 'alone', type: 'boolean', min: 0, max: '1', documentation: '' },
    { name: 'with', type: 'Reference', min: 0, max: '*', documentation: '' },
    { name: 'music', type: 'ValueSet', min: 0, max: '1', documentation: '' },
    {
      ...{ name: 'turn', min: 0, max: '*', documentation: '' },
      part: [
        { name: 'degrees', type: 'integer', min: 1, max: '1', documentation: '' },
        { name: 'left', type: 'boolean', min: 0, max: '1', documentation: '' },
      ],
    },
  ],
  handler: async () => ({ status: 200 }),
}
const read = (query: string, parameter?: unknown) =>
  readGiven(
    {
      query: new URLSearchParams(query),
      body: parameter === undefined ? undefined : { resourceType: 'Parameters', parameter },
    },
    DANCE,
  )

function refusalOf(work: () => unknown): [string, string[] | undefined] {
  try {
    work()
  } catch (error) {
    if (error instanceof Refusal && error.issues[0]) return [error.issues[0].code, error.issues[0].expression]
    throw error
  }
  throw new Error('It was not refused.')
}

test('query and body together give the parameters, each of its type', () => {
  const given = read('step=turn&_format=json', [
    { name: 'count', valueInteger: 3 },
    { name: 'alone', valueBoolean: false },
    { name: 'with', valueReference: { reference: 'Patient/1' } },
    { name: 'with', valueString: 'Patient/2' },
    { name: 'music', resource: { resourceType: 'ValueSet', id: 'm' } },
  ])
  expect([given.text('step'), given.count('count'), given.flag('alone')]).toEqual(['turn', 3, false])
  expect(given.texts('with')).toEqual(['Patient/1', 'Patient/2'])
  expect(given.resource('music', 'ValueSet')?.id).toBe('m')
  expect([given.flag('step'), read('step=turn').flag('alone')]).toEqual([false, undefined])
})

test('a parameter that is made of parts gives them, each of its type, as often as it stands there', () => {
  const turn = (...part: object[]) => ({ name: 'turn', part })
  const degrees = (valueInteger: number) => ({ name: 'degrees', valueInteger })
  const given = read('step=a', [turn(degrees(90)), turn(degrees(180), { name: 'left', valueBoolean: true })])
  expect(given.parts('turn').map((one) => [one.count('degrees'), one.flag('left')])).toEqual([
    [90, undefined],
    [180, true],
  ])
  expect(given.parts('step')).toEqual([])
})

test('a body that is the resource itself stands for the one parameter of its type', () => {
  const body = { resourceType: 'ValueSet', id: 'm' }
  expect(readGiven({ query: new URLSearchParams('step=turn'), body }, DANCE).resource('music')?.id).toBe('m')
})

test.each([
  ['', undefined, 'required', ['step']],
  ['step=a&step=b', undefined, 'value', ['step']],
  ['step=', undefined, 'value', ['step']],
  ['step=a&count=-1', undefined, 'value', ['count']],
  ['step=a&alone=maybe', undefined, 'value', ['alone']],
  ['step=a&music=ValueSet/1', undefined, 'value', ['music']],
  ['step=a&colour=red', undefined, 'not-supported', ['colour']],
  ['step=a', [{ name: 'colour', valueCode: 'red' }], 'not-supported', ['colour']],
  ['step=a', [{ valueCode: 'red' }], 'required', ['Parameters.parameter[0].name']],
  ['step=a', [{ name: 'count' }], 'value', ['count']],
  ['step=a', 'many', 'structure', ['Parameters.parameter']],
  ['step=a&turn=90', undefined, 'value', ['turn']],
  ['step=a', [{ name: 'turn', part: [] }], 'required', ['Parameters.parameter[0].part']],
  ['step=a', [{ name: 'turn', part: 90 }], 'structure', ['Parameters.parameter[0].part']],
  ['step=a', [{ name: 'turn', part: [{ valueInteger: 1 }] }], 'required', ['Parameters.parameter[0].part[0].name']],
  ['step=a', [{ name: 'turn', part: [{ name: 'degrees', valueString: 'x' }] }], 'value', ['degrees']],
  [
    'step=a',
    [{ name: 'turn', part: [{ name: 'speed', valueInteger: 1 }] }],
    'not-supported',
    ['Parameters.parameter[0].part'],
  ],
])('?%s %p is refused: %s', (query, parameter, code, expression) => {
  expect(refusalOf(() => read(query, parameter))).toEqual([code, expression])
})

test('a body of another type is refused', () => {
  const body = { resourceType: 'Patient' }
  expect(refusalOf(() => readGiven({ query: new URLSearchParams('step=a'), body }, DANCE))).toEqual([
    'invalid',
    ['Parameters'],
  ])
})

test('whatever is sent, it is read or refused, and nothing else is thrown', () => {
  const names = fc.constantFrom('step', 'count', 'alone', 'with', 'music', 'turn', 'else')
  const kinds = fc.constantFrom('valueCode', 'valueString', 'valueInteger', 'valueReference', 'resource', 'value')
  const parameter = fc.oneof(
    fc.anything(),
    fc.tuple(names, kinds, fc.jsonValue()).map(([name, kind, value]) => ({ name, [kind]: value })),
  )
  const bodies = fc.oneof(
    fc.jsonValue(),
    fc.array(parameter).map((parameters) => ({ resourceType: 'Parameters', parameter: parameters })),
  )
  const queries = fc.array(fc.tuple(names, fc.string()), { maxLength: 4 })
  fc.assert(
    fc.property(queries, bodies, (query, body) => {
      try {
        readGiven({ query: new URLSearchParams(query), body }, DANCE)
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal)
        expect((error as Refusal).status).toBe(400)
      }
    }),
    { numRuns: 500 },
  )
})
