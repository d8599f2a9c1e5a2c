import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** Search parameters of ours, which R4 does not have, and how further ones come. */
export function searchParametersPage(guide: GuideDefinitions): GuideFile {
  const content = html`
<p class="lead">All of <a href="https://hl7.org/fhir/R4/searchparameter-registry.html">R4’s search parameters</a> are there, with chaining, <code>_has</code>, <code>_include</code>, <code>_filter</code> and the modifiers that <code>[base]/metadata</code> lists. Beside them these:</p>
${table(
  'Search parameters of ours',
  ['Parameter', 'Of', 'Type', 'What it finds', 'FHIRPath'],
  guide
    .ofType('SearchParameter')
    .map((one) => [
      html`<a href="${fileOf(one)}.json"><code>${one.code}</code></a>`,
      html`${one.base?.map((type) => html`<code class="place">${type}</code> `)}`,
      one.type ?? '',
      String(one.description),
      html`<code>${one.expression}</code>`,
    ]),
)}
<h2>Your own</h2>
<p>Store a SearchParameter and it takes effect at once; what is older is indexed in the background, and answers say so until that is done (<code>SearchParameter/[id]/$reindex-status</code>). R4’s own are never replaced.</p>`
  return layout({ title: 'Search parameters', section: 'search-parameters.html', content })
}
