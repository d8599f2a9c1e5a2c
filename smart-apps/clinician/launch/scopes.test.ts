import { expect, test } from '@jest/globals'
import { mayDo, scopeAsked } from './scopes.ts'

test.each([
  ['user/Task.cruds', 'Task', 'u', true],
  ['user/Task.rs', 'Task', 'u', false],
  ['user/*.rs', 'Task', 's', true],
  ['patient/*.read', 'Task', 's', true],
  ['patient/*.read', 'Task', 'u', false],
  ['user/Task.write', 'Task', 'u', true],
  ['user/*.*', 'Task', 'd', true],
  ['user/Observation.rs?category=vital-signs', 'Observation', 'r', true],
  ['user/TaskList.cruds', 'Task', 'r', false],
  ['openid launch', 'Task', 'r', false],
  ['', 'Task', 'r', false],
] as const)('"%s" lets somebody do with %s what "%s" stands for: %s', (scope, type, permission, may) => {
  expect(mayDo(`openid ${scope} fhirUser`, type, permission)).toBe(may)
})

test('only a launch asks for its context', () => {
  expect(scopeAsked(true).split(' ')).toContain('launch')
  expect(scopeAsked(false).split(' ')).not.toContain('launch')
})

test('what messages bring may be seen: pictures', () => {
  for (const isLaunch of [true, false])
    for (const permission of ['r', 's'] as const) expect(mayDo(scopeAsked(isLaunch), 'Media', permission)).toBe(true)
})
