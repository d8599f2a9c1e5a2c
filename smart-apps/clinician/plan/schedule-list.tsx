import { Button } from '@navikt/ds-react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import type { StoredRequest } from './plan-data.ts'
import { requestTitle } from './request-title.ts'
import { scheduleInWords, scheduleOf } from './schedule.ts'
import { PLAN_TEXTS } from './texts.ts'

type Props = {
  requests: readonly StoredRequest[]
  mayChange: boolean
  onChange: (request: StoredRequest) => void
}

/** What somebody is asked to do, and when. */
export function ScheduleList({ requests, mayChange, onChange }: Props) {
  const text = useTexts(PLAN_TEXTS)
  const language = useLanguage()
  if (requests.length === 0) return <p className="quiet">{text('noSchedule')}</p>
  return (
    <ul className="schedule-list">
      {requests.map((request) => {
        const isShared = (request.basedOn?.length ?? 0) > 1
        const timing = request.occurrenceTiming
        const isChosen = timing === undefined || scheduleOf(timing) !== undefined
        return (
          <li key={request.id}>
            <div>
              <strong>{requestTitle(request, language)}</strong>
              <span>
                {scheduleInWords(timing, language)}
                {isShared && ` · ${text('shared')}`}
                {request.status === 'on-hold' && ` · ${text('isOnHold').toLowerCase()}`}
                {request.status === 'draft' && ` · ${text('waits')}`}
              </span>
            </div>
            {mayChange && isChosen && timing && (
              <Button
                size="xsmall"
                variant="tertiary"
                aria-label={text('changeOf', { title: requestTitle(request, language) })}
                onClick={() => onChange(request)}
              >
                {text('change')}
              </Button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
