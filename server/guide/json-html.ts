import { type Html, html } from './html.ts'

/** A text, the rest of the line that follows it if it is a name; a word or number; what stands between them. */
const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d[\d.eE+-]*)/g

/** A resource as indented JSON, with names, texts and numbers in colours of their own. It can be reached and scrolled by the keyboard. */
export function jsonHtml(value: unknown, label: string): Html {
  const text = JSON.stringify(value, undefined, 2)
  const parts: Html[] = []
  let at = 0
  for (const found of text.matchAll(TOKEN)) {
    const [token, quoted, colon, word] = found
    const kind = colon !== undefined ? 'name' : quoted !== undefined ? 'text' : word !== undefined ? 'word' : 'number'
    parts.push(html`${text.slice(at, found.index)}<span class="json-${kind}">${quoted ?? token}</span>${colon}`)
    at = found.index + token.length
  }
  parts.push(html`${text.slice(at)}`)
  return html`<pre class="json" tabindex="0" role="region" aria-label="${label}">${parts}</pre>`
}
