import type { QuestionnaireItem, QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { extensionValue } from './question.ts'

type Fields = Record<string, unknown>

/** What is worked out is written with so many decimal places, unless the question allows fewer. */
const DECIMAL_PLACES_MAX = 8

/**
 * What an expression gave, as the answer to its question.
 * @throws Error for what cannot answer a question of this type
 */
export function answerOf(item: QuestionnaireItem, value: unknown): QuestionnaireResponseItemAnswer {
  const { type = '' } = item
  if (type === 'integer' && Number.isInteger(value)) return { valueInteger: value as number }
  if (type === 'decimal' && typeof value === 'number') return { valueDecimal: rounded(item, value) }
  if (type === 'quantity') return { valueQuantity: quantityOf(item, value) }
  if (type === 'boolean' && typeof value === 'boolean') return { valueBoolean: value }
  if ((type === 'choice' || type === 'open-choice') && isCoding(value)) return { valueCoding: codingOf(value) }
  const text = textOf(value)
  const key = TEXTS[type]
  if (key !== undefined && text !== undefined) return { [key]: text }
  throw new Error(`${text ?? JSON.stringify(value)} cannot answer a question of type ${type}`)
}

const TEXTS: Partial<Record<string, `value${string}`>> = {
  ...{ string: 'valueString', text: 'valueString', 'open-choice': 'valueString', url: 'valueUri' },
  ...{ date: 'valueDate', dateTime: 'valueDateTime', time: 'valueTime' },
}

/** With as many decimal places as the question allows. */
export function rounded(item: QuestionnaireItem, value: number): number {
  const places = extensionValue(item, 'maxDecimalPlaces')
  return Number(value.toFixed(typeof places === 'number' ? Math.min(places, DECIMAL_PLACES_MAX) : DECIMAL_PLACES_MAX))
}

type Quantity = NonNullable<QuestionnaireResponseItemAnswer['valueQuantity']>

/** A bare number is in the unit that the question asks for. */
function quantityOf(item: QuestionnaireItem, value: unknown): Quantity {
  if (typeof value === 'number') {
    const asked = extensionValue(item, 'questionnaire-unit') as Fields | undefined
    const { display, system, code } = asked ?? {}
    const unit = { ...(asked && { unit: display ?? code }), ...(system !== undefined && { system }) }
    return { value: rounded(item, value), ...unit, ...(code !== undefined && { code }) } as Quantity
  }
  const number = (value as Fields | null)?.value
  if (typeof number === 'number' && typeof value === 'object') return { ...(value as Quantity), value: number }
  throw new Error(`${textOf(value) ?? JSON.stringify(value)} is no quantity`)
}

type Coding = NonNullable<QuestionnaireResponseItemAnswer['valueCoding']>

const isCoding = (value: unknown): value is Coding => typeof value === 'object' && value !== null && 'code' in value

/** Without what an option says of its own: its weight, for instance. */
const codingOf = ({ system, version, code, display }: Coding): Coding => ({
  ...(system !== undefined && { system }),
  ...(version !== undefined && { version }),
  ...(code !== undefined && { code }),
  ...(display !== undefined && { display }),
})

/** Dates of FHIRPath are objects of the library's, which write themselves. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const written = typeof value === 'object' && value !== null ? String(value) : ''
  return written === '' || written.startsWith('[object') ? undefined : written
}
