import { ChevronRightIcon } from '@navikt/aksel-icons'
import { Button, Heading, Textarea } from '@navikt/ds-react'
import { type FormEvent, useRef, useState } from 'react'
import { MESSAGE_SUBJECTS, SUBJECT_TEXTS } from '../../fhir/message-subject.ts'
import { pictureNamesOf, type StoredMessage, toThread } from '../../fhir/thread.ts'
import { Go } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { moment } from '../../ui/format.ts'
import { nameOf } from '../../ui/person.ts'
import { ASKING_TEXTS } from '../asking/texts.ts'
import { useMe, useRecord, useSending, useSigned } from '../me-context.ts'
import { Picture } from '../photo/picture.tsx'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import type { Entry } from '../sending/entry.ts'
import { madeBy } from '../sign-in/whose.ts'
import { ContactList } from '../today/contact-list.tsx'
import { hasRecipient, toMessage } from './message.ts'
import { MESSAGE_TEXTS } from './texts.ts'

/** What the patient and the team write to each other; what is written without a net stands there as well, and says so. */
export default function MessagesScreen() {
  const { record } = useRecord()
  return record ? <Messages record={record} /> : <NotLoaded />
}

function Messages({ record }: { record: OwnRecord }) {
  const text = useTexts(MESSAGE_TEXTS)
  const subjectText = useTexts(SUBJECT_TEXTS)
  const language = useLanguage()
  const { entries, isReached } = useSending()
  const { session } = useSigned()
  const there = new Set(record.communications.map(({ id }) => id))
  const own = entries.filter(
    ({ resource, storedAs }) => resource.resourceType === 'Communication' && !there.has(storedAs),
  )
  const byId = new Map(own.map((entry) => [entry.id, entry]))
  const thread = toThread(
    [
      ...(record.communications as StoredMessage[]),
      ...own.map(({ id, resource }) => ({ ...resource, id }) as StoredMessage),
    ],
    record.patient.id ?? '',
  )
  /** Next of kin write for the patient, and each of them reads what the other wrote. */
  const whoOf = (sender: string | undefined, name: string | undefined): string => {
    if (sender === madeBy(session).reference) return text('you')
    return name ?? (sender?.startsWith('Patient/') ? nameOf(record.patient.name) : undefined) ?? text('kin')
  }
  const stateOf = (entry: Entry | undefined, readAt: Date | undefined): string => {
    if (entry?.state === 'refused') return text('refused')
    if (entry?.state === 'waiting') return text(isReached === false ? 'waiting' : 'sending')
    return readAt ? text('seen', { at: moment(readAt, language) }) : text('sent')
  }
  return (
    <>
      <Heading size="large" level="1">
        {text('title')}
      </Heading>
      <p>
        {text('lead')} {text('answered')}
      </p>
      {thread.length === 0 && (
        <section className="card">
          <Heading size="small" level="2">
            {text('none')}
          </Heading>
          <p>{text('noneHelp')}</p>
        </section>
      )}
      <ol className="thread">
        {thread.map(({ id, text: words, subject, at, from, by, readAt, stored }) => (
          <li key={id} data-from={from}>
            <p className="quiet">
              <strong>{from === 'patient' ? whoOf(stored.sender?.reference, by) : (by ?? text('team'))}</strong> ·{' '}
              <time dateTime={at.toISOString()}>{moment(at, language)}</time>
            </p>
            {subject && <p className="about">{subjectText(subject)}</p>}
            <p className="said">{words}</p>
            {pictureNamesOf(stored).map((identifier) => (
              <Picture key={identifier} named={{ identifier }} at={at} />
            ))}
            {from === 'patient' && <p className="quiet">{stateOf(byId.get(id), readAt)}</p>}
          </li>
        ))}
      </ol>
      {hasRecipient(record) ? (
        <>
          <Write record={record} />
          <Subjects />
        </>
      ) : (
        <p>{text('noTeam')}</p>
      )}
      <details>
        <summary>{text('urgent')}</summary>
        <ContactList record={record} now={new Date()} />
      </details>
    </>
  )
}

/** What the team is asked about in a few questions of its own. */
function Subjects() {
  const text = useTexts(ASKING_TEXTS)
  return (
    <section className="choices" aria-labelledby="asking">
      <Heading size="small" level="2" id="asking">
        {text('title')}
      </Heading>
      <ul>
        {MESSAGE_SUBJECTS.map((subject) => (
          <li key={subject}>
            <Go to={`ask/${subject}`} className="choice">
              <span className="what">{text(`to-${subject}`)}</span>
              <ChevronRightIcon aria-hidden fontSize="1.5rem" />
            </Go>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Write({ record }: { record: OwnRecord }) {
  const text = useTexts(MESSAGE_TEXTS)
  const { outbox } = useMe()
  const { session } = useSigned()
  const [words, setWords] = useState('')
  const [problem, setProblem] = useState<'empty' | 'cannotSave'>()
  const id = useRef(crypto.randomUUID())
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (words.trim() === '') return setProblem('empty')
    try {
      await outbox.add([
        { id: id.current, resource: toMessage(record, { by: madeBy(session), text: words.trim(), at: new Date() }) },
      ])
      id.current = crypto.randomUUID()
      setWords('')
      setProblem(undefined)
    } catch {
      setProblem('cannotSave')
    }
  }
  return (
    <form onSubmit={(event) => void send(event)} noValidate className="write">
      <Textarea
        label={text('write')}
        value={words}
        maxLength={2000}
        minRows={3}
        error={problem && text(problem)}
        onChange={({ target }) => setWords(target.value)}
      />
      <Button type="submit" className="big">
        {text('send')}
      </Button>
    </form>
  )
}
