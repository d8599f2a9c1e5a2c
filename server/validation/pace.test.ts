import fc from 'fast-check'
import { loadDefinitions } from '../definitions/definitions.ts'
import { countTurns } from '../test-turns.ts'
import type { Turn } from '../turns.ts'
import { createValidator } from './validator.ts'

const { validate, validateInTurns } = createValidator(loadDefinitions())

/** A turn that is over with every item, and the number of them. */
function shortTurns() {
  let count = 0
  const begin = (): Turn => ({
    isOver: () => true,
    next: async () => {
      count++
    },
  })
  return { begin, itemCountMin: 1, count: () => count }
}

const quantity = fc.constantFrom(
  { value: 84, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  { value: 'much' },
  { value: 1, code: 'x' },
)
const observation = fc.record(
  {
    resourceType: fc.constant('Observation'),
    meta: fc.constantFrom({}, { profile: ['http://hl7.org/fhir/StructureDefinition/vitalsigns'] }),
    status: fc.constantFrom('final', 'finally'),
    category: fc.array(
      fc.record({
        coding: fc.array(fc.record({ system: fc.constant('http://x.no'), code: fc.constantFrom('a', ' a') })),
      }),
      { maxLength: 3 },
    ),
    code: fc.constantFrom({ text: 'SpO2' }, { text: '' }, {}),
    component: fc.array(fc.record({ code: fc.constant({ text: 'part' }), valueQuantity: quantity }), { maxLength: 4 }),
    hasMember: fc.array(fc.constantFrom({ reference: 'urn:uuid:1' }, { reference: 'Patient/1' }), { maxLength: 3 }),
    valueQuantity: quantity,
    note: fc.array(fc.constantFrom({ text: 'a' }, { txt: 'b' }, null), { maxLength: 3 }),
  },
  { requiredKeys: ['resourceType'] },
)
const bundle = fc.record({
  resourceType: fc.constant('Bundle'),
  type: fc.constantFrom('collection', 'searchset', 'document'),
  entry: fc.array(
    fc.record({ fullUrl: fc.constantFrom('urn:uuid:1', 'urn:uuid:2'), resource: observation }, { requiredKeys: [] }),
    { maxLength: 6 },
  ),
})

test('a walk that is given up at every item finds what one walk finds, in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(bundle, observation), async (resource) => {
      const turns = shortTurns()
      const issues = await validateInTurns(resource, undefined, turns)
      expect(issues).toEqual(validate(resource))
    }),
    { numRuns: 200 },
  )
})

test('every item is walked to once more, and no oftener', async () => {
  const items = Array.from({ length: 40 }, () => ({ text: 'measured sitting' }))
  const turns = shortTurns()
  expect(
    await validateInTurns(
      { resourceType: 'Observation', status: 'final', code: { text: 'x' }, note: items },
      'Observation',
      turns,
    ),
  ).toEqual(validate({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, note: items }, 'Observation'))
  expect(turns.count()).toBe(40)
})

test('more than a hundred issues are counted as in one go', async () => {
  const note = Array.from({ length: 150 }, () => ({ txt: 'wrong' }))
  const resource = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, note }
  expect(await validateInTurns(resource, 'Observation', shortTurns())).toEqual(validate(resource, 'Observation'))
})

test('a resource of thousands of elements lets others have their turn', async () => {
  const component = Array.from({ length: 20_000 }, (_, i) => ({ code: { text: `part ${i}` }, valueString: 'x' }))
  const resource = { resourceType: 'Observation', status: 'final', code: { text: 'x' }, component }
  const { done: issues, turns } = await countTurns(async () => validateInTurns(resource, 'Observation'))
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(turns).toBeGreaterThan(1)
})
