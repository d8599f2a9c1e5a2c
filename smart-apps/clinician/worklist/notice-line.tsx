import { Button, LocalAlert } from '@navikt/ds-react'
import { useEffect, useRef } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { WORKLIST_TEXTS } from './texts.ts'

/** @property undo takes back what is told, while it is told */
export type Notice = { words: string; failure?: Error; undo?: () => void }

const NOTICE_MILLIS = 10_000

/** What came of the last act; it goes by itself, and is read aloud. */
export function NoticeLine({ notice, onDone }: { notice: Notice | undefined; onDone: () => void }) {
  const text = useTexts(WORKLIST_TEXTS)
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!notice || notice.failure) return
    let timer = setTimeout(function go() {
      // Whoever is about to press its button is not robbed of it.
      if (line.current?.matches(':hover, :focus-within')) timer = setTimeout(go, NOTICE_MILLIS)
      else onDone()
    }, NOTICE_MILLIS)
    return () => clearTimeout(timer)
  }, [notice, onDone])
  return (
    <div ref={line} className="notice-line" role="status">
      {notice?.words && (
        <p>
          {notice.words}
          {notice.undo && (
            <button type="button" className="undo" onClick={notice.undo}>
              {text('undo')}
            </button>
          )}
        </p>
      )}
      {notice?.failure && (
        <LocalAlert status="error" size="small">
          <LocalAlert.Content>
            <FailureNote failure={notice.failure} />
            <Button size="xsmall" variant="secondary" onClick={onDone}>
              {text('dismiss')}
            </Button>
          </LocalAlert.Content>
        </LocalAlert>
      )}
    </div>
  )
}
