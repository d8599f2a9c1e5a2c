/**
 * The content of the pathways in `plandefinitions/`: `npm run pathways -- check` says what speaks against it and fails if anything does;
 * `npm run pathways -- pages` writes what a clinician reads, `docs/pathways/<name>.md`; `npm run pathways -- record` keeps what new versions say,
 * in `plandefinitions/versions.json`, so that nobody changes it under them.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathwayNames, resourcesOf } from '../server/plans/load-pathways.ts'
import { checkPathway } from './pathways/check-pathway.ts'
import { pathwayPage, readPathway } from './pathways/pathway-page.ts'
import { readRecordedVersions, withNewVersions, writeRecordedVersions } from './pathways/recorded-versions.ts'

const PAGES = join(import.meta.dirname, '../docs/pathways')

const [command = 'check'] = process.argv.slice(2)
if (command === 'check') {
  const reports = await Promise.all(pathwayNames().map((name) => checkPathway(name)))
  console.table(
    reports.map(({ name, cases, rules, limits, texts, codes, unconfirmed, problems }) => ({
      ...{ pathway: name, cases, rules, limits, texts, codes, unconfirmed },
      problems: problems.length,
    })),
  )
  for (const { name, problems } of reports) for (const problem of problems) console.error(`${name}: ${problem}`)
  process.exitCode = reports.some(({ problems }) => problems.length > 0) ? 1 : 0
} else if (command === 'pages') {
  mkdirSync(PAGES, { recursive: true })
  for (const name of pathwayNames()) writeFileSync(join(PAGES, `${name}.md`), pathwayPage(readPathway(name)))
} else if (command === 'record') {
  const definitions = pathwayNames().flatMap((name) => resourcesOf(name))
  writeRecordedVersions(withNewVersions(definitions, readRecordedVersions()))
} else {
  console.error(`There is no "${command}": check, pages or record.`)
  process.exitCode = 2
}
