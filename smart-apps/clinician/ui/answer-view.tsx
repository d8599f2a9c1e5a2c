import { BodyShort, Button, CopyButton, Heading, InlineMessage, LocalAlert, Skeleton } from '@navikt/ds-react'
import { type ReactNode, useEffect, useState } from 'react'
import { Refused, titleOf } from '../../fhir/failure.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import type { Answer } from '../fhir/use-query.ts'
import { UI_TEXTS } from './texts.ts'

/** Quick answers need no announcement: before this, nothing is drawn in place of what comes. */
const SKELETON_AFTER_MILLIS = 300

type Shown<T> = {
  answer: Answer<T>
  /** What it is, inside a sentence: "oppgavene". Said when somebody may not see it. */
  what: string
  /** For whom it is, where asking one's team lead would be wrong: said in place of what the server says. */
  onlyFor?: string
  /** How many rows the skeleton holds a place for. */
  rows?: number
  isEmpty?: (data: T) => boolean
  /** Why there is nothing, and what to do. */
  empty?: ReactNode
  /** Which part did not come, where the rest did. */
  missing?: (data: T) => string | undefined
  children: (data: T) => ReactNode
}

/** Each list and panel stands in one of six states: loading, empty, failed, no access, stale, partial. */
export function AnswerView<T>({ answer, what, onlyFor, rows = 5, isEmpty, empty, missing, children }: Shown<T>) {
  const text = useTexts(UI_TEXTS)
  const { data, failure, isLoading, reload } = answer
  if (data === undefined) {
    if (failure) return <FailureView failure={failure} what={what} onRetry={reload} {...(onlyFor ? { onlyFor } : {})} />
    return isLoading ? <LoadingRows count={rows} /> : null
  }
  const part = missing?.(data)
  return (
    <>
      {failure && <StaleNote answer={answer} />}
      {part && (
        <InlineMessage status="warning" size="small">
          {text('partial', { what: part })}
        </InlineMessage>
      )}
      {isEmpty?.(data) ? empty : children(data)}
    </>
  )
}

/** In the size of what is to come, so that nothing jumps. */
export function LoadingRows({ count }: { count: number }) {
  const text = useTexts(UI_TEXTS)
  const [isShown, setIsShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), SKELETON_AFTER_MILLIS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="loading-rows" role="status" aria-label={text('loading')}>
      {Array.from({ length: count }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: places that hold nothing have no other name
        <div className="loading-row" key={i}>
          {isShown && <Skeleton variant="rounded" height="100%" />}
        </div>
      ))}
    </div>
  )
}

/** Old data is never shown as if it were new. */
function StaleNote({ answer: { answeredAt, reload, isLoading } }: { answer: Answer<unknown> }) {
  const text = useTexts(UI_TEXTS)
  const language = useLanguage()
  return (
    <div className="stale-note" role="status">
      <InlineMessage status="warning" size="small">
        {text('stale', { time: answeredAt ? clock(answeredAt, language) : '–' })}
      </InlineMessage>
      <Button size="xsmall" variant="tertiary" onClick={reload} loading={isLoading}>
        {text('retry')}
      </Button>
    </div>
  )
}

type FailureProps = { failure: Error; what: string; onlyFor?: string; onRetry?: () => void }

/** What failed, what is kept, and what somebody can do about it. */
export function FailureView({ failure, what, onlyFor, onRetry }: FailureProps) {
  const text = useTexts(UI_TEXTS)
  const title = titleOf(failure)
  const isForbidden = title === 'noAccess'
  const isAway = title === 'unreachable'
  const help = isForbidden
    ? (onlyFor ?? text('noAccessHelp', { what }))
    : text(isAway ? 'unreachableHelp' : 'failedHelp')
  return (
    <LocalAlert
      status={isForbidden ? 'announcement' : isAway ? 'warning' : 'error'}
      className="failure"
      aria-label={`${text(title)}: ${what}`}
    >
      <LocalAlert.Header>
        <LocalAlert.Title as="h2">{text(title)}</LocalAlert.Title>
      </LocalAlert.Header>
      <LocalAlert.Content>
        <BodyShort spacing>{help}</BodyShort>
        <FailureDetail failure={failure} isSaid={isForbidden && onlyFor !== undefined} />
        {onRetry && !isForbidden && (
          <Button size="small" variant="secondary" onClick={onRetry}>
            {text('retry')}
          </Button>
        )}
      </LocalAlert.Content>
    </LocalAlert>
  )
}

/** In short, beside what was tried. */
export function FailureNote({ failure }: { failure: Error }) {
  const text = useTexts(UI_TEXTS)
  return (
    <div className="failure-note" role="alert">
      <BodyShort size="small">{text(titleOf(failure))}</BodyShort>
      <FailureDetail failure={failure} />
    </div>
  )
}

/** What the server said, and the number by which its people find it. @property isSaid in words of ours already */
export function FailureDetail({ failure, isSaid = false }: { failure: Error; isSaid?: boolean }) {
  const text = useTexts(UI_TEXTS)
  if (!(failure instanceof Refused)) return null
  return (
    <div className="failure-detail">
      {/* What a server says of a refusal is in English. */}
      {!isSaid && (
        <BodyShort size="small" lang="en">
          {failure.message}
        </BodyShort>
      )}
      {failure.correlationId && (
        <BodyShort size="small" as="div" className="correlation">
          {text('correlation')} <code>{failure.correlationId}</code>
          <CopyButton size="xsmall" copyText={failure.correlationId} text={text('copy')} activeText={text('copied')} />
        </BodyShort>
      )}
    </div>
  )
}

/** @property level 1 where it is all that there is on the page */
type EmptyProps = { title: string; level?: '1' | '2'; children?: ReactNode }

/** Nothing there: why, and what to do now. */
export function EmptyView({ title, level = '2', children }: EmptyProps) {
  return (
    <div className="empty">
      <Heading size="small" level={level}>
        {title}
      </Heading>
      {children && <BodyShort as="div">{children}</BodyShort>}
    </div>
  )
}
