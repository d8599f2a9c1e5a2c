import { InlineMessage, Table } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import type { ChangedMeanwhile } from './changed-meanwhile.ts'
import { PLAN_TEXTS } from './texts.ts'

/** What somebody wanted beside what another has made of it meanwhile, one thing a row. */
export function ChangedView({ changed: { differences, reason } }: { changed: ChangedMeanwhile }) {
  const text = useTexts(PLAN_TEXTS)
  return (
    <div className="changed-meanwhile">
      <InlineMessage status="warning" size="small">
        {text(differences.length > 0 ? 'changedMeanwhile' : 'changedElsewhere')} {reason && `«${reason}»`}
      </InlineMessage>
      {differences.length > 0 && (
        <Table size="small">
          <Table.Header>
            <Table.Row>
              <Table.HeaderCell scope="col">{text('changedField')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{text('changedMine')}</Table.HeaderCell>
              <Table.HeaderCell scope="col">{text('changedTheirs')}</Table.HeaderCell>
            </Table.Row>
          </Table.Header>
          <Table.Body>
            {differences.map(({ field, mine, theirs }) => (
              <Table.Row key={field}>
                <Table.HeaderCell scope="row">{field}</Table.HeaderCell>
                <Table.DataCell>{mine}</Table.DataCell>
                <Table.DataCell>{theirs}</Table.DataCell>
              </Table.Row>
            ))}
          </Table.Body>
        </Table>
      )}
    </div>
  )
}
