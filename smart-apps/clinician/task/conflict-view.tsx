import { Button, Heading, Table } from '@navikt/ds-react'
import { useState } from 'react'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useSession } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import type { StoredTask } from '../worklist/row.ts'
import { type Act, closed, onTopOf } from './act.ts'
import { readTasksOf } from './send-act.ts'
import { STATUS_WORDS } from './status-words.ts'
import { differences, type Field } from './task-versions.ts'
import { TASK_TEXTS } from './texts.ts'

type Props = { act: Act; stored: readonly StoredTask[]; onUseMine: (act: Act) => void; onUseTheirs: () => void }

/** What is stored now is read first. */
export function Conflict({ act, onUseMine, onUseTheirs }: Omit<Props, 'stored'>) {
  const { fhir } = useSession()
  const text = useTexts(TASK_TEXTS)
  const stored = useQuery(`stored ${act.id}`, () => readTasksOf(fhir, act))
  return (
    <AnswerView answer={stored} what={text('task')} rows={3}>
      {(tasks) => <ConflictView {...{ act, onUseMine, onUseTheirs }} stored={tasks} />}
    </AnswerView>
  )
}

/** What somebody wanted beside what another has made of it, element by element. Nothing is overwritten before they choose. */
function ConflictView({ act, stored, onUseMine, onUseTheirs }: Props) {
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
