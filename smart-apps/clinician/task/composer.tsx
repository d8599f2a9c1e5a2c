import type { Patient, Questionnaire } from '@medplum/fhirtypes'
import {
  Button,
  Checkbox,
  CheckboxGroup,
  Heading,
  InlineMessage,
  Radio,
  RadioGroup,
  Select,
  Textarea,
} from '@navikt/ds-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { ofType } from '../fhir/client.ts'
import { translated } from '../fhir/translated.ts'
import { useQuery } from '../fhir/use-query.ts'
import type { Measure } from '../patient/measures.ts'
import { useMeasureWords } from '../patient/use-measure-words.ts'
import { useFhir } from '../session-context.ts'
import type { Language } from '../texts/language.ts'
import { languageOfPatient } from '../texts/language-of-patient.ts'
import { useLanguage, useTexts } from '../texts/use-texts.ts'
import { FailureNote } from '../ui/answer-view.tsx'
import { moment } from '../ui/format.ts'
import { UI_TEXTS } from '../ui/texts.ts'
import { ZoneBadge } from '../ui/zone-badge.tsx'
import { reasonOf, type StoredTask, zoneOf } from '../worklist/row.ts'
import type { Act, Doer } from './act.ts'
import { hasDraft, useDraft } from './draft.ts'
import { type Draft, EMPTY_DRAFT, faultOf, toAct } from './form-of-act.ts'
import type { ActKind } from './suggestion.ts'
import { readReceivers } from './task-data.ts'
import { CALL_NOTES, MESSAGES, OUTCOMES, type Template } from './templates.ts'
import { TASK_TEXTS } from './texts.ts'
import type { Until } from './until.ts'

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
const FIELD_ID = 'act-field'

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
  const fault = faultOf(kind, draft)
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
      setFailure(error instanceof Error ? error : new Error(String(error)))
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
        <Ending {...{ draft, change, others, language }} kind={kind} error={error} />
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

type FieldProps = { draft: Draft; change: (changes: Partial<Draft>) => void }

function Note({
  draft,
  change,
  label,
  error,
  description,
  lang,
}: FieldProps & { label: string; error: string | undefined; description?: string; lang?: string }) {
  return (
    <Textarea
      id={`${FIELD_ID}-note`}
      size="small"
      minRows={3}
      label={label}
      description={description}
      lang={lang}
      value={draft.note}
      onChange={(event) => change({ note: event.target.value })}
      error={error}
    />
  )
}

function Choice({
  draft,
  change,
  field,
  label,
  error,
  children,
}: FieldProps & {
  field: 'measure' | 'form' | 'to' | 'reading'
  label: string
  error?: string | undefined
  children: ReactNode
}) {
  const text = useTexts(TASK_TEXTS)
  return (
    <Select
      id={`${FIELD_ID}-${field}`}
      size="small"
      label={label}
      value={draft[field]}
      onChange={(event) =>
        change({
          [field]: event.target.value,
          ...(field === 'to' ? { toName: event.target.selectedOptions[0]?.text ?? '' } : {}),
          ...(field === 'form' ? { formName: event.target.selectedOptions[0]?.text ?? '' } : {}),
        })
      }
      error={error}
    >
      <option value="">{text('choose')}</option>
      {children}
    </Select>
  )
}

const UNTIL_TEXTS = {
  minutes30: 'minutes30',
  within2h: 'within2h',
  today: 'today',
  tomorrow: 'tomorrow',
  hours24: 'hours24',
} as const

function Times({
  draft,
  change,
  of,
  label,
  isMeasuring,
}: FieldProps & { of: readonly Until[]; label: string; isMeasuring?: boolean }) {
  const text = useTexts(TASK_TEXTS)
  return (
    <RadioGroup
      size="small"
      legend={label}
      value={draft.until}
      onChange={(until: Until) => change({ until })}
      className="inline-radios"
    >
      {of.map((one) => (
        <Radio key={one} value={one}>
          {text(one === 'minutes30' && isMeasuring ? 'measureNow' : UNTIL_TEXTS[one])}
        </Radio>
      ))}
    </RadioGroup>
  )
}

function Templates({
  of,
  language,
  onChoose,
}: {
  of: readonly Template[]
  language: Language
  onChoose: (words: string, id: string) => void
}) {
  const text = useTexts(TASK_TEXTS)
  const shown = useLanguage()
  return (
    <Select
      size="small"
      label={text('template')}
      value=""
      onChange={(event) => {
        const found = of.find(({ id }) => id === event.target.value)
        if (found) onChoose(found.text[language], found.id)
      }}
    >
      <option value="">{text('chooseTemplate')}</option>
      {of.map(({ id, name }) => (
        <option key={id} value={id}>
          {name[shown]}
        </option>
      ))}
    </Select>
  )
}

