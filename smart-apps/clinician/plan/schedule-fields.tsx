import { Checkbox, CheckboxGroup, Radio, RadioGroup, Select, TextField } from '@navikt/ds-react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { type Schedule, timesOf, UNITS, type Unit, WEEKDAYS, type Weekday, weekdayName } from './schedule.ts'
import { PLAN_TEXTS } from './texts.ts'

/** What stands in the fields; times as they are typed. */
export type EditedSchedule = {
  kind: Schedule['kind']
  days: readonly Weekday[]
  /** So many times in the period. */
  often: string
  period: string
  unit: Unit
  times: string
  count: number
}

export function editedOf(schedule: Schedule | undefined): EditedSchedule {
  return {
    kind: schedule?.kind ?? 'daily',
    days: schedule?.kind === 'weekdays' ? schedule.days : ['mon', 'wed', 'fri'],
    often: schedule?.kind === 'every' ? String(schedule.count) : '1',
    period: schedule?.kind === 'every' ? String(schedule.period) : '2',
    unit: schedule?.kind === 'every' ? schedule.unit : 'wk',
    times: schedule?.times.join(', ') ?? '',
    count: schedule?.kind === 'daily' ? schedule.count : 1,
  }
}

/** @returns undefined while something is missing or is no number or time */
export function scheduleFrom({ kind, days, often, period, unit, times, count }: EditedSchedule): Schedule | undefined {
  const at = timesOf(times)
  if (!at) return undefined
  if (kind === 'daily') return { kind, times: at, count: at.length || count }
  if (kind === 'weekdays') return days.length > 0 ? { kind, days, times: at } : undefined
  const [each, every] = [often, period].map(wholeNumber)
  return each && every ? { kind, count: each, period: every, unit, times: at } : undefined
}

/** @returns undefined for what is no number that makes sense here */
function wholeNumber(field: string): number | undefined {
  const value = Number(field)
  return Number.isInteger(value) && value > 0 && value <= 52 ? value : undefined
}

export function ScheduleFields({
  value,
  onChange,
}: {
  value: EditedSchedule
  onChange: (value: EditedSchedule) => void
}) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const { kind, days, often, period, unit, times } = value
  return (
    <>
      <RadioGroup
        legend={text('howOften')}
        size="small"
        value={kind}
        onChange={(next: Schedule['kind']) => onChange({ ...value, kind: next })}
        className="in-row"
      >
        <Radio value="daily">{text('daily')}</Radio>
        <Radio value="weekdays">{text('weekdays')}</Radio>
        <Radio value="every">{text('every')}</Radio>
      </RadioGroup>
      {kind === 'weekdays' && (
        <CheckboxGroup
          legend={text('whichDays')}
          size="small"
          value={[...days]}
          onChange={(next: Weekday[]) => onChange({ ...value, days: WEEKDAYS.filter((day) => next.includes(day)) })}
          error={days.length === 0 ? text('daysMissing') : undefined}
          className="in-row"
        >
          {WEEKDAYS.map((day) => (
            <Checkbox key={day} value={day}>
              {weekdayName(day, language)}
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
      {kind === 'every' && (
        <div className="field-row">
          <TextField
            label={text('oftenCount')}
            size="small"
            inputMode="numeric"
            htmlSize={6}
            value={often}
            onChange={(event) => onChange({ ...value, often: event.target.value })}
            error={wholeNumber(often) ? undefined : text('numberMissing')}
          />
          <TextField
            label={text('everyCount')}
            size="small"
            inputMode="numeric"
            htmlSize={6}
            value={period}
            onChange={(event) => onChange({ ...value, period: event.target.value })}
            error={wholeNumber(period) ? undefined : text('numberMissing')}
          />
          <Select
            label={text('everyUnit')}
            size="small"
            value={unit}
            onChange={(event) => onChange({ ...value, unit: event.target.value as Unit })}
          >
            {UNITS.map((one) => (
              <option key={one} value={one}>
                {text(UNIT_TEXTS[one])}
              </option>
            ))}
          </Select>
        </div>
      )}
      <TextField
        label={text('times')}
        description={text('timesHelp')}
        size="small"
        htmlSize={24}
        value={times}
        onChange={(event) => onChange({ ...value, times: event.target.value })}
        error={timesOf(times) ? undefined : text('timesWrong')}
      />
    </>
  )
}

const UNIT_TEXTS = { d: 'unitDays', wk: 'unitWeeks', mo: 'unitMonths' } as const
