import { raw, type SqlFragment, sql } from '../../db/sql.ts'
import type { ResourceKey } from '../resource-key.ts'
import { SOURCE_TYPES } from './access-rows.ts'
import type { AccessRows } from './relation-row.ts'

type Source = ResourceKey & { type: string; relations?: AccessRows | undefined }

/** The columns of each table behind `bucket, rk`, with their types. */
const TABLES: { name: keyof AccessRows; columns: string[] }[] = [
  { name: 'membership', columns: ['member text', 'grp text', 'from_at timestamptz', 'to_at timestamptz'] },
  {
    name: 'relation',
    columns: [
      ...[
        'grantee text',
        'patient text',
        'compartment bigint',
        'kind text',
        'from_at timestamptz',
        'to_at timestamptz',
      ],
      ...['types text[]', 'codes bigint[]'],
    ],
  },
  {
    name: 'restriction',
    columns: [
      ...['rule smallint', 'exception boolean', 'patient text', 'compartment bigint', 'whom text[]'],
      ...[
        'from_at timestamptz',
        'to_at timestamptz',
        'types text[]',
        'codes bigint[]',
        'labels bigint[]',
        'data text[]',
      ],
      ...['low timestamptz', 'high timestamptz'],
    ],
  },
  { name: 'protected_address', columns: ['degree text', 'patient text', 'compartment bigint'] },
]

/** Puts down what resources say of who has to do with whom. Few do, so the rows travel as JSON. */
export function accessParts(rows: Source[]): SqlFragment[] {
  const sources = rows.filter(({ relations }) => relations !== undefined)
  if (sources.length === 0) return []
  return TABLES.flatMap(({ name, columns }) => {
    const values = sources.flatMap(({ bucket, rk, relations }) =>
      (relations?.[name] ?? []).map((row) => ({ bucket, rk, ...row })),
    )
    if (values.length === 0) return []
    const names = ['bucket', 'rk', ...columns.map((column) => column.split(' ')[0])].join(', ')
    return [
      sql`${raw(`${name}_said`)} AS (
        INSERT INTO ${raw(name)} (${raw(names)})
        SELECT ${raw(names)} FROM jsonb_to_recordset(${JSON.stringify(values)}::jsonb)
            AS n(bucket smallint, rk bigint, ${raw(columns.join(', '))}))`,
    ]
  })
}

/** Takes away what they said before. A label may have been on a resource of any type, which is asked of `restriction` alone. */
export function accessCleared(rows: Source[]): SqlFragment[] {
  const sources = rows.filter(({ type }) => SOURCE_TYPES.has(type))
  return TABLES.flatMap(({ name }) => {
    const said = name === 'restriction' ? rows : sources
    if (said.length === 0) return []
    const keys = sql`unnest(${said.map(({ bucket }) => bucket)}::smallint[], ${said.map(({ rk }) => rk)}::bigint[]) AS k(bucket, rk)`
    return [
      sql`${raw(`${name}_cleared`)} AS (DELETE FROM ${raw(name)} s USING ${keys} WHERE s.bucket = k.bucket AND s.rk = k.rk)`,
    ]
  })
}
