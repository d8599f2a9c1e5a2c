import type { NamingSystem, StructureDefinition } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** By what people and organisations are known here, as the profiles say it, and the identifiers that this server gives. */
export function identifiersPage(guide: GuideDefinitions): GuideFile {
  const content = html`
<p class="lead">A national number is judged by the <code>system</code> of its Identifier wherever it stands, in a resource, a reference or a Bundle, on every write and by <code>$validate</code>: length, date and check digits, those issued from 2032 too.</p>
${table('National numbers', ['Number', 'System', 'Also known as', 'Given out by', 'What it is', 'Profiles'], numbersOf(guide))}
<h2>Rules</h2>
<ul>
<li>A national number never stands in a URL: search by <code>POST [base]/Patient/_search</code> with the identifier in the form. No answer and no log repeats one that is refused.</li>
<li>Numbers made for tests (month + 40, + 65 or + 80) count where the server is set up for tests; otherwise they are refused.</li>
<li>Birth date and sex are given in their own elements. They are never read from a number.</li>
<li>A person may have several numbers, each with its <code>period</code>; one at most is <code>official</code>.</li>
<li>Other names of the same systems are judged the same; send the first.</li>
<li>Each is a NamingSystem of this server: <code>NamingSystem?value=2.16.578.1.12.4.1.4.1</code> finds it. Their owners’ own definitions hold.</li>
</ul>
<h2>Identifiers that this server gives</h2>
${table(
  'Naming systems',
  ['Naming system', 'Uri', 'What it identifies'],
  guide
    .ofType('NamingSystem')
    .filter((one) => !isNational(one))
    .map((one) => [linkTo(one), html`<code>${systemOf(one)}</code>`, String(one.description)]),
)}`
  return layout({ title: 'Identifiers', section: 'identifiers.html', content })
}

/** Others give them out; ours have no jurisdiction. */
const isNational = ({ jurisdiction }: NamingSystem): boolean => jurisdiction !== undefined

const linkTo = (one: NamingSystem): Html => html`<a href="${fileOf(one)}.json">${one.name}</a>`

/** As it is written in `Identifier.system`. */
function systemOf({ uniqueId }: NamingSystem): string {
  const { type, value = '' } = uniqueId?.find(({ preferred }) => preferred) ?? {}
  return type === 'oid' ? `urn:oid:${value}` : value
}

/** Each with the profiles that have a slice for it. */
function numbersOf(guide: GuideDefinitions): (Html | string)[][] {
  const slices = guide
    .ofType('StructureDefinition')
    .flatMap((profile) => systemsOfSlices(profile).map((system) => ({ system, profile })))
  return guide
    .ofType('NamingSystem')
    .filter(isNational)
    .map((one) => [
      linkTo(one),
      html`<code>${systemOf(one)}</code>`,
      html`${(one.uniqueId ?? []).filter(({ preferred }) => !preferred).map(({ value }) => html`<code>${value}</code> `)}`,
      html`<span lang="nb">${one.responsible}</span>`,
      html`${one.description} <span class="quiet">${one.usage}</span>`,
      html`${slices
        .filter(({ system }) => system === systemOf(one))
        .map(({ profile }, i) => html`${i > 0 ? ', ' : ''}<a href="${fileOf(profile)}.html">${profile.title}</a>`)}`,
    ])
}

function systemsOfSlices({ differential }: StructureDefinition): string[] {
  const elements = differential?.element ?? []
  return elements
    .filter(({ path, sliceName }) => path.endsWith('.identifier') && sliceName)
    .flatMap(({ id }) => elements.find((element) => element.id === `${id}.system`)?.fixedUri ?? [])
}
