import type { Bundle, Task } from '@medplum/fhirtypes'
import { Button, Heading, Select, Tag, Textarea } from '@navikt/ds-react'
import { useRef, useState } from 'react'
import { isOpen } from '../../../server/core/decide/task/task-status.ts'
import { ofType } from '../../fhir/client.ts'
import { SUBJECT_TEXTS } from '../../fhir/message-subject.ts'
import { asRead, type Message, pictureNamesOf, toThread, unreadOf } from '../../fhir/thread.ts'
import { Go } from '../../place/router.tsx'
import type { Language } from '../../texts/language.ts'
import { languageOfPatient } from '../../texts/language-of-patient.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { Moment } from '../../ui/moment.tsx'
import { useQuery } from '../fhir/use-query.ts'
import { useLive } from '../live/use-live.ts'
import type { Person } from '../patient/patient-data.ts'
import { useMay, useSession } from '../session-context.ts'
import { messageSent } from '../task/act.ts'
import { useDraft } from '../task/draft.ts'
import { MESSAGES } from '../task/templates.ts'
import { useActDone, useHeldActs } from '../task/use-held-acts.ts'
import { AnswerView, EmptyView, FailureNote } from '../ui/answer-view.tsx'
import { useAttempt } from '../ui/use-attempt.ts'
import { reasonOf } from '../worklist/row.ts'
import { tasksOf } from './message-task.ts'
import { MessageTaskDialog } from './message-task-dialog.tsx'
import { Picture } from './picture.tsx'
import { readServices } from './services.ts'
import { MESSAGE_TEXTS } from './texts.ts'
import { waitingThreads } from './waiting.ts'
import './messages.css'

const SHOWN_MAX = 100

/** What the patient and the team have written to each other; who has read what; and the next message. */
export default function ThreadPanel({ patient, person }: { patient: string; person: Person | undefined }) {
  const text = useTexts(MESSAGE_TEXTS)
  const { fhir, session } = useSession()
  const may = useMay()
  const language = useLanguage()
  const { hold } = useHeldActs()
  const [ofMessage, setOfMessage] = useState<Message>()
  const answer = useQuery(`thread ${patient}`, async (signal) => {
    const query = { patient, _sort: '-sent', _count: SHOWN_MAX, _revinclude: 'Task:focus' }
    const [bundle, services] = await Promise.all([
      fhir.search('Communication', query, signal) as Promise<Bundle>,
      readServices(fhir, signal),
    ])
    const found = ofType(bundle, 'Communication')
    const [waiting] = waitingThreads(found, new Map(), () => undefined, services)
    return { thread: toThread(found, patient), due: waiting?.due, tasks: ofType(bundle, 'Task') }
  })
  useActDone(answer.reload)
  useLive('messages', patient, answer.reload)
  const { isBusy, failure, attempt } = useAttempt()
  const markRead = async (unread: readonly Message[]) => {
    await attempt(async () => {
      for (const one of unread) await fhir.update(asRead(one, new Date()))
    })
    answer.reload()
  }
  const unread = unreadOf(answer.data?.thread ?? [])
  const due = answer.data?.due
  return (
    <section className="card messages" aria-labelledby="messages">
      <div className="card-head">
        <Heading size="small" level="2" id="messages">
          {text('messages')}{' '}
          {unread.length > 0 && (
            <Tag size="xsmall" variant="info-moderate">
              {text('unread', { count: unread.length })}
            </Tag>
          )}
        </Heading>
        {unread.length > 0 && may('Communication', 'u') && (
          <Button size="small" variant="secondary" loading={isBusy} onClick={() => void markRead(unread)}>
            {text('markRead')}
          </Button>
        )}
      </div>
      {failure && <FailureNote failure={failure} />}
      {due && <p className="quiet">{text('answerBy', { time: moment(due, language) })}</p>}
      <AnswerView
        answer={answer}
        what={text('what')}
        rows={3}
        isEmpty={({ thread }) => thread.length === 0}
        empty={<EmptyView title={text('none')}>{text('noneHelp')}</EmptyView>}
      >
        {({ thread, tasks }) => (
          <ol className="thread">
            {thread.map((one) => (
              <Line
                key={one.id}
                message={one}
                patient={patient}
                tasks={tasksOf(tasks, one)}
                onMakeTask={may('Task', 'c') ? () => setOfMessage(one) : undefined}
              />
            ))}
          </ol>
        )}
      </AnswerView>
      {may('Communication', 'c') && <Writing patient={patient} language={languageOfPatient(person?.patient)} />}
      {ofMessage && (
        <MessageTaskDialog
          message={ofMessage}
          patient={patient}
          doer={{ reference: session.fhirUser ?? '' }}
          team={person?.carePlans[0]?.careTeam?.[0]?.reference}
          onMake={hold}
          onClose={() => setOfMessage(undefined)}
        />
      )}
    </section>
  )
}

