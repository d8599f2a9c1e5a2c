import { expect, test } from '@jest/globals'
import { isPressing } from './pressing.ts'

/** An element, as far as is asked here: in something that one of the selectors names, or in nothing. */
const inside = (name: string | undefined) =>
  ({ closest: (selectors: string) => (name && selectors.split(',').includes(name) ? {} : null) }) as Element

test.each([
  ['Enter', 'button', true],
  [' ', 'button', true],
  ['Enter', 'a[href]', true],
  ['Enter', '[role=tab]', true],
  ['Enter', undefined, false],
  ['a', 'button', false],
] as const)('"%s" on %s presses it: %s', (key, element, presses) => {
  expect(isPressing(key, inside(element))).toBe(presses)
})
