import type { Expression, Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { answeredForm } from '../core/decide/schedule/answered-form.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { questionTree } from '../core/forms/question.ts'

/** Of the Questionnaire: its questions come one after the other, by `$next-question`; where it is a url, by that server's. */
export const ADAPTIVE = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-questionnaireAdaptive'
/** SDC: a named expression for those of the items. */
const VARIABLE = 'http://hl7.org/fhir/StructureDefinition/variable'
/** On a Questionnaire: a FHIRPath over the response so far; once it is true, enough is known, and nothing more is asked. */
export const ENOUGH_WHEN = `${FYLGJE}/StructureDefinition/enough-when`
/** On a Questionnaire: the PlanDefinition whose actions say which question is next. */
export const NEXT_QUESTION_PLAN = `${FYLGJE}/StructureDefinition/next-question-plan`

/** `true`, or the server that asks; undefined of a form whose questions are all there from the start. */
export function adaptiveBy({ extension = [] }: Questionnaire): boolean | string | undefined {
  const said = extension.find(({ url }) => url === ADAPTIVE)
  return said?.valueUrl ?? (said?.valueBoolean || undefined)
}

/** When enough is known, as the form says it. */
export const enoughWhen = ({ extension = [] }: Questionnaire): Expression | undefined =>
  extension.find(({ url }) => url === ENOUGH_WHEN)?.valueExpression

/** What a response tells of how far it is. */
export type Standing = {
  /** Canonical of the form. */
  form: string | undefined
  /** linkIds of the questions that were put. */
  put: ReadonlySet<string>
}

export function standingOf(response: QuestionnaireResponse): Standing {
  const asked = askedSoFar(response)
  return {
    form: answeredForm(response as unknown as Resource),
    put: new Set(asked ? questionTree(asked).byLinkId.keys() : []),
  }
}

/** The Questionnaire that an adaptive response contains: what was asked so far. */
export const askedSoFar = ({ questionnaire, contained }: QuestionnaireResponse): Questionnaire | undefined =>
  contained?.find((one): one is Questionnaire => one.resourceType === 'Questionnaire' && `#${one.id}` === questionnaire)

/** What the expressions of its items may name. */
const variablesOf = ({ extension = [] }: Questionnaire) => extension.filter(({ url }) => url === VARIABLE)

/** The response with what is asked now; whatever else it contains stays. */
export function withAsked(
  response: QuestionnaireResponse,
  form: Questionnaire,
  item: Questionnaire['item'],
): QuestionnaireResponse {
  const before = askedSoFar(response)
  const id = before?.id ?? 'asked'
  const { title, subjectType, language, url, version } = form
  const asked: Questionnaire = {
    ...{ resourceType: 'Questionnaire', id },
    ...(language ? { language } : {}),
    extension: [{ url: ADAPTIVE, valueBoolean: true }, ...variablesOf(form)],
    derivedFrom: [version ? `${url}|${version}` : String(url)],
    ...(title ? { title } : {}),
    status: 'active',
    ...(subjectType ? { subjectType } : {}),
    ...(item && item.length > 0 ? { item } : {}),
  }
  const others = (response.contained ?? []).filter((one) => one !== before)
  return { ...response, contained: [asked, ...others], questionnaire: `#${id}` }
}
