import { Button, LocalAlert } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { toError } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { ActFailure } from './act-dialog.tsx'
import { PLAN_TEXTS } from './texts.ts'

/** What was done, and how it is undone: with what is said then. */
export type Notice = { words: string; undo?: () => Promise<string>; until?: Date }

type NoticeProps = { notice: Notice | undefined; onUndone: (words: string) => void; onClose: () => void }

/** Stays until it is closed, or the next takes its place; an undoing that fails says so. */
export function NoticeView({ notice, onUndone, onClose }: NoticeProps) {
  const text = useTexts(PLAN_TEXTS)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const [isOver, setIsOver] = useState(false)
  useEffect(() => {
    setFailure(undefined)
    setIsOver(false)
    if (!notice?.until) return
    const timer = setTimeout(() => setIsOver(true), notice.until.getTime() - Date.now())
    return () => clearTimeout(timer)
  }, [notice])
  const undo = async () => {
    if (!notice?.undo) return
    setIsBusy(true)
    try {
      onUndone(await notice.undo())
    } catch (error) {
      setFailure(toError(error))
    }
    setIsBusy(false)
  }
  return (
    <div role="status" className="plan-notice">
      {notice && (
        <LocalAlert status="success" size="small">
          <LocalAlert.Header>
            <LocalAlert.Title as="div">{notice.words}</LocalAlert.Title>
            <LocalAlert.CloseButton onClick={onClose} />
          </LocalAlert.Header>
          {((notice.undo && !isOver) || failure) && (
            <LocalAlert.Content>
              {notice.undo && !isOver && (
                <Button size="xsmall" variant="secondary" onClick={() => void undo()} loading={isBusy}>
                  {text('undo')}
                </Button>
              )}
              {failure && <ActFailure failure={failure} />}
            </LocalAlert.Content>
          )}
        </LocalAlert>
      )}
    </div>
  )
}
