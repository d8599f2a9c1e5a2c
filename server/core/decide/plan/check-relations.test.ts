import type { PlanDefinitionAction } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { checkRelations } from './check-relations.ts'
import type { Relationship } from './relations.ts'

const after = (id: string, actionId: string, relationship: Relationship = 'after-end'): PlanDefinitionAction => ({
  ...{ id, relatedAction: [{ actionId, relationship }] },
})

test.each<[string, PlanDefinitionAction[], string, string]>([
  ['a circle', [after('a', 'b'), after('b', 'a')], 'PlanDefinition.action[0].relatedAction', 'a → b → a'],
  [
    'of which each is to be before the next',
    [after('a', 'b', 'before'), after('b', 'a', 'before-start')],
    'PlanDefinition.action[0].relatedAction',
    'a → b → a',
  ],
  [
    'by way of a group',
    [
      { ...after('a', 'b'), action: [{ id: 'a1' }] },
      { id: 'b', action: [after('b1', 'a1', 'concurrent')] },
    ],
    'PlanDefinition.action[0].action[0].relatedAction',
    'a1 → b1 → a1',
  ],
  ['an action that is not there', [after('a', 'x')], 'PlanDefinition.action[0].relatedAction[0].actionId', "'x'"],
  [
    'an offset that is no time',
    [
      { id: 'a', relatedAction: [{ actionId: 'b', relationship: 'after', offsetDuration: { value: 1, code: 'kg' } }] },
      { id: 'b' },
    ],
    'PlanDefinition.action[0].relatedAction[0].offset',
    'kg',
  ],
  [
    'an offset that ends before it begins',
    [
      {
        ...{ id: 'a', relatedAction: [{ actionId: 'b', relationship: 'after' }] },
        relatedAction: [
          {
            ...{ actionId: 'b', relationship: 'after' },
            offsetRange: { low: { value: 2, code: 'd' }, high: { value: 1, code: 'd' } },
          },
        ],
      },
      { id: 'b' },
    ],
    'PlanDefinition.action[0].relatedAction[0].offset',
    'ends before it begins',
  ],
])('is told: %s', (_which, action, expression, said) => {
  expect(checkRelations({ action })).toEqual([{ expression, diagnostics: expect.stringContaining(said) }])
})

test.each<[string, PlanDefinitionAction[]]>([
  ['before and after say the same', [after('a', 'b', 'before'), after('b', 'a')]],
  ['a child may begin with what it is a part of', [{ id: 'a', action: [after('a1', 'a', 'after-start')] }]],
  [
    'what stops another waits for nothing',
    [after('a', 'b'), { ...after('b', 'a', 'concurrent'), type: { coding: [{ code: 'remove' }] } }],
  ],
])('%s', (_which, action) => expect(checkRelations({ action })).toEqual([]))

test('whatever follows only what stands before it is no circle, and one step back makes one', () => {
  const chains = fc.array(fc.constantFrom<Relationship>('after', 'after-start', 'concurrent', 'before-end'), {
    ...{ minLength: 1, maxLength: 8 },
  })
  fc.assert(
    fc.property(chains, (relationships) => {
      const action = [{ id: 'a0' }, ...relationships.map((one, i) => after(`a${i + 1}`, `a${i}`, one))]
      expect(checkRelations({ action })).toEqual([])
      const [, ...rest] = action
      expect(checkRelations({ action: [after('a0', `a${relationships.length}`), ...rest] })).toHaveLength(1)
    }),
  )
})
