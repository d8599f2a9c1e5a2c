import { Button, InlineMessage } from '@navikt/ds-react'
import { useState } from 'react'
import { handoverIn } from '../../../server/core/decide/task/handover.ts'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import type { StoredTask } from '../worklist/row.ts'
import type { Doer } from './act.ts'
import { type Around, handoversOf, readReceivers } from './task-data.ts'
import { TASK_TEXTS } from './texts.ts'

/** Who was asked to take this over, and what they answered. */
export function Handovers({ around, task, onChanged }: { around: Around; task: StoredTask; onChanged: () => void }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const asked = handoversOf(around, task)
  const names = useQuery(asked.length > 0 ? 'receivers' : 'no receivers', async (signal) =>
    asked.length > 0 ? readReceivers(fhir, signal) : undefined,
  )
  const nameIn = ({ reference, display }: Doer): string => {
    const { doctors = [], teams = [], organizations = [] } = names.data ?? {}
    const found = [...doctors, ...teams, ...organizations].find((one) => one.reference === reference)
    return display ?? found?.display ?? reference
  }
  const [busy, setBusy] = useState<string>()
  const [failure, setFailure] = useState<Error>()
  const withdraw = async (question: StoredTask) => {
    setBusy(question.id)
    try {
      await fhir.update({ ...question, status: 'cancelled' } as StoredTask)
    } catch (error) {
      setFailure(error as Error)
    }
    setBusy(undefined)
    onChanged()
  }
  return (
    <>
      {asked.map((one) => {
        const to = nameIn((handoverIn(one)?.to ?? one.owner ?? { reference: '' }) as Doer)
        const end = one.restriction?.period?.end
        if (isOpen(one))
          return (
            <div key={one.id} className="handover">
              <InlineMessage status="info" size="small">
                {text('handoverPending', { to, time: end ? moment(new Date(end), language) : '–' })}
                {one.reasonCode?.text && ` «${one.reasonCode.text}»`}
              </InlineMessage>
              <Button size="xsmall" variant="tertiary" loading={busy === one.id} onClick={() => void withdraw(one)}>
                {text('withdraw')}
              </Button>
            </div>
          )
        const words =
          one.status === 'completed'
            ? text('handoverAccepted', { to })
            : one.status === 'rejected'
              ? text('handoverRejected', { to, reason: one.statusReason?.text ?? '–' })
              : text('handoverCancelled', { to })
        return (
          <InlineMessage key={one.id} size="small" status={one.status === 'completed' ? 'success' : 'warning'}>
            {words}
          </InlineMessage>
        )
      })}
      {failure && <FailureNote failure={failure} />}
    </>
  )
}
