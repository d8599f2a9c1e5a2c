import { DownloadIcon } from '@navikt/aksel-icons'
import { BodyShort, Button, Heading, ReadMore, Table } from '@navikt/ds-react'
import { type ReactNode, useId } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { type Cell, download, toCsv } from './csv.ts'
import { TEAM_TEXTS } from './texts.ts'

export type Column = { label: ReactNode; csv: string; isNumber?: boolean }
/** A figure as it is read, and a bar beside it: its share of the longest, and what colours it. */
export type Figure = { shown: ReactNode; csv?: Cell; bar?: { share: number; zone?: string } }
export type FigureRow = { key: string; name: ReactNode; csv: string; cells: readonly Figure[]; isMarked?: boolean }

type Props = {
  title: string
  /** What the numbers count. */
  explained: string
  first: Column
  columns: readonly Column[]
  rows: readonly FigureRow[]
  file: string
  tools?: ReactNode
  /** Said above the table, such as that it is cut. */
  note?: ReactNode
  /** Why there is nothing. */
  empty: string
}

/** Figures as a table whose bars are drawn in it: what is seen can be read, and taken out. */
export function FigureTable({ title, explained, first, columns, rows, file, tools, note, empty }: Props) {
  const text = useTexts(TEAM_TEXTS)
  const id = useId()
  const save = () =>
    download(
      `${file}.csv`,
      toCsv(
        [first.csv, ...columns.map(({ csv }) => csv)],
        rows.map(({ csv, cells }) => [csv, ...cells.map((cell) => cell.csv ?? String(cell.shown ?? ''))]),
      ),
    )
  return (
    <section className="card figures" aria-labelledby={id}>
      <div className="card-head">
        <Heading size="small" level="2" id={id}>
          {title}
        </Heading>
        <div className="card-tools">
          {tools}
          {rows.length > 0 && (
            <Button size="xsmall" variant="tertiary" icon={<DownloadIcon aria-hidden />} onClick={save}>
              {text('csv')}
              <span className="visually-hidden">: {title}</span>
            </Button>
          )}
        </div>
      </div>
      {note}
      {rows.length === 0 ? (
        <BodyShort className="quiet">{empty}</BodyShort>
      ) : (
        <div className="table-holder">
          <Table size="small">
            <Table.Header>
              <Table.Row>
                <Table.HeaderCell scope="col">{first.label}</Table.HeaderCell>
                {columns.map(({ label, csv, isNumber }) => (
                  <Table.HeaderCell key={csv} scope="col" align={isNumber ? 'right' : 'left'}>
                    {label}
                  </Table.HeaderCell>
                ))}
              </Table.Row>
            </Table.Header>
            <Table.Body>
              {rows.map(({ key, name, cells, isMarked }) => (
                <Table.Row key={key} data-marked={isMarked ? '' : undefined}>
                  <Table.HeaderCell scope="row" data-label={first.csv}>
                    {name}
                  </Table.HeaderCell>
                  {cells.map(({ shown, bar }, i) => (
                    <Table.DataCell
                      key={columns[i]?.csv}
                      align={columns[i]?.isNumber ? 'right' : 'left'}
                      data-label={columns[i]?.csv}
                      className="figure"
                    >
                      <span>{shown}</span>
                      {bar && (
                        <svg
                          className="bar-of"
                          data-zone={bar.zone}
                          viewBox="0 0 100 6"
                          preserveAspectRatio="none"
                          aria-hidden
                        >
                          <rect className="bar-ground" width="100" height="6" />
                          <rect width={Math.max(0, Math.min(100, bar.share * 100))} height="6" />
                        </svg>
                      )}
                    </Table.DataCell>
                  ))}
                </Table.Row>
              ))}
            </Table.Body>
          </Table>
        </div>
      )}
      <ReadMore header={text('counts')} size="small">
        {explained}
      </ReadMore>
    </section>
  )
}
