import { toHtml } from '../to-html.ts'

/** HTML of ours, in which everything else has been escaped. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | undefined | readonly Part[]

/** Puts values into HTML: text is escaped, HTML stands as it is, lists stand one after another, `undefined` is nothing. */
export const html = (strings: TemplateStringsArray, ...values: Part[]): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(markup)))

function markup(value: Part): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'object') return value.map(markup).join('')
  return toHtml(String(value))
}

/** What stands between backticks is code, as in Markdown: descriptions of definitions and operations are written so. */
export const withCode = (text: string): Html[] =>
  text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`))
