import type { QuestionnaireItem, QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { Checkbox, CheckboxGroup, LocalAlert, Radio, RadioGroup, Textarea, TextField } from '@navikt/ds-react'
import { useState } from 'react'
import { translated } from '../fhir/translated.ts'
import type { Language } from '../texts/language.ts'
import { useLanguage, useTexts } from '../texts/use-texts.ts'
import { answerInWords } from './answer-in-words.ts'
import { answerOf, answerTyped, boundsOf, type FormTrouble, isSameAnswer, typedOf } from './answering.ts'
import { QUESTION_TEXTS } from './texts.ts'

type Given = readonly QuestionnaireResponseItemAnswer[]
type Props = {
  item: QuestionnaireItem
  given: Given
  problem: string | undefined
  onChange: (given: Given) => void
}

/** One question by its type. What this app cannot ask is said, never left out without a word. */
export function Question({ item, given, problem, onChange }: Props) {
  const text = useTexts(QUESTION_TEXTS)
  const language = useLanguage()
  const label = <Label item={item} />
  const [answer] = given
  switch (item.type) {
    case 'group':
      return <h2 className="group-title">{wordsOf(item, language)}</h2>
    case 'display':
      return <Told item={item} />
    case 'boolean':
      return (
        <RadioGroup
          legend={label}
          error={problem}
          value={answer?.valueBoolean === undefined ? '' : String(answer.valueBoolean)}
          onChange={(value) => onChange([{ valueBoolean: value === 'true' }])}
        >
          <Radio value="true">{text('yes')}</Radio>
          <Radio value="false">{text('no')}</Radio>
        </RadioGroup>
      )
    case 'choice':
    case 'open-choice':
      return <Choice item={item} given={given} problem={problem} onChange={onChange} />
    case 'integer':
    case 'decimal':
      return <NumberQuestion item={item} given={given} problem={problem} onChange={onChange} />
    case 'text':
      return (
        <Textarea
          label={label}
          error={problem}
          value={answer?.valueString ?? ''}
          maxLength={item.maxLength ?? 2000}
          onChange={({ target }) => onChange(target.value === '' ? [] : [{ valueString: target.value }])}
        />
      )
    case 'string':
      return (
        <TextField
          label={label}
          error={problem}
          value={answer?.valueString ?? ''}
          maxLength={item.maxLength}
          onChange={({ target }) => onChange(target.value === '' ? [] : [{ valueString: target.value }])}
        />
      )
    case 'date':
    case 'time':
      return (
        <TextField
          // Aksel does not name it, and hands it on as it is.
          type={item.type as 'time'}
          label={label}
          error={problem}
          value={answer?.valueDate ?? answer?.valueTime?.slice(0, 5) ?? ''}
          onChange={({ target }) => onChange(toMoment(target.value, item.type === 'date'))}
        />
      )
    default:
      return (
        <div>
          <p className="what">{wordsOf(item, language)}</p>
          <p>{text('unsupported')}</p>
        </div>
      )
  }
}

/** What stands in the field is what was typed, also while it is no number yet: "37," on the way to "37,5". */
function NumberQuestion({ item, given, problem, onChange }: Props) {
  const [typed, setTyped] = useState(() => typedOf(given[0]))
  const isInteger = item.type === 'integer'
  const change = (text: string) => {
    setTyped(text)
    onChange(answerTyped(text, isInteger))
  }
  return (
    <TextField
      label={<Label item={item} />}
      error={problem}
      inputMode={isInteger ? 'numeric' : 'decimal'}
      autoComplete="off"
      className="number"
      description={rangeOf(item)}
      value={typed}
      onChange={({ target }) => change(target.value)}
    />
  )
}

function Choice({ item, given, problem, onChange }: Props) {
  const language = useLanguage()
  const label = <Label item={item} />
  const options = (item.answerOption ?? []).map(answerOf)
  const chosen = options.flatMap((option, i) => (given.some((one) => isSameAnswer(one, option)) ? [String(i)] : []))
  if (item.repeats)
    return (
      <CheckboxGroup
        legend={label}
        error={problem}
        value={chosen}
        onChange={(values: string[]) => onChange(values.flatMap((value) => options[Number(value)] ?? []))}
      >
        {options.map((option, i) => (
          <Checkbox key={answerInWords(option, language)} value={String(i)}>
            {answerInWords(option, language)}
          </Checkbox>
        ))}
      </CheckboxGroup>
    )
  return (
    <RadioGroup
      legend={label}
      error={problem}
      value={chosen[0] ?? ''}
      onChange={(value: string) => onChange([options[Number(value)] ?? {}])}
    >
      {options.map((option, i) => (
        <Radio key={answerInWords(option, language)} value={String(i)}>
          {answerInWords(option, language)}
        </Radio>
      ))}
    </RadioGroup>
  )
}

function Label({ item }: { item: QuestionnaireItem }) {
  const text = useTexts(QUESTION_TEXTS)
  const language = useLanguage()
  return (
    <>
      {wordsOf(item, language)}
      {!item.required && <span className="quiet"> ({text('optional')})</span>}
    </>
  )
}

/** What appears because of an answer is a warning or an advice about it; what always stands there is a text to read. */
function Told({ item }: { item: QuestionnaireItem }) {
  const text = useTexts(QUESTION_TEXTS)
  const language = useLanguage()
  if (!item.enableWhen?.length) return <p>{wordsOf(item, language)}</p>
  return (
    <div role="alert">
      <LocalAlert status="error">
        <LocalAlert.Header>
          <LocalAlert.Title as="h2">{text('warning')}</LocalAlert.Title>
        </LocalAlert.Header>
        <LocalAlert.Content>{wordsOf(item, language)}</LocalAlert.Content>
      </LocalAlert>
    </div>
  )
}

/** What is said at a question that is not answered as it must be. */
export function useTroubleWords(): (trouble: FormTrouble | undefined, item: QuestionnaireItem) => string | undefined {
  const text = useTexts(QUESTION_TEXTS)
  return (trouble, item) => {
    if (!trouble) return undefined
    const { low = 0, high = 0 } = boundsOf(item)
    if (trouble === 'tooLow') return text('tooLow', { low })
    return trouble === 'tooHigh' ? text('tooHigh', { high }) : text(trouble)
  }
}

export const wordsOf = (item: QuestionnaireItem, language: Language): string =>
  translated(item, 'text', language)?.text ?? ''

function rangeOf(item: QuestionnaireItem): string | undefined {
  const { low, high } = boundsOf(item)
  return low === undefined || high === undefined ? undefined : `${low}–${high}`
}

function toMoment(typed: string, isDate: boolean): Given {
  if (typed === '') return []
  return [isDate ? { valueDate: typed } : { valueTime: `${typed}:00` }]
}