/** To be rung with one click, where a telephone is connected. */
export function Phone({ patient }: { patient: Patient | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const number = patient?.telecom?.find(({ system }) => system === 'phone')?.value
  return (
    <p className="phone">
      {text('phone')}: {number ? <a href={`tel:${number.replace(/\s/g, '')}`}>{number}</a> : text('noPhone')}
    </p>
  )
}

function Forms({ draft, change, error }: FieldProps & { error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const fhir = useFhir()
  const { data } = useQuery('forms to send', async (signal) =>
    ofType(
      await fhir.search(
        'Questionnaire',
        { status: 'active', _elements: 'url,version,title,subjectType,item', _count: 200 },
        signal,
      ),
      'Questionnaire',
    ).filter(isForPatients),
  )
  if (data?.length === 0) return <p className="quiet">{text('noForms')}</p>
  return (
    <Choice {...{ draft, change }} field="form" label={text('formWhat')} error={error}>
      {data?.map((form) => (
        <option key={form.id} value={`${form.id} ${form.url}${form.version ? `|${form.version}` : ''}`}>
          {translated(form, 'title', language)?.text ?? form.url}
        </option>
      ))}
    </Choice>
  )
}
/** A form that others own stands here without its questions until it is filled in by its owner. */
const isForPatients = ({ item, subjectType }: Questionnaire): boolean =>
  (item?.length ?? 0) > 0 && (!subjectType || subjectType.includes('Patient'))

function Receivers({
  draft,
  change,
  kind,
  label,
  error,
}: FieldProps & { kind: ActKind; label: string; error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const fhir = useFhir()
  const { data } = useQuery('receivers', (signal) => readReceivers(fhir, signal))
  const groups = [
    ...(kind === 'visit' ? [] : [['doctors', data?.doctors ?? []] as const]),
    ...(kind === 'doctor'
      ? []
      : [['teams', data?.teams ?? []] as const, ['organizations', data?.organizations ?? []] as const]),
  ]
  return (
    <Choice {...{ draft, change }} field="to" label={label} error={error}>
      {groups.map(([name, all]) =>
        all.length === 0 ? null : (
          <optgroup key={name} label={text(name)}>
            {all.map(({ reference, display }) => (
              <option key={reference} value={reference}>
                {display}
              </option>
            ))}
          </optgroup>
        ),
      )}
    </Choice>
  )
}

const READING_COUNT = 8

function Readings({
  draft,
  change,
  measures,
  task,
  error,
}: FieldProps & { measures: readonly Measure[]; task: StoredTask; error: string | undefined }) {
  const text = useTexts(TASK_TEXTS)
  const language = useLanguage()
  const words = useMeasureWords()
  const readings = measures
    .flatMap((measure) => measure.points.map((point) => ({ measure, point })))
    .filter(({ point }) => !point.isInvalid)
    .sort((one, other) => other.point.at.getTime() - one.point.at.getTime())
  const about = task.focus?.reference?.replace(/^Observation\//, '')
  const first = readings.filter(({ point }) => point.id === about)
  const shown = [...first, ...readings.filter(({ point }) => point.id !== about)].slice(0, READING_COUNT)
  return (
    <Choice {...{ draft, change }} field="reading" label={text('reading')} error={error}>
      {shown.map(({ measure, point }) => (
        <option key={point.id} value={point.id}>
          {`${measure.title} ${words.value(point, measure)} ${measure.unit}, ${moment(point.at, language)}`}
        </option>
      ))}
    </Choice>
  )
}

type EndingProps = FieldProps & {
  kind: ActKind
  others: readonly StoredTask[]
  language: Language
  error: (field: keyof Draft, words: string) => string | undefined
}

function Ending({ draft, change, others, language, kind, error }: EndingProps) {
  const text = useTexts(TASK_TEXTS)
  const choose = (outcome: string) => {
    const found = OUTCOMES.find(({ id }) => id === outcome)
    change({ outcome, ...(found?.template && draft.note === '' ? { note: found.template[language] } : {}) })
  }
  return (
    <>
      <RadioGroup
        size="small"
        legend={text('outcome')}
        value={draft.outcome}
        onChange={choose}
        error={error('outcome', text('outcomeMissing'))}
        className="outcomes"
      >
        {OUTCOMES.map(({ id, told }) => (
          <Radio key={id} value={id} name={`${FIELD_ID}-outcome`}>
            {told[language]}
          </Radio>
        ))}
      </RadioGroup>
      <RadioGroup
        size="small"
        legend={text('deterioration')}
        value={draft.deterioration}
        onChange={(deterioration) => change({ deterioration })}
        className="inline-radios"
      >
        <Radio value="yes">{text('yes')}</Radio>
        <Radio value="no">{text('no')}</Radio>
        <Radio value="unknown">{text('unknown')}</Radio>
      </RadioGroup>
      {kind === 'close' && (
        <Note {...{ draft, change }} label={text('note')} error={error('note', text('noteMissing'))} />
      )}
      {others.length > 0 && (
        <CheckboxGroup
          size="small"
          legend={text('alsoClose', { count: others.length })}
          description={text('alsoCloseHelp')}
          value={[...draft.alsoClose]}
          onChange={(alsoClose: string[]) => change({ alsoClose })}
        >
          {others.map((one) => (
            <Checkbox key={one.id} value={one.id}>
              <ZoneBadge zone={zoneOf(one)} /> {reasonOf(one, language).text}
            </Checkbox>
          ))}
        </CheckboxGroup>
      )}
    </>
  )
}
