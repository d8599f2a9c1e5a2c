import fc from 'fast-check'
import { jsonHtml } from './json-html.ts'

const shown = (value: unknown) => jsonHtml(value, 'example').text.replace(/^<pre[^>]*>|<\/pre>$/g, '')

test('names, texts, words and numbers are told apart', () => {
  expect(shown({ a: 'b: 1', c: -1.5, d: true }).replace(/\s+/g, ' ')).toBe(
    [
      '{ <span class="json-name">&quot;a&quot;</span>: <span class="json-text">&quot;b: 1&quot;</span>,',
      '<span class="json-name">&quot;c&quot;</span>: <span class="json-number">-1.5</span>,',
      '<span class="json-name">&quot;d&quot;</span>: <span class="json-word">true</span> }',
    ].join(' '),
  )
})

test('whatever the value, the text of the page is its JSON', () => {
  const named: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" }
  const readable = (text: string) =>
    text.replace(/<[^>]*>/g, '').replace(/&#?\w+;/g, (entity) => named[entity] ?? entity)
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(readable(shown(value)))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
