import { Button } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { type Asked, endOf, numberOf, startOf } from './share.ts'
import { StepHeading } from './step-heading.tsx'
import { SHARING_TEXTS } from './texts.ts'

type Props = {
  asked: Asked
  name: string
  isBusy: boolean
  onYes: () => void
  onChange: () => void
  /** What stood in the way the last time. */
  children: ReactNode
}

/** All of a sharing said once more, before it holds. */
export function ShareSure({ asked, name, isBusy, onYes, onChange, children }: Props) {
  const text = useTexts(SHARING_TEXTS)
  const language = useLanguage()
  const { kin, nationalNumber, isAll, shares, period } = asked
  const number = numberOf(kin) ?? nationalNumber
  const end = endOf(period, new Date())
  const what = isAll ? text('everything') : shares.map((one) => text(one)).join(', ')
  return (
    <section className="card" aria-labelledby="sure">
      <StepHeading id="sure">{text('sure', { name })}</StepHeading>
      <p>{number && text('numberBegins', { start: startOf(number) })}</p>
      <p>{text('sees', { what })}</p>
      <p>{text('helps')}</p>
      <p>{end ? text('until', { date: date(end, language) }) : text('noEnd')}</p>
      <p className="quiet">{text('anyTime')}</p>
      {children}
      <div className="buttons">
        <Button loading={isBusy} onClick={onYes}>
          {text('yes')}
        </Button>
        <Button variant="secondary" onClick={onChange}>
          {text('change')}
        </Button>
      </div>
    </section>
  )
}
