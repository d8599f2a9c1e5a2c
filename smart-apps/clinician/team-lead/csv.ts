/** A cell of a table that is taken out: a text, a number in the reader's own writing, or nothing. */
export type Cell = string | undefined

/**
 * A table as spreadsheets here open it: semicolons, as the comma is the decimal sign, and a mark that says UTF-8. A text that a spreadsheet
 * would take for a formula is kept a text.
 */
export function toCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]) => cells.map(cellOf).join(';')
  return `\uFEFF${[head, ...rows].map(line).join('\r\n')}\r\n`
}

function cellOf(cell: Cell = ''): string {
  const safe = /^[=+@\t\r]|^-(?!\d)/.test(cell) ? `'${cell}` : cell
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Gives the file to whoever reads the page; nothing leaves the browser. */
export function download(name: string, csv: string): void {
  const url = URL.createObjectURL(new Blob([csv], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 0)
}
