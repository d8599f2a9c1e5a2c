import { narrativeBlocks } from './narrative-blocks.ts'

const div = (html: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`

test.each([
  ['a text', 'Blåser <b>øst</b> i dag', [{ kind: 'paragraph', text: 'Blåser øst i dag' }]],
  [
    'headings, paragraphs and lists',
    '<h2>Råd</h2><p>Ta medisin.<br/>Ring.</p><ul><li>én</li><li>to</li></ul>',
    [
      { kind: 'heading', text: 'Råd' },
      { kind: 'paragraph', text: 'Ta medisin.' },
      { kind: 'paragraph', text: 'Ring.' },
      { kind: 'item', text: 'én' },
      { kind: 'item', text: 'to' },
    ],
  ],
  [
    'a table with a header',
    '<table><thead><tr><th>Måling</th><th>Siste</th></tr></thead><tbody><tr><td>SpO2</td><td>84 &lt; 88</td></tr></tbody></table>',
    [{ kind: 'table', header: ['Måling', 'Siste'], rows: [['SpO2', '84 < 88']] }],
  ],
  ['a table without', '<table><tr><td>a</td></tr></table>', [{ kind: 'table', header: [], rows: [['a']] }]],
])('%s', (_what, html, blocks) => expect(narrativeBlocks(div(html), 'nb')).toEqual(blocks))

test('a section without a text of its own has nothing to print', () => expect(narrativeBlocks('', 'nb')).toEqual([]))

test('of several languages the wanted one, with what is in none; all where it is not spoken', () => {
  const html = '<p>12.11.2026</p><div lang="nb"><p>hei</p></div><div xml:lang="en"><p>hello</p></div>'
  const texts = (language: 'nb' | 'nn' | 'en') =>
    narrativeBlocks(div(html), language).map((block) => ('text' in block ? block.text : ''))
  expect([texts('nb'), texts('en'), texts('nn')]).toEqual([
    ['12.11.2026', 'hei'],
    ['12.11.2026', 'hello'],
    ['12.11.2026', 'hei', 'hello'],
  ])
})
