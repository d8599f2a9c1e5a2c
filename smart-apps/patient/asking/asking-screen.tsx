import { Button, ErrorSummary, Heading, Radio, RadioGroup, Textarea } from '@navikt/ds-react'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import { isMessageSubject, type MessageSubject } from '../../fhir/message-subject.ts'
import { navigate, useParam } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { FORM_TEXTS } from '../form/texts.ts'
import { type KeptDraft, keepDraft } from '../kept/draft.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { hasRecipient, toMessage } from '../messages/message.ts'
import { NotLoaded } from '../record/not-loaded.tsx'
import type { OwnRecord } from '../record/record.ts'
import { madeBy } from '../sign-in/whose.ts'
import { medicinesOf } from '../today/besides.ts'
import { type Answers, type Asked, askedAbout, missingIn, toWords } from './asking.ts'
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
  return record ? <Opening key={subject} subject={subject} record={record} /> : <NotLoaded />
}

type Props = { subject: MessageSubject; record: OwnRecord }

/** What was begun. The id is that of the message to come: sent twice, it is one. */
type Draft = { id: string; answers: Answers }

const fresh = () => ({ id: crypto.randomUUID(), answers: {}, isResumed: false })

function Opening(props: Props) {
  const { vault } = useMe()
  const kept = useMemo(() => keepDraft<Draft>(vault, `ask.${props.subject}`), [vault, props.subject])
  const [draft, setDraft] = useState<Draft & { isResumed: boolean }>()
  useEffect(() => {
    void kept.read().then((begun) => setDraft(begun ? { ...begun, isResumed: true } : fresh()))
  }, [kept])
  const startOver = () => {
    void kept.end()
    setDraft(fresh())
  }
  return draft ? <Asking key={draft.id} {...{ ...props, kept, draft }} onStartOver={startOver} /> : null
}

type AskingProps = Props & { kept: KeptDraft<Draft>; draft: Draft & { isResumed: boolean }; onStartOver: () => void }

function Asking({ subject, record, kept, draft, onStartOver }: AskingProps) {
  const text = useTexts(ASKING_TEXTS)
  const formText = useTexts(FORM_TEXTS)
  const language = useLanguage()
  const { outbox } = useMe()
  const { session } = useSigned()
  const asked = useMemo(() => askedAbout(subject, medicinesOf(record, language)), [subject, record, language])
  const [answers, setAnswers] = useState(draft.answers)
  const [isTried, setIsTried] = useState(false)
  const [hasFailed, setHasFailed] = useState(false)
  const summary = useRef<HTMLDivElement>(null)
  const missing = missingIn(subject, asked, answers)
  const isMissing = (name: string) => isTried && missing.includes(name)
  const titleOf = (one: Asked) => ('title' in one ? one.title : text(one.name))
  const answer = (name: string, value: string) => {
    const next = { ...answers, [name]: value }
    setAnswers(next)
    kept.keep({ id: draft.id, answers: next })
  }

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
      await outbox.add([{ id: draft.id, resource }])
      await kept.end()
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
      {draft.isResumed && (
        <div className="card">
          <p>{formText('resumed')}</p>
          <Button type="button" size="small" variant="secondary" onClick={onStartOver}>
            {formText('startOver')}
          </Button>
        </div>
      )}
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
      <p className="quiet">{formText('kept')}</p>
    </form>
  )
}
