import type { QuestionnaireItem, QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { rounded } from '../../core/forms/calculated-value.ts'
import type { Fields } from '../walk.ts'
import { compareValues } from './compare-values.ts'

/** Two that were worked out by different arithmetic. */
const TOLERANCE = 1e-6

/** Whether what was sent is what was worked out. */
export function isSameAnswer(
  sent: QuestionnaireResponseItemAnswer,
  own: QuestionnaireResponseItemAnswer,
  item: QuestionnaireItem,
): boolean {
  if (own.valueDecimal !== undefined)
    return typeof sent.valueDecimal === 'number' && isNear(rounded(item, sent.valueDecimal), own.valueDecimal)
  if (own.valueQuantity !== undefined) {
    const { value, code, unit } = sent.valueQuantity ?? {}
    const { value: expected, code: expectedCode, unit: expectedUnit } = own.valueQuantity
    const isSameUnit = (code ?? unit) === (expectedCode ?? expectedUnit)
    return isSameUnit && typeof value === 'number' && isNear(rounded(item, value), expected ?? 0)
  }
  if (own.valueCoding !== undefined)
    return sent.valueCoding?.code === own.valueCoding.code && sent.valueCoding?.system === own.valueCoding.system
  const [key, expected] = Object.entries(own)[0] ?? []
  const given = key === undefined ? undefined : (sent as Fields)[key]
  return given === expected || (given !== undefined && compareValues(given, expected) === 0)
}

const isNear = (one: number, other: number): boolean =>
  Math.abs(one - other) <= TOLERANCE * Math.max(1, Math.abs(one), Math.abs(other))
