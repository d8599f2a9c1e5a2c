import { expect, test } from '@jest/globals'
import type { ToDo } from '../today/day.ts'
import { dueElsewhere } from './due-elsewhere.ts'

const toDo = (state: ToDo['state']) => ({ key: state, state }) as ToDo

test.each([
  ['plan', ['open', 'due'], 'due'],
  ['measurements', ['due'], 'due'],
  ['plan', ['open', 'planned', 'done', 'missing'], undefined],
  ['', ['due'], undefined],
  ['measure', ['due'], undefined],
  ['measure/weight', ['due'], undefined],
  ['form', ['due'], undefined],
  ['welcome', ['due'], undefined],
] as const)('at "%s" with what is %j: %s', (path, states, found) => {
  expect(dueElsewhere(path, () => states.map(toDo))?.key).toBe(found)
})
