import type { CommunicationRequest, CommunicationRequestPayload, Patient } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { isPatientOrFamily } from '../task/task-status.ts'
import { chooseLanguage, type Language } from '../words/language.ts'
import { type Told, tell, toldIn } from '../words/told.ts'
import { translated } from '../words/translated.ts'

/**
 * The language in which a patient is told things: the one that they prefer, else another that they speak, as far as things are told in it
 * here; bokmål where nothing is known.
 * @see https://hl7.org/fhir/R4/patient-definitions.html#Patient.communication
 */
export function languageOf(patient: Resource | undefined): Language {
  const { communication = [] } = (patient ?? {}) as Partial<Patient>
  const codes = [...communication]
    .sort((one, other) => Number(other.preferred ?? false) - Number(one.preferred ?? false))
    .flatMap(({ language }) => language?.coding ?? [])
    .flatMap(({ code }) => code ?? [])
  return chooseLanguage(codes.join(','))
}

/** A message that the patient, or their family, is to read; one for the team stays in the team's language. */
export function isForPatient({ resourceType, recipient }: Resource): boolean {
  if (resourceType !== 'CommunicationRequest') return false
  const recipients = (recipient ?? []) as NonNullable<CommunicationRequest['recipient']>
  return recipients.every(({ reference }) => isPatientOrFamily(reference))
}

/**
 * The message with its text in a language, as far as it has been translated, and in the others beside it: whoever sends it sends the text.
 * @returns the same message where it is so already
 */
export function messageIn(request: Resource, language: Language): Resource {
  const { payload = [] } = request as unknown as CommunicationRequest
  const turned = payload.map((one) => payloadIn(one, language))
  if (turned.every((one, i) => one === payload[i])) return request
  return { ...request, language, payload: turned }
}

function payloadIn(payload: CommunicationRequestPayload, language: Language): CommunicationRequestPayload {
  if (payload.contentString === undefined) return payload
  const told: Told = tell((one) => translated(payload, 'contentString', one) ?? '')
  if (told[language] === payload.contentString) return payload
  const { contentString: _, ...rest } = payload
  const { _contentString: __, ...others } = rest as Record<string, unknown>
  return { ...others, ...toldIn(language, 'contentString', told) }
}
