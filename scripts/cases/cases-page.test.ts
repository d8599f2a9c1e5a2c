import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROW_CASES } from '../../server/core/decide/cases/test-row-cases.ts'
import { casesPage, pathwayCases, testsOf } from './cases-page.ts'
import { NATIONAL_ROWS } from './national-rows.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

test('docs/cases.md tells what there is; node scripts/cases-page.ts writes it', () => {
  expect(read('docs/cases.md')).toBe(casesPage())
})

test('the rows 1 to 37 and 64 to 67 are all there, each shown by something or told as lacking', () => {
  const wanted = [...Array.from({ length: 37 }, (_, i) => i + 1), 64, 65, 66, 67]
  expect(NATIONAL_ROWS.map(({ row }) => row)).toEqual(wanted)
  const bare = NATIONAL_ROWS.filter((one) => {
    const isShown = ROW_CASES.some(({ rows }) => rows.includes(one.row)) || one.copd || testsOf(one).length > 0
    return !isShown && !one.lacks
  })
  expect(bare).toEqual([])
})

test('there are at least sixty cases', () => {
  expect(pathwayCases().length + ROW_CASES.length).toBeGreaterThanOrEqual(60)
})

test.each(NATIONAL_ROWS.map((one) => [one.row, one] as const))('what row %i names is there', (_row, one) => {
  for (const { file, title } of testsOf(one)) expect([file, read(file).includes(title)]).toEqual([file, true])
  const known = new Set(pathwayCases())
  for (const name of one.copd ?? []) expect(known).toContain(`copd/${name}`)
})
