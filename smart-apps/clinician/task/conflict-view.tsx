import { Button, Heading, Table } from '@navikt/ds-react'
import { useState } from 'react'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import type { Told } from '../../../server/core/decide/words/told.ts'
import { useLanguage, useTexts } from '../texts/use-texts.ts'
import { moment } from '../ui/format.ts'
import type { StoredTask } from '../worklist/row.ts'
import { type Act, closed, onTopOf } from './act.ts'
import { differences, type Field } from './task-versions.ts'
import { TASK_TEXTS } from './texts.ts'

type Props = { act: Act; stored: readonly StoredTask[]; onUseMine: (act: Act) => void; onUseTheirs: () => void }

export const STATUS_WORDS: Readonly<Record<string, Told>> = {
  draft: { nb: 'utkast', nn: 'utkast', en: 'draft' },
  requested: { nb: 'venter', nn: 'ventar', en: 'waiting' },
  received: { nb: 'mottatt', nn: 'motteken', en: 'received' },
  accepted: { nb: 'tatt', nn: 'teken', en: 'taken' },
  ready: { nb: 'klar', nn: 'klar', en: 'ready' },
  'in-progress': { nb: 'i arbeid', nn: 'i arbeid', en: 'in progress' },
  'on-hold': { nb: 'på vent', nn: 'på vent', en: 'on hold' },
  completed: { nb: 'avsluttet', nn: 'avslutta', en: 'ended' },
  cancelled: { nb: 'trukket tilbake', nn: 'trekt tilbake', en: 'withdrawn' },
  rejected: { nb: 'avslått', nn: 'avslegen', en: 'rejected' },
  failed: { nb: 'mislyktes', nn: 'mislukkast', en: 'failed' },
  'entered-in-error': { nb: 'feilført', nn: 'feilført', en: 'entered in error' },
}

/** What somebody wanted beside what another has made of it, element by element. Nothing is overwritten before they choose. */
export function ConflictView({ act, stored, onUseMine, onUseTheirs }: Props) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const [isBusy, setIsBusy] = useState(false)
  const { request } = act
  const closing = request.kind === 'transaction' ? request.closing : undefined
  const seen = request.kind === 'transaction' ? (request.tasks ?? []) : []
  const words = (field: Field, value: string): string => {
    if (value === '') return '–'
    if (field === 'status') return STATUS_WORDS[value]?.[language] ?? value
    if (field === 'deadline') return moment(new Date(value), language)
    return value
  }
  const hasEnded = stored.some((task) => !isOpen(task))
  const rows = stored.flatMap((theirs) => {
    const mine = seen.find(({ id }) => id === theirs.id)
    if (!mine || mine.meta?.versionId === theirs.meta?.versionId) return []
    return differences(closing ? closed(mine, closing) : mine, theirs).map((one) => ({ ...one, id: theirs.id }))
  })
  return (
    <section className="conflict" aria-labelledby="conflict">
      <Heading size="xsmall" level="3" id="conflict">
        {text('conflictTitle')}
      </Heading>
      <p>{text(hasEnded ? 'endedMeanwhile' : 'conflictText')}</p>
      <Table size="small">
        <Table.Header>
          <Table.Row>
            <Table.HeaderCell scope="col">{text('field')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{text('mine')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{text('theirs')}</Table.HeaderCell>
          </Table.Row>
        </Table.Header>
        <Table.Body>
          {rows.map(({ id, field, mine, theirs }) => (
            <Table.Row key={`${id} ${field}`}>
              <Table.HeaderCell scope="row">{text(field)}</Table.HeaderCell>
              <Table.DataCell>{words(field, mine)}</Table.DataCell>
              <Table.DataCell>{words(field, theirs)}</Table.DataCell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
      <div className="buttons">
        {!hasEnded && (
          <Button
            size="small"
            loading={isBusy}
            onClick={() => {
              setIsBusy(true)
              onUseMine({ ...act, request: onTopOf(request, stored) })
            }}
          >
            {text('useMine')}
          </Button>
        )}
        <Button size="small" variant="secondary" onClick={onUseTheirs}>
          {text('useTheirs')}
        </Button>
      </div>
    </section>
  )
}
