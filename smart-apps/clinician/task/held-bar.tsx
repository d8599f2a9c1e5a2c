import { CheckmarkCircleIcon, ExclamationmarkTriangleIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { useEffect, useState } from 'react'
import { Refused } from '../../fhir/failure.ts'
import { navigate } from '../../place/router.tsx'
import { useTexts } from '../../texts/use-texts.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { useShortcuts } from '../ui/shortcuts.tsx'
import type { HeldAct } from './held-acts.ts'
import { HELD_TEXTS } from './held-texts.ts'
import { useHeldActs } from './use-held-acts.ts'
import './held-bar.css'

const DONE_MILLIS = 6_000

/** What is about to happen, on every screen: for ten seconds it can be undone, for it has not left this window. */
export function HeldBar() {
  const text = useTexts(HELD_TEXTS)
  const { acts, undo } = useHeldActs()
  const [isUndone, setIsUndone] = useState(false)
  const undoAndSay = (id: string) => {
    undo(id)
    setIsUndone(true)
  }
  useEffect(() => {
    if (!isUndone) return
    const timer = setTimeout(() => setIsUndone(false), DONE_MILLIS)
    return () => clearTimeout(timer)
  }, [isUndone])
  const newest = acts.findLast(({ state }) => state === 'held')
  // Where there is nothing of ours to undo, the key is the screen's.
  useShortcuts(newest ? [{ keys: 'z', label: text('undoShortcut'), run: () => undoAndSay(newest.id) }] : [])
  return (
    <section className="held-bar" aria-label={text('undoShortcut')}>
      <p className="visually-hidden" role="status">
        {isUndone ? text('undone') : acts.map(said(text)).join(' ')}
      </p>
      {isUndone && <p className="held-act">{text('undone')}</p>}
      {acts.map((act) => (
        <One key={act.id} act={act} onUndo={undoAndSay} />
      ))}
    </section>
  )
}

/** Read aloud once for each state, and not for each second. */
const said =
  (text: ReturnType<typeof useTexts<keyof (typeof HELD_TEXTS)['nb']>>) =>
  ({ state, words, tally }: HeldAct): string => {
    if (state === 'done') return doneWords(words, tally)
    if (state === 'failed') return text('actFailed')
    return state === 'waiting' ? text('actWaiting') : text('actHeld', { what: words.held, seconds: 10 })
  }

/** What was not done of it is never told as done. */
const doneWords = (words: HeldAct['words'], tally: HeldAct['tally']): string =>
  tally && tally.failed > 0 && words.partly
    ? words.partly.replace('{count}', String(tally.count)).replace('{failed}', String(tally.failed))
    : words.done

function One({ act, onUndo }: { act: HeldAct; onUndo: (id: string) => void }) {
  const text = useTexts(HELD_TEXTS)
  const { sendNow, dismiss } = useHeldActs()
  const { id, state, words, sendAt, failure, taskIds, tally } = act
  const seconds = useSecondsTo(sendAt, state === 'held')
  useEffect(() => {
    if (state !== 'done') return
    const timer = setTimeout(() => dismiss(id), DONE_MILLIS)
    return () => clearTimeout(timer)
  }, [state, id, dismiss])
  if (state === 'failed') {
    const isConflict = failure instanceof Refused && failure.isConflict
    return (
      <div className="held-act failed">
        <ExclamationmarkTriangleIcon aria-hidden fontSize="1.25rem" />
        <div>
          <p>{isConflict ? text('actConflict') : `${text('actFailed')}: ${words.held.toLowerCase()}.`}</p>
          {!isConflict && failure && <FailureNote failure={failure} />}
        </div>
        {isConflict && taskIds[0] && (
          <Button size="xsmall" variant="secondary-neutral" onClick={() => navigate(`task/${taskIds[0]}`)}>
            {text('compare')}
          </Button>
        )}
        <Button size="xsmall" variant="tertiary-neutral" onClick={() => dismiss(id)}>
          {text('dismiss')}
        </Button>
      </div>
    )
  }
  if (state === 'done')
    return (
      <div className="held-act">
        <CheckmarkCircleIcon aria-hidden fontSize="1.25rem" />
        <p>{doneWords(words, tally)}</p>
      </div>
    )
  return (
    <div className="held-act">
      <p>
        {state === 'held' && text('actHeld', { what: words.held, seconds })}
        {state === 'sending' && text('actSending')}
        {state === 'waiting' && text('actWaiting')}
      </p>
      {state === 'held' && (
        <>
          <Button size="xsmall" variant="secondary-neutral" onClick={() => onUndo(id)}>
            {text('undo')}
          </Button>
          <Button size="xsmall" variant="tertiary-neutral" onClick={() => sendNow(id)}>
            {text('now')}
          </Button>
        </>
      )}
    </div>
  )
}

function useSecondsTo(at: number, isCounting: boolean): number {
  const left = () => Math.max(0, Math.ceil((at - Date.now()) / 1000))
  const [seconds, setSeconds] = useState(left)
  useEffect(() => {
    if (!isCounting) return
    const timer = setInterval(() => setSeconds(Math.max(0, Math.ceil((at - Date.now()) / 1000))), 250)
    return () => clearInterval(timer)
  }, [at, isCounting])
  return seconds
}
