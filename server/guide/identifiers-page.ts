import type { StructureDefinition } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** By what people and organisations are known here, as the profiles say it, and the identifiers that this server gives. */
export function identifiersPage(guide: GuideDefinitions): GuideFile {
  const content = html`
<p class="lead">A national number is judged by the <code>system</code> of its Identifier wherever it stands, in a resource, a reference or a Bundle, on every write and by <code>$validate</code>: length, date and check digits, those issued from 2032 too.</p>
${table('National numbers', ['System', 'Number', 'Profiles'], numbersOf(guide))}
<h2>Rules</h2>
<ul>
<li>A national number never stands in a URL: search by <code>POST [base]/Patient/_search</code> with the identifier in the form. No answer and no log repeats one that is refused.</li>
<li>Numbers made for tests (month + 40, + 65 or + 80) count where the server is set up for tests; otherwise they are refused.</li>
<li>Birth date and sex are given in their own elements. They are never read from a number.</li>
<li>A person may have several numbers, each with its <code>period</code>; one at most is <code>official</code>.</li>
<li>Other names of the same systems (<code>http://hl7.no/fhir/NamingSystem/FNR</code> and the like) are judged the same; send the OIDs.</li>
</ul>
<h2>Identifiers that this server gives</h2>
${table(
  'Naming systems',
  ['Naming system', 'Uri', 'What it identifies'],
  guide
    .ofType('NamingSystem')
    .map((one) => [
      html`<a href="${fileOf(one)}.json">${one.name}</a>`,
      html`<code>${one.uniqueId?.[0]?.value}</code>`,
      String(one.description),
    ]),
)}`
  return layout({ title: 'Identifiers', section: 'identifiers.html', content })
}

/** The slices of `identifier` in all profiles, each system once. */
function numbersOf(guide: GuideDefinitions): Html[][] {
  const named = guide
    .ofType('StructureDefinition')
    .flatMap((profile) => slicesOf(profile).map((slice) => ({ ...slice, profile })))
  return [...Map.groupBy(named, ({ system }) => system)].map(([system, uses]) => [
    html`<code>${system}</code>`,
    html`<span lang="nb">${uses[0]?.short}</span>`,
    html`${uses.map(({ profile }, i) => html`${i > 0 ? ', ' : ''}<a href="${fileOf(profile)}.html">${profile.title}</a>`)}`,
  ])
}

function slicesOf({ differential }: StructureDefinition): { system: string; short: string }[] {
  const elements = differential?.element ?? []
  return elements
    .filter(({ path, sliceName }) => path.endsWith('.identifier') && sliceName)
    .map(({ id, short = '' }) => ({
      short,
      system: elements.find((element) => element.id === `${id}.system`)?.fixedUri ?? '',
    }))
}
