import type { Timing } from '@medplum/fhirtypes'
import { useState } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { number } from '../../ui/format.ts'
import { ActDialog } from './act-dialog.tsx'
import { countInFourWeeks, type Schedule, scheduleInWords, scheduleOf, timingWith } from './schedule.ts'
import { editedOf, ScheduleFields, scheduleFrom } from './schedule-fields.tsx'
import { PLAN_TEXTS } from './texts.ts'

type Props = {
  name: string
  /** What is asked of the patient. */
  title: string
  timing: Timing | undefined
  onSave: (timing: Timing, reason: string) => Promise<void>
  onClose: () => void
}

/** How often something is asked for, with what that makes of four weeks before and after. */
export function ScheduleDialog({ name, title, timing, onSave, onClose }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  const [edited, setEdited] = useState(() => editedOf(timing && scheduleOf(timing)))
  const schedule = scheduleFrom(edited)
  const before = timing && scheduleOf(timing)
  const count = (given: Schedule | undefined) => (given ? number(countInFourWeeks(given), language, 0) : '–')
  return (
    <ActDialog
      title={text('scheduleTitle', { title })}
      will={
        schedule
          ? text('scheduleWill', {
              name,
              before: scheduleInWords(timing, language),
              after: scheduleInWords(timingWith(timing, schedule), language),
              countBefore: count(before),
              countAfter: count(schedule),
            })
          : text('scheduleOpen', { name, before: scheduleInWords(timing, language) })
      }
      confirm={text('scheduleDo')}
      isReady={schedule !== undefined}
      notReady={text('scheduleNotReady')}
      onAct={(reason) => onSave(timingWith(timing, schedule as Schedule), reason)}
      onClose={onClose}
    >
      <ScheduleFields value={edited} onChange={setEdited} />
    </ActDialog>
  )
}
