import { Radio, RadioGroup, Select, TextField } from '@navikt/ds-react'
import { addDays, toOsloClock } from '../../../server/core/decide/time/oslo-time.ts'
import { LOCALES } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { MEASURE_TEXTS } from './texts.ts'
import { DAY_COUNT, type When } from './when.ts'

type Props = { when: When; now: Date; problem: string | undefined; onChange: (when: When) => void }

export function WhenField({ when, now, problem, onChange }: Props) {
  const text = useTexts(MEASURE_TEXTS)
  const language = useLanguage()
  const { date, minuteOfDay: minutes } = toOsloClock(now)
  const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
  const names = new Intl.DateTimeFormat(LOCALES[language], {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  })
  const days = Array.from({ length: DAY_COUNT }, (_, i) => addDays(date, -i))
  return (
    <div className="when">
      <RadioGroup
        legend={text('when')}
        value={when.isNow ? 'now' : 'earlier'}
        onChange={(value) => onChange(value === 'now' ? { isNow: true } : { isNow: false, date, time })}
      >
        <Radio value="now">{text('now')}</Radio>
        <Radio value="earlier">{text('earlier')}</Radio>
      </RadioGroup>
      {!when.isNow && (
        <div className="when-parts">
          <Select
            label={text('day')}
            value={when.date}
            onChange={({ target }) => onChange({ ...when, date: target.value })}
          >
            {days.map((day) => (
              <option key={day} value={day}>
                {names.format(new Date(`${day}T12:00:00Z`))}
              </option>
            ))}
          </Select>
          <TextField
            type="time"
            label={text('time')}
            value={when.time}
            error={problem}
            onChange={({ target }) => onChange({ ...when, time: target.value })}
          />
        </div>
      )}
    </div>
  )
}
