import type {
  Identifier,
  Questionnaire,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes'
import { plainConcept } from '../vkp-observation.ts'
import { PROFILE } from './code-tables.ts'

const DISPLAY = 'http://hl7.org/fhir/StructureDefinition/display'

/** Answers as VKP has them; what they are answers to is told by its title, since the receiver does not have the form. */
export function toQuestionnaireResponse(
  response: QuestionnaireResponse,
  patient: Identifier,
  title: string,
): QuestionnaireResponse {
  const { questionnaire, status, authored, item } = response
  const said = { extension: [{ url: DISPLAY, valueString: title }] }
  return {
    resourceType: 'QuestionnaireResponse',
    meta: { profile: [PROFILE.questionnaireResponse] },
    questionnaire,
    ...({ _questionnaire: said } as object),
    status,
    subject: { identifier: patient },
    authored,
    item: item?.map(plainItem),
  }
}

/** What a form is called: its title, else the end of its canonical. */
export function titleOf(canonical: string | undefined, questionnaires: readonly Questionnaire[]): string {
  const [url = '', version] = (canonical ?? '').split('|')
  const same = questionnaires.filter((one) => one.url === url || url === `Questionnaire/${one.id}`)
  const found = same.find((one) => one.version === version) ?? same[0]
  return found?.title ?? found?.name ?? url.split('/').at(-1) ?? 'Skjema'
}

const plainItem = ({ linkId, text, item, answer }: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
  ...{ linkId, text, item: item?.map(plainItem), answer: answer?.map(plainAnswer) },
})

/** References and attachments lead into this server, where the receiver has no way. */
function plainAnswer(answer: QuestionnaireResponseItemAnswer): QuestionnaireResponseItemAnswer {
  const { valueReference, valueAttachment, valueCoding, item, id: _id, extension: _extension, ...values } = answer
  const named = valueReference?.display ?? valueAttachment?.title
  return {
    ...values,
    ...(named ? { valueString: named } : {}),
    ...(valueCoding ? { valueCoding: plainConcept({ coding: [valueCoding] }).coding?.[0] } : {}),
    item: item?.map(plainItem),
  }
}
