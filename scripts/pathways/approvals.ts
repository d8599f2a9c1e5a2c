import { PROPOSED } from '../../server/lifecycle/proposed-parts.ts'
import { type Row, sourcesOf, table } from './rows.ts'

export type Kind = { kind: string; rows: Row[]; nameOf: (cells: string[]) => string }

/** The section of all that a named clinician says yes or no to before the pathway is used; none where everything has a source. */
export function approvalsOf(kinds: Kind[]): string[] {
  const found = kinds.flatMap(({ kind, rows, nameOf }) =>
    rows.flatMap(({ cells, documentation = [] }) => {
      const others = documentation.filter(({ label }) => label !== PROPOSED)
      return others.length < documentation.length ? [[kind, nameOf(cells), sourcesOf(others) || 'ingenting annet']] : []
    }),
  )
  if (found.length === 0) return []
  return [
    '## Må godkjennes av en navngitt kliniker',
    `${found.length} punkter er eget forslag (**P**), alene eller sammen med en kilde. Ingen av dem er klinisk sannhet: en navngitt kliniker godkjenner eller endrer hvert av dem før planen tas i bruk.`,
    table(['Hva', 'Punkt', 'Bygger ellers på'], found),
  ]
}
