import { Pagination, Table } from '@navikt/ds-react'
import { type ReactNode, useState } from 'react'
import type { Measure, Point } from '../../measures/measures.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { PATIENT_TEXTS } from './texts.ts'
import { useMeasureWords } from './use-measure-words.ts'

const ROWS = 15

/** The same as the chart, newest first. */
export function TrendTable({ measure, pictures }: { measure: Measure; pictures: (point: Point) => ReactNode }) {
  const text = useTexts(PATIENT_TEXTS)
  const words = useMeasureWords()
  const [page, setPage] = useState(1)
  const pageCount = Math.ceil(measure.points.length / ROWS)
  const rows = [...measure.points].reverse().slice((page - 1) * ROWS, page * ROWS)
  return (
    <>
      <div className="table-holder">
        <Table size="small">
          <Table.Header>
            <Table.Row>
              {(['at', 'value', 'zone', 'limitsColumn', 'sourceColumn', 'noteColumn'] as const).map((name) => (
                <Table.HeaderCell key={name} scope="col">
                  {text(name)}
                </Table.HeaderCell>
              ))}
            </Table.Row>
          </Table.Header>
          <Table.Body>
            {rows.map((point) => (
              <Table.Row key={point.id} data-invalid={point.isInvalid || undefined}>
                <Table.DataCell data-label={text('at')}>
                  <Moment at={point.at} />
                </Table.DataCell>
                <Table.DataCell data-label={text('value')} className="value">
                  {words.value(point, measure)} {measure.unit}
                </Table.DataCell>
                <Table.DataCell data-label={text('zone')}>
                  {point.isInvalid ? (
                    text('invalid')
                  ) : point.zone === 'none' ? (
                    text('none')
                  ) : (
                    <ZoneBadge zone={point.zone} />
                  )}
                </Table.DataCell>
                <Table.DataCell data-label={text('limitsColumn')}>
                  {words.limits(point.limits, measure) || '–'}
                </Table.DataCell>
                <Table.DataCell data-label={text('sourceColumn')}>{words.source(point.source)}</Table.DataCell>
                <Table.DataCell data-label={text('noteColumn')}>
                  {point.note ?? ''}
                  {pictures(point)}
                </Table.DataCell>
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      </div>
      {pageCount > 1 && (
        <Pagination
          aria-label={measure.title}
          size="xsmall"
          page={page}
          count={pageCount}
          onPageChange={setPage}
          boundaryCount={1}
          siblingCount={1}
        />
      )}
    </>
  )
}
