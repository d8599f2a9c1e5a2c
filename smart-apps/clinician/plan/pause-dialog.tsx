import { DatePicker, Radio, RadioGroup, useDatepicker } from '@navikt/ds-react'
import { useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { ActDialog } from './act-dialog.tsx'
import { SOON_MILLIS, startOfDay } from './act-words.ts'
import { PLAN_TEXTS } from './texts.ts'

const DAY_MILLIS = 86_400_000
/** As far ahead as the server plans. */
const AHEAD_DAYS = 360
const CAUSES = ['holiday', 'admission', 'otherCause'] as const

type Props = {
  name: string
  plan: string
  onPause: (given: { at: Date; until: Date; reason: string }) => Promise<void>
  onClose: () => void
}

/** A pause has an end: nobody is forgotten because somebody did not come back to it. */
export function PauseDialog({ name, plan, onPause, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const [cause, setCause] = useState<(typeof CAUSES)[number]>('holiday')
  const [begins, setBegins] = useState<'now' | 'later'>('now')
  const [from, setFrom] = useState<Date>()
  const [until, setUntil] = useState<Date>()
  const tomorrow = new Date(Date.now() + DAY_MILLIS)
  const last = new Date(Date.now() + AHEAD_DAYS * DAY_MILLIS)
  const fromPicker = useDatepicker({ fromDate: tomorrow, toDate: last, onDateChange: setFrom })
  const untilPicker = useDatepicker({ fromDate: from ?? tomorrow, toDate: last, onDateChange: setUntil })
  const start = begins === 'now' ? undefined : from && startOfDay(from)
  const end = until && startOfDay(until)
  const isReady = end !== undefined && (begins === 'now' || (start !== undefined && start < end))
  return (
    <ActDialog
      title={text('pauseTitle', { name })}
      will={
        isReady && end
          ? text('pauseWill', {
              name,
              plan,
              from: start ? moment(start, language) : text('now'),
              until: moment(end, language),
            })
          : text('pauseWillOpen', { name, plan })
      }
      confirm={text('pauseDo')}
      reasonLabel={text('pauseReason')}
      isReady={isReady}
      notReady={text('pauseNotReady')}
      onAct={(reason) =>
        onPause({
          at: start ?? new Date(Date.now() + SOON_MILLIS),
          until: end as Date,
          reason: `${text(cause)}: ${reason}`,
        })
      }
      onClose={onClose}
    >
      <RadioGroup legend={text('cause')} size="small" value={cause} onChange={setCause} className="in-row">
        {CAUSES.map((one) => (
          <Radio key={one} value={one}>
            {text(one)}
          </Radio>
        ))}
      </RadioGroup>
      <RadioGroup legend={text('pauseFrom')} size="small" value={begins} onChange={setBegins} className="in-row">
        <Radio value="now">{text('fromNow')}</Radio>
        <Radio value="later">{text('fromDate')}</Radio>
      </RadioGroup>
      <div className="field-row">
        {begins === 'later' && (
          <DatePicker {...fromPicker.datepickerProps}>
            <DatePicker.Input {...fromPicker.inputProps} size="small" label={text('firstDay')} />
          </DatePicker>
        )}
        <DatePicker {...untilPicker.datepickerProps}>
          <DatePicker.Input
            {...untilPicker.inputProps}
            size="small"
            label={text('goesOn')}
            description={text('goesOnHelp')}
          />
        </DatePicker>
      </div>
    </ActDialog>
  )
}
