import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROW_CASES } from '../../server/core/decide/cases/test-row-cases.ts'
import { NATIONAL_ROWS, type NationalRow } from './national-rows.ts'

const PATHWAYS = join(import.meta.dirname, '../../plandefinitions')

/** The cases of all pathways, as `copd/green`. */
export const pathwayCases = (): string[] =>
  readdirSync(PATHWAYS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(join(PATHWAYS, name, 'cases')).map((file) => `${name}/${file.replace(/\.json$/, '')}`),
    )

export const testsOf = ({ tests = {} }: NationalRow): { file: string; title: string }[] =>
  Object.entries(tests).flatMap(([file, titles]) => titles.map((title) => ({ file, title })))

/** The page docs/cases.md; written by scripts/cases-page.ts, held true by a test. */
export function casesPage(): string {
  const ofPathways = pathwayCases().length
  const ofTests = new Set(NATIONAL_ROWS.flatMap(testsOf).map(({ file, title }) => `${file} ${title}`)).size
  return `${[
    '# Cases',
    [
      `Facts in, Tasks out: ${ofPathways} cases of pathways (\`plandefinitions/*/cases\`) and ${ROW_CASES.length} of the engine`,
      `(\`server/core/decide/cases/test-row-cases.ts\`), ${ofPathways + ROW_CASES.length} in all; beside them ${ofTests} tests over the database or HTTP. By what`,
      'national systems can do; the numbers are those of the comparison that the project started from. Written by `node scripts/cases-page.ts`.',
    ].join('\n'),
    ['| row | what | shown by | lacks |', '|---:|---|---|---|', ...NATIONAL_ROWS.map(lineOf)].join('\n'),
  ].join('\n\n')}\n`
}

function lineOf(one: NationalRow): string {
  const { row, capability, copd = [], lacks = '' } = one
  const shown = [
    ...ROW_CASES.filter(({ rows }) => rows.includes(row)).map(({ given }) => given.title),
    ...copd.map((name) => `\`copd/${name}\``),
    ...testsOf(one).map(
      ({ file, title }) => `\`${file.split('/').at(-1)}\` ${title.replace('public case %s', 'public cases')}`,
    ),
  ]
  return `| ${row} | ${capability} | ${shown.join('<br>')} | ${lacks} |`
}
