import type { Questionnaire } from '@medplum/fhirtypes'
import type { Fields, Walk } from '../walk.ts'
import { quote } from '../walk.ts'
import type { CodesOf } from './answer-options.ts'
import { checkResponse } from './check-response.ts'

/** Where Questionnaires come from. */
export type QuestionnaireSource = {
  /** @param canonical with a version exactly that one, else the newest */
  questionnaire?(canonical: string): Questionnaire | undefined
  codes: CodesOf
  profile(canonical: string): unknown
}

/** Checks a response by the Questionnaire that it names, contained or stored. One that is not known is worth a warning. */
export function checkByQuestionnaire(response: Fields, walk: Walk, source: QuestionnaireSource): void {
  const { questionnaire: canonical } = response
  if (typeof canonical !== 'string') return
  const found = questionnaireOf(response, source)
  if (found) checkResponse(found, response as never, walk, source.codes)
  else if (canonical.startsWith('#'))
    walk.report('value', `No contained Questionnaire has the id ${quote(canonical.slice(1))}.`, 'questionnaire')
  else if (source.codes(canonical) || source.profile(canonical)) {
    walk.report('value', `${quote(canonical)} is no Questionnaire.`, 'questionnaire')
  } else {
    walk.report(
      'not-found',
      `The Questionnaire ${quote(canonical)} is not known here, and the answers were not compared with it.`,
      'questionnaire',
      'warning',
    )
  }
}

/** The Questionnaire that a response names: one that it contains, or one that is known here. */
export function questionnaireOf(response: Fields, source: Pick<QuestionnaireSource, 'questionnaire'>) {
  const { questionnaire: canonical, contained = [] } = response
  if (typeof canonical !== 'string') return undefined
  if (!canonical.startsWith('#')) return source.questionnaire?.(canonical)
  const inside = (contained as Fields[]).find(
    (one) => one.resourceType === 'Questionnaire' && one.id === canonical.slice(1),
  )
  return inside as Questionnaire | undefined
}
