import type { NamingSystem, StructureDefinition } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import { type Html, html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, inEnglish, layout, said, table } from './layout.ts'

const WORDS = {
  en: {
    title: 'Identifiers',
    lead: html`A national number is judged by the <code>system</code> of its Identifier wherever it stands, in a resource, a reference or a Bundle, on every write and by <code>$validate</code>: length, date and check digits, those issued from 2032 too.`,
    numbers: 'National numbers',
    numberHead: ['Number', 'System', 'Also known as', 'Given out by', 'What it is', 'Profiles'],
    rulesTitle: 'Rules',
    rules: [
      html`A national number never stands in a URL: search by <code>POST [base]/Patient/_search</code> with the identifier in the form. No answer and no log repeats one that is refused.`,
      html`Numbers made for tests (month + 40, + 65 or + 80) count where the server is set up for tests; otherwise they are refused.`,
      html`Birth date and sex are given in their own elements. They are never read from a number.`,
      html`A person may have several numbers, each with its <code>period</code>; one at most is <code>official</code>.`,
      html`Other names of the same systems are judged the same, and what is looked for by one is found under all; send the first.`,
      html`Each is a NamingSystem of this server: <code>NamingSystem?value=2.16.578.1.12.4.1.4.1</code> finds it. Their owners’ own definitions hold.`,
    ],
    ours: 'Identifiers that this server gives',
    systems: 'Naming systems',
    systemHead: ['Naming system', 'Uri', 'What it identifies'],
  },
  nb: {
    title: 'Identifikatorer',
    lead: html`Et nasjonalt nummer blir prøvd etter <code>system</code> i identifikatoren, uansett hvor det står: i en ressurs, en referanse eller en Bundle, hver gang noe skrives, og med <code>$validate</code>. Lengde, dato og kontrollsifre blir sjekket, også for dem som blir delt ut fra 2032.`,
    numbers: 'Nasjonale numre',
    numberHead: ['Nummer', 'System', 'Også kjent som', 'Delt ut av', 'Hva det er', 'Profiler'],
    rulesTitle: 'Regler',
    rules: [
      html`Et nasjonalt nummer står aldri i en adresse: søk med <code>POST [base]/Patient/_search</code> og nummeret i skjemaet. Ingen svar og ingen logger gjentar et nummer som er avvist.`,
      html`Numre laget for test (måned + 40, + 65 eller + 80) gjelder der serveren er satt opp for test; ellers blir de avvist.`,
      html`Fødselsdato og kjønn står i sine egne elementer. De blir aldri lest ut av et nummer.`,
      html`En person kan ha flere numre, hvert med sin <code>period</code>; høyst ett er <code>official</code>.`,
      html`Andre navn på de samme systemene blir prøvd på samme måte, og det som blir søkt etter med ett, blir funnet under alle; send det første.`,
      html`Hvert av dem er et NamingSystem på denne serveren: <code>NamingSystem?value=2.16.578.1.12.4.1.4.1</code> finner det. Det er eiernes egne definisjoner som gjelder.`,
    ],
    ours: 'Identifikatorer som denne serveren gir',
    systems: 'Navnesystemer',
    systemHead: ['Navnesystem', 'Adresse (URI)', 'Hva det identifiserer'],
  },
} satisfies Worded<object>

/** By what people and organisations are known here, as the profiles say it, and the identifiers that this server gives. */
export function identifiersPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const content = html`
<p class="lead">${words.lead}</p>
${table(words.numbers, words.numberHead, numbersOf(guide, language))}
<h2>${words.rulesTitle}</h2>
<ul>
${words.rules.map((one) => html`<li>${one}</li>\n`)}</ul>
<h2>${words.ours}</h2>
${table(
  words.systems,
  words.systemHead,
  guide
    .ofType('NamingSystem')
    .filter((one) => !isNational(one))
    .map((one) => [linkTo(one), html`<code>${systemOf(one)}</code>`, said(one, 'description', language)]),
)}`
  return layout({ title: words.title, section: 'identifiers.html', content, language })
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
function numbersOf(guide: GuideDefinitions, language: GuideLanguage): (Html | string)[][] {
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
      html`${said(one, 'description', language)} <span class="quiet">${inEnglish(String(one.usage), language)}</span>`,
      html`${slices
        .filter(({ system }) => system === systemOf(one))
        .map(
          ({ profile }, i) =>
            html`${i > 0 ? ', ' : ''}<a href="${fileOf(profile)}.html">${said(profile, 'title', language)}</a>`,
        )}`,
    ])
}

function systemsOfSlices({ differential }: StructureDefinition): string[] {
  const elements = differential?.element ?? []
  return elements
    .filter(({ path, sliceName }) => path.endsWith('.identifier') && sliceName)
    .flatMap(({ id }) => elements.find((element) => element.id === `${id}.system`)?.fixedUri ?? [])
}
