import { MenuElipsisVerticalIcon } from '@navikt/aksel-icons'
import { ActionMenu, Button, Checkbox } from '@navikt/ds-react'
import { memo, useState } from 'react'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment, span } from '../../ui/format.ts'
import { Since } from '../../ui/moment.tsx'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { isOverdue } from './filter.ts'
import { kindOf, type Row, reasonOf } from './row.ts'
import { RowTrend } from './row-trend.tsx'
import type { RowTrends } from './row-trends.ts'
import { WORKLIST_TEXTS } from './texts.ts'

export type RowActs = {
  take: (row: Row) => void
  release: (row: Row) => void
  snooze: (row: Row) => void
  wake: (row: Row) => void
  open: (row: Row) => void
  select: (row: Row, isSelected: boolean) => void
  unfold: (patientId: string) => void
  /** The patient is about to be shown. */
  visit: (row: Row) => void
}

type Props = {
  row: Row
  /** Others of the same patient that are folded into it. */
  moreCount: number
  isUnfolded: boolean
  /** One of those others. */
  isInner: boolean
  isSelected: boolean
  isBusy: boolean
  /** It ends in a moment, unless that is undone. */
  isEnding: boolean
  isCurrent: boolean
  /** It stands beside the list. */
  isOpened: boolean
  me: string | undefined
  mayChange: boolean
  /** Where there is one team only, nobody needs to be told which. */
  hasTeams: boolean
  pathwayName: (pathway: string) => string
  /** Ages and deadlines are told anew as it goes on. */
  now: Date
  acts: RowActs
  trends: RowTrends
}

