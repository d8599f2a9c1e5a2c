import type { ActivityDefinition } from '@medplum/fhirtypes'
import type { Variables } from '../decide/evaluator.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { toRequest } from '../requests/activity-request.ts'
import { withContained } from '../requests/contained.ts'
import type { RequestContext } from '../requests/request-parts.ts'
import { checkContent, MissingContent } from '../requests/required-content.ts'
import { Evaluation, type Ground, messagesAt, variablesOf } from './evaluation.ts'
import { forItsReader } from './for-its-reader.ts'
import { notTransformed } from './not-transformed.ts'

export type ActivityFacts = Ground & {
  activity: ActivityDefinition
  context: Omit<RequestContext, 'subject' | 'now'>
  variables: Variables
}

/**
 * The request that an activity becomes for one subject: status draft, its intent or a proposal. Pure: reads and writes nothing.
 * A dynamicValue that cannot be evaluated is told in a contained OperationOutcome.
 * @throws Refusal `required` for content that its kind cannot be without; the expression is the element that lacks it
 * @throws Refusal `not-supported` for an expression in another language than text/fhirpath, `invalid` for a kind that is no request
 * @see https://hl7.org/fhir/R4/activitydefinition-operation-apply.html
 */
export function applyActivity({ activity, context, variables, ...ground }: ActivityFacts): Resource {
  const evaluation = new Evaluation(ground)
  const { resourceType, id } = ground.subject
  const about = { ...context, subject: `${resourceType}/${id}`, now: ground.now }
  const definition = activity as unknown as Resource
  const all = variablesOf(definition, ground, variables)
  const place = { path: 'ActivityDefinition' }
  const filled = evaluation.fill(activity, all, place, ['dynamicValue', 'extension'])
  if (activity.transform) {
    evaluation.tell(notTransformed(activity.transform), { path: 'ActivityDefinition.transform' })
  }
  const made = evaluation.setDynamicValues(activity.dynamicValue, {
    target: begin(() => forItsReader(toRequest(filled, about, activity.intent ?? 'proposal'), [ground.subject])),
    ...{ containers: [definition], variables: all, place },
  }) as Resource
  try {
    checkContent(made)
  } catch (error) {
    if (error instanceof MissingContent) throw refuse('required', `${error.message}.`, error.expression)
    throw error
  }
  return withMessages(withContained(made, [definition]), evaluation.outcome())
}

function begin(make: () => Resource): Resource {
  try {
    return make()
  } catch (error) {
    throw refuse('invalid', error instanceof Error ? error.message : String(error), 'ActivityDefinition.kind')
  }
}

/** What went wrong on the way, in the request itself. */
function withMessages(made: Resource, outcome: Resource | undefined): Resource {
  if (!outcome) return made
  const contained = (made.contained ?? []) as Resource[]
  const extension = [...((made.extension ?? []) as unknown[]), messagesAt('#messages')]
  return { ...made, contained: [...contained, { ...outcome, id: 'messages' }], extension }
}
