import { Button, Modal } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { UI_TEXTS } from './texts.ts'

type Props = {
  title: string
  onClose: () => void
  className?: string
  /** What can be done with it beside reading. */
  act?: ReactNode
  children: ReactNode
}

/** Something to be read above the page. What is long is scrolled by keyboard too. */
export function ReadingDialog({ title, onClose, className, act, children }: Props) {
  const text = useTexts(UI_TEXTS)
  return (
    <Modal open onClose={onClose} header={{ heading: title, size: 'small' }} width="medium">
      <Modal.Body tabIndex={0} {...(className && { className })}>
        {children}
      </Modal.Body>
      <Modal.Footer>
        <Button size="small" onClick={onClose}>
          {text('close')}
        </Button>
        {act}
      </Modal.Footer>
    </Modal>
  )
}
