/** What the store writes beside a resource, so that searches find it. */
export type IndexRow = {
  /** id of the one Patient that the type's patient element can refer to; see patient-column.ts */
  patient: string | null
  /** The type's main date as [low, high), ISO 8601 in UTC or ±infinity; see main-date.ts */
  dateLow: string | null
  dateHigh: string | null
  /** See loinc-column.ts */
  loinc: string | null
  /** Hashes as signed decimal text, each once. The forms of tokens stand in token-hash.ts. */
  tokens: string[]
  /** Rows of the side tables by table name, each with its values in the order of `SIDE_TABLES[].columns`. */
  side: Partial<Record<SideTableName, SideValue[][]>>
}

export type SideTableName =
  | 'search_date'
  | 'search_string'
  | 'search_number'
  | 'search_quantity'
  | 'search_uri'
  | 'search_text'
export type SideValue = string | number | null

/** Elements of a repeating element beyond this share its number. */
export const PART_MAX = 63

/** A column of a side table; `stored` is what becomes of a value that is not stored as it comes. */
export type SideColumn = { name: string; type: string; stored?: string }

/** The side tables of migrations 0002, 0006 and 0038. Their columns come after `bucket, rk`. */
export const SIDE_TABLES: { name: SideTableName; columns: SideColumn[] }[] = [
  { name: 'search_date', columns: columns('key int', 'part int2', 'low timestamptz', 'high timestamptz') },
  { name: 'search_string', columns: columns('key int', 'part int2', 'value text', 'exact bigint', 'place text') },
  { name: 'search_number', columns: columns('key int', 'part int2', 'low float8', 'high float8') },
  {
    name: 'search_quantity',
    columns: columns(
      'key int',
      'part int2',
      'low float8',
      'high float8',
      'code text',
      'unit text',
      'system text',
      'base text',
      'base_low float8',
      'base_high float8',
    ),
  },
  { name: 'search_uri', columns: columns('key int', 'part int2', 'value text') },
  {
    name: 'search_text',
    columns: [
      ...columns('key int', 'part int2'),
      { name: 'words', type: 'text', stored: "to_tsvector('norwegian', words) || to_tsvector('english', words)" },
    ],
  },
]

function columns(...declared: string[]): SideColumn[] {
  return declared.map((text) => {
    const [name = '', type = ''] = text.split(' ')
    return { name, type }
  })
}
