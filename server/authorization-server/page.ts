import { hash } from 'node:crypto'
import { toHtml } from '../to-html.ts'

export type Language = 'nb' | 'nn' | 'en'

const STYLE = `
:root { color-scheme: light dark; --ink: #14232b; --soft: #52656f; --paper: #fff; --ground: #eef3f4; --line: #cfdadd;
  --accent: #0b5563; --accent-ink: #fff; --focus: #b4560f }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eff1; --soft: #a9bac1; --paper: #16242b; --ground: #0d171c;
  --line: #33474f; --accent: #7fd0de; --accent-ink: #07242a; --focus: #ffb066 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; grid-template-rows: 1fr auto; justify-items: center; align-items: center;
  padding: 1.5rem 1rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif }
main { width: 100%; max-width: 27rem; padding: 2rem 1.75rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: .75rem; box-shadow: 0 1px 2px rgb(0 0 0 / .06), 0 12px 32px rgb(0 0 0 / .07) }
.brand { margin: 0 0 1.25rem; font-weight: 650; letter-spacing: .02em; color: var(--accent) }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; text-wrap: balance }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
.soft { color: var(--soft); font-size: .9375rem }
ul { list-style: none; margin: 1.25rem 0; padding: 0; display: grid; gap: .75rem }
button { font: inherit; cursor: pointer; min-height: 2.75rem }
.user { width: 100%; display: grid; grid-template-columns: 2.75rem 1fr; gap: .125rem .875rem; align-items: center; text-align: left;
  padding: .75rem .875rem; color: inherit; background: none; border: 1px solid var(--line); border-radius: .5rem }
a.user { text-decoration: none }
.user:hover { border-color: var(--accent); background: color-mix(in srgb, var(--accent) 7%, transparent) }
.initials { grid-row: span 2; width: 2.75rem; height: 2.75rem; display: grid; place-items: center; border-radius: 50%;
  background: var(--accent); color: var(--accent-ink); font-weight: 600 }
.name { font-weight: 600; line-height: 1.3 }
.role { color: var(--soft); font-size: .875rem; line-height: 1.3 }
.cancel { padding: 0; color: var(--accent); background: none; border: 0; text-decoration: underline; text-underline-offset: .2em }
fieldset { margin: 1.25rem 0; padding: 0; border: 0; min-width: 0 }
legend { padding: 0; font-weight: 600 }
.choices { margin: .75rem 0; gap: 0; border-top: 1px solid var(--line) }
.choices > li { border-bottom: 1px solid var(--line) }
label { display: grid; grid-template-columns: 1.5rem 1fr; gap: 0 .625rem; align-items: center; min-height: 2.75rem; padding: .5rem 0; cursor: pointer }
label small { grid-column: 2; color: var(--soft); font-size: .875rem }
input[type=checkbox] { width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent) }
details { margin: 0 0 .5rem 2.125rem }
summary { min-height: 2.75rem; display: flex; align-items: center; color: var(--accent); cursor: pointer; font-size: .9375rem }
summary::before { content: "+"; width: 1.25rem }
details[open] > summary::before { content: "−" }
details ul { margin: 0; gap: 0 }
.facts { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 }
.facts dt { color: var(--soft) } .facts dd { margin: 0; overflow-wrap: anywhere }
.actions { display: grid; gap: .75rem; margin-top: 1.25rem }
.primary, .secondary { width: 100%; padding: .625rem 1rem; border: 1px solid var(--accent); border-radius: .5rem; font-weight: 600 }
.primary { color: var(--accent-ink); background: var(--accent) }
.secondary { color: var(--accent); background: none }
.search { display: grid; grid-template-columns: 1fr auto; gap: .5rem; align-items: end }
.search label { grid-column: 1 / -1; display: block; min-height: 0; padding: 0; font-weight: 600 }
.search input { font: inherit; min-width: 0; min-height: 2.75rem; padding: .5rem .75rem; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .5rem }
.search button { width: auto }
.note { padding: .75rem .875rem; background: var(--ground); border-radius: .5rem }
.app { padding: 1rem 0; border-top: 1px solid var(--line) } .app h2 { margin: 0; font-size: 1.125rem }
footer { padding-top: 1.25rem; font-size: .875rem; color: var(--soft) }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
`
const STYLE_HASH = hash('sha256', STYLE, 'base64')

/**
 * A whole page of the authorization server.
 * @param content HTML of our own, with everything else escaped
 * @param footer  the same, below the box
 */
export function page(language: Language, title: string, content: string, footer = ''): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${toHtml(title)} · Fylgje</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand">Fylgje</p>
${content}
</main>
${footer}
</body>
</html>
`
}

/**
 * The headers of such a page. It runs no script and loads nothing; nobody may put it in a frame and catch clicks there, not even
 * an EHR that may frame our apps: a browser would not send our cookies there anyway. It says nothing of who opened it, because an
 * app that signs in by a window of its own waits to hear from it.
 * @param formTargets origins that a form may end at: browsers hold redirects after a form to `form-action` as well
 */
export function pageHeaders(formTargets: string[] = []): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${["'self'", ...formTargets].join(' ')}; frame-ancestors 'none'; base-uri 'none'`,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}

/** Bokmål, unless nynorsk or English is asked for by `lang`, or preferred by the browser over other languages that we have. */
export function languageOf(lang: unknown, acceptLanguage: string | undefined): Language {
  if (lang === 'nb' || lang === 'nn' || lang === 'en') return lang
  const preferred = (acceptLanguage ?? '').toLowerCase().match(/\b(nb|nn|no|en)\b/)?.[1]
  return preferred === 'en' || preferred === 'nn' ? preferred : 'nb'
}

const LANGUAGES: Record<Language, string> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' }

/** Links to the same page in the other languages. Only for a page that its address alone brings back. */
export function otherLanguages(language: Language): string {
  const links = (Object.keys(LANGUAGES) as Language[])
    .filter((other) => other !== language)
    .map((other) => `<a href="?lang=${other}" hreflang="${other}" lang="${other}">${LANGUAGES[other]}</a>`)
  return `<footer>${links.join(' · ')}</footer>`
}
