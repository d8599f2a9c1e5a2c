import { expect, test } from '@jest/globals'
import { keptRows } from './kept-rows.ts'
import { type Row, type StoredTask, toRow } from './row.ts'

const task = (id: string, given: Partial<StoredTask> = {}): StoredTask => ({
  ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', meta: { versionId: '1' } },
  ...{ authoredOn: '2026-11-23T10:00:00Z', for: { reference: 'Patient/7' } },
  ...given,
})
const rows = (...tasks: StoredTask[]) => tasks.map((one) => toRow(one, new Map()))
const byId = (all: readonly Row[]) => new Map(all.map((row) => [row.id, row]))

test('a row of which nothing has changed is the same, also when its Task was read again', () => {
  const before = rows(task('1'), task('2'))
  const after = keptRows(byId(before), rows(task('2'), task('1')))
  expect(after.map(({ id }) => id)).toEqual(['2', '1'])
  expect(after[0]).toBe(before[1])
  expect(after[1]).toBe(before[0])
})

test.each<[string, Row[]]>([
  ['another version', rows(task('1', { meta: { versionId: '2' } }))],
  ['another name of the patient', toNamed('Kari Nordmann')],
  ['a new one', rows(task('2'))],
  ['a deadline', rows(task('1', { restriction: { period: { end: '2026-11-23T11:00:00Z' } } }))],
])('%s is another row', (_, next) => {
  const before = rows(task('1'))
  expect(keptRows(byId(before), next)[0]).toBe(next[0])
})

function toNamed(text: string): Row[] {
  return [toRow(task('1'), new Map([['Patient/7', { resourceType: 'Patient', name: [{ text }] }]]))]
}
