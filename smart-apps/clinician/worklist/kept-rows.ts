import type { Row } from './row.ts'

/**
 * Rows that say the same as before are the same objects as before, so that of a long list only those are drawn anew in which something has
 * changed.
 */
export function keptRows(before: ReadonlyMap<string, Row>, rows: readonly Row[]): Row[] {
  return rows.map((row) => {
    const known = before.get(row.id)
    return known && saysTheSame(known, row) ? known : row
  })
}

/** A Task of one version is the same, however often it was read; what else a row says comes from others. */
function saysTheSame(one: Row, other: Row): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof Row>
  for (const name of names)
    if (name !== 'task' && plain(one[name] as Value) !== plain(other[name] as Value)) return false
  return true
}

type Value = Exclude<Row[keyof Row], Row['task']>
const plain = (value: Value) => (value instanceof Date ? value.getTime() : value)
