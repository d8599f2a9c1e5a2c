import { Radio, RadioGroup } from '@navikt/ds-react'
import { useState } from 'react'
import { useTexts } from '../../texts/use-texts.ts'
import { ActDialog } from './act-dialog.tsx'
import { PLAN_TEXTS } from './texts.ts'

type Props = {
  name: string
  plan: string
  onEnd: (given: { status: 'completed' | 'revoked'; reason: string }) => Promise<void>
  onClose: () => void
}

/** What has ended does not go on again: the dialog says so, and afterwards there are some seconds to call it off. */
export function EndDialog({ name, plan, onEnd, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const [status, setStatus] = useState<'completed' | 'revoked'>('completed')
  return (
    <ActDialog
      title={text('endTitle', { name })}
      isDanger
      will={
        <>
          {text('endWill', { name, plan })}
          <ul className="will-list">
            <li>{text('endStops')}</li>
            <li>{text('endTasks')}</li>
            <li>{text('endSummary')}</li>
            <li>{text('endAccess')}</li>
          </ul>
        </>
      }
      confirm={text('endDo')}
      onAct={(reason) => onEnd({ status, reason })}
      onClose={onClose}
    >
      <RadioGroup legend={text('endHow')} size="small" value={status} onChange={setStatus}>
        <Radio value="completed">{text('endCompleted')}</Radio>
        <Radio value="revoked">{text('endRevoked')}</Radio>
      </RadioGroup>
    </ActDialog>
  )
}
