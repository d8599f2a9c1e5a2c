import type { Patient, Questionnaire } from '@medplum/fhirtypes'
import { Button } from '@navikt/ds-react'
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { givenAtFirst } from '../../../server/core/forms/given-at-first.ts'
import { translated } from '../../fhir/translated.ts'
import { type Answers, pagesOf, toResponse, troublesOn, withoutItems } from '../../form/answering.ts'
import { Question, useTroubleWords, wordsOf } from '../../form/question.tsx'
import { useExpressed } from '../../form/use-expressed.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useQuery } from '../fhir/use-query.ts'
import { useFhir } from '../session-context.ts'
import { AnswerView } from '../ui/answer-view.tsx'
import type { StoredTask } from '../worklist/row.ts'
import type { Act, Doer } from './act.ts'
import { answered, type FormDraft, readForm } from './asked-form.ts'
import { useDraft } from './draft.ts'
import { Card } from './task-card.tsx'
import { TASK_TEXTS } from './texts.ts'

type Props = {
  task: StoredTask
  /** Canonical of the form. */
  form: string
  patientId: string
  patient: Patient | undefined
  me: Doer
  onAct: (act: Act) => void
}

/** The questions that a Task asks of whoever has it open, answered where they stand. */
export default function AskedFormCard(props: Props) {
  const { form } = props
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const answer = useQuery(`form ${form}`, (signal) => readForm(fhir, form, signal))
  return (
    <Card title={translated(answer.data, 'title', language)?.text ?? text('askedForm')} className="acts-card">
      <AnswerView answer={answer} what={text('formPart')} rows={4}>
        {(found) =>
          found && (found.item?.length ?? 0) > 0 ? (
            <Filling {...props} whole={found} />
          ) : (
            <p className="quiet">{text('formNotHere')}</p>
          )
        }
      </AnswerView>
    </Card>
  )
}

function Filling({ task, patientId, patient, me, whole, onAct }: Props & { whole: Questionnaire }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const troubleWords = useTroubleWords()
  const name = `Task/${task.id} answers`
  const [{ answers: written }, change] = useDraft<FormDraft>(name, { answers: {} })
  const [beginning, setBeginning] = useState<Answers>({})
  // What a form begins with is never in place of what somebody has answered, however late it comes.
  const answers = useMemo(() => ({ ...givenAtFirst(whole), ...beginning, ...written }), [whole, beginning, written])
  const [isTried, setIsTried] = useState(false)
  const { expressed, begin } = useExpressed(whole, patientId, answers)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once it is known whom it is about
  useEffect(() => {
    if (!patient) return
    let isLatest = true
    void begin(patient).then((given) => isLatest && setBeginning(given))
    return () => {
      isLatest = false
    }
  }, [patient])
  const form = withoutItems(whole, expressed?.hidden ?? [])
  const pages = pagesOf(form, answers)
  const troubles = Object.assign({}, ...pages.map((page) => troublesOn(page, answers))) as ReturnType<typeof troublesOn>
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    setIsTried(true)
    const [first] = Object.keys(troubles)
    if (first !== undefined) {
      const isFirst = (one: Element) => one.getAttribute('data-question') === first
      const question = [...event.currentTarget.querySelectorAll('[data-question]')].find(isFirst)
      question?.querySelector<HTMLElement>('input, textarea')?.focus()
      return
    }
    const now = new Date()
    const response = toResponse(form, answers, { patient: patientId, by: me, at: now })
    onAct({
      ...{ id: crypto.randomUUID(), patient: patientId, taskIds: [task.id] },
      words: { held: text('answersHeld'), done: text('answersDone') },
      request: answered(task, response, me, now),
      draft: { name, written: { answers } },
    })
  }
  return (
    <form className="asked-form" noValidate onSubmit={submit}>
      {pages.map(({ group, items }) => (
        <div key={group?.linkId ?? items[0]?.linkId} className="asked-group">
          {group && <h3>{wordsOf(group, language)}</h3>}
          {items.map((item) => {
            const linkId = item.linkId ?? ''
            return (
              <div key={linkId} data-question={linkId}>
                <Question
                  item={item}
                  given={answers[linkId] ?? []}
                  problem={isTried ? troubleWords(troubles[linkId], item) : undefined}
                  onChange={(given) => change({ answers: { ...written, [linkId]: given } })}
                />
              </div>
            )
          })}
        </div>
      ))}
      <div className="buttons">
        <Button size="small" type="submit">
          {text('sendAnswers')}
        </Button>
      </div>
    </form>
  )
}
