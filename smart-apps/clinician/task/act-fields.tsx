import { Radio, RadioGroup, Select, Textarea } from '@navikt/ds-react'
import type { ReactNode } from 'react'
import type { Language } from '../../texts/language.ts'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import type { Draft } from './form-of-act.ts'
import type { Template } from './templates.ts'
import { TASK_TEXTS } from './texts.ts'
import type { Until } from './until.ts'

/** Of the element that holds a field of the draft; what is missing is found by it. */
export const FIELD_ID = 'act-field'

/** What a field shows, and how it is changed. */
export type FieldProps = { draft: Draft; change: (changes: Partial<Draft>) => void }

export function Note({
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

export function Choice({
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

export function Times({
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

export function Templates({
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
