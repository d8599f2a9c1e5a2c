import { unexplained } from './deviations.ts'
import type { CaseResult } from './run-cases.ts'

const result = (status: CaseResult['status'], reason: string): CaseResult =>
  ({ folder: 'apply', suite: 'derived', id: 'one', status, reason }) as CaseResult
const AT_NIGHT = 'today() cannot be judged in the first 4 hours of a day (UTC)'

test('what the runner leaves out at night needs no explanation; what fails, or is left out for another reason, does', () => {
  expect(unexplained([result('skipped', AT_NIGHT)], [])).toEqual([])
  expect(unexplained([result('failed', AT_NIGHT)], [])).toHaveLength(1)
  expect(unexplained([result('skipped', 'no such folder')], [])).toEqual(['skipped apply/derived/one: no such folder'])
  expect(unexplained([result('skipped', 'no such folder')], [{ case: 'apply/*', why: 'because' }])).toEqual([])
})
