import type { Patient } from '@medplum/fhirtypes'
import { Button, Checkbox, Heading, InlineMessage, Radio, RadioGroup } from '@navikt/ds-react'
import { useEffect, useRef, useState } from 'react'
import { toError } from '../../fhir/failure.ts'
import type { Measure } from '../../measures/measures.ts'
import type { Language } from '../../texts/language.ts'
import { languageOfPatient } from '../../texts/language-of-patient.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { useFhir } from '../session-context.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { UI_TEXTS } from '../ui/texts.ts'
import type { StoredTask } from '../worklist/row.ts'
import type { Act, Doer } from './act.ts'
import { Forms, Phone, Readings, Receivers } from './act-choices.tsx'
import { Choice, FIELD_ID, Note, Templates, Times } from './act-fields.tsx'
import { hasDraft, useDraft } from './draft.ts'
import { Ending } from './ending.tsx'
import { type Draft, EMPTY_DRAFT, faultOf, toAct } from './form-of-act.ts'
import type { ActKind } from './suggestion.ts'
import { CALL_NOTES, MESSAGES } from './templates.ts'
import { TASK_TEXTS } from './texts.ts'

type Props = {
  kind: ActKind
  task: StoredTask
  patientId: string
  patient: Patient | undefined
  me: Doer
  /** Other open Tasks of the patient, which one act may end too. */
  others: readonly StoredTask[]
  measures: readonly Measure[]
  /** What the plan tells the patient to do in the Task's zone. */
  advice: string
  /** Somebody must have taken it first; answers with the Task as it then is. */
  onBegin: () => Promise<StoredTask>
  onAct: (act: Act) => void
  onClose: () => void
}

const LANGUAGE_NAMES: Record<Language, string> = { nb: 'bokmål', nn: 'nynorsk', en: 'English' }

