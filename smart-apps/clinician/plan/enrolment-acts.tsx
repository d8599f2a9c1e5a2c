import { Button } from '@navikt/ds-react'
import { useTexts } from '../../texts/use-texts.ts'
import { PLAN_TEXTS } from './texts.ts'

/** What can be done with a plan as a whole. */
export type PlanAct = 'pause' | 'resume' | 'end' | 'version' | 'suggest'

type Props = {
  isOnHold: boolean
  mayChange: boolean
  /** There is a newer version to move to. */
  mayMove: boolean
  /** It is another team's, to whom a change can be suggested. */
  maySuggest: boolean
  onOpen: (act: PlanAct) => void
}

export function EnrolmentActs({ isOnHold, mayChange, mayMove, maySuggest, onOpen }: Props) {
  const text = useTexts(PLAN_TEXTS)
  return (
    <div className="card-tools">
      {mayChange && isOnHold && (
        <Button size="small" variant="secondary" onClick={() => onOpen('resume')}>
          {text('resume')}
        </Button>
      )}
      {mayChange && !isOnHold && (
        <Button size="small" variant="secondary" onClick={() => onOpen('pause')}>
          {text('pause')}
        </Button>
      )}
      {mayMove && (
        <Button size="small" variant="secondary" onClick={() => onOpen('version')}>
          {text('changeVersion')}
        </Button>
      )}
      {mayChange && (
        <Button size="small" variant="tertiary" data-color="danger" onClick={() => onOpen('end')}>
          {text('end')}
        </Button>
      )}
      {maySuggest && (
        <Button size="small" variant="secondary" onClick={() => onOpen('suggest')}>
          {text('suggest')}
        </Button>
      )}
    </div>
  )
}
