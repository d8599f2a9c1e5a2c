import { useTexts } from '../../texts/use-texts.ts'
import { ActDialog } from '../plan/act-dialog.tsx'
import { ACCESS_TEXTS } from './texts.ts'

type Props = { name: string; onEnd: (reason: string) => Promise<void>; onClose: () => void }

/** Nobody sees anything from now on that they saw by this alone. */
export function EndGrantDialog({ name, onEnd, onClose }: Props) {
  const text = useTexts(ACCESS_TEXTS)
  return (
    <ActDialog
      title={text('endTitle', { name })}
      will={text('endWill', { name })}
      confirm={text('endDo')}
      isDanger
      reasonLabel={text('endReason')}
      onAct={onEnd}
      onClose={onClose}
    />
  )
}
