import { type Html, html } from './html.ts'

/** A file of the guide, as it is sent. */
export type GuideFile = { type: 'html' | 'json' | 'css' | 'tgz'; content: string | Buffer }

const SECTIONS = [
  ['index.html', 'Start'],
  ['profiles.html', 'Profiles'],
  ['extensions.html', 'Extensions'],
  ['terminology.html', 'Codes'],
  ['identifiers.html', 'Identifiers'],
  ['search-parameters.html', 'Search'],
  ['operations.html', 'Operations'],
  ['no-basis.html', 'no-basis'],
  ['downloads.html', 'Downloads'],
] as const

export type Section = (typeof SECTIONS)[number][0]

/**
 * A page of the guide around its content: the same head, way around and foot as every other. It runs no script and needs none.
 * @param section which part of the guide it belongs to
 */
export function layout({ title, section, content }: { title: string; section: Section; content: Html }): GuideFile {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Fylgje implementation guide</title>
<link rel="icon" href="../../mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="../../start.css">
<link rel="stylesheet" href="guide.css">
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header class="top">
<div class="brand">
<svg class="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false"><rect width="40" height="40" rx="10"/><path d="M9 27c5 0 6-14 12-14 4 0 5 4 10 4"/><path class="second" d="M9 31c6 0 8-11 13-11 4 0 5 3 9 3"/></svg>
<div><p class="name"><a href="../../">Fylgje</a></p><p class="tagline">Implementation guide, FHIR R4</p></div>
</div>
</header>
<nav class="guide-nav" aria-label="Guide"><ul>${SECTIONS.map(
    ([href, name]) =>
      html`<li><a href="${href}"${href === section ? html` aria-current="true"` : undefined}>${name}</a></li>`,
  )}</ul></nav>
<main class="guide" id="content" tabindex="-1">
<h1>${title}</h1>
${content}
</main>
<footer><p>Made from the definitions that this server runs by. Codes of SNOMED CT, LOINC, NLK and UCUM belong to their owners.</p></footer>
</body>
</html>
`
  return { type: 'html', content: page.text }
}

/** A table that scrolls by itself where the screen is narrower. @param head the names of its columns, the first of which heads each row */
export function table(label: string, head: string[], rows: (Html | string)[][]): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first = '', ...rest]) =>
      html`<tr><th scope="row">${first}</th>${rest.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>`
}
