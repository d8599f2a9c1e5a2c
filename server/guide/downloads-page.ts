import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** The package, and each definition by itself. */
export function downloadsPage(guide: GuideDefinitions): GuideFile {
  const content = html`
<p class="lead"><a href="package.tgz" download>package.tgz</a> is a FHIR package (npm): every definition with its snapshot, and the examples.</p>
<pre tabindex="0" role="region" aria-label="How to load it"># HL7’s validator
java -jar validator_cli.jar measurement.json -version 4.0 -ig package.tgz
# another server of this kind
npm run load -- package.tgz</pre>
<h2>Each by itself</h2>
${table(
  'Definitions',
  ['Definition', 'Canonical'],
  guide.all.map((one) => [
    html`<a href="${fileOf(one)}.json">${fileOf(one)}.json</a>`,
    html`<code>${'url' in one ? one.url : undefined}</code>`,
  ]),
)}`
  return layout({ title: 'Downloads', section: 'downloads.html', content })
}
