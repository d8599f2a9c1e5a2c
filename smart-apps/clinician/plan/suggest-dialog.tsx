import { useTexts } from '../../texts/use-texts.ts'
import { ActDialog } from './act-dialog.tsx'
import { PLAN_TEXTS } from './texts.ts'

type Props = { plan: string; team: string; onSuggest: (words: string) => Promise<void>; onClose: () => void }

/** What another organization owns is theirs to change; they get a Task that says what somebody here proposes. */
export function SuggestDialog({ plan, team, onSuggest, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  return (
    <ActDialog
      title={text('suggestTitle', { plan })}
      will={text('suggestWill', { team })}
      confirm={text('suggestDo')}
      reasonLabel={text('suggestWhat')}
      onAct={onSuggest}
      onClose={onClose}
    />
  )
}
