import { html, withCode } from './html.ts'

test('text is escaped, HTML stands as it is, nothing is nothing', () => {
  const inner = html`<b>${'a & b'}</b>`
  expect(html`<p title="${'"'}">${'<script>'}${inner}${[1, undefined, 'x']}</p>`.text).toBe(
    '<p title="&quot;">&lt;script&gt;<b>a &amp; b</b>1x</p>',
  )
})

test('what stands between backticks is code', () => {
  expect(html`${withCode('send `a<b` once')}`.text).toBe('send <code>a&lt;b</code> once')
})
