import fc from 'fast-check'
import { jsonHtml } from './json-html.ts'

const shown = (value: unknown) => jsonHtml(value, 'example').text.replace(/^<pre[^>]*>|<\/pre>$/g, '')

test('names, texts, words and numbers are told apart', () => {
  expect(shown({ a: 'b: 1', c: -1.5, d: true }).replace(/\s+/g, ' ')).toBe(
    [
      '{ <span class="json-name">&#34;a&#34;</span>: <span class="json-text">&#34;b: 1&#34;</span>,',
      '<span class="json-name">&#34;c&#34;</span>: <span class="json-number">-1.5</span>,',
      '<span class="json-name">&#34;d&#34;</span>: <span class="json-word">true</span> }',
    ].join(' '),
  )
})

test('whatever the value, the text of the page is its JSON', () => {
  const readable = (text: string) =>
    text.replace(/<[^>]*>/g, '').replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(readable(shown(value)))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
