import type { DataRequirement, PlanDefinition } from '@medplum/fhirtypes'
import { mergeRequirements, toModuleDefinition } from './module-definition.ts'

const weight = (days?: number, more: object = {}): DataRequirement => ({
  type: 'Observation',
  codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: '29463-7' }] }],
  ...(days ? { dateFilter: [{ path: 'effective', valueDuration: { value: days, code: 'd' } }] } : {}),
  ...more,
})
const newestFirst = { sort: [{ path: 'effective', direction: 'descending' as const }] }

test.each([
  ['the same twice is one', [weight(5, { id: 'a' }), weight(5, { id: 'b' })], [weight(5)]],
  ['the longer time is kept', [weight(5), weight(9), weight(7)], [weight(9)]],
  ['what has no date is kept beside what has', [weight(), weight(5)], [weight(), weight(5)]],
  [
    'the higher limit is kept',
    [weight(5, { ...newestFirst, limit: 3 }), weight(5, { ...newestFirst, limit: 5 })],
    [weight(5, { ...newestFirst, limit: 5 })],
  ],
  ['of a limit and none, none', [weight(5, { ...newestFirst, limit: 3 }), weight(5)], [weight(5)]],
  ['other codes are something else', [weight(5), { type: 'Observation' }], [weight(5), { type: 'Observation' }]],
])('%s', (_rule, given, expected) => {
  expect(mergeRequirements(given as DataRequirement[])).toEqual(expected)
})

test('a plan needs what its actions look at, at any depth, and what it is made of', () => {
  const nested = {
    resourceType: 'PlanDefinition',
    status: 'active',
    action: [{ input: [{ type: 'Condition', codeFilter: [{ path: 'code', valueSet: 'http://example.org/vs' }] }] }],
  }
  const plan: PlanDefinition = {
    resourceType: 'PlanDefinition',
    status: 'active',
    library: ['http://example.org/Library/logic'],
    action: [
      {
        trigger: [{ type: 'data-added', data: [weight()] }],
        action: [{ input: [weight(5)], definitionCanonical: 'http://example.org/PlanDefinition/nested' }],
      },
    ],
  }
  const library = toModuleDefinition(plan, [nested])
  expect(library.type?.coding?.[0]?.code).toBe('module-definition')
  expect(library.dataRequirement).toEqual([weight(), weight(5), nested.action[0]?.input[0]])
  expect(library.relatedArtifact?.map(({ resource }) => resource)).toEqual([
    'http://example.org/Library/logic',
    'http://example.org/PlanDefinition/nested',
    'http://example.org/vs',
  ])
})
