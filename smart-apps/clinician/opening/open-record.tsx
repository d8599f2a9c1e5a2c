import type { Task } from '@medplum/fhirtypes'
import { BodyShort, Button, InlineMessage, Modal, Radio, RadioGroup, Textarea } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { toError } from '../../fhir/failure.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { UI_TEXTS } from '../ui/texts.ts'
import { findOpened, keepOpened, openedBy } from './opened.ts'
import { OPENING_TEXTS } from './texts.ts'
import './opening.css'

/** Without a relation to the patient; or in their care, what they have closed. */
export type OpeningKind = 'break-glass' | 'open-restricted'

const GROUNDS = {
  'break-glass': {
    parameter: 'purpose',
    choices: { ETREAT: 'emergency', TREAT: 'treatment', BTG: 'other' },
  },
  'open-restricted': { parameter: 'basis', choices: { consent: 'consent', emergency: 'danger' } },
} as const
const MINUTES = [15, 30, 60, 240] as const
/** As the operations ask. */
const REASON_LENGTH_MIN = 10

type Props = { kind: OpeningKind; patient: string; onOpened: () => void }

/** The button that leads to the dialog; nothing is opened before it is said why. */
export function OpenRecord({ kind, patient, onOpened }: Props) {
  const text = useTexts(OPENING_TEXTS)
  const [isAsked, setIsAsked] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  return (
    <>
      <Button ref={button} size="small" variant="secondary" onClick={() => setIsAsked(true)}>
        {text(kind === 'break-glass' ? 'breakGlass' : 'openClosed')}
      </Button>
      {isAsked && (
        <OpeningDialog
          {...{ kind, patient }}
          onOpened={() => {
            setIsAsked(false)
            onOpened()
          }}
          onClose={() => {
            setIsAsked(false)
            button.current?.focus()
          }}
        />
      )}
    </>
  )
}

function OpeningDialog({ kind, patient, onOpened, onClose }: Props & { onClose: () => void }) {
  const text = useTexts(OPENING_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const fhir = useFhir()
  const { parameter, choices } = GROUNDS[kind]
  const [ground, setGround] = useState(Object.keys(choices)[0] ?? '')
  const [minutes, setMinutes] = useState<number>(30)
  const [reason, setReason] = useState('')
  const [isTried, setIsTried] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const field = useRef<HTMLTextAreaElement>(null)
  const isShort = reason.trim().length < REASON_LENGTH_MIN
  const open = async () => {
    setIsTried(true)
    if (isShort) return field.current?.focus()
    setIsBusy(true)
    setFailure(undefined)
    try {
      const task = await fhir.operation<Task>(`Patient/${encodeURIComponent(patient)}/$${kind}`, [
        { name: parameter, valueCode: ground },
        { name: 'reason', valueString: reason.trim() },
        { name: 'minutes', valueInteger: minutes },
      ])
      const opened = openedBy(task)
      if (opened) keepOpened(patient, opened)
      onOpened()
    } catch (error) {
      setFailure(toError(error))
      setIsBusy(false)
    }
  }
  return (
    <Modal
      open
      onClose={onClose}
      header={{ heading: text(kind === 'break-glass' ? 'breakTitle' : 'closedTitle'), size: 'small' }}
    >
      <Modal.Body className="opening-body">
        <BodyShort>{text('what')}</BodyShort>
        <RadioGroup
          size="small"
          legend={text(kind === 'break-glass' ? 'purpose' : 'basis')}
          value={ground}
          onChange={setGround}
        >
          {Object.entries(choices).map(([code, words]) => (
            <Radio key={code} value={code}>
              {text(words)}
            </Radio>
          ))}
        </RadioGroup>
        <Textarea
          ref={field}
          size="small"
          label={text('reason')}
          description={text('reasonHelp')}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          error={isTried && isShort ? text('reasonShort') : undefined}
        />
        <RadioGroup size="small" legend={text('howLong')} value={minutes} onChange={setMinutes}>
          {MINUTES.map((count) => (
            <Radio key={count} value={count}>
              {count < 120 ? text('minutes', { count }) : text('hours', { count: count / 60 })}
            </Radio>
          ))}
        </RadioGroup>
        {failure && <FailureNote failure={failure} />}
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" variant="danger" onClick={() => void open()} loading={isBusy}>
          {text('open')}
        </Button>
        <Button size="small" variant="tertiary" onClick={onClose}>
          {ui('cancel')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}

/** That this record stands open to who looks, until when and why; when it is over, it is asked for anew. */
export function OpenedNote({ patient, onOver }: { patient: string; onOver: () => void }) {
  const text = useTexts(OPENING_TEXTS)
  const language = useLanguage()
  const opened = findOpened(patient, new Date())
  const until = opened?.until
  useEffect(() => {
    if (!until) return
    const timer = setTimeout(onOver, Date.parse(until) - Date.now() + 1_000)
    return () => clearTimeout(timer)
  }, [until, onOver])
  if (!opened) return null
  return (
    <InlineMessage status="warning" size="small" role="status">
      {text('opened', { time: clock(new Date(opened.until), language), reason: opened.reason })}
    </InlineMessage>
  )
}