/** What is done with the Task, written beside what it is about. What stands in it is kept until it is sent. */
export function Composer(props: Props) {
  const { kind, task, patientId, patient, me, others, measures, advice, onBegin, onAct, onClose } = props
  const text = useTexts(TASK_TEXTS)
  const ui = useTexts(UI_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const theirLanguage = languageOfPatient(patient) ?? language
  const name = `Task/${task.id} ${kind}`
  const [wasKept] = useState(() => hasDraft(name))
  const [draft, change, clear] = useDraft<Draft>(name, {
    ...EMPTY_DRAFT,
    ...(kind === 'advice' ? { note: advice } : {}),
    ...(kind === 'escalate' ? { until: 'minutes30' as const } : {}),
    ...(kind === 'handover' ? { until: 'hours24' as const } : {}),
    ...(kind === 'doctor' || kind === 'visit' ? { until: 'today' as const } : {}),
  })
  const [isAsked, setIsAsked] = useState(false)
  const [isBusy, setIsBusy] = useState(false)
  const [failure, setFailure] = useState<Error>()
  const form = useRef<HTMLFormElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    form.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  const fault = faultOf(kind, draft, task)
  const error = (field: keyof Draft, words: string) => (isAsked && fault === field ? words : undefined)

  const submit = async () => {
    setIsAsked(true)
    if (fault) {
      form.current?.querySelector<HTMLElement>(`#${FIELD_ID}-${fault}, [name="${FIELD_ID}-${fault}"]`)?.focus()
      return
    }
    setIsBusy(true)
    try {
      const taken = await onBegin()
      const reading = kind === 'invalid' ? await fhir.read('Observation', draft.reading) : undefined
      const closing = others.filter(({ id }) => draft.alsoClose.includes(id))
      const id = crypto.randomUUID()
      onAct(
        toAct(kind, draft, {
          about: { act: id, now: new Date(), patient: patientId, doer: me, task: taken },
          others: closing,
          name,
          text,
          ...(reading ? { reading } : {}),
        }),
      )
      onClose()
    } catch (error) {
      setFailure(toError(error))
      setIsBusy(false)
    }
  }
  const cancel = () => {
    clear()
    onClose()
  }
  return (
    <form
      ref={form}
      className="composer"
      aria-labelledby="composer"
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onClose()
      }}
    >
      <Heading size="xsmall" level="3" id="composer" ref={heading} tabIndex={-1}>
        {text(`${kind}Title`)}
      </Heading>
      {wasKept && (
        <InlineMessage status="info" size="small">
          {text('draftKept')}
        </InlineMessage>
      )}
      {kind === 'call' && (
        <>
          <Phone patient={patient} />
          <RadioGroup
            size="small"
            legend={text('reached')}
            value={draft.reached}
            onChange={(reached) => change({ reached })}
            className="inline-radios"
          >
            <Radio value="yes">{text('yes')}</Radio>
            <Radio value="no">{text('no')}</Radio>
          </RadioGroup>
          <Templates
            of={CALL_NOTES}
            language={language}
            onChoose={(note, id) => change({ note, ...(id === 'no-answer' ? { reached: 'no' } : {}) })}
          />
          <Note {...{ draft, change }} label={text('note')} error={error('note', text('noteMissing'))} />
        </>
      )}
      {(kind === 'message' || kind === 'advice') && (
        <>
          {kind === 'message' && (
            <Templates of={MESSAGES} language={theirLanguage} onChoose={(note) => change({ note })} />
          )}
          <Note
            {...{ draft, change }}
            label={text('messageText')}
            lang={theirLanguage}
            description={text('messageHelp', { language: LANGUAGE_NAMES[theirLanguage] })}
            error={error('note', text('messageMissing'))}
          />
        </>
      )}
      {kind === 'measure' && (
        <>
          <Choice {...{ draft, change }} field="measure" label={text('measureWhat')}>
            {measures.map(({ key, title }) => (
              <option key={key} value={title}>
                {title}
              </option>
            ))}
          </Choice>
          <Times
            {...{ draft, change }}
            of={['minutes30', 'within2h', 'today', 'tomorrow']}
            label={text('whenDue')}
            isMeasuring
          />
        </>
      )}
      {kind === 'form' && <Forms {...{ draft, change }} error={error('form', text('formMissing'))} />}
      {(kind === 'visit' || kind === 'doctor') && (
        <>
          <Receivers
            {...{ draft, change }}
            kind={kind}
            label={text(kind === 'visit' ? 'visitWho' : 'doctorWho')}
            error={error('to', text('whoMissing'))}
          />
          <Note
            {...{ draft, change }}
            label={text(kind === 'visit' ? 'visitReason' : 'question')}
            error={error('note', text(kind === 'visit' ? 'reasonMissing' : 'questionMissing'))}
          />
          <Times {...{ draft, change }} of={['minutes30', 'within2h', 'today', 'tomorrow']} label={text('whenDue')} />
        </>
      )}
      {(kind === 'escalate' || kind === 'handover') && (
        <>
          <p className="quiet">{text('handoverHelp')}</p>
          <Receivers {...{ draft, change }} kind={kind} label={text('to')} error={error('to', text('whoMissing'))} />
          <Note {...{ draft, change }} label={text('reason')} error={error('note', text('reasonMissing'))} />
          <Times {...{ draft, change }} of={['minutes30', 'within2h', 'hours24']} label={text('answerBy')} />
        </>
      )}
      {kind === 'invalid' && (
        <>
          <p className="quiet">{text('invalidHelp')}</p>
          <Readings {...{ draft, change, measures, task }} error={error('reading', text('readingMissing'))} />
          <Note {...{ draft, change }} label={text('reason')} error={error('note', text('reasonMissing'))} />
        </>
      )}
      {kind === 'call' && (
        <Checkbox size="small" checked={draft.alsoEnd} onChange={(event) => change({ alsoEnd: event.target.checked })}>
          {text('alsoEnd')}
        </Checkbox>
      )}
      {(kind === 'close' || draft.alsoEnd) && (
        <Ending {...{ draft, change, others, language, task }} kind={kind} error={error} />
      )}
      {failure && <FailureNote failure={failure} />}
      <div className="buttons">
        <Button size="small" type="submit" loading={isBusy}>
          {text(kind === 'close' || draft.alsoEnd ? 'finish' : kind === 'call' || kind === 'invalid' ? 'save' : 'send')}
        </Button>
        <Button size="small" type="button" variant="tertiary" onClick={cancel}>
          {ui('cancel')}
        </Button>
      </div>
    </form>
  )
}
