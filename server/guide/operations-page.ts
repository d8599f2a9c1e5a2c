import { definitionId, type Operation, type Parameter, pathsOf, titleOf } from '../operations/operation.ts'
import { type Html, html, withCode } from './html.ts'
import type { GuideLanguage, Worded } from './language.ts'
import { type GuideFile, inEnglish, layout, table } from './layout.ts'

const WORDS = {
  en: {
    title: 'Operations',
    lead: html`Each has an OperationDefinition with examples at <code>[base]/OperationDefinition/[id]</code>. What changes nothing may also be asked by GET, with the parameters that are no resources in the query.`,
    own: 'Of this server',
    ofR4: 'Of R4 and its guides',
    r4Table: 'Operations of R4 and its guides',
    r4Head: ['Operation', 'Where', 'What it does'],
    demoOnly: ' In a demo only.',
    getOrPost: 'GET or POST',
    letter: 'scope letter',
    parameters: 'Parameters',
    parametersOf: 'Parameters of',
    head: ['Parameter', 'Use', 'Type', 'Card.', 'Meaning'],
  },
  nb: {
    title: 'Operasjoner',
    lead: html`Hver har en OperationDefinition med eksempler på <code>[base]/OperationDefinition/[id]</code>. Det som ikke endrer noe, kan også spørres om med GET, med de parametrene som ikke er ressurser, i adressen.`,
    own: 'Denne serverens egne',
    ofR4: 'Fra R4 og guidene til R4',
    r4Table: 'Operasjoner fra R4 og guidene til R4',
    r4Head: ['Operasjon', 'Hvor', 'Hva den gjør'],
    demoOnly: ' Bare i en demo.',
    getOrPost: 'GET eller POST',
    letter: 'scope-bokstav',
    parameters: 'Parametere',
    parametersOf: 'Parametere til',
    head: ['Parameter', 'Bruk', 'Type', 'Antall', 'Betydning'],
  },
} satisfies Worded<object>

/** Every operation of this server's own with its parameters, and those of R4 in short. */
export function operationsPage(operations: readonly Operation[], language: GuideLanguage): GuideFile {
  const words = WORDS[language]
  const byName = (one: Operation, other: Operation) => definitionId(one).localeCompare(definitionId(other), 'en')
  const own = operations.filter(({ isOwn }) => isOwn).toSorted(byName)
  const ofR4 = operations.filter(({ isOwn }) => !isOwn).toSorted(byName)
  const content = html`
<p class="lead">${words.lead}</p>
<h2>${words.own}</h2>
<p>${own.map((one, i) => html`${i > 0 ? ' · ' : ''}<a href="#${definitionId(one)}">${nameOf(one)}</a>`)}</p>
${own.map((one) => operationHtml(one, language))}
<h2>${words.ofR4}</h2>
${table(
  words.r4Table,
  words.r4Head,
  ofR4.map((one) => [
    html`<code>$${one.code}</code>`,
    placesOf(one),
    html`${titleOf(one)[language]}. ${inEnglish(withCode(one.description), language)}`,
  ]),
)}`
  return layout({ title: words.title, section: 'operations.html', content, language })
}

const nameOf = ({ code, resource }: Operation): string => `${resource[0]}/$${code}`

const placesOf = (operation: Operation): Html =>
  html`${pathsOf(operation).map(
    (path) => html`<code class="place">${path.replace(':type', '[type]').replace(':id', '[id]')}</code> `,
  )}`

function operationHtml(operation: Operation, language: GuideLanguage): Html {
  const words = WORDS[language]
  const { description, affectsState, isDemoOnly, letter } = operation
  const rows = [
    ...operation.in.flatMap((one) => parameterRows(one, 'in')),
    ...operation.out.flatMap((one) => parameterRows(one, 'out')),
  ].map((cells) => [...cells.slice(0, -1), inEnglish(cells.at(-1) ?? '', language)])
  return html`<section id="${definitionId(operation)}">
<h3>${nameOf(operation)}: ${titleOf(operation)[language]}</h3>
<p>${inEnglish(withCode(description), language)}${isDemoOnly ? words.demoOnly : undefined}</p>
<p class="quiet">${affectsState ? 'POST' : words.getOrPost} ${placesOf(operation)} · ${words.letter} <code>${letter}</code></p>
<details><summary>${words.parameters}</summary>${table(`${words.parametersOf} ${nameOf(operation)}`, words.head, rows)}</details>
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
