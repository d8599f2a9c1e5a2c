import { translated } from '../core/decide/words/translated.ts'
import { type Html, html } from './html.ts'
import { fileIn, type GuideLanguage, type Worded } from './language.ts'

/** A file of the guide, as it is sent. */
export type GuideFile = { type: 'html' | 'json' | 'css' | 'tgz'; content: string | Buffer }

const SECTIONS = [
  ['index.html', { en: 'Start', nb: 'Start' }],
  ['profiles.html', { en: 'Profiles', nb: 'Profiler' }],
  ['extensions.html', { en: 'Extensions', nb: 'Utvidelser' }],
  ['terminology.html', { en: 'Codes', nb: 'Koder' }],
  ['identifiers.html', { en: 'Identifiers', nb: 'Identifikatorer' }],
  ['search-parameters.html', { en: 'Search', nb: 'Søk' }],
  ['pathways.html', { en: 'Pathways', nb: 'Forløp' }],
  ['operations.html', { en: 'Operations', nb: 'Operasjoner' }],
  ['no-basis.html', { en: 'no-basis', nb: 'no-basis' }],
  ['downloads.html', { en: 'Downloads', nb: 'Last ned' }],
] as const satisfies [string, Worded][]

export type Section = (typeof SECTIONS)[number][0]

const WORDS = {
  en: {
    guide: 'Fylgje implementation guide',
    tagline: 'Implementation guide, FHIR R4',
    skip: 'To the content',
    nav: 'Guide',
    foot: 'Made from the definitions that this server runs by. Codes of SNOMED CT, LOINC, NLK and UCUM belong to their owners.',
    other: 'nb',
    otherName: 'På norsk',
  },
  nb: {
    guide: 'Fylgje implementasjonsguide',
    tagline: 'Implementasjonsguide, FHIR R4',
    skip: 'Til innholdet',
    nav: 'Guide',
    foot: 'Laget av definisjonene som denne serveren kjører på; det operasjoner, elementer og koder sier om seg selv, står på engelsk. Kodene i SNOMED CT, LOINC, NLK og UCUM tilhører eierne sine.',
    other: 'en',
    otherName: 'In English',
  },
} as const satisfies Worded<{ other: GuideLanguage } & Record<string, string>>

export type Page = { title: string; section: Section; content: Html; language?: GuideLanguage }

/**
 * A page of the guide around its content: the same head, way around and foot as every other. It runs no script and needs none.
 * @param page.section which part of the guide it belongs to; the other language leads to that part's first page
 */
export function layout({ title, section, content, language = 'en' }: Page): GuideFile {
  const words = WORDS[language]
  const page = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${words.guide}</title>
<link rel="icon" href="../../mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="../../start.css">
<link rel="stylesheet" href="guide.css">
</head>
<body>
<a class="skip" href="#content">${words.skip}</a>
<header class="top">
<div class="brand">
<svg class="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false"><rect width="40" height="40" rx="10"/><path d="M9 27c5 0 6-14 12-14 4 0 5 4 10 4"/><path class="second" d="M9 31c6 0 8-11 13-11 4 0 5 3 9 3"/></svg>
<div><p class="name"><a href="../../">Fylgje</a></p><p class="tagline">${words.tagline}</p></div>
</div>
<p><a href="${fileIn(words.other, section)}" lang="${words.other}" hreflang="${words.other}">${words.otherName}</a></p>
</header>
<nav class="guide-nav" aria-label="${words.nav}"><ul>${SECTIONS.map(
    ([href, name]) =>
      html`<li><a href="${fileIn(language, href)}"${href === section ? html` aria-current="true"` : undefined}>${name[language]}</a></li>`,
  )}</ul></nav>
<main class="guide" id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
<footer><p>${words.foot}</p></footer>
</body>
</html>
`
  return { type: 'html', content: page.text }
}

/** What a definition says of itself, on a page in another language. */
export const inEnglish = (content: string | Html | Html[], language: GuideLanguage): Html =>
  language === 'en' ? html`${content}` : html`<span lang="en">${content}</span>`

/** A text of a definition in the page's language: every definition of ours has its own in bokmål and English, and a test says so. */
export const said = (definition: object, name: 'title' | 'description', language: GuideLanguage): string =>
  String(translated(definition, name, language))

/** What a definition is called and what it is for in bokmål and nynorsk, for a page in English. */
export const inNorwegian = (definition: object): Html[] =>
  (['nb', 'nn'] as const).map(
    (language) =>
      html`<p lang="${language}"><b>${translated(definition, 'title', language)}.</b> ${translated(definition, 'description', language)}</p>\n`,
  )

/** A table that scrolls by itself where the screen is narrower. @param head the names of its columns, the first of which heads each row */
export function table(label: string, head: string[], rows: (Html | string)[][]): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>`
}
