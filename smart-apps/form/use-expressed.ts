import type { Patient, Questionnaire, QuestionnaireItem, QuestionnaireResponse } from '@medplum/fhirtypes'
import { useEffect, useRef, useState } from 'react'
import { type Answers, toResponse } from './answering.ts'
import { type ExpressionRunner, openExpressionRunner } from './expression-runner.ts'
import type { Expressed } from './expressions.ts'
import { repeated } from './repeating.ts'

const EXPRESSION = /\/(?:sdc-questionnaire-(?:calculated|enableWhen|initial)Expression|questionnaire-constraint)$/

/** Most forms have none: for these nothing of it is loaded. */
export const hasExpressions = ({ extension, item = [] }: Pick<QuestionnaireItem, 'extension' | 'item'>): boolean =>
  (extension?.some(({ url }) => EXPRESSION.test(url ?? '')) ?? false) || item.some(hasExpressions)

export type Expressions = {
  /** Of the answers that were looked at last; undefined before that, and where there is nothing to look at. */
  expressed: Expressed | undefined
  /** What a form begins with. */
  begin(patient: Patient | undefined): Promise<Answers>
  /** The answers as the server will store them, and what in them does not hold; as they are, where that cannot be told here. */
  settle(response: QuestionnaireResponse, answers: Answers): Promise<Pick<Expressed, 'whole' | 'broken'>>
}

/** What the expressions of a form say of the answers, worked out beside the page at each answer. */
export function useExpressed(questionnaire: Questionnaire, patient: string, answers: Answers): Expressions {
  const runner = useRef<ExpressionRunner>(undefined)
  const [expressed, setExpressed] = useState<Expressed>()
  const open = () => {
    if (!hasExpressions(questionnaire)) return undefined
    runner.current ??= openExpressionRunner()
    return runner.current
  }
  const asked = (given: Answers) => ({
    ...{ questionnaire, answers: given },
    response: toResponse(repeated(questionnaire, given), given, { patient, at: new Date() }),
  })
  useEffect(
    () => () => {
      runner.current?.stop()
      runner.current = undefined
    },
    [],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each answer
  useEffect(() => {
    let isLatest = true
    void open()
      ?.look(asked(answers))
      .then((found) => isLatest && setExpressed(found))
    return () => {
      isLatest = false
    }
  }, [answers])
  return {
    expressed,
    async begin(about) {
      const found = await open()?.run({ ...asked({}), ...(about ? { patient: about } : {}) })
      return found?.beginning ?? {}
    },
    async settle(response, given) {
      const found = await open()?.run({ questionnaire, response, answers: given })
      return found ?? { whole: response, broken: [] }
    },
  }
}
