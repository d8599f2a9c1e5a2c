import { definitionId, type Operation, type Parameter, pathsOf } from '../operations/operation.ts'
import { type Html, html, withCode } from './html.ts'
import { type GuideFile, layout, table } from './layout.ts'

/** Every operation of this server's own with its parameters, and those of R4 in short. */
export function operationsPage(operations: readonly Operation[]): GuideFile {
  const byName = (one: Operation, other: Operation) => definitionId(one).localeCompare(definitionId(other), 'en')
  const own = operations.filter(({ isOwn }) => isOwn).toSorted(byName)
  const ofR4 = operations.filter(({ isOwn }) => !isOwn).toSorted(byName)
  const content = html`
<p class="lead">Each has an OperationDefinition with examples at <code>[base]/OperationDefinition/[id]</code>. What changes nothing may also be asked by GET, with the parameters that are no resources in the query.</p>
<h2>Of this server</h2>
<p>${own.map((one, i) => html`${i > 0 ? ' · ' : ''}<a href="#${definitionId(one)}">${nameOf(one)}</a>`)}</p>
${own.map(operationHtml)}
<h2>Of R4 and its guides</h2>
${table(
  'Operations of R4 and its guides',
  ['Operation', 'Where', 'What it does'],
  ofR4.map((one) => [html`<code>$${one.code}</code>`, placesOf(one), html`${one.title}. ${withCode(one.description)}`]),
)}`
  return layout({ title: 'Operations', section: 'operations.html', content })
}

const nameOf = ({ code, resource }: Operation): string => `${resource[0]}/$${code}`

const placesOf = (operation: Operation): Html =>
  html`${pathsOf(operation).map(
    (path) => html`<code class="place">${path.replace(':type', '[type]').replace(':id', '[id]')}</code> `,
  )}`

function operationHtml(operation: Operation): Html {
  const { title, description, affectsState, isDemoOnly, letter } = operation
  const rows = [
    ...operation.in.flatMap((one) => parameterRows(one, 'in')),
    ...operation.out.flatMap((one) => parameterRows(one, 'out')),
  ]
  return html`<section id="${definitionId(operation)}">
<h3>${nameOf(operation)}: ${title}</h3>
<p>${withCode(description)}${isDemoOnly ? ' In a demo only.' : undefined}</p>
<p class="quiet">${affectsState ? 'POST' : 'GET or POST'} ${placesOf(operation)} · scope letter <code>${letter}</code></p>
<details><summary>Parameters</summary>${table(`Parameters of ${nameOf(operation)}`, ['Parameter', 'Use', 'Type', 'Card.', 'Meaning'], rows)}</details>
</section>`
}

function parameterRows(
  { name, type, min, max, documentation, part = [] }: Parameter,
  use: string,
  above = '',
): (Html | string)[][] {
  const path = `${above}${name}`
  return [
    [html`<code>${path}</code>`, use, type ?? 'parts', `${min}..${max}`, html`${withCode(documentation)}`],
    ...part.flatMap((one) => parameterRows(one, use, `${path}.`)),
  ]
}
