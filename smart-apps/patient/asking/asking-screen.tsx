import { Button, ErrorSummary, Heading, Radio, RadioGroup, Textarea } from '@navikt/ds-react'
import { type FormEvent, useMemo, useRef, useState } from 'react'
import { isMessageSubject, type MessageSubject } from '../../fhir/message-subject.ts'
import { navigate, useParam } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { hasRecipient, toMessage } from '../messages/message.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import { madeBy } from '../sign-in/whose.ts'
import { medicinesOf } from '../today/besides.ts'
import { type Asked, askedAbout, missingIn, toWords } from './asking.ts'
import { ASKING_TEXTS } from './texts.ts'

const WORDS_MAX = 1_000

/** What somebody wants of the team, or has to say before a talk: asked about in a few questions, and sent as a message that says what it is about. */
export default function AskingScreen() {
  const text = useTexts(ASKING_TEXTS)
  const { record } = useRecord()
  const subject = useParam('subject')
  if (!isMessageSubject(subject))
    return (
      <Heading level="1" size="large">
        {text('notFound')}
      </Heading>
    )
  return record ? <Asking key={subject} subject={subject} record={record} /> : <NotLoaded />
}

function Asking({ subject, record }: { subject: MessageSubject; record: OwnRecord }) {
  const text = useTexts(ASKING_TEXTS)
  const language = useLanguage()
  const { outbox } = useMe()
  const { session } = useSigned()
  const asked = useMemo(() => askedAbout(subject, medicinesOf(record, language)), [subject, record, language])
  const [answers, setAnswers] = useState<Record<string, string>>({})
  const [isTried, setIsTried] = useState(false)
  const [hasFailed, setHasFailed] = useState(false)
  const summary = useRef<HTMLDivElement>(null)
  // Given when the page is opened: sent twice, it is one.
  const id = useRef(crypto.randomUUID())
  const missing = missingIn(subject, asked, answers)
  const isMissing = (name: string) => isTried && missing.includes(name)
  const titleOf = (one: Asked) => ('title' in one ? one.title : text(one.name))
  const answer = (name: string, value: string) => setAnswers((before) => ({ ...before, [name]: value }))

  const send = async (event: FormEvent) => {
    event.preventDefault()
    setIsTried(true)
    if (missing.length > 0) return summary.current?.focus()
    const words = toWords(asked, answers, {
      question: (one) => ('title' in one ? `${one.title}:` : text(one.name)),
      choice: text,
    })
    try {
      const resource = toMessage(record, { by: madeBy(session), text: words, at: new Date(), subject })
      await outbox.add([{ id: id.current, resource }])
      navigate('messages')
    } catch {
      setHasFailed(true)
    }
  }

  if (!hasRecipient(record))
    return (
      <>
        <Heading size="large" level="1">
          {text(`to-${subject}`)}
        </Heading>
        <p>{text('noTeam')}</p>
      </>
    )
  return (
    <form onSubmit={(event) => void send(event)} noValidate className="measure">
      <Heading size="large" level="1">
        {text(`to-${subject}`)}
      </Heading>
      <p>{text(`lead-${subject}`)}</p>
      <p className="quiet">{text('notUrgent')}</p>
      {isTried && missing.length > 0 && (
        <ErrorSummary heading={text('mend')} ref={summary} headingTag="h2">
          {missing.map((name) => (
            <ErrorSummary.Item key={name} href={`#asked-${name}`}>
              {text(`missing-${name}` as 'missing-about')}
            </ErrorSummary.Item>
          ))}
        </ErrorSummary>
      )}
      {hasFailed && (
        <p role="alert" className="zone-card" data-zone="red">
          {text('cannotSave')}
        </p>
      )}
      {asked.map((one) =>
        one.kind === 'words' ? (
          <Textarea
            key={one.name}
            id={`asked-${one.name}`}
            label={text(one.name)}
            description={one.name === 'when' || one.name === 'besides' ? text(`${one.name}Help`) : undefined}
            value={answers[one.name] ?? ''}
            maxLength={WORDS_MAX}
            minRows={2}
            error={isMissing(one.name) && text(`missing-${one.name}` as 'missing-about')}
            onChange={({ target }) => answer(one.name, target.value)}
          />
        ) : (
          <RadioGroup
            key={one.name}
            legend={titleOf(one)}
            value={answers[one.name] ?? ''}
            onChange={(value: string) => answer(one.name, value)}
          >
            {one.choices.map((choice) => (
              <Radio key={choice} value={choice}>
                {text(choice)}
              </Radio>
            ))}
          </RadioGroup>
        ),
      )}
      <Button type="submit" className="big">
        {text('send')}
      </Button>
    </form>
  )
}
