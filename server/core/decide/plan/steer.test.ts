import { madeBy } from './steer.ts'
import { FINDING } from './vocabulary.ts'

const made = { system: FINDING, value: 'http://example.org/p|yellow|Patient/1|e' }
const theirs = { system: 'http://example.org/diary', value: '7' }

test.each([
  ['a list, as most types have', [theirs, made], { url: 'http://example.org/p', actionId: 'yellow' }],
  ['one and no list, as a QuestionnaireResponse has', made, { url: 'http://example.org/p', actionId: 'yellow' }],
  ['one of another system', theirs, undefined],
  ['none', undefined, undefined],
])('the action that made a resource is read from its identifier: %s', (_name, identifier, expected) => {
  expect(madeBy({ resourceType: 'QuestionnaireResponse', identifier })).toEqual(expected)
})
