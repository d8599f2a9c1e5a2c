import { BodyShort, Button, ErrorMessage, Modal, Textarea } from '@navikt/ds-react'
import { type ReactNode, useRef, useState } from 'react'
import { Refused, toError, Unreachable } from '../../fhir/failure.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { FailureDetail } from '../ui/answer-view.tsx'
import { UI_TEXTS } from '../ui/texts.ts'
import { ChangedMeanwhile } from './changed-meanwhile.ts'
import { ChangedView } from './changed-view.tsx'
import { PLAN_TEXTS } from './texts.ts'
import './plan.css'

type Props = {
  title: string
  /** What will happen, and to whom, before it does. */
  will: ReactNode
  confirm: string
  isDanger?: boolean
  width?: 'small' | 'medium' | `${number}px`
  reasonLabel?: string
  /** What in the fields speaks against it; the reason is looked after here. */
  isReady?: boolean
  /** Shown beside the field when somebody tries although it is not ready. */
  notReady?: string
  onAct: (reason: string) => Promise<void>
  onClose: () => void
  children?: ReactNode
}

/** An act that matters: it says what will happen and to whom, asks why, and is sent once. What was typed stays when it fails. */
export function ActDialog(props: Props) {
  const {
    title,
    will,
    confirm,
    isDanger,
    width,
    reasonLabel,
    isReady = true,
    notReady,
    onAct,
    onClose,
    children,
  } = props
  const text = useTexts(PLAN_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const [reason, setReason] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const field = useRef<HTMLTextAreaElement>(null)
  const isMissing = reason.trim() === ''
  const changed = failure instanceof ChangedMeanwhile ? failure : undefined
  const act = async () => {
    setIsAsked(true)
    if (isMissing) return field.current?.focus()
    if (!isReady) return
    setIsBusy(true)
    setFailure(undefined)
    try {
      await onAct(reason.trim())
    } catch (error) {
      setFailure(toError(error))
      setIsBusy(false)
    }
  }
  return (
    <Modal open onClose={onClose} header={{ heading: title, size: 'small' }} width={width ?? 'medium'}>
      <Modal.Body className="act-body">
        <BodyShort as="div" className="act-will">
          {will}
        </BodyShort>
        {children}
        <Textarea
          ref={field}
          label={reasonLabel ?? text('reason')}
          description={text('reasonHelp')}
          size="small"
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          error={isAsked && isMissing ? text('reasonMissing') : undefined}
        />
        <div aria-live="polite">
          {isAsked && !isReady && !isMissing && notReady && <ErrorMessage size="small">{notReady}</ErrorMessage>}
          {changed ? <ChangedView changed={changed} /> : failure && <ActFailure failure={failure} />}
        </div>
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" data-color={isDanger ? 'danger' : undefined} onClick={() => void act()} loading={isBusy}>
          {changed ? text('useMine') : confirm}
        </Button>
        <Button size="small" variant="tertiary" onClick={onClose}>
          {changed ? text('useTheirs') : ui('cancel')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}

/** Nothing was changed, and why: somebody else was faster, no contact, no access, or what the server says. */
export function ActFailure({ failure }: { failure: Error }) {
  const text = useTexts(PLAN_TEXTS)
  const words =
    failure instanceof Unreachable
      ? text('actUnreachable')
      : failure instanceof Refused && failure.isStale
        ? text('actStale')
        : failure instanceof Refused && failure.isForbidden
          ? text('actForbidden')
          : text('actRefused')
  return (
    <div className="act-failure">
      <ErrorMessage size="small">{words}</ErrorMessage>
      <FailureDetail failure={failure} />
    </div>
  )
}
