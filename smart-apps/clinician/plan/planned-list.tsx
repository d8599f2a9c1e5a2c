import { Button } from '@navikt/ds-react'
import type { PlannedChange } from '../../../server/core/decide/planned-change/planned-change.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { CHANGE_TEXTS } from './planned-change.ts'
import { PLAN_TEXTS } from './texts.ts'

type Props = { planned: readonly PlannedChange[]; mayChange: boolean; onWithdraw: (id: string) => void }

/** What will change by itself, when and why. */
export function PlannedList({ planned, mayChange, onWithdraw }: Props) {
  const text = useTexts(PLAN_TEXTS)
  if (planned.length === 0) return null
  return (
    <ul className="planned">
      {planned.map(({ id, at, status, reason }) => (
        <li key={id}>
          <span>
            <Moment at={new Date(at)} />: {text(CHANGE_TEXTS[status ?? 'team'])} · {reason}
          </span>
          {mayChange && (
            <Button size="xsmall" variant="tertiary" onClick={() => onWithdraw(id)}>
              {text('withdraw')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}
