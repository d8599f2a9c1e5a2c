import fc from 'fast-check'
import { compileFhirPath, compileWithLibrary } from './evaluate.ts'
import { isNeverTruth } from './never-truth.ts'

const PATIENT = {
  ...{ resourceType: 'Patient', id: 'p', active: false, name: [{ family: 'A', given: ['B', 'C'] }] },
  contact: [{ gender: 'male' }, { gender: 'female' }],
}
const both = (expression: string, variables: Record<string, unknown>) => {
  const [one, other] = [compileFhirPath, compileWithLibrary].map((compile) => compile(expression)(PATIENT, variables))
  expect(one).toEqual(other)
  return one
}

test.each([
  ['%limits.where(hit).zone', ['yellow']],
  ['%limits.where(hit).exists()', [true]],
  ['%limits.where(hit.not()).zone', ['red']],
  ['%limits.exists(hit)', [true]],
  ["%limits.where(zone = 'red').exists(hit)", [false]],
  // What is there, and no boolean, counts as true; what is not there does not.
  ['%limits.where(side).zone', ['red']],
  ['Patient.where(active).exists()', [false]],
  ['Patient.where(name).exists()', [true]],
  ['Patient.where(deceased).exists()', [false]],
  ['Patient.contact.where($index = 1).gender', ['female']],
] as const)('a criterion that is no more than an element goes by what it says: %s is %j', (expression, result) => {
  const limits = [
    { zone: 'red', side: 'low', hit: false },
    { zone: 'yellow', hit: true },
  ]
  expect(both(expression, { limits })).toEqual(result)
})

test('a criterion that gives several values is no answer', () => {
  expect(() => compileFhirPath('Patient.where(name.given)')(PATIENT, {})).toThrow('gave 2 values')
})

test('where(hit) is where(hit = true), whatever there is', () => {
  const item = fc.record({ zone: fc.constantFrom('red', 'yellow'), hit: fc.boolean() }, { requiredKeys: ['zone'] })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), (limits) => {
      for (const end of ['', '.exists()', '.count()', '.zone']) {
        expect(both(`%limits.where(hit)${end}`, { limits })).toEqual(
          both(`%limits.where(hit = true)${end}`, { limits }),
        )
      }
      expect(both('%limits.exists(hit)', { limits })).toEqual([limits.some(({ hit }) => hit === true)])
    }),
  )
})

test.each([
  ['%limits.where(hit)', true],
  ["%limits.where(zone = 'red' and hit)", true],
  ['(%limits.where(hit))', true],
  ['%limits.count()', true],
  ['1 + 1', true],
  ["'true'", true],
  ['now()', true],
  ['%limits.where(hit).exists()', false],
  ['%limits.hit', false],
  ['%limits.hit.first()', false],
  ['%limits.select(hit)', false],
  ['active', false],
  ['true', false],
  ['%limits.where(hit) and active', false],
  ['%limits.count() > 1', false],
])('%s can never be true or false: %s', (expression, never) => expect(isNeverTruth(expression)).toBe(never))
