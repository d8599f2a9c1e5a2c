import type { Expression, Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes'
import { extensionValue } from '../../core/forms/question.ts'
import { compileLimited } from '../../limited-fhirpath.ts'
import { quote, type Walk } from '../walk.ts'

/**
 * Checks what a Questionnaire says of answers that are worked out, so that its author learns of a mistake and not who answers it.
 * @param walk stands at the Questionnaire
 * @see http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression
 */
export function checkCalculations({ item = [] }: Questionnaire, walk: Walk): void {
  item.forEach((one, i) => {
    walk.path.push('item', i)
    checkCalculation(one, walk)
    checkCalculations({ item: one.item } as Questionnaire, walk)
    walk.path.length -= 2
  })
}

function checkCalculation(item: QuestionnaireItem, walk: Walk): void {
  const expression = extensionValue(item, 'sdc-questionnaire-calculatedExpression') as Expression | undefined
  if (!expression) return
  const name = quote(item.linkId ?? '')
  if (item.type === 'group' || item.type === 'display')
    walk.report('business-rule', `${name} is of type ${item.type}, which has no answer that could be worked out.`)
  if (item.initial) walk.report('business-rule', `${name} is worked out, so it has no initial answer.`, 'initial')
  const { language, expression: text = '' } = expression
  if (language !== 'text/fhirpath') {
    const said = `${name} is not worked out here: its expression is ${quote(String(language))}; expected text/fhirpath.`
    walk.report('not-supported', said, 'extension', 'warning')
    return
  }
  try {
    compileLimited(text, 'QuestionnaireResponse.item')
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    walk.report('invalid', `The expression of ${name} is no FHIRPath: ${problem.slice(0, 200)}`, 'extension')
  }
}
