import { BodyShort, Button, Modal, Radio, RadioGroup, Textarea } from '@navikt/ds-react'
import { useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { UI_TEXTS } from '../ui/texts.ts'
import { useAttempt } from '../ui/use-attempt.ts'
import type { Row } from './row.ts'
import { SNOOZE_CHOICES, type SnoozeChoice, snoozeUntil } from './snooze-until.ts'
import { WORKLIST_TEXTS } from './texts.ts'

type Props = {
  row: Row
  onSnooze: (row: Row, given: { reason: string; until: Date }) => Promise<void>
  onClose: () => void
}

/** Says what putting aside means, and asks why: whoever takes over reads it. */
export function SnoozeDialog({ row, onSnooze, onClose }: Props) {
  const text = useTexts(WORKLIST_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const choices = SNOOZE_CHOICES.filter((choice) => snoozeUntil(choice, new Date()) > new Date())
  const [choice, setChoice] = useState<SnoozeChoice>('tomorrow')
  const [reason, setReason] = useState('')
  const [isAsked, setIsAsked] = useState(false)
  const { isBusy, failure, attempt } = useAttempt()
  const isMissing = reason.trim() === ''
  const go = async () => {
    setIsAsked(true)
    if (isMissing) return
    await attempt(() => onSnooze(row, { reason: reason.trim(), until: snoozeUntil(choice, new Date()) }))
  }
  return (
    <Modal open onClose={onClose} header={{ heading: text('snoozeTitle', { name: row.patientName }), size: 'small' }}>
      <Modal.Body>
        <BodyShort spacing>{text('snoozeText')}</BodyShort>
        <RadioGroup
          legend={text('snoozeHow')}
          size="small"
          value={choice}
          onChange={(value: SnoozeChoice) => setChoice(value)}
        >
          {choices.map((one) => (
            <Radio key={one} value={one}>
              {text(CHOICE_TEXTS[one])}
            </Radio>
          ))}
        </RadioGroup>
        <Textarea
          label={text('snoozeReason')}
          size="small"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          error={isAsked && isMissing ? text('snoozeReasonMissing') : undefined}
        />
        {failure && <FailureNote failure={failure} />}
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" onClick={go} loading={isBusy}>
          {text('snooze').replace(/ …$/, '')}
        </Button>
        <Button size="small" variant="tertiary" onClick={onClose}>
          {ui('cancel')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}

const CHOICE_TEXTS = {
  today: 'snoozeToday',
  tomorrow: 'snoozeTomorrow',
  'two-days': 'snoozeTwoDays',
  week: 'snoozeWeek',
} as const
