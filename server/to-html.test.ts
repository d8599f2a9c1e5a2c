import fc from 'fast-check'
import { toHtml } from './to-html.ts'

test('no text can open a tag or close an attribute', () => {
  fc.assert(fc.property(fc.string(), (text) => expect(toHtml(text)).not.toMatch(/[<>"']/)))
})
