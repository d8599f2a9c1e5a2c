import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { Button, Heading, ProgressBar } from '@navikt/ds-react'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import { givenAtFirst } from '../../../server/core/forms/given-at-first.ts'
import { translated } from '../../fhir/translated.ts'
import { answerInWords } from '../../form/answer-in-words.ts'
import {
  type Answers,
  calculated,
  isHidden,
  type Page,
  pagesOf,
  toResponse,
  troublesOn,
  withoutItems,
} from '../../form/answering.ts'
import type { Expressed } from '../../form/expressions.ts'
import { Question, useTroubleWords, wordsOf } from '../../form/question.tsx'
import { another, linkIdOf, repeated, timeIn, withoutLast } from '../../form/repeating.ts'
import { useExpressed } from '../../form/use-expressed.ts'
import { usePlace } from '../../place/router.tsx'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { prepareJudge, saveAndJudge } from '../judge/judge-saved.ts'
import { type KeptDraft, keepDraft } from '../kept/draft.ts'
import { useMe, useRecord, useSigned } from '../me-context.ts'
import { ResultView } from '../measure/result-view.tsx'
import { PhotoField } from '../photo/photo-field.tsx'
import { usePhoto } from '../photo/use-photo.ts'
import { formNamed } from '../record/form-named.ts'
import { madeBy } from '../sign-in/whose.ts'
import { FORM_TEXTS } from './texts.ts'

/** What was begun, kept until it is sent, also through days and crashes. The id is that of the answers to come: sent twice, it is one. */
type Draft = { id: string; answers: Answers; at: number }

/** A form, a question or a group a screen; what is answered is kept at once, and looked over before it is sent. */
export default function FormScreen() {
  const text = useTexts(FORM_TEXTS)
  const { record } = useRecord()
  const { query } = usePlace()
  const questionnaire = formNamed(record?.questionnaires ?? [], query.get('form') ?? '')
  if (!questionnaire)
    return (
      <section className="card">
        <Heading size="medium" level="1">
          {text('notThere')}
        </Heading>
        <p>{text('notThereHelp')}</p>
      </section>
    )
  return <Opening questionnaire={questionnaire} about={query.get('about') ?? undefined} />
}

const NOTHING: Answers = {}
const isBroken = (broken: Expressed['broken']) => broken.some(({ severity }) => severity === 'error')

type Props = { questionnaire: Questionnaire; about?: string | undefined }

