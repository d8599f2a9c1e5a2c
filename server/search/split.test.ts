import fc from 'fast-check'
import { splitUnescaped, withoutEscapes } from './split.ts'

test.each([
  ['a,b', ['a', 'b']],
  ['a\\,b', ['a,b']],
  ['a\\\\,b', ['a\\', 'b']],
  ['', ['']],
  [',', ['', '']],
  ['a\\x', ['a\\x']],
  ['a\\', ['a\\']],
])('%p splits into %p', (text, parts) => expect(splitUnescaped(text, ',').map(withoutEscapes)).toEqual(parts))

const escaped = (text: string) => text.replace(/[\\,|$]/g, '\\$&')

test('escaping and splitting are each other’s reverse', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (parts) => {
      expect(splitUnescaped(parts.map(escaped).join(','), ',').map(withoutEscapes)).toEqual(parts)
    }),
  )
})
