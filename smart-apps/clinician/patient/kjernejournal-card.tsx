import { BodyShort, Button, Heading, InlineMessage, Radio, RadioGroup } from '@navikt/ds-react'
import { useState } from 'react'
import { Refused, Unreachable } from '../../fhir/failure.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView, FailureDetail } from '../ui/answer-view.tsx'
import { ReadingDialog } from '../ui/reading-dialog.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { contentOf } from './document-content.ts'
import { Content } from './document-dialog.tsx'
import {
  type Critical,
  criticalTitle,
  type DocumentName,
  type Found,
  type FoundDocument,
  GROUNDS,
  type Ground,
  keepDocument,
  look,
  mayRaise,
  openDocument,
  openPortal,
  readStatus,
  type Why,
  writersOf,
} from './kjernejournal-data.ts'
import { KJERNEJOURNAL_TEXTS } from './kjernejournal-texts.ts'
import { reactionsOf } from './looked-up.ts'

/** What others have written of the patient: asked for when the clinician says so, with the ground, and never by itself. */
export function KjernejournalCard({ patient }: { patient: string }) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const fhir = useFhir()
  // Where there is none to look in nothing is shown of it, nor where the server knows no such thing.
  const { data } = useQuery(`kjernejournal ${patient}`, (signal) => readStatus(fhir, patient, signal))
  if (!data?.isConnected) return null
  return (
    <section aria-labelledby="kjernejournal" className="card">
      <Heading size="small" level="2" id="kjernejournal">
        {text('title')}
      </Heading>
      {data.isSignedIn ? <Looking patient={patient} /> : <BodyShort>{text('signIn')}</BodyShort>}
    </section>
  )
}

function Looking({ patient }: { patient: string }) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const fhir = useFhir()
  const [ground, setGround] = useState<Ground>('consent')
  const [shown, setShown] = useState<{ found: Found; why: Why }>()
  const [portal, setPortal] = useState<string>()
  const { isBusy, failure, attempt } = useAttempt()
  const find = (why: Why) =>
    attempt(async () => {
      setPortal(undefined)
      setShown(undefined)
      setShown({ found: await look(fhir, patient, why), why })
    })
  const toPortal = () =>
    attempt(async () => {
      setPortal(undefined)
      setPortal(await openPortal(fhir, patient, { ground, isRaised: false }))
    })
  return (
    <>
      <BodyShort size="small" className="quiet">
        {text('leaves')}
      </BodyShort>
      <RadioGroup size="small" legend={text('why')} value={ground} onChange={(one: Ground) => setGround(one)}>
        {(Object.keys(GROUNDS) as Ground[]).map((one) => (
          <Radio key={one} value={one}>
            {text(one)}
          </Radio>
        ))}
      </RadioGroup>
      <div className="kjernejournal-acts">
        <Button size="small" loading={isBusy} onClick={() => find({ ground, isRaised: false })}>
          {text('look')}
        </Button>
        <Button size="small" variant="tertiary" disabled={isBusy} onClick={toPortal}>
          {text('portal')}
        </Button>
      </div>
      <div aria-live="polite">
        {portal && (
          // It is good once: whoever has gone there asks for another.
          <p>
            <a href={portal} target="_blank" rel="noreferrer" onClick={() => setTimeout(() => setPortal(undefined))}>
              {text('portalReady')}
            </a>
          </p>
        )}
        {failure && <Failed failure={failure} />}
        {shown && <FoundView {...shown} patient={patient} isBusy={isBusy} onRaise={find} />}
      </div>
    </>
  )
}

/** In plain words; what the services said themselves stands below it. */
function Failed({ failure }: { failure: Error }) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  return (
    <InlineMessage status="warning" size="small">
      {text(wordsOf(failure))}
      <FailureDetail failure={failure} />
    </InlineMessage>
  )
}

function wordsOf(failure: Error) {
  if (failure instanceof Unreachable) return 'notReached'
  if (!(failure instanceof Refused)) return 'failed'
  const { status, issues } = failure
  if (issues.some(({ diagnostics }) => diagnostics?.includes('HelseID'))) return 'signIn'
  if (failure.isClosed) return 'closed'
  return ({ 403: 'noRight', 404: 'noJournal', 429: 'busy' } as const)[status as 403 | 404 | 429] ?? 'failed'
}

/** Where nothing more is said, it would be taken for all that there is. */
function Incomplete() {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  return (
    <InlineMessage status="warning" size="small">
      {text('incomplete')}
    </InlineMessage>
  )
}

type FoundProps = { found: Found; why: Why; patient: string; isBusy: boolean; onRaise: (why: Why) => void }