function Opening(props: Props) {
  const { vault } = useMe()
  const name = `${props.questionnaire.url}|${props.questionnaire.version}`
  const kept = useMemo(() => keepDraft<Draft>(vault, name), [vault, name])
  const [draft, setDraft] = useState<Draft & { isResumed: boolean }>()
  const { record } = useRecord()
  const { begin } = useExpressed(props.questionnaire, record?.patient.id ?? '', NOTHING)
  const fresh = async () => {
    const answers = { ...givenAtFirst(props.questionnaire), ...(await begin(record?.patient)) }
    return { id: crypto.randomUUID(), answers, at: 0, isResumed: false }
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each form
  useEffect(() => {
    void kept.read().then(async (begun) => setDraft(begun ? { ...begun, isResumed: true } : await fresh()))
  }, [name])
  if (!draft) return null
  const startOver = async () => {
    await kept.end()
    setDraft(await fresh())
  }
  return <Filling key={draft.id} {...props} kept={kept} draft={draft} onStartOver={() => void startOver()} />
}

type FillingProps = Props & { kept: KeptDraft<Draft>; draft: Draft & { isResumed: boolean }; onStartOver: () => void }

function Filling({ questionnaire: whole, about, kept, draft, onStartOver }: FillingProps) {
  const text = useTexts(FORM_TEXTS)
  const language = useLanguage()
  const { outbox } = useMe()
  const { session } = useSigned()
  const { record } = useRecord()
  const [answers, setAnswers] = useState(draft.answers)
  const [at, setAt] = useState(draft.at)
  const [isTried, setIsTried] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [cannotSave, setCannotSave] = useState(false)
  const [stopped, setStopped] = useState<Expressed['broken']>([])
  const choice = usePhoto()
  const [saved, setSaved] = useState<{ isJudged: boolean; isPictureLost: boolean }>()
  const title = useRef<HTMLHeadingElement>(null)
  const troubleWords = useTroubleWords()
  const brokenWords = ({ human }: Expressed['broken'][number]) => translated(human, 'valueString', language)?.text ?? ''
  useEffect(prepareJudge, [])
  const { expressed, settle } = useExpressed(whole, session.patient ?? '', answers)
  const questionnaire = withoutItems(repeated(whole, answers), expressed?.hidden ?? [])
  const pages = pagesOf(questionnaire, answers)
  const page = pages[at]
  const keep = (changes: Partial<Draft>) => kept.keep({ id: draft.id, answers, at, ...changes })
  const goTo = (next: number) => {
    setAt(next)
    setIsTried(false)
    keep({ at: next })
    scrollTo(0, 0)
    title.current?.focus()
  }
  const become = (next: Answers) => {
    setAnswers(next)
    keep({ answers: next })
  }
  const answer = (linkId: string, given: Answers[string]) => become({ ...answers, [linkId]: given })

  if (saved) return <ResultView ids={[draft.id]} {...saved} onAgain={onStartOver} title={text('saved')} />
  const heading = (
    <Heading size="large" level="1" ref={title} tabIndex={-1}>
      {translated(questionnaire, 'title', language)?.text}
    </Heading>
  )
  if (pages.length === 0)
    return (
      <>
        {heading}
        <p>{text('shell')}</p>
      </>
    )

  const send = async () => {
    // An answer may have brought back a page that was left behind.
    const wrong = pages.findIndex((one) => Object.keys(troublesOn(one, answers)).length > 0)
    if (wrong >= 0) {
      goTo(wrong)
      return setIsTried(true)
    }
    setIsBusy(true)
    const resource = toResponse(questionnaire, answers, {
      ...{ patient: session.patient ?? '', by: madeBy(session), at: new Date() },
      ...(about ? { about } : {}),
    })
    setCannotSave(false)
    try {
      // The server works it out for itself; here it is judged as it will be stored.
      const { whole: asStored, broken } = await settle(resource, answers)
      if (isBroken(broken)) return setStopped(broken.filter(({ severity }) => severity === 'error'))
      setStopped([])
      const saving = { id: draft.id, resource, asStored }
      const picture = await choice.toSavings(translated(questionnaire, 'title', language)?.text ?? '', [saving])
      const judged = await saveAndJudge(outbox, record, [saving, ...picture.savings])
      // Saved already: a draft that cannot be removed has the same id, and is sent once.
      await kept.end()
      setSaved({ ...judged, isPictureLost: judged.isPictureLost || picture.isLost })
    } catch {
      setCannotSave(true)
    } finally {
      setIsBusy(false)
    }
  }
  if (!page)
    return (
      <>
        {heading}
        <Summary pages={pages} answers={answers} onChange={goTo} />
        <PhotoField choice={choice} />
        <Scores questionnaire={questionnaire} scores={expressed?.scores ?? {}} />
        {stopped.length > 0 && (
          <div role="alert" className="problem">
            <p>{text('broken')}</p>
            <ul>
              {stopped.map((one, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: one constraint may be broken in several times of a group
                <li key={`${one.key} ${i}`}>{brokenWords(one)}</li>
              ))}
            </ul>
          </div>
        )}
        {cannotSave && (
          <p role="alert" className="problem">
            {text('cannotSave')}
          </p>
        )}
        <div className="buttons">
          <Button className="big" loading={isBusy} onClick={() => void send()}>
            {text('send')}
          </Button>
          <Button className="big" variant="secondary" onClick={() => goTo(pages.length - 1)}>
            {text('back')}
          </Button>
        </div>
      </>
    )

  const troubles = troublesOn(page, answers)
  const timesOf = (group: QuestionnaireItem) => timeIn(group, answers)?.n ?? 1
  /** Told at the answer at once, and no hindrance before the end: it may be another answer that does not fit. */
  const brokenAt = (name: string): string | undefined => {
    const found = (expressed?.broken ?? []).filter(({ linkId }) => linkId === linkIdOf(name))
    return [...new Set(found.map(brokenWords))].join(' ') || undefined
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (Object.keys(troubles).length === 0) return goTo(at + 1)
    setIsTried(true)
    const [first] = Object.keys(troubles)
    event.currentTarget.querySelector<HTMLElement>(`[data-question="${first}"] :is(input, textarea)`)?.focus()
  }
  return (
    <form onSubmit={submit} noValidate className="measure">
      {heading}
      {draft.isResumed && at === draft.at && (
        <div className="card">
          <p>{text('resumed')}</p>
          <Button type="button" size="small" variant="secondary" onClick={onStartOver}>
            {text('startOver')}
          </Button>
        </div>
      )}
      <div>
        <p className="quiet" id="progress">
          {text('page', { at: at + 1, count: pages.length })}
        </p>
        <ProgressBar value={at + 1} valueMax={pages.length} aria-labelledby="progress" />
      </div>
      {page.group && (
        <h2 className="group-title">
          {wordsOf(page.group, language)}
          {timesOf(page.group) > 1 && ` (${timesOf(page.group)})`}
        </h2>
      )}
      {page.items.map((item) => {
        const linkId = item.linkId ?? ''
        return (
          <div key={linkId} data-question={linkId}>
            <Question
              item={item}
              given={answers[linkId] ?? []}
              problem={(isTried ? troubleWords(troubles[linkId], item) : undefined) ?? brokenAt(linkId)}
              onChange={(given) => answer(linkId, given)}
            />
          </div>
        )
      })}
      {[...(page.group ? [page.group] : []), ...page.items].map((item) => (
        <Again key={item.linkId} {...{ item, answers }} onChange={become} />
      ))}
      <div className="buttons">
        <Button type="submit" className="big">
          {text(at + 1 < pages.length ? 'next' : 'check')}
        </Button>
        {at > 0 && (
          <Button type="button" className="big" variant="secondary" onClick={() => goTo(at - 1)}>
            {text('back')}
          </Button>
        )}
      </div>
      <p className="quiet">{text('kept')}</p>
    </form>
  )
}

type AgainProps = { item: QuestionnaireItem; answers: Answers; onChange: (answers: Answers) => void }

/** A group that may be answered several times: once more after the last, or that one taken out. */
function Again({ item, answers, onChange }: AgainProps) {
  const text = useTexts(FORM_TEXTS)
  const language = useLanguage()
  const time = timeIn(item, answers)
  if (!time?.isLast) return null
  const what = wordsOf(item, language)
  return (
    <div className="buttons">
      {time.mayAdd && (
        <Button type="button" variant="secondary" onClick={() => onChange(another(item, answers))}>
          {text('again', { what })}
        </Button>
      )}
      {time.n > 1 && (
        <Button type="button" variant="tertiary" onClick={() => onChange(withoutLast(item, answers))}>
          {text('withoutLast', { what, n: time.n })}
        </Button>
      )}
    </div>
  )
}

type SummaryProps = { pages: readonly Page[]; answers: Answers; onChange: (page: number) => void }

function Summary({ pages, answers, onChange }: SummaryProps) {
  const text = useTexts(FORM_TEXTS)
  const language = useLanguage()
  return (
    <section className="card" aria-labelledby="summary">
      <Heading size="small" level="2" id="summary">
        {text('summary')}
      </Heading>
      <ul className="answers">
        {pages.flatMap(({ items }, i) =>
          items
            .filter(({ type }) => type !== 'display' && type !== 'group')
            .map((item) => {
              const given = answers[item.linkId ?? ''] ?? []
              const words = given.map((one) => answerInWords(one, language))
              return (
                <li key={item.linkId}>
                  <div>
                    <p className="quiet">{wordsOf(item, language)}</p>
                    <p className="what">{words.join(', ') || text('notAnswered')}</p>
                  </div>
                  <Button
                    size="small"
                    variant="tertiary"
                    onClick={() => onChange(i)}
                    aria-label={`${text('change')}: ${wordsOf(item, language)}`}
                  >
                    {text('change')}
                  </Button>
                </li>
              )
            }),
        )}
      </ul>
    </section>
  )
}

/** What is worked out of the answers, as it will be stored. */
function Scores({ questionnaire, scores }: { questionnaire: Questionnaire; scores: Answers }) {
  const text = useTexts(FORM_TEXTS)
  const language = useLanguage()
  const shown = calculated(questionnaire.item).filter((item) => !isHidden(item) && scores[item.linkId ?? ''])
  if (shown.length === 0) return null
  return (
    <section className="card" aria-labelledby="scores">
      <Heading size="small" level="2" id="scores">
        {text('scores')}
      </Heading>
      <dl className="scores">
        {shown.map((item) => (
          <div key={item.linkId}>
            <dt>{wordsOf(item, language)}</dt>
            <dd className="what">{scores[item.linkId ?? '']?.map((one) => answerInWords(one, language)).join(', ')}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
