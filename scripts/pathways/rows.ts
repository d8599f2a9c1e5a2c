import type { RelatedArtifact } from '@medplum/fhirtypes'

/** A row of the page, and what it rests on. */
export type Row = { cells: string[]; documentation: RelatedArtifact[] | undefined }

/** The cells, and the sources as the last of them. */
export const withSources = ({ cells, documentation }: Row): string[] => [...cells, sourcesOf(documentation)]

export function sourcesOf(documentation: RelatedArtifact[] = []): string {
  return documentation
    .map(
      ({ label, display, url }) => `${label ? `**${label}** ` : ''}${url ? `[${display}](${url})` : (display ?? '')}`,
    )
    .join('; ')
}

/** In Markdown. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
