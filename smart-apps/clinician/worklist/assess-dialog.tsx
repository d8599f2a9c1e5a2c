import { BodyShort, Button, Modal, TextField } from '@navikt/ds-react'
import { useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { UI_TEXTS } from '../ui/texts.ts'
import { WORKLIST_TEXTS } from './texts.ts'

type Props = { count: number; onAssess: (reason: string) => void; onClose: () => void }

/** A closed Task is not opened again, so it is said first what will happen to how many. */
export function AssessDialog({ count, onAssess, onClose }: Props) {
  const text = useTexts(WORKLIST_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const [reason, setReason] = useState(() => text('assessStandard'))
  return (
    <Modal open onClose={onClose} header={{ heading: text('assessTitle', { count }), size: 'small' }}>
      <Modal.Body>
        <BodyShort spacing>{text('assessText')}</BodyShort>
        <TextField
          label={text('assessReason')}
          size="small"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" onClick={() => onAssess(reason.trim())} disabled={reason.trim() === ''}>
          {text('assess')}
        </Button>
        <Button size="small" variant="tertiary" onClick={onClose}>
          {ui('cancel')}
        </Button>
      </Modal.Footer>
    </Modal>
  )
}
