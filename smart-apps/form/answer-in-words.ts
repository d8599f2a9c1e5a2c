import type { QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { translated } from '../fhir/translated.ts'
import type { Language } from '../texts/language.ts'
import { QUESTION_TEXTS } from './texts.ts'

/** An answer as it is read over; nothing of what this app neither asks for nor works out. */
export function answerInWords(answer: QuestionnaireResponseItemAnswer, language: Language): string {
  if (answer.valueCoding)
    return translated(answer.valueCoding, 'display', language)?.text ?? answer.valueCoding.code ?? ''
  if (answer.valueBoolean !== undefined) return QUESTION_TEXTS[language][answer.valueBoolean ? 'yes' : 'no']
  const value = answer.valueString ?? answer.valueInteger ?? answer.valueDecimal ?? answer.valueDate ?? answer.valueTime
  return value === undefined ? '' : String(value)
}
