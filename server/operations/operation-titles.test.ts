import { translated } from '../core/decide/words/translated.ts'
import { definitionId, definitionsOf, titleOf } from './operation.ts'
import { OPERATION_TITLES } from './operation-titles.ts'
import { OPERATIONS } from './operations.ts'

test('each operation has a title in bokmål and nynorsk, and nothing else has', () => {
  expect(Object.keys(OPERATION_TITLES).sort()).toEqual(OPERATIONS.map((one) => definitionId(one)).sort())
  expect(Object.values(OPERATION_TITLES).flat()).not.toContain('')
})

test.each(OPERATIONS.map((one) => [definitionId(one), one] as const))(
  'the OperationDefinitions of %s say it in three languages',
  (_id, operation) => {
    const { nb, nn } = titleOf(operation)
    for (const definition of definitionsOf([operation])) {
      expect(definition.title).toBe(operation.title)
      expect([translated(definition, 'title', 'nb'), translated(definition, 'title', 'nn')]).toEqual([nb, nn])
    }
  },
)
