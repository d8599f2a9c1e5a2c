import { ArrowUndoIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { askEhr } from '../../launch/web-messaging.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { useSession } from '../session-context.ts'
import { FRAME_TEXTS } from './texts.ts'

/** The way back to the EHR that has opened us, offered where it listens: it closes us then (SMART Web Messaging, `ui.done`). */
export function BackToEhr() {
  const text = useTexts(FRAME_TEXTS)
  const { messaging } = useSession().session
  const [listens, setListens] = useState(false)
  const [stays, setStays] = useState(false)
  useEffect(() => {
    let isOver = false
    if (messaging)
      void askEhr(messaging, { messageType: 'status.handshake', payload: {} }).then((answer) => {
        if (!isOver) setListens(answer !== undefined)
      })
    return () => {
      isOver = true
    }
  }, [messaging])
  if (!messaging || !listens) return null
  const leave = async () => {
    // What waits to be sent is sent when the frame goes, as when any window is closed.
    const answer = await askEhr(messaging, { messageType: 'ui.done', payload: {} })
    setStays(answer?.success !== true)
  }
  return (
    <>
      <span role="status" className="live-note">
        {stays && text('ehrStays')}
      </span>
      <Button
        size="small"
        variant="secondary-neutral"
        icon={<ArrowUndoIcon aria-hidden />}
        onClick={() => void leave()}
      >
        {text('backToEhr')}
      </Button>
    </>
  )
}
