import type { CodeableConcept } from '@medplum/fhirtypes'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'

/** What the patient is asked to do, as the plan calls it. */
export const requestTitle = ({ code }: { code?: CodeableConcept }, language: Language): string =>
  translated(code, 'text', language)?.text ?? code?.coding?.[0]?.display ?? '–'
