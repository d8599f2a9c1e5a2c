import type { CodeSystem, CodeSystemConcept, ValueSet } from '@medplum/fhirtypes'
import { fileOf, type GuideDefinitions } from './definitions.ts'
import type { LinkTo } from './element-table.ts'
import { type Html, html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, inNorwegian, layout, said, table } from './layout.ts'

const WORDS = {
  en: {
    title: 'Codes',
    lead: html`Every code has its name in bokmål, nynorsk and English. <code>ValueSet/$expand</code>, <code>$validate-code</code> and <code>CodeSystem/$lookup</code> answer for all of them, by <code>displayLanguage</code>.`,
    systems: 'Code systems',
    systemHead: ['Code system', 'Canonical', 'Codes', 'What for'],
    sets: 'Value sets',
    setHead: ['Value set', 'Canonical', 'Codes', 'What for'],
  },
  nb: {
    title: 'Koder',
    lead: html`Hver kode har navn på bokmål, nynorsk og engelsk. <code>ValueSet/$expand</code>, <code>$validate-code</code> og <code>CodeSystem/$lookup</code> svarer for alle, etter <code>displayLanguage</code>.`,
    systems: 'Kodeverk',
    systemHead: ['Kodeverk', 'Kanonisk adresse', 'Koder', 'Hva det er til'],
    sets: 'Verdisett',
    setHead: ['Verdisett', 'Kanonisk adresse', 'Koder', 'Hva det er til'],
  },
} satisfies Worded<object>

/** All code systems and value sets, with how many codes each has. */
export function terminologyPage(guide: GuideDefinitions, language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const rows = (definitions: (CodeSystem | ValueSet)[], count: (definition: never) => number) =>
    definitions.map((one) => [
      html`<a href="${fileOf(one)}.html">${said(one, 'title', language)}</a>`,
      html`<code>${one.url}</code>`,
      String(count(one as never)),
      said(one, 'description', language),
    ])
  const content = html`
<p class="lead">${words.lead}</p>
<h2>${words.systems}</h2>
${table(
  words.systems,
  words.systemHead,
  rows(guide.ofType('CodeSystem'), ({ concept = [] }: CodeSystem) => concept.length),
)}
<h2>${words.sets}</h2>
${table(
  words.sets,
  words.setHead,
  rows(guide.ofType('ValueSet'), (valueSet: ValueSet) => codesOf(guide, valueSet).length),
)}`
  return layout({ title: words.title, section: 'terminology.html', content, language })
}

export function codeSystemPage(codeSystem: CodeSystem): GuideFile {
  const codes = (codeSystem.concept ?? []).map((concept) => ({ system: String(codeSystem.url), concept }))
  const content = html`
<p class="lead">${said(codeSystem, 'description', 'en')}</p>
${inNorwegian(codeSystem)}${factsOf(codeSystem)}
<h2>Codes</h2>
${codeTable(said(codeSystem, 'title', 'en'), codes)}`
  return layout({ title: said(codeSystem, 'title', 'en'), section: 'terminology.html', content })
}

export function valueSetPage(guide: GuideDefinitions, valueSet: ValueSet, linkTo: LinkTo): GuideFile {
  const from = (valueSet.compose?.include ?? []).flatMap(({ system, concept }) => (system ? [{ system, concept }] : []))
  const content = html`
<p class="lead">${said(valueSet, 'description', 'en')}</p>
${inNorwegian(valueSet)}${factsOf(valueSet)}
<h2>Codes</h2>
<ul>${from.map(({ system, concept }) => {
    const { href, title } = linkTo(system)
    return html`<li>${concept ? 'Codes of' : 'All codes of'} <a href="${href}">${title}</a></li>`
  })}</ul>
${codeTable(said(valueSet, 'title', 'en'), codesOf(guide, valueSet))}`
  return layout({ title: said(valueSet, 'title', 'en'), section: 'terminology.html', content })
}

type Coded = { system: string; concept: CodeSystemConcept }

/** Ours include a code system of ours as a whole, or list codes. */
function codesOf(guide: GuideDefinitions, { compose }: ValueSet): Coded[] {
  return (compose?.include ?? []).flatMap(({ system = '', concept }) => {
    const own = guide.byUrl(system)
    const all = concept ?? (own?.resourceType === 'CodeSystem' ? (own.concept ?? []) : [])
    return all.map((one) => ({ system, concept: one }))
  })
}

function codeTable(label: string, codes: Coded[]): Html {
  const systems = new Set(codes.map(({ system }) => system))
  const rows = codes.map(({ system, concept }) => [
    html`<code>${systems.size > 1 || !system.startsWith(OURS) ? `${system}|` : ''}${concept.code}</code>`,
    html`<span lang="nb">${concept.display}</span>`,
    inLanguage(concept, 'nn'),
    inLanguage(concept, 'en'),
    html`${concept.definition}${concept.property?.map(({ code, valueString }) => html` <span class="quiet">${code}: ${valueString}</span>`)}`,
  ])
  return table(label, ['Code', 'Bokmål', 'Nynorsk', 'English', 'Meaning'], rows)
}

const OURS = 'http://fylgje.no/'

const inLanguage = ({ designation = [] }: CodeSystemConcept, asked: string): Html =>
  html`<span lang="${asked}">${designation.find(({ language }) => language === asked)?.value}</span>`

const factsOf = (definition: CodeSystem | ValueSet): Html => html`<dl class="definition-facts">
<dt>Canonical</dt><dd><code>${definition.url}</code></dd>
<dt>Version</dt><dd>${definition.version}</dd>
<dt>Definition</dt><dd><a href="${fileOf(definition)}.json">JSON</a></dd>
</dl>`
