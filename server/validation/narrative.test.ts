import { narrativeAdvice, narrativeProblem } from './narrative.ts'

const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`

test.each([
  'text',
  '<p style="color: red">a <b>b</b><br/></p><table><tr><td colspan="2">c</td></tr></table>',
  '<a href="https://example.org/a?b=c&amp;d">x</a> <a href="#a">y</a> <a href="Patient/1">z</a> <a href="mailto:a@example.org">w</a>',
  '<img src="data:image/png;base64,AAAA" alt="x"/>',
  'a&#160;b &lt;script&gt;',
])('%s is narrative', (content) => expect(narrativeProblem(div(content))).toBeUndefined())

test.each([
  ['<script>alert(1)</script>', 'scripts'],
  ['<p onclick="alert(1)">x</p>', 'event handlers'],
  ['<form><input name="x"/>y</form>', 'forms'],
  ['<iframe src="https://example.org"></iframe>x', 'well-formed'],
  ['<p>x', 'well-formed'],
  ['a&nbsp;b', 'named entities'],
  ['a & b', 'well-formed'],
  ['<!DOCTYPE x>y', 'well-formed'],
  ['<a href="javascript:alert(1)">x</a>', 'link'],
  ['<a href=" JavaScript:alert(1)">x</a>', 'link'],
  ['<a href="java&#115;cript:alert(1)">x</a>', 'link'],
  ['<a href="java&#x0a;script:alert(1)">x</a>', 'link'],
  ["<a href='data:text/html,x'>x</a>", 'link'],
  ['<a href="data:image/png;base64,AAAA">x</a>', 'link'],
  ['<img src="data:image/svg+xml;base64,AAAA" alt="x"/>', 'link'],
  ['<form></form>', 'forms'],
  ['<p onclick="x"></p>', 'event handlers'],
])('%s is refused, for %s', (content, words) => expect(narrativeProblem(div(content))).toContain(words))

test.each(['', ' <p> </p> ', '<br/>'])('%j says nothing: that is told, and not refused', (content) => {
  expect(narrativeProblem(div(content))).toBeUndefined()
  expect(narrativeAdvice(div(content))).toContain('content')
  expect(narrativeProblem('<div xmlns="http://www.w3.org/1999/xhtml"/>')).toBeUndefined()
  expect(narrativeAdvice(div('text'))).toBeUndefined()
})

test.each(['text', '<p>x</p>', '<div>', '', '<div>x</div>', '<div xmlns="http://hl7.org/fhir">x</div>'])(
  '%j is no <div> of XHTML',
  (text) => expect(narrativeProblem(text)).toContain('in its namespace'),
)

test('a large narrative takes time by its length only', () => {
  const started = performance.now()
  for (const piece of ['<p>', 'href= ', '&#1', '<a href="', '< ', ' = ']) narrativeProblem(div(piece.repeat(100_000)))
  expect(performance.now() - started).toBeLessThan(30_000)
})