/** One Task: how urgent, who, why, since when and until when, who has it, and what can be done at once. */
export const TaskRow = memo(function TaskRow(props: Props) {
  const { row, moreCount, isUnfolded, isInner, isSelected, isBusy, isEnding, isCurrent, isOpened } = props
  const { me, mayChange, hasTeams, pathwayName, now, acts, trends } = props
  const text = useTexts(WORKLIST_TEXTS)
  const language = useLanguage()
  const reason = reasonOf(row.task, language)
  const name = row.patientName
  const className = [
    'task-row',
    isInner && 'inner',
    isCurrent && 'current',
    isOpened && 'opened',
    !row.isOpen && 'closed',
  ]
    .filter(Boolean)
    .join(' ')
  return (
    // The roles stand there because a card on a phone is no table for a browser, but is one for whoever hears it read.
    // biome-ignore lint/a11y/noRedundantRoles: see above
    <tr role="row" className={className} data-zone={row.zone} data-id={row.id}>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-select">
        {mayChange && row.isOpen && row.zone === 'green' && !isEnding && (
          <Checkbox
            hideLabel
            size="small"
            checked={isSelected}
            onChange={(event) => acts.select(row, event.target.checked)}
          >
            {text('select', { name })}
          </Checkbox>
        )}
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-zone">
        <ZoneBadge zone={row.zone} />
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-patient">
        {row.patientId ? (
          <Go to={`patient/${row.patientId}`} className="task-link" onGo={() => acts.visit(row)}>
            {name}
          </Go>
        ) : (
          <span>{name}</span>
        )}
        <span className="quiet">
          {row.age !== undefined && text('age', { count: row.age })}
          {row.isDeceased && ` · ${text('deceased')}`}
        </span>
        {moreCount > 0 && (
          <button
            type="button"
            className="more"
            aria-expanded={isUnfolded}
            onClick={() => row.patientId && acts.unfold(row.patientId)}
          >
            {isUnfolded ? text('fewer') : text('more', { count: moreCount })}
            <span className="visually-hidden"> {name}</span>
          </button>
        )}
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-why">
        <button
          type="button"
          className="reason"
          lang={reason.lang}
          aria-expanded={isOpened}
          onClick={() => acts.open(row)}
        >
          {reason.text}
        </button>
        <span className="quiet kind">
          {kindOf(row.task, language)}
          {row.pathway && <span className="pathway">{pathwayName(row.pathway)}</span>}
        </span>
      </td>
      <RowTrend row={row} trends={trends} />
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-waited" data-label={text('waited')}>
        <Since at={row.authoredOn} now={now} />
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-deadline" data-label={text('deadline')}>
        <Deadline row={row} now={now} />
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-who">
        <Who row={row} me={me} />
        {hasTeams && row.teamName && <span className="quiet team">{row.teamName}</span>}
      </td>
      {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
      <td role="cell" className="cell-acts">
        {isEnding && <span className="quiet">{text('ending')}</span>}
        {mayChange && row.isOpen && !isEnding && <Acts row={row} me={me} isBusy={isBusy} acts={acts} />}
      </td>
    </tr>
  )
})

function Deadline({ row, now }: { row: Row; now: Date }) {
  const text = useTexts(WORKLIST_TEXTS)
  const language = useLanguage()
  if (row.snoozedUntil) return <>{text('snoozedUntil', { time: moment(row.snoozedUntil, language, now) })}</>
  if (!row.deadline) return <span className="quiet">{text('noDeadline')}</span>
  const said = span(row.deadline.getTime() - now.getTime(), language)
  const isLate = row.isOpen && isOverdue(row, now)
  return (
    <time
      dateTime={row.deadline.toISOString()}
      title={moment(row.deadline, language, now)}
      className={isLate ? 'late' : undefined}
    >
      {row.isOpen ? text(isLate ? 'overdueBy' : 'dueIn', { span: said }) : moment(row.deadline, language, now)}
    </time>
  )
}

/** Who has it, or is asked to. */
function Who({ row, me }: Pick<Props, 'row' | 'me'>) {
  const text = useTexts(WORKLIST_TEXTS)
  if (row.takenBy && row.takenBy === me) return <strong>{text('me')}</strong>
  if (row.takenByName) return row.takenByName
  if (row.askedOf)
    return row.askedOf === me ? <strong>{text('meAsked')}</strong> : text('asked', { name: row.askedOfName ?? '' })
  return <span className="free">{text('nobody')}</span>
}

/** Free, or asked of who looks; a question is answered and not taken. */
export const mayTake = ({ takenBy, askedOf, isQuestion }: Row, me: string | undefined): boolean =>
  takenBy === undefined && !isQuestion && (askedOf === undefined || askedOf === me)

type ActProps = Pick<Props, 'row' | 'isBusy' | 'acts' | 'me'>

function Acts({ row, me, isBusy, acts }: ActProps) {
  const text = useTexts(WORKLIST_TEXTS)
  const name = row.patientName
  const isFree = mayTake(row, me)
  const isMine = row.takenBy !== undefined && row.takenBy === me
  if (row.isQuestion)
    return (
      <Button size="xsmall" variant="secondary" onClick={() => acts.open(row)} aria-label={text('answerFor', { name })}>
        {text('answer')}
      </Button>
    )
  return (
    <>
      {row.snoozedUntil ? (
        <Button
          size="xsmall"
          variant="secondary"
          loading={isBusy}
          onClick={() => acts.wake(row)}
          aria-label={text('wakeFor', { name })}
        >
          {text('wake')}
        </Button>
      ) : isFree ? (
        <Button
          size="xsmall"
          variant={row.zone === 'red' ? 'primary' : 'secondary'}
          loading={isBusy}
          onClick={() => acts.take(row)}
          aria-label={text('takeFor', { name })}
        >
          {text('take')}
        </Button>
      ) : isMine ? (
        <Button
          size="xsmall"
          variant="tertiary"
          loading={isBusy}
          onClick={() => acts.release(row)}
          aria-label={text('releaseFor', { name })}
        >
          {text('release')}
        </Button>
      ) : null}
      {row.zone !== 'red' && !row.snoozedUntil && (isFree || isMine) && <MoreActs row={row} acts={acts} />}
    </>
  )
}

/** A menu costs more to draw than the rest of its row, and of hundreds one is opened: until then there is its button alone. */
function MoreActs({ row, acts }: Pick<Props, 'row' | 'acts'>) {
  const text = useTexts(WORKLIST_TEXTS)
  const [isOpen, setIsOpen] = useState<boolean>()
  const button = (
    <Button
      size="xsmall"
      variant="tertiary-neutral"
      icon={<MenuElipsisVerticalIcon aria-hidden />}
      aria-label={`${text('actions')}: ${row.patientName}`}
      {...(isOpen === undefined && { 'aria-haspopup': 'menu', 'aria-expanded': false, onClick: () => setIsOpen(true) })}
    />
  )
  if (isOpen === undefined) return button
  return (
    <ActionMenu open={isOpen} onOpenChange={setIsOpen}>
      <ActionMenu.Trigger>{button}</ActionMenu.Trigger>
      <ActionMenu.Content>
        <ActionMenu.Item onSelect={() => acts.snooze(row)}>{text('snooze')}</ActionMenu.Item>
      </ActionMenu.Content>
    </ActionMenu>
  )
}
