import { useTexts } from '../../texts/use-texts.ts'
import { ActDialog } from './act-dialog.tsx'
import { PLAN_TEXTS } from './texts.ts'

type Props = { name: string; plan: string; onResume: (reason: string) => Promise<void>; onClose: () => void }

export function ResumeDialog({ name, plan, onResume, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  return (
    <ActDialog
      title={text('resumeTitle', { name })}
      will={text('resumeWill', { name, plan })}
      confirm={text('resumeDo')}
      onAct={onResume}
      onClose={onClose}
    />
  )
}
