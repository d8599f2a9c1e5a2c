import type { Patient } from '@medplum/fhirtypes'
import { Heading, Tag } from '@navikt/ds-react'
import { type FhirClient, nextLink, ofType } from '../../fhir/client.ts'
import { SUBJECT_TEXTS } from '../../fhir/message-subject.ts'
import type { StoredMessage } from '../../fhir/thread.ts'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { clock, moment } from '../../ui/format.ts'
import { Since, useNow } from '../../ui/moment.tsx'
import { nameOf } from '../../ui/person.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useLive, useLiveState } from '../live/use-live.ts'
import { useFhir } from '../session-context.ts'
import { useActDone } from '../task/use-held-acts.ts'
import { AnswerView, EmptyView } from '../ui/answer-view.tsx'
import { readServices } from './services.ts'
import { MESSAGE_TEXTS } from './texts.ts'
import { type WaitingThread, waitingThreads } from './waiting.ts'
import './messages.css'

/** What was written longer ago is no longer waited for here; it stands with the patient. */
const BACK_DAYS = 30
const DAY_MILLIS = 86_400_000
const PAGE_COUNT = 500
const READ_COUNT_MAX = 3_000
/** How long somebody has waited is told anew so often. */
const TICK_MILLIS = 30_000

type Inbox = { waiting: WaitingThread[]; isCut: boolean }

async function readInbox(fhir: FhirClient, signal: AbortSignal): Promise<Inbox> {
  const since = new Date(Date.now() - BACK_DAYS * DAY_MILLIS).toISOString()
  const found: StoredMessage[] = []
  const patients = new Map<string, Patient>()
  const services = readServices(fhir, signal)
  let bundle = await fhir.search(
    'Communication',
    { sent: `ge${since}`, _sort: '-sent', _count: PAGE_COUNT, _include: 'Communication:patient' },
    signal,
  )
  for (;;) {
    found.push(...ofType(bundle, 'Communication'))
    for (const patient of ofType(bundle, 'Patient')) patients.set(patient.id, patient)
    const next = nextLink(bundle)
    const isCut = next !== undefined && found.length >= READ_COUNT_MAX
    if (!next || isCut)
      return { waiting: waitingThreads(found, patients, ({ name }) => nameOf(name), await services), isCut }
    bundle = (await fhir.page(next, signal)) as typeof bundle
  }
}

/** Who has written and waits for an answer, over all patients: who has waited the longest first, and until when they expect one. */
export default function InboxScreen() {
  const text = useTexts(MESSAGE_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const now = useNow(TICK_MILLIS)
  const answer = useQuery('inbox', (signal) => readInbox(fhir, signal))
  const { reload, answeredAt } = answer
  useActDone(reload)
  useLive('messages', undefined, reload)
  const liveState = useLiveState()
  return (
    <div className="inbox">
      <div className="card-head">
        <Heading size="medium" level="1">
          {text('inbox')}
        </Heading>
        <span className="quiet">
          {answeredAt && (liveState === 'live' ? text('live') : text('updated', { time: clock(answeredAt, language) }))}
        </span>
      </div>
      <p className="quiet">{text('inboxHelp')}</p>
      <AnswerView
        answer={answer}
        what={text('what')}
        rows={5}
        missing={({ isCut }) => (isCut ? text('older') : undefined)}
        isEmpty={({ waiting }) => waiting.length === 0}
        empty={<EmptyView title={text('noneWaiting')}>{text('noneWaitingHelp')}</EmptyView>}
      >
        {({ waiting }) => (
          <ul className="inbox-list" aria-label={text('inbox')}>
            {waiting.map((one) => (
              <Waiting key={one.patient} thread={one} now={now} />
            ))}
          </ul>
        )}
      </AnswerView>
    </div>
  )
}

function Waiting({ thread, now }: { thread: WaitingThread; now: Date }) {
  const text = useTexts(MESSAGE_TEXTS)
  const language = useLanguage()
  const subjectText = useTexts(SUBJECT_TEXTS)
  const { patient, name, text: words, subjects, count, since, due, isSeen } = thread
  const isLate = due < now
  return (
    <li data-late={isLate || undefined}>
      <div className="inbox-who">
        <Go to={`patient/${patient}?tab=messages`}>{name ?? text('patient')}</Go>
        {!isSeen && (
          <Tag size="xsmall" variant="info-moderate">
            {text('notOpened')}
          </Tag>
        )}
        {subjects.map((subject) => (
          <Tag key={subject} size="xsmall" variant="neutral-moderate">
            {subjectText(subject)}
          </Tag>
        ))}
        {count > 1 && <span className="quiet">{text('messageCount', { count })}</span>}
      </div>
      <p className="inbox-words">{words}</p>
      <p className="inbox-times">
        {text('waited')} <Since at={since} now={now} /> ·{' '}
        <span className={isLate ? 'late' : undefined}>
          {text(isLate ? 'answerWasDue' : 'answerDue', { time: moment(due, language, now) })}
        </span>
      </p>
    </li>
  )
}
