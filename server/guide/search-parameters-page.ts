import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, layout, said, table } from './layout.ts'

const WORDS = {
  en: {
    title: 'Search parameters',
    lead: html`All of <a href="https://hl7.org/fhir/R4/searchparameter-registry.html">R4’s search parameters</a> are there, with chaining, <code>_has</code>, <code>_include</code>, <code>_filter</code> and the modifiers that <code>[base]/metadata</code> lists. Beside them these:`,
    table: 'Search parameters of ours',
    head: ['Parameter', 'Of', 'Type', 'What it finds', 'FHIRPath'],
    own: 'Your own',
    howOwn: html`Store a SearchParameter and it takes effect at once; what is older is indexed in the background, and answers say so until that is done (<code>SearchParameter/[id]/$reindex-status</code>). R4’s own are never replaced.`,
  },
  nb: {
    title: 'Søkeparametere',
    lead: html`Alle <a href="https://hl7.org/fhir/R4/searchparameter-registry.html">søkeparameterne i R4</a> finnes, med kjeding, <code>_has</code>, <code>_include</code>, <code>_filter</code> og de modifikatorene som <code>[base]/metadata</code> lister opp. I tillegg disse:`,
    table: 'Våre egne søkeparametere',
    head: ['Parameter', 'For', 'Type', 'Hva den finner', 'FHIRPath'],
    own: 'Dine egne',
    howOwn: html`Lagre en SearchParameter, så gjelder den straks. Det som er eldre, indekseres i bakgrunnen, og svarene sier fra til det er gjort (<code>SearchParameter/[id]/$reindex-status</code>). De som hører til R4, blir aldri byttet ut.`,
  },
} satisfies Worded<object>

/** Search parameters of ours, which R4 does not have, and how further ones come. */
export function searchParametersPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const content = html`
<p class="lead">${words.lead}</p>
${table(
  words.table,
  words.head,
  guide
    .ofType('SearchParameter')
    .map((one) => [
      html`<a href="${fileOf(one)}.json"><code>${one.code}</code></a>`,
      html`${one.base?.map((type) => html`<code class="place">${type}</code> `)}`,
      one.type ?? '',
      said(one, 'description', language),
      html`<code>${one.expression}</code>`,
    ]),
)}
<h2>${words.own}</h2>
<p>${words.howOwn}</p>`
  return layout({ title: words.title, section: 'search-parameters.html', content, language })
}
