import { fileOf, type GuideDefinitions } from './definitions.ts'
import { html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, layout, table } from './layout.ts'

const WORDS = {
  en: {
    title: 'Downloads',
    lead: 'is a FHIR package (npm): every definition with its snapshot, and the examples.',
    how: 'How to load it',
    validator: 'HL7’s validator',
    server: 'another server of this kind',
    each: 'Each by itself',
    table: 'Definitions',
    head: ['Definition', 'Canonical'],
  },
  nb: {
    title: 'Last ned',
    lead: 'er en FHIR-pakke (npm): hver definisjon med sitt snapshot, og eksemplene.',
    how: 'Slik lastes den inn',
    validator: 'HL7s validator',
    server: 'en annen server av dette slaget',
    each: 'Hver for seg',
    table: 'Definisjoner',
    head: ['Definisjon', 'Kanonisk adresse'],
  },
} satisfies Worded<object>

/** The package, and each definition by itself. */
export function downloadsPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const content = html`
<p class="lead"><a href="package.tgz" download>package.tgz</a> ${words.lead}</p>
<pre tabindex="0" role="region" aria-label="${words.how}"># ${words.validator}
java -jar validator_cli.jar measurement.json -version 4.0 -ig package.tgz
# ${words.server}
npm run load -- package.tgz</pre>
<h2>${words.each}</h2>
${table(
  words.table,
  words.head,
  guide.all.map((one) => [
    html`<a href="${fileOf(one)}.json">${fileOf(one)}.json</a>`,
    html`<code>${'url' in one ? one.url : undefined}</code>`,
  ]),
)}`
  return layout({ title: words.title, section: 'downloads.html', content, language })
}
