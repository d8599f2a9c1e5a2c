import type { CompositionSection } from '@medplum/fhirtypes'
import { toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { LANGUAGES, type Language } from '../core/decide/words/language.ts'
import { type Told, toldAs } from '../core/decide/words/told.ts'
import { toHtml } from '../to-html.ts'

/** HTML, in one language. */
type Html = (language: Language) => string

/**
 * A part of a document. The same in each language, one below the other: a document has one text, and whoever reads it reads one of them.
 * @param references what it tells of, `Type/id`
 */
export function section(title: Told, html: Html, references: string[] = []): CompositionSection {
  const texts = LANGUAGES.map((language) => `<div lang="${language}" xml:lang="${language}">${html(language)}</div>`)
  return {
    ...toldAs('title', title),
    text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${texts.join('')}</div>` },
    ...(references.length > 0 ? { entry: references.map((reference) => ({ reference })) } : {}),
  }
}

export const said =
  (told: Told): Html =>
  (language) =>
    `<p>${toHtml(told[language])}</p>`

/** @param header empty where the first cell of each row says what the others are */
export const table =
  (header: readonly Told[], rows: (language: Language) => string[][]): Html =>
  (language) => {
    const head = row('th', ...header.map((word) => word[language]))
    const body = rows(language).map((cells) => row('td', ...cells))
    return `<table>${header.length > 0 ? `<thead>${head}</thead>` : ''}<tbody>${body.join('')}</tbody></table>`
  }

const row = (tag: 'th' | 'td', ...cells: string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${toHtml(cell)}</${tag}>`).join('')}</tr>`

/** A date as Norwegians write it; half a date as it stands. */
export function dayOf(text: string): string {
  const at = new Date(text)
  const date = text.includes('T') && !Number.isNaN(at.getTime()) ? toOsloDateTime(at).slice(0, 10) : text
  return date.split('-').reverse().join('.')
}