type LineProps = {
  message: Message
  patient: string
  /** That were made of it. */
  tasks: readonly (Task & { id: string })[]
  onMakeTask: (() => void) | undefined
}

function Line({
  message: { text: words, subject, from, by, at, readAt, stored },
  patient,
  tasks,
  onMakeTask,
}: LineProps) {
  const text = useTexts(MESSAGE_TEXTS)
  const subjectText = useTexts(SUBJECT_TEXTS)
  const language = useLanguage()
  const time = readAt && moment(readAt, language)
  const state =
    from === 'patient' ? time && text('seen', { time }) : time ? text('seenByPatient', { time }) : text('notRead')
  return (
    <li data-from={from} data-unread={(from === 'patient' && !readAt) || undefined}>
      <span className="quiet">
        <strong>{from === 'patient' ? text('patient') : (by ?? text('team'))}</strong> · <Moment at={at} />
      </span>
      {subject && (
        <Tag size="xsmall" variant="neutral-moderate">
          {subjectText(subject)}
        </Tag>
      )}
      <p>{words}</p>
      {pictureNamesOf(stored).map((name) => (
        <Picture key={name} named={{ identifier: name }} at={at} patient={patient} />
      ))}
      <span className="thread-foot">
        {state && <span className="quiet">{state}</span>}
        {tasks.map((task) => (
          <Go key={task.id} to={`task/${task.id}`}>
            {text(isOpen(task) ? 'taskOpen' : 'taskEnded', { what: reasonOf(task, language).text })}
          </Go>
        ))}
        {from === 'patient' && onMakeTask && (
          <Button size="xsmall" variant="tertiary" onClick={onMakeTask}>
            {text('makeTask')} …
          </Button>
        )}
      </span>
    </li>
  )
}

function Writing({ patient, language: theirs }: { patient: string; language: Language | undefined }) {
  const text = useTexts(MESSAGE_TEXTS)
  const shown = useLanguage()
  const language = theirs ?? shown
  const { session } = useSession()
  const { hold, acts } = useHeldActs()
  const name = `Patient/${patient} message`
  const [draft, change, clear] = useDraft(name, { note: '' })
  const [isTried, setIsTried] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const isHeld = acts.some(({ draft, state }) => draft?.name === name && (state === 'held' || state === 'sending'))
  const send = () => {
    setIsTried(true)
    const words = draft.note.trim()
    if (words === '') return field.current?.focus()
    const id = crypto.randomUUID()
    const about = { act: id, now: new Date(), patient, doer: { reference: session.fhirUser ?? '' } }
    hold({
      ...{ id, patient, taskIds: [], words: { held: text('held'), done: text('done') } },
      request: { kind: 'transaction', entry: [messageSent(about, words)] },
      draft: { name, written: draft },
    })
    change({ note: '' })
    clear()
    setIsTried(false)
  }
  return (
    <form
      className="writing"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Select
        size="small"
        label={text('template')}
        value=""
        onChange={(event) => {
          const found = MESSAGES.find(({ id }) => id === event.target.value)
          if (found) change({ note: found.text[language] })
        }}
      >
        <option value="">{text('choose')}</option>
        {MESSAGES.map(({ id, name }) => (
          <option key={id} value={id}>
            {name[shown]}
          </option>
        ))}
      </Select>
      <Textarea
        ref={field}
        size="small"
        minRows={3}
        label={text('write')}
        lang={language}
        value={draft.note}
        onChange={(event) => change({ note: event.target.value })}
        error={isTried && draft.note.trim() === '' ? text('missing') : undefined}
      />
      <div>
        <Button size="small" type="submit" disabled={isHeld}>
          {text('send')}
        </Button>
      </div>
    </form>
  )
}
