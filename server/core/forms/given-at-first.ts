import type { Questionnaire, QuestionnaireResponseItemAnswer } from '@medplum/fhirtypes'
import { questionTree } from './question.ts'

/**
 * What a form is answered with before anybody has answered it, by linkId: `initial`, or the options that are chosen at first.
 * @see https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.initial
 */
export function givenAtFirst(questionnaire: Questionnaire): Record<string, QuestionnaireResponseItemAnswer[]> {
  const found: Record<string, QuestionnaireResponseItemAnswer[]> = {}
  for (const [linkId, { item }] of questionTree(questionnaire).byLinkId) {
    const chosen = (item.answerOption ?? []).filter(({ initialSelected }) => initialSelected)
    const given = [...(item.initial ?? []), ...chosen.map(({ initialSelected: _, ...option }) => option)]
    if (given.length > 0) found[linkId] = given as QuestionnaireResponseItemAnswer[]
  }
  return found
}
