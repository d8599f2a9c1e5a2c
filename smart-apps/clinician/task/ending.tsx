import { Checkbox, CheckboxGroup, Radio, RadioGroup } from '@navikt/ds-react'
import type { Language } from '../../texts/language.ts'
import { useTexts } from '../../texts/use-texts.ts'
import { ZoneBadge } from '../../ui/zone-badge.tsx'
import { reasonOf, type StoredTask, zoneOf } from '../worklist/row.ts'
import { FIELD_ID, type FieldProps, Note } from './act-fields.tsx'
import type { Draft } from './form-of-act.ts'
import { type ActKind, isErrand } from './suggestion.ts'
import { OUTCOMES } from './templates.ts'
import { TASK_TEXTS } from './texts.ts'

type EndingProps = FieldProps & {
  kind: ActKind
  task: StoredTask
  others: readonly StoredTask[]
  language: Language
  error: (field: keyof Draft, words: string) => string | undefined
}

/** How it ends: the outcome, whether it was a deterioration, and which others end with it. What somebody was asked to do ends with words alone. */
export function Ending({ draft, change, task, others, language, kind, error }: EndingProps) {
  const text = useTexts(TASK_TEXTS)
  if (isErrand(task))
    return kind === 'close' ? (
      <Note {...{ draft, change }} label={text('answerGiven')} error={error('note', text('answerGivenMissing'))} />
    ) : null
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
