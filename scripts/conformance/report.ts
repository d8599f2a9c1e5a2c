import type { Deviation } from './deviations.ts'
import { explains, nameOf } from './deviations.ts'
import type { CaseResult } from './run-cases.ts'

const STATUSES = ['passed', 'failed', 'optional-failed', 'skipped'] as const

/** The page `docs/conformance.md`: counts by folder and suite, then each deviation with its reason and its cases. */
export function conformancePage(results: CaseResult[], deviations: Deviation[]): string {
  const bySuite = Map.groupBy(results, ({ folder, suite }) => `${folder} | ${suite}`)
  const byFolder = Map.groupBy(results, ({ folder }) => `**${folder}** | all`)
  const rows = [...byFolder, ...bySuite].sort(([a], [b]) => sortKey(a).localeCompare(sortKey(b)))
  return `${[
    '# Conformance',
    '',
    'What the public cases say of this server: HL7’s examples, validator, patch, FHIRPath and GraphQL cases, search fixtures of',
    'other servers, interaction sequences, TestScripts and `$apply` cases. This page is written by',
    '`node scripts/conformance/conformance.ts`; the same run is part of `npm test` where the cases stand beside the checkout.',
    '`optional` is SHOULD-level, or where R4 leaves it open; `skipped` could not be judged, and does not count as passed.',
    '',
    '| folder | suite | passed | failed | optional | skipped |',
    '|---|---|---:|---:|---:|---:|',
    ...rows.map(([name, cases]) => `| ${name} | ${STATUSES.map((status) => count(cases, status)).join(' | ')} |`),
    `| **all** |  | ${STATUSES.map((status) => `**${count(results, status)}**`).join(' | ')} |`,
    '',
    '## Where we differ, and why',
    '',
    ...deviations.map((deviation) => `- \`${deviation.case}\` (${affected(results, deviation)}): ${deviation.why}`),
  ].join('\n')}\n`
}

const sortKey = (row: string) => row.replace(/\*\*(.*)\*\* \| all/, '$1 | ')
const count = (results: CaseResult[], status: CaseResult['status']) =>
  results.filter((one) => one.status === status).length

const affected = (results: CaseResult[], deviation: Deviation) =>
  results.filter((one) => ['failed', 'skipped'].includes(one.status) && explains(deviation, nameOf(one))).length
