import { BodyShort, Button, Heading, InlineMessage, Radio, RadioGroup, Tag } from '@navikt/ds-react'
import { useState } from 'react'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { date } from '../../ui/format.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { FailureDetail } from '../ui/answer-view.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import {
  detailsOf,
  type FoundInJournal,
  JOURNAL_PARTS,
  type JournalPart,
  type JournalResource,
  lookInJournal,
  readJournals,
  sinceOf,
  statusesOf,
  titleOf,
  wordOf,
} from './journal-data.ts'
import { JOURNAL_TEXTS } from './journal-texts.ts'

/** What the EHR of one's own organisation has: asked for when the clinician says so, and never by itself. */
export function JournalCard({ patient }: { patient: string }) {
  const text = useTexts(JOURNAL_TEXTS)
  const fhir = useFhir()
  // Where there is none to look in nothing is shown of it, nor where the server knows no such thing.
  const { data } = useQuery(`journal ${patient}`, (signal) => readJournals(fhir, patient, signal))
  if (!data || data.length === 0) return null
  return (
    <section aria-labelledby="journal" className="card">
      <Heading size="small" level="2" id="journal">
        {text('title')}
      </Heading>
      <Looking patient={patient} organizations={data} />
    </section>
  )
}

function Looking({ patient, organizations }: { patient: string; organizations: string[] }) {
  const text = useTexts(JOURNAL_TEXTS)
  const fhir = useFhir()
  const [organization, setOrganization] = useState(organizations[0] ?? '')
  const [found, setFound] = useState<FoundInJournal>()
  const { isBusy, failure, attempt } = useAttempt()
  const find = () =>
    attempt(async () => {
      setFound(undefined)
      setFound(await lookInJournal(fhir, patient, organization))
    })
  return (
    <>
      <BodyShort size="small" className="quiet">
        {text('leaves')}
      </BodyShort>
      {organizations.length > 1 && (
        <RadioGroup size="small" legend={text('organization')} value={organization} onChange={setOrganization}>
          {organizations.map((number) => (
            <Radio key={number} value={number}>
              {text('organizationNumber', { number })}
            </Radio>
          ))}
        </RadioGroup>
      )}
      <div className="kjernejournal-acts">
        <Button size="small" loading={isBusy} onClick={find}>
          {text('look')}
        </Button>
      </div>
      <div aria-live="polite">
        {failure && (
          <InlineMessage status="warning" size="small">
            {text(wordsOf(failure))}
            <FailureDetail failure={failure} />
          </InlineMessage>
        )}
        {found && <FoundView found={found} />}
      </div>
    </>
  )
}

function wordsOf(failure: Error) {
  if (failure instanceof Unreachable) return 'notReached'
  if (!(failure instanceof Refused)) return 'failed'
  if (failure.isClosed) return 'closed'
  const words = { 403: 'noRight', 404: 'notKnown', 429: 'busy', 503: 'notReached' } as const
  return words[failure.status as keyof typeof words] ?? 'failed'
}

function FoundView({ found: looked }: { found: FoundInJournal }) {
  const { found, hasMore, ofOthersCount } = looked
  const text = useTexts(JOURNAL_TEXTS)
  return (
    <>
      {ofOthersCount > 0 && (
        <InlineMessage status="error" size="small">
          {ofOthersCount === 1 ? text('ofOther') : text('ofOthers', { count: ofOthersCount })}
        </InlineMessage>
      )}
      {JOURNAL_PARTS.map((part) => (
        <Part
          key={part}
          part={part}
          found={found.filter(({ resourceType }) => resourceType === part)}
          word={wordOf(part, looked)}
        />
      ))}
      {hasMore && <p className="quiet">{text('more')}</p>}
    </>
  )
}

type PartProps = { part: JournalPart; found: JournalResource[]; word: ReturnType<typeof wordOf> }

function Part({ part, found, word }: PartProps) {
  const text = useTexts(JOURNAL_TEXTS)
  return (
    <>
      <Heading size="xsmall" level="3">
        {text(part)}
      </Heading>
      {word === 'none' ? (
        <p className="quiet">{text('none')}</p>
      ) : (
        word && (
          <InlineMessage status="warning" size="small">
            {text(word)}
          </InlineMessage>
        )
      )}
      {found.length > 0 && (
        <ul className="plain-list">
          {found.map((one, i) => (
            <Row key={one.id ?? i} one={one} />
          ))}
        </ul>
      )}
    </>
  )
}

function Row({ one }: { one: JournalResource }) {
  const text = useTexts(JOURNAL_TEXTS)
  const language = useLanguage()
  const since = sinceOf(one)
  // Of a year or a month no day is made up.
  const told = since && /^\d{4}-\d\d-\d\d/.test(since) ? date(new Date(since), language) : since
  const said = [...detailsOf(one), ...(told ? [text('since', { date: told })] : [])]
  return (
    <li>
      <strong>{titleOf(one)}</strong> {said.length > 0 && <span className="quiet">{said.join(' · ')}</span>}{' '}
      {statusesOf(one).map((status) => (
        <Tag key={status} size="xsmall" variant="neutral-moderate">
          {text(status)}
        </Tag>
      ))}
    </li>
  )
}
