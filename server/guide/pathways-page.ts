import { translated } from '../core/decide/words/translated.ts'
import type { Difference } from '../lifecycle/plan-diff.ts'
import { type ProposedPart, proposedParts } from '../lifecycle/proposed-parts.ts'
import { type Html, html } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, layout, table } from './layout.ts'
import type { GuidePathway, LocalDelta } from './pathways.ts'

const WORDS = {
  en: {
    title: 'Pathways',
    lead: html`The pathways that come with the server, as FHIR data: <code>PlanDefinition/[id]</code>. Their numbers are starting values. What rests on a proposal of the author’s must be approved by a named clinician before the pathway is used.`,
    table: 'Pathways',
    head: ['Pathway', 'Plan', 'Version', 'Cases', 'To be approved', 'Of them without a source'],
    approve: 'To be approved by a named clinician',
    approveHead: ['What', 'Which', 'Source'],
    kinds: { limit: 'Limit', rule: 'Rule', activity: 'What the patient does' },
    alone: 'none but the proposal',
    beside: 'a source, and the proposal',
    local: 'What a hospital says otherwise',
    localLead: html`A plan that is derived from a template (<code>$clone</code>) is a plan of its own. <code>PlanDefinition/[id]/$diff</code> tells in words what it says otherwise, <code>$refine</code> puts it on a newer version of the template. An example:`,
    differenceHead: ['What', 'Where', 'The template says', 'The hospital says'],
    differences: { plan: 'Plan', goal: 'Goal', rule: 'Rule', schedule: 'Time', limit: 'Limit' },
    nothing: 'nothing',
  },
  nb: {
    title: 'Forløp',
    lead: html`Forløpene som følger med serveren, som FHIR-data: <code>PlanDefinition/[id]</code>. Tallene er startverdier. Det som bygger på forfatterens eget forslag, må godkjennes av en navngitt kliniker før forløpet tas i bruk.`,
    table: 'Forløp',
    head: ['Forløp', 'Plan', 'Versjon', 'Kasus', 'Må godkjennes', 'Av dem uten kilde'],
    approve: 'Må godkjennes av en navngitt kliniker',
    approveHead: ['Hva', 'Hvilken', 'Kilde'],
    kinds: { limit: 'Grense', rule: 'Regel', activity: 'Det pasienten gjør' },
    alone: 'bare forslaget',
    beside: 'en kilde, og forslaget',
    local: 'Det et sykehus sier annerledes',
    localLead: html`En plan som er avledet av en mal (<code>$clone</code>), er en egen plan. <code>PlanDefinition/[id]/$diff</code> sier i ord hva den sier annerledes, og <code>$refine</code> setter den på en nyere versjon av malen. Et eksempel:`,
    differenceHead: ['Hva', 'Hvor', 'Malen sier', 'Sykehuset sier'],
    differences: { plan: 'Plan', goal: 'Mål', rule: 'Regel', schedule: 'Tid', limit: 'Grense' },
    nothing: 'ingenting',
  },
} satisfies Worded<object>

/** The pathways, all that of them must be approved, and what a hospital says otherwise. */
export function pathwaysPage(pathways: GuidePathway[], language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const parts = pathways.map((pathway) => ({ ...pathway, proposed: proposedParts(pathway.plan, language) }))
  const content = html`
<p class="lead">${words.lead}</p>
${table(
  words.table,
  words.head,
  parts.map(({ plan, caseCount, proposed }) => [
    html`<a href="#${plan.id}">${translated(plan, 'title', language)}</a>`,
    html`<code>PlanDefinition/${plan.id}</code>`,
    String(plan.version),
    String(caseCount),
    String(proposed.length),
    String(proposed.filter(({ isAlone }) => isAlone).length),
  ]),
)}
<h2>${words.local}</h2>
<p>${words.localLead}</p>
${pathways.flatMap(({ deltas }) => deltas).map((delta) => deltaHtml(delta, language))}
<h2>${words.approve}</h2>
${parts.map(({ plan, proposed }) => proposedHtml(String(plan.id), translated(plan, 'title', language), proposed, language))}`
  return layout({ title: words.title, section: 'pathways.html', content, language })
}

function proposedHtml(id: string, title: string | undefined, proposed: ProposedPart[], language: GuideLanguage): Html {
  const words = WORDS[language]
  const rows = proposed.map(({ kind, about, isAlone }) => [
    words.kinds[kind],
    about,
    isAlone ? words.alone : words.beside,
  ])
  return html`<section id="${id}"><details><summary>${title} (${rows.length})</summary>${table(`${words.approve}: ${title}`, words.approveHead, rows)}</details></section>
`
}

function deltaHtml({ title, differences }: LocalDelta, language: GuideLanguage): Html {
  const words = WORDS[language]
  const nameOf = (kind: Difference['kind']) => (words.differences as Record<string, string>)[kind] ?? kind
  const rows = differences(language).map(({ kind, about, before, after }) => [
    nameOf(kind),
    html`<code>${about}</code>`,
    before ?? html`<span class="quiet">${words.nothing}</span>`,
    after ?? html`<span class="quiet">${words.nothing}</span>`,
  ])
  return html`<h3 lang="nb">${title}</h3>${table(title, words.differenceHead, rows)}`
}
