import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CaseResult } from './run-cases.ts'

/** Why we do not do what a case expects, or not yet. `case` is `folder/suite/id`, with `*` for many. */
export type Deviation = { case: string; why: string }

const DEVIATIONS_FILE = join(import.meta.dirname, '../../docs/conformance-deviations.json')

export const readDeviations = (): Deviation[] => JSON.parse(readFileSync(DEVIATIONS_FILE, 'utf8')) as Deviation[]

export const nameOf = ({ folder, suite, id }: CaseResult): string => `${folder}/${suite}/${id}`

export const explains = ({ case: pattern }: Deviation, name: string): boolean =>
  new RegExp(`^${pattern.split('*').map(RegExp.escape).join('.*')}$`).test(name)

/** The runner judges `today()` in no hour in which it may be another day where the case was written: what it leaves out then, a later run judges. */
const isLeftOutAtNight = ({ status, reason = '' }: CaseResult): boolean =>
  status === 'skipped' && /cannot be judged in the first \d+ hours of a day/.test(reason)

/** What failed, or could not be judged, and stands in no deviation. */
export function unexplained(results: CaseResult[], deviations: Deviation[]): string[] {
  return results
    .filter(({ status }) => status === 'failed' || status === 'skipped')
    .filter((result) => !isLeftOutAtNight(result))
    .map((result) => `${result.status} ${nameOf(result)}: ${result.reason ?? ''}`)
    .filter((line) => !deviations.some((deviation) => explains(deviation, line.split(' ')[1]?.replace(/:$/, '') ?? '')))
}

/** Deviations that no case needs any more: what was mended is to be struck off. */
export function unneeded(results: CaseResult[], deviations: Deviation[]): string[] {
  const names = results.filter(({ status }) => status === 'failed' || status === 'skipped').map(nameOf)
  return deviations.filter((deviation) => !names.some((name) => explains(deviation, name))).map((one) => one.case)
}
