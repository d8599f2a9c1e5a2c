import { exampleText } from './examples/example-text.ts'
import { EXAMPLES } from './examples/examples.ts'
import { definitionId, type Operation, type Parameter, pathsOf } from './operation.ts'

/**
 * The page docs/operations.md: every operation of this server's own with its parameters and examples, and those of R4 in short. It is
 * written by scripts/operations-page.ts and held true by a test.
 */
export function operationsPage(operations: Operation[]): string {
  const byName = (one: Operation, other: Operation) => definitionId(one).localeCompare(definitionId(other), 'en')
  const own = operations.filter(({ isOwn }) => isOwn).sort(byName)
  const ofR4 = operations.filter(({ isOwn }) => !isOwn).sort(byName)
  return `${[
    '# Operations',
    INTRODUCTION,
    '## Of R4 and its guides',
    table(
      ['operation', 'what it does', 'where'],
      ofR4.map((one) => [
        `[$${one.code}](https://hl7.org/fhir/R4/operations.html)`,
        `${one.title}. ${one.description}`,
        placesOf(one).join(', '),
      ]),
    ),
    ...ofR4.flatMap((one) => examplesOf(one).map((example) => exampleText(example, '###'))),
    '## Of this server',
    ...own.flatMap(sectionOf),
  ].join('\n\n')}\n`
}

const INTRODUCTION = [
  'Every operation has an OperationDefinition: `[base]/OperationDefinition/[id]`, found by the `url` that `[base]/metadata` names. This page is made from',
  'the same declarations (`node scripts/operations-page.ts`). The examples are run by a test against a server with demo data: `…` is another',
  'each time, and of an answer only what matters is shown. `{{draft.id}}` is taken from the answer called `draft`, `{{in 2 days}}` is a moment.',
  'What changes nothing may also be asked by GET, with the parameters that are no resources in the query.',
].join('\n')

function sectionOf(operation: Operation): string[] {
  const { code, title, description, resource, affectsState, isDemoOnly } = operation
  return [
    `### $${code} (${resource.join(', ')})`,
    `**${title}.** ${description}${isDemoOnly ? ' In a demo only.' : ''}`,
    [
      `- ${placesOf(operation).join(', ')}; ${affectsState ? 'POST' : 'GET or POST'}`,
      `- scope letter \`${operation.letter}\``,
      `- \`OperationDefinition/${definitionId(operation)}\``,
    ].join('\n'),
    parameterTable(operation),
    ...examplesOf(operation).map((example) => exampleText(example, '####')),
  ]
}

const examplesOf = (operation: Operation) => EXAMPLES[definitionId(operation)] ?? []

const placesOf = (operation: Operation): string[] =>
  pathsOf(operation).map((path) => `\`${path.replace(':type', '[type]').replace(':id', '[id]')}\``)

function parameterTable({ in: given, out }: Operation): string {
  const rows = [...given.flatMap((one) => parameterRows(one, 'in')), ...out.flatMap((one) => parameterRows(one, 'out'))]
  return table(['', 'parameter', 'type', 'how many', 'meaning'], rows)
}

function parameterRows(
  { name, type, min, max, documentation, part = [] }: Parameter,
  use: string,
  above = '',
): string[][] {
  const path = `${above}${name}`
  return [
    [use, `\`${path}\``, type ?? 'parts', `${min}..${max}`, documentation],
    ...part.flatMap((one) => parameterRows(one, use, `${path}.`)),
  ]
}

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n')

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
