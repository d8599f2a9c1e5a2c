import type { QuestionnaireResponse } from '@medplum/fhirtypes'
import type { Issue } from '../../core/fhir/outcome.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import type { Fields } from '../walk.ts'
import { withCalculatedAnswers } from './calculated-answers.ts'
import { type QuestionnaireSource, questionnaireOf } from './find-questionnaire.ts'

/**
 * What is stored of accepted answers: with the scores that their Questionnaire works out. A score that was sent and is another one has been
 * refused before, unless `PROFILE_VALIDATION` lets it pass: then the right one is stored, and the warning tells both.
 */
export function withScores<T extends { resource: Resource; warnings: Issue[] }>(
  accepted: T,
  source: Pick<QuestionnaireSource, 'questionnaire'>,
): T {
  const { resource, warnings } = accepted
  if (resource.resourceType !== 'QuestionnaireResponse') return accepted
  const questionnaire = questionnaireOf(resource as Fields, source)
  if (!questionnaire) return accepted
  const { response, findings } = withCalculatedAnswers(questionnaire, resource as unknown as QuestionnaireResponse)
  const corrected: Issue[] = findings
    .filter(({ kind, problem }) => kind === 'wrong' && !warnings.some(({ diagnostics }) => diagnostics === problem))
    .map(({ problem }) => ({
      ...{ severity: 'warning', code: 'business-rule', diagnostics: problem },
      expression: ['QuestionnaireResponse'],
    }))
  return { ...accepted, resource: response as unknown as Resource, warnings: [...warnings, ...corrected] }
}
