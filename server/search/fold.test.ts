import fc from 'fast-check'
import { fold } from './fold.ts'

test.each([
  ['Åsen', 'asen'],
  ['ØVREBØ', 'ovrebo'],
  ['Ærlig  talt', 'aerlig talt'],
  ['Mu\u0308ller', 'muller'],
  ['Straße', 'strasse'],
  ['\u0000', ''],
])('%s is compared as %s', (text, folded) => expect(fold(text)).toBe(folded))

test('folding twice is folding once, and case does not matter', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => expect(fold(fold(text))).toBe(fold(text))))
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => expect(fold(text.toUpperCase())).toBe(fold(text))),
  )
})
