import { BellIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { useMemo } from 'react'
import { navigate, usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useNow } from '../../ui/moment.tsx'
import { useRecord, useSending, useSigned } from '../me-context.ts'
import { isKin } from '../sign-in/whose.ts'
import { dayOf } from '../today/day.ts'
import { placeOf } from '../today/place-of.ts'
import { dueElsewhere } from './due-elsewhere.ts'
import { REMINDER_TEXTS } from './texts.ts'

const MINUTE_MILLIS = 60_000

/** What is due while the app is open elsewhere is told there: also where the phone tells nothing. */
export function DueReminder() {
  const text = useTexts(REMINDER_TEXTS)
  const language = useLanguage()
  const { path } = usePlace()
  const { record } = useRecord()
  const { entries } = useSending()
  const { session } = useSigned()
  const now = useNow(MINUTE_MILLIS)
  const isOwn = !isKin(session)
  const due = useMemo(
    () => (isOwn && record ? dueElsewhere(path, () => dayOf({ record, entries, now }, language)) : undefined),
    [isOwn, path, record, entries, now, language],
  )
  if (!due) return null
  return (
    <section className="notice" aria-labelledby="due-now" role="status">
      <BellIcon aria-hidden fontSize="1.75rem" />
      <div>
        <h2 id="due-now">{text('dueNow')}</h2>
        <p>{due.title}</p>
      </div>
      <Button size="small" onClick={() => navigate(placeOf(due))}>
        {text('goThere')}
      </Button>
    </section>
  )
}
