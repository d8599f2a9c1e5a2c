import { ArrowRightIcon } from '@navikt/aksel-icons'
import { Button } from '@navikt/ds-react'
import { Go } from '../../place/router.tsx'
import { type useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment, span } from '../../ui/format.ts'
import { ageOf, nationalNumberOf } from '../../ui/person.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { useSession } from '../session-context.ts'
import { kindOf, type Row, type toRow } from '../worklist/row.ts'
import { STATUS_WORDS } from './status-words.ts'
import { TASK_TEXTS } from './texts.ts'

type HeadProps = {
  row: Row
  patient: Parameters<typeof toRow>[1] extends ReadonlyMap<string, infer P> ? P | undefined : never
  now: Date
  language: ReturnType<typeof useLanguage>
}

/** Whose it is, how urgent, until when, and who has it. */
export function TaskHead({ row, patient, now, language }: HeadProps) {
  const text = useTexts(TASK_TEXTS)
  const { session } = useSession()
  const number = nationalNumberOf(patient?.identifier)
  const age = ageOf(patient?.birthDate)
  const isLate = row.isOpen && row.deadline !== undefined && row.deadline < now
  const left = row.deadline ? span(row.deadline.getTime() - now.getTime(), language) : undefined
  return (
    <header className="task-head">
      <div className="task-who">
        <ZoneBadge zone={row.zone} />
        <strong>{row.patientName}</strong>
        {age !== undefined && <span>{age}</span>}
        {number && <span className="number">{number}</span>}
      </div>
      <p className="task-facts">
        <span>{kindOf(row.task, language)}</span>
        {row.isOpen ? (
          <span className={isLate ? 'late' : undefined}>
            {row.snoozedUntil
              ? text('snoozedUntil', { time: moment(row.snoozedUntil, language, now) })
              : left
                ? text(isLate ? 'overdueBy' : 'dueIn', { span: left })
                : text('noDeadline')}
          </span>
        ) : (
          <span>{STATUS_WORDS[row.task.status ?? '']?.[language]}</span>
        )}
        <span>
          {text('has')}:{' '}
          {row.takenBy
            ? row.takenBy === session.fhirUser
              ? text('you')
              : row.takenByName
            : (row.teamName ?? text('nobody'))}
        </span>
      </p>
    </header>
  )
}

type HeadActProps = {
  row: Row
  patientId: string
  /** Whether who is signed in may take it or has it. */
  mayTake: boolean
  isMine: boolean
  isBusy: boolean
  onTake: () => void
  onRelease: () => void
  onWake: () => void
  onSnooze: () => void
  onNext: (() => void) | undefined
}

/** Whose it is to deal with: taken, given back, put aside, or the next one; and the way to the patient. */
export function HeadActs(props: HeadActProps) {
  const { row, patientId, mayTake, isMine, isBusy, onTake, onRelease, onWake, onSnooze, onNext } = props
  const text = useTexts(TASK_TEXTS)
  return (
    <div className="head-acts">
      {mayTake && (
        <>
          {!isMine && !row.snoozedUntil && (
            <Button size="small" loading={isBusy} onClick={onTake}>
              {text('take')}
            </Button>
          )}
          {isMine && !row.snoozedUntil && (
            <Button size="small" variant="tertiary" loading={isBusy} onClick={onRelease}>
              {text('release')}
            </Button>
          )}
          {row.snoozedUntil ? (
            <Button size="small" variant="secondary" loading={isBusy} onClick={onWake}>
              {text('wake')}
            </Button>
          ) : (
            row.zone !== 'red' && (
              <Button size="small" variant="tertiary" onClick={onSnooze}>
                {text('snooze')}
              </Button>
            )
          )}
        </>
      )}
      {!row.isOpen && onNext && (
        <Button size="small" onClick={onNext}>
          {text('next')}
        </Button>
      )}
      <Go to={`patient/${patientId}`} className="open-patient">
        {text('openPatient')} <ArrowRightIcon aria-hidden />
      </Go>
    </div>
  )
}