function FoundView({ found, why, patient, isBusy, onRaise }: FoundProps) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const [opened, setOpened] = useState<FoundDocument & { name: DocumentName }>()
  const { documents, critical, blockedCount, hasMore, incomplete, missing } = found
  const lacks = (part: (typeof missing)[number]['part']) => missing.some((one) => one.part === part)
  return (
    <>
      <Heading size="xsmall" level="3">
        {text('critical')}
      </Heading>
      {lacks('critical-information') ? (
        <InlineMessage status="warning" size="small">
          {text('criticalMissing')}
        </InlineMessage>
      ) : critical.length === 0 && !incomplete.includes('critical-information') ? (
        <p className="quiet">{text('noCritical')}</p>
      ) : (
        <ul className="plain-list">
          {critical.map((one) => (
            <CriticalRow key={`${one.resourceType} ${one.id}`} one={one} />
          ))}
        </ul>
      )}
      {incomplete.includes('critical-information') && <Incomplete />}
      <Heading size="xsmall" level="3">
        {text('documents')}
      </Heading>
      {blockedCount > 0 && (
        <InlineMessage status="info" size="small">
          {blockedCount === 1 ? text('blockedOne') : text('blocked', { count: blockedCount })}
          {mayRaise(why.ground) && !why.isRaised && (
            <Button
              size="xsmall"
              variant="tertiary"
              loading={isBusy}
              onClick={() => onRaise({ ...why, isRaised: true })}
            >
              {text('raise')}
            </Button>
          )}
        </InlineMessage>
      )}
      {lacks('documents') ? (
        <InlineMessage status="warning" size="small">
          {text('documentsMissing')}
        </InlineMessage>
      ) : documents.length === 0 && !incomplete.includes('documents') ? (
        <p className="quiet">{text('noDocuments')}</p>
      ) : (
        <ul className="document-list">
          {documents.map((one, i) => (
            <DocumentRow key={one.name?.document ?? i} document={one} onOpen={setOpened} />
          ))}
        </ul>
      )}
      {incomplete.includes('documents') && <Incomplete />}
      {hasMore && <p className="quiet">{text('more')}</p>}
      {opened && <OpenedDialog opened={opened} why={why} patient={patient} onClose={() => setOpened(undefined)} />}
    </>
  )
}

function CriticalRow({ one }: { one: Critical }) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const reactions = one.resourceType === 'AllergyIntolerance' ? reactionsOf(one) : []
  return (
    <li>
      <strong>{criticalTitle(one)}</strong>{' '}
      <span className="quiet">{[text(one.resourceType), ...reactions].join(' · ')}</span>
    </li>
  )
}

const titleOf = ({ reference }: FoundDocument): string =>
  reference.description ?? reference.type?.coding?.find(({ display }) => display)?.display ?? '–'

type RowProps = { document: FoundDocument; onOpen: (opened: FoundDocument & { name: DocumentName }) => void }

function DocumentRow({ document, onOpen }: RowProps) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const { reference, name } = document
  const title = titleOf(document)
  return (
    <li>
      <div>
        <strong>{title}</strong>
        <span className="quiet">
          {writersOf(reference).join(', ')}
          {reference.date && (
            <>
              {' · '}
              <Moment at={new Date(reference.date)} />
            </>
          )}
        </span>
      </div>
      {name && (
        <Button
          size="xsmall"
          variant="tertiary"
          aria-label={text('openDocument', { title })}
          onClick={() => onOpen({ ...document, name })}
        >
          {text('open')}
        </Button>
      )}
    </li>
  )
}

type OpenedProps = { opened: FoundDocument & { name: DocumentName }; why: Why; patient: string; onClose: () => void }

/** Read here, and gone when it is closed, unless a copy is asked for. */
function OpenedDialog({ opened, why, patient, onClose }: OpenedProps) {
  const text = useTexts(KJERNEJOURNAL_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { name } = opened
  const title = titleOf(opened)
  const [isKept, setIsKept] = useState(false)
  const { isBusy, failure, attempt } = useAttempt()
  // Each opening is a look of its own: nothing of it is held for the next.
  const [turn] = useState(() => crypto.randomUUID())
  const answer = useQuery(`kjernejournal document ${turn}`, (signal) =>
    openDocument(fhir, patient, { why, name }, signal),
  )
  const keep = () =>
    attempt(async () => {
      await keepDocument(fhir, patient, { why, name }, title)
      setIsKept(true)
    })
  return (
    <ReadingDialog
      title={title}
      onClose={onClose}
      className="document"
      act={
        !isKept && (
          <Button size="small" variant="secondary" loading={isBusy} onClick={keep}>
            {text('keep')}
          </Button>
        )
      }
    >
      <AnswerView answer={answer} what={text('document')} rows={4}>
        {({ contentType, data = '' }) => <Content content={contentOf(contentType, data, language)} name={title} />}
      </AnswerView>
      {failure && <Failed failure={failure} />}
      {isKept && (
        <InlineMessage status="success" size="small">
          {text('kept')}
        </InlineMessage>
      )}
    </ReadingDialog>
  )
}
