import type { Patient, Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes'
import { compileFhirPath } from '../../server/core/fhirpath/evaluate.ts'
import {
  type BrokenConstraint,
  brokenConstraints,
  conditionsOf,
  initialAnswers,
  type Ways,
  workOut,
} from '../../server/core/forms/work-out.ts'
import { type Answers, calculated, isEnabled, isSameAnswer } from './answering.ts'

/** A form with the answers so far, as they would be sent; and whom it is about, where it has only been opened. */
export type Asked = {
  questionnaire: Questionnaire
  response: QuestionnaireResponse
  answers: Answers
  patient?: Patient
}

/** What the expressions of a form say. */
export type Expressed = {
  /** Items that are not asked (`enableWhenExpression`), by linkId. */
  hidden: readonly string[]
  /** What is worked out (`calculatedExpression`), by linkId; what could not be is not there, and the server does it. */
  scores: Answers
  /** The answers as the server will store them. */
  whole: QuestionnaireResponse
  /** What must hold (`questionnaire-constraint`), and does not. */
  broken: readonly BrokenConstraint[]
  /** What it begins with (`initialExpression`). Only where the patient was told. */
  beginning?: Answers
}

/** The server's own core. Nothing here stops an expression that takes long: whoever calls it must (`expression-runner.ts`). */
export function express({ questionnaire, response, answers, patient }: Asked): Expressed {
  const ways: Ways = {
    compile({ language, expression = '' }, base) {
      if (language !== 'text/fhirpath') throw new Error(`${language} is not spoken here.`)
      return compileFhirPath(expression, base)
    },
    isEnabled: (item: QuestionnaireItem) => isEnabled(item, answers),
    isSameAnswer,
  }
  const conditions = conditionsOf(questionnaire, response, ways)
  const { response: whole } = workOut(questionnaire, response, ways)
  return {
    hidden: [...conditions].flatMap(([linkId, isAsked]) => (isAsked ? [] : [linkId])),
    scores: scoresIn(questionnaire, whole),
    whole,
    broken: brokenConstraints(questionnaire, whole, ways),
    ...(patient ? { beginning: Object.fromEntries(initialAnswers(questionnaire, response, { patient }, ways)) } : {}),
  }
}

function scoresIn(questionnaire: Questionnaire, { item }: QuestionnaireResponse): Answers {
  const linkIds = new Set(calculated(questionnaire.item).map(({ linkId }) => linkId))
  const scores: Record<string, Answers[string]> = {}
  const look = (items: QuestionnaireResponse['item'] = []): void => {
    for (const { linkId = '', answer = [], item: below } of items) {
      if (linkIds.has(linkId) && answer.length > 0) scores[linkId] = answer
      look(below)
      for (const one of answer) look(one.item)
    }
  }
  look(item)
  return scores
}
