import { expect, test } from '@jest/globals'
import { answerTyped, troublesOn, typedOf } from './answering.ts'

test.each([
  ['37,5', false, [{ valueDecimal: 37.5 }]],
  ['37.5', false, [{ valueDecimal: 37.5 }]],
  ['37,', false, [{ valueString: '37,' }]],
  ['2-3', true, [{ valueString: '2-3' }]],
  ['2,5', true, [{ valueString: '2,5' }]],
  ['-2', true, [{ valueInteger: -2 }]],
  ['1.2.3', false, [{ valueString: '1.2.3' }]],
  [' ', true, []],
])('%j typed is what was written, and nothing else', (typed, isInteger, given) => {
  expect(answerTyped(typed, isInteger)).toEqual(given)
})

test('what is no number stands as it was typed, and the page is not left with it', () => {
  const [answer] = answerTyped('2-3', true)
  expect(typedOf(answer)).toBe('2-3')
  const page = { items: [{ linkId: 'a', type: 'integer' as const }] }
  expect(troublesOn(page, { a: answerTyped('2-3', true) })).toEqual({ a: 'notANumber' })
})
