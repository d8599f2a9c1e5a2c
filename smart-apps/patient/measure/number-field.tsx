import { MinusIcon, PlusIcon } from '@navikt/aksel-icons'
import { useId } from 'react'
import { useLanguage, useTexts } from '../../texts/use-texts.ts'
import { unbroken } from '../../ui/format.ts'
import type { Field } from './kinds.ts'
import { numberIn, toTyped } from './reading.ts'
import { MEASURE_TEXTS } from './texts.ts'

type Props = {
  field: Field
  value: string
  last: string | undefined
  problem: string | undefined
  onChange: (value: string) => void
}

/** A number as large as it is on the device, with buttons for hands that do not type well. */
export function NumberField({ field, value, last, problem, onChange }: Props) {
  const text = useTexts(MEASURE_TEXTS)
  const language = useLanguage()
  const id = useId()
  const title = field.title[language]
  const step = (direction: 1 | -1) => {
    const from = numberIn(value) ?? numberIn(last)
    const [low, high] = field.possible
    // From nothing known it begins at what most people have.
    const middle = (field.usual[0] + field.usual[1]) / 2
    const next = value.trim() === '' ? (from ?? middle) : (from ?? middle) + direction * field.step
    onChange(toTyped(Math.min(high, Math.max(low, next)), field, language))
  }
  return (
    <div className="number-field" data-problem={problem !== undefined}>
      <label htmlFor={id}>
        {title} {field.isOptional && <span className="quiet">({text('optional')})</span>}
      </label>
      {last !== undefined && <p className="quiet">{unbroken(text('last', { value: `${last} ${field.unit}` }))}</p>}
      <div className="number-row">
        <button type="button" onClick={() => step(-1)} aria-label={`${text('less')}: ${title}`}>
          <MinusIcon aria-hidden fontSize="1.75rem" />
        </button>
        <span className="number-input">
          <input
            id={id}
            inputMode={field.decimalCount > 0 ? 'decimal' : 'numeric'}
            autoComplete="off"
            value={value}
            onChange={({ target }) => onChange(target.value)}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-unit${problem === undefined ? '' : ` ${id}-problem`}`}
          />
          <span id={`${id}-unit`}>{field.unit}</span>
        </span>
        <button type="button" onClick={() => step(1)} aria-label={`${text('more')}: ${title}`}>
          <PlusIcon aria-hidden fontSize="1.75rem" />
        </button>
      </div>
      {problem !== undefined && (
        <p id={`${id}-problem`} className="problem">
          {problem}
        </p>
      )}
    </div>
  )
}
