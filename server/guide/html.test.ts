import { html, withCode } from './html.ts'

test('text is escaped, HTML stands as it is, nothing is nothing', () => {
  const inner = html`<b>${'a & b'}</b>`
  expect(html`<p title="${'"'}">${'<script>'}${inner}${[1, undefined, 'x']}</p>`.text).toBe(
    '<p title="&#34;">&#60;script&#62;<b>a &#38; b</b>1x</p>',
  )
})

test('what stands between backticks is code', () => {
  expect(html`${withCode('send `a<b` once')}`.text).toBe('send <code>a&#60;b</code> once')
})
