import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'

const ORDINAL_VALUE = 'http://hl7.org/fhir/StructureDefinition/ordinalValue'

const weighted = new WeakMap<Questionnaire, Questionnaire>()

/**
 * The Questionnaire with the weight of each option where FHIRPath's `weight()` looks for it: at the option. R4 has it at the option's
 * Coding as well. Made once for each that is kept.
 * @see https://hl7.org/fhir/R4/extension-ordinalvalue.html
 */
export function withWeights(questionnaire: Questionnaire): Questionnaire {
  const known = weighted.get(questionnaire)
  if (known) return known
  const made = questionnaire.item ? { ...questionnaire, item: questionnaire.item.map(itemWithWeights) } : questionnaire
  weighted.set(questionnaire, made)
  return made
}

function itemWithWeights(item: QuestionnaireItem): QuestionnaireItem {
  const answerOption = item.answerOption?.map((option) => {
    const weight = option.valueCoding?.extension?.find(({ url }) => url === ORDINAL_VALUE)
    const isThere = option.extension?.some(({ url }) => url === ORDINAL_VALUE)
    return weight && !isThere ? { ...option, extension: [...(option.extension ?? []), weight] } : option
  })
  return {
    ...item,
    ...(answerOption && { answerOption }),
    ...(item.item && { item: item.item.map(itemWithWeights) }),
  }
}
