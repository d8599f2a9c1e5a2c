import type { StructureDefinition } from '@medplum/fhirtypes'
import { type Example, type FailingExample, fileOf, type GuideDefinitions } from './definitions.ts'
import { elementTable, type LinkTo, type NameOf } from './element-table.ts'
import { type Html, html } from './html.ts'
import { invariantTable } from './invariants.ts'
import { jsonHtml } from './json-html.ts'
import { type GuideFile, inNorwegian, layout } from './layout.ts'

/** A profile's or extension's page: what for, what it asks, all its elements, its rules in words, examples that pass and what is refused. */
export function structurePage(guide: GuideDefinitions, definition: StructureDefinition, linkTo: LinkTo): GuideFile {
  const isExtension = definition.type === 'Extension'
  const lineage = guide.lineage(definition)
  const elements = guide.snapshot(String(definition.id))
  const own = new Set(lineage.flatMap(({ differential }) => differential?.element?.map(({ id }) => String(id)) ?? []))
  const above = withAbove(own)
  const shown = elements.filter(({ id }) => above.has(String(id)))
  const urls = new Set(lineage.map(({ url }) => url))
  const rules = invariantTable(elements, (source) => urls.has(source))
  const examples = guide.examplesOf(definition)
  const table = { linkTo, own, nameOf: namesIn(guide) }
  const content = html`
<p class="lead">${definition.description}</p>
${inNorwegian(definition)}${facts(definition, lineage, linkTo)}
<h2 id="asks">What it asks for</h2>
<p class="quiet">The elements that this guide says something of. <b>S</b>, must support: this server keeps it, shows it and lets rules use it; who has it sends it.</p>
${elementTable(shown, { ...table, caption: 'Elements that this guide says something of' })}
<details class="all"><summary>All elements (snapshot)</summary>
${elementTable(elements, { ...table, caption: 'All elements' })}</details>
${rules && html`<h2 id="rules">Rules in words</h2>${rules}`}
${examples.length > 0 ? html`<h2 id="examples">Examples</h2>${examples.map((one) => exampleHtml(guide, one))}` : undefined}
`
  return layout({
    title: String(definition.title),
    section: isExtension ? 'extensions.html' : 'profiles.html',
    content,
  })
}

/** Our own codes by their names: those of others say theirs where they are published. */
const namesIn =
  (guide: GuideDefinitions): NameOf =>
  (system, code) => {
    const owner = guide.byUrl(system ?? '')
    const concept = owner?.resourceType === 'CodeSystem' ? owner.concept?.find((one) => one.code === code) : undefined
    const english = concept?.designation?.find(({ language }) => language === 'en')?.value
    return concept && html` (${english}, <span lang="nb">${concept.display}</span>)`
  }

/** These ids, with all that stand above them: a part is not understood without the whole. */
const withAbove = (ids: ReadonlySet<string>): Set<string> =>
  new Set([...ids].flatMap((id) => id.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.'))))

function facts(
  { url, version, type, context, ...definition }: StructureDefinition,
  lineage: StructureDefinition[],
  linkTo: LinkTo,
): Html {
  const [, base] = lineage
  const on = base?.url ?? definition.baseDefinition ?? ''
  const { href, title } = linkTo(on)
  const places = (context ?? []).map(({ expression }, i) => html`${i > 0 ? ', ' : ''}<code>${expression}</code>`)
  return html`<dl class="definition-facts">
<dt>Canonical</dt><dd><code>${url}</code></dd>
<dt>Version</dt><dd>${version}</dd>
<dt>Made from</dt><dd><a href="${href}">${title}</a>${base ? ` (${type})` : undefined}</dd>
${places.length > 0 ? html`<dt>May stand on</dt><dd>${places}</dd>` : undefined}
<dt>Definition</dt><dd><a href="${fileOf({ resourceType: 'StructureDefinition', id: definition.id })}.json">JSON</a>, with snapshot</dd>
</dl>`
}

function exampleHtml(guide: GuideDefinitions, example: Example): Html {
  const failing = guide.failing(example)
  const file = fileOf(example)
  return html`<section class="example" id="${file}">
<h3>${example.id.replaceAll('-', ' ')}</h3>
<p><a href="${file}.json">${file}.json</a> passes <code>$validate</code>.${failing.length > 0 ? ' With one of these changes it does not:' : undefined}</p>
${failing.length > 0 ? html`<ul class="refused">${failing.map(refusedHtml)}</ul>` : undefined}
${jsonHtml(example, `Example ${example.id}`)}
</section>`
}

function refusedHtml({ change: { op, path, value }, issues }: FailingExample): Html {
  const change =
    value === undefined
      ? html`${op} <code>${path}</code>`
      : html`${op} <code>${path}</code> = <code>${JSON.stringify(value)}</code>`
  return html`<li>${change}: ${issues.map((issue, i) => html`${i > 0 ? ', ' : ''}<code>${issue}</code>`)}</li>`
}
