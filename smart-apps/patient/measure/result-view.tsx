import { CheckmarkCircleIcon, CloudSlashIcon, CloudUpIcon, ExclamationmarkTriangleIcon } from '@navikt/aksel-icons'
import { Button, Heading } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { navigate } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock } from '../../ui/format.ts'
import { useRecord, useSending } from '../me-context.ts'
import { PHOTO_TEXTS } from '../photo/texts.ts'
import type { Entry } from '../sending/entry.ts'
import { RefusalView } from '../sending/refusal-view.tsx'
import { useOwnZone } from '../today/use-own-zone.ts'
import { ZoneCard } from '../today/zone-card.tsx'
import { MEASURE_TEXTS } from './texts.ts'

type Props = {
  ids: readonly string[]
  /** Whether the plan could be asked on the phone. */
  isJudged: boolean
  /** Whether the rest was saved without its picture. */
  isPictureLost: boolean
  onAgain: () => void
  /** What it is called; else a measurement. */
  title?: string
}

/** What became of what was saved: where it is, what the plan says of it, and what to do now. */
export function ResultView({ ids, isJudged, isPictureLost, onAgain, title: called }: Props) {
  const text = useTexts(MEASURE_TEXTS)
  const photoText = useTexts(PHOTO_TEXTS)
  const { record } = useRecord()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    title.current?.focus()
    scrollTo(0, 0)
  }, [])
  return (
    <>
      <Heading size="large" level="1" ref={title} tabIndex={-1}>
        {called ?? text('saved')}
      </Heading>
      <WhereItIs ids={ids} />
      {isPictureLost && (
        <p role="alert" className="problem">
          {photoText('lost')}
        </p>
      )}
      {!isJudged && <p>{text('notJudged')}</p>}
      {record && <Zone record={record} />}
      <div className="buttons">
        <Button className="big" onClick={() => navigate('')}>
          {text('done')}
        </Button>
        {called === undefined && (
          <Button className="big" variant="secondary" onClick={onAgain}>
            {text('another')}
          </Button>
        )}
      </div>
    </>
  )
}

function Zone({ record }: { record: NonNullable<ReturnType<typeof useRecord>['record']> }) {
  const [now] = useState(() => new Date())
  const { own, advice, knownBy } = useOwnZone(record, now)
  return <ZoneCard own={own} advice={advice} record={record} now={now} knownBy={knownBy} />
}

/** The entries, also after they have come back in the record and left the outbox. */
function useEntries(ids: readonly string[]): Entry[] {
  const { entries } = useSending()
  const seen = useRef(new Map<string, Entry>())
  for (const entry of entries) if (ids.includes(entry.id)) seen.current.set(entry.id, entry)
  return [...seen.current.values()]
}

function WhereItIs({ ids }: { ids: readonly string[] }) {
  const text = useTexts(MEASURE_TEXTS)
  const language = useLanguage()
  const { isReached } = useSending()
  const entries = useEntries(ids)
  const refused = entries.find(({ state }) => state === 'refused')
  const isWaiting = entries.some(({ state }) => state === 'waiting')
  const sentAt = entries
    .map((entry) => entry.sentAt ?? '')
    .sort()
    .at(-1)
  const [state, Icon, words] = refused
    ? (['refused', ExclamationmarkTriangleIcon, text('refused')] as const)
    : !isWaiting && sentAt
      ? (['sent', CheckmarkCircleIcon, text('sent', { at: clock(new Date(sentAt), language) })] as const)
      : isReached === false
        ? (['offline', CloudSlashIcon, text('waiting')] as const)
        : (['sending', CloudUpIcon, text('sending')] as const)
  return (
    <>
      <p className="where" data-state={state} role="status">
        <Icon aria-hidden fontSize="1.5rem" /> {words}
      </p>
      {refused && <RefusalView entry={refused} />}
    </>
  )
}
