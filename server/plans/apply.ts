import type {
  ActivityDefinition,
  CarePlan,
  Goal,
  OperationOutcomeIssue,
  PlanDefinition,
  PlanDefinitionAction,
  PlanDefinitionActionDynamicValue,
  PlanDefinitionGoal,
  RequestGroup,
  RequestGroupAction,
} from '@medplum/fhirtypes'
import { Refusal, refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import { type RequestContext, toRequest } from './activity-request.ts'
import type { Variables } from './condition.ts'
import { select } from './data-requirement.ts'
import { setPath } from './set-path.ts'
import { APPLICABILITY_BEHAVIOR } from './vocabulary.ts'

export type ApplyFacts = {
  plan: PlanDefinition
  subject: Resource
  /** References of the other parameters of the operation. */
  context: Omit<RequestContext, 'subject' | 'now'>
  /** Resources that the parameters name, as `%practitioner`, `%encounter`, `%organization`. */
  variables: Variables
  /** The subject's resources that the inputs ask for; more do no harm. */
  data: Resource[]
  /** The Bundle of the parameter `data`, as `%data`; without it, `%data` holds what was read. */
  bundle?: Resource
  /** A definition by canonical url, with or without version; exactly that one or none. */
  find: (canonical: string) => Resource | undefined
  now: Date
}

const NESTED_MAX = 10
const CQF_MESSAGES = 'http://hl7.org/fhir/StructureDefinition/cqf-messages'

/**
 * Works out what should exist once `plan` is applied to one subject. Pure: reads and writes nothing.
 * What goes wrong inside one action is told in a contained OperationOutcome, and its siblings go on.
 * @returns CarePlan (draft, proposal) that contains the RequestGroup, the Goals and the requests, linked by `#id`
 * @throws Refusal `not-supported` for a condition or value that is not text/fhirpath; its expression names the action
 * @throws Refusal `processing` for plans that contain each other
 * @see https://hl7.org/fhir/R4/plandefinition-operation-apply.html
 */
export function applyPlan(facts: ApplyFacts): CarePlan {
  const proposal = new Proposal(facts)
  const goals = (facts.plan.goal ?? []).map((goal) => proposal.add(toGoal(goal, facts.subject), 'goal'))
  const group = proposal.addGroup(facts.plan, [facts.plan])
  const outcome = proposal.addOutcome()
  return {
    resourceType: 'CarePlan',
    ...(proposal.contained.length > 0 ? { contained: proposal.contained as CarePlan['contained'] } : {}),
    ...(outcome ? { extension: [{ url: CQF_MESSAGES, valueReference: { reference: outcome } }] } : {}),
    instantiatesCanonical: canonicalOf(facts.plan),
    status: 'draft',
    intent: 'proposal',
    ...(facts.plan.title ? { title: facts.plan.title } : {}),
    ...(facts.plan.description ? { description: facts.plan.description } : {}),
    subject: { reference: referenceOf(facts.subject) },
    ...(facts.context.encounter ? { encounter: { reference: facts.context.encounter } } : {}),
    ...authorOf(facts.context),
    created: facts.now.toISOString(),
    ...(goals.length > 0 ? { goal: goals.map((reference) => ({ reference })) } : {}),
    activity: [{ reference: { reference: group } }],
  }
}

/** Everything that one call proposes, as it grows. */
class Proposal {
  readonly contained: Resource[] = []
  private readonly issues: OperationOutcomeIssue[] = []
  private readonly facts: ApplyFacts
  private count = 0

  constructor(facts: ApplyFacts) {
    this.facts = facts
  }

  /** @returns the reference by which it is found */
  add(resource: Resource, prefix: string, id = this.newId(prefix)): string {
    this.contained.push({ ...resource, id })
    return `#${id}`
  }

  private newId(prefix: string): string {
    this.count += 1
    return `${prefix}-${this.count}`
  }

  addOutcome(): string | undefined {
    if (this.issues.length === 0) return undefined
    return this.add({ resourceType: 'OperationOutcome', issue: this.issues }, 'messages')
  }

  addGroup(plan: PlanDefinition, above: PlanDefinition[]): string {
    const { subject, context, now } = this.facts
    const id = this.newId('group')
    const variables = {
      ...{ practitioner: [], encounter: [], organization: [], current: [], previous: [], careplan: [] },
      ...{ limits: [], baseline: [] },
      ...this.facts.variables,
      subject,
      data: this.facts.bundle ?? toBundle(this.facts.data),
      context: plan,
    }
    const action = this.walk(plan.action ?? [], {
      plan,
      above,
      variables,
      group: `#${id}`,
      path: 'PlanDefinition.action',
      firstOnly: false,
    })
    const group: RequestGroup = {
      resourceType: 'RequestGroup',
      instantiatesCanonical: canonicalOf(plan),
      status: 'draft',
      intent: above.length > 1 ? 'option' : 'proposal',
      subject: { reference: referenceOf(subject) },
      ...(context.encounter ? { encounter: { reference: context.encounter } } : {}),
      authoredOn: now.toISOString(),
      ...authorOf(context),
      ...(action.length > 0 ? { action } : {}),
    }
    return this.add(group as unknown as Resource, 'group', id)
  }

  private walk(actions: PlanDefinitionAction[], within: Within): RequestGroupAction[] {
    const made: RequestGroupAction[] = []
    for (const [i, action] of actions.entries()) {
      const one = this.applyAction(action, { ...within, path: `${within.path}[${i}]` })
      if (one) made.push(one)
      if (one && within.firstOnly) break
    }
    return made
  }

  private applyAction(action: PlanDefinitionAction, within: Within): RequestGroupAction | undefined {
    const variables = this.variablesOf(action, within)
    if (!variables) return undefined
    if (!this.isApplicable(action, variables, within.path)) return undefined
    const firstOnly = action.extension?.some((e) => e.url === APPLICABILITY_BEHAVIOR && e.valueCode === 'any') ?? false
    const children = this.walk(action.action ?? [], { ...within, variables, firstOnly, path: `${within.path}.action` })
    // A group of which nothing applies is nothing; RequestGroup.action must hold a resource or actions (rqg-1).
    if (action.action?.length && children.length === 0) return undefined
    const made = toRequestAction(action, this.facts)
    const resource = this.realise(action, { ...within, variables })
    this.setDynamicValues(action.dynamicValue, { resource, made, variables, path: within.path })
    if (typeof resource === 'string') made.resource = { reference: resource }
    else if (resource) made.resource = { reference: this.add(resource, 'request') }
    return { ...made, ...(children.length > 0 ? { action: children } : {}) }
  }

  /** What the action's inputs give, beside what is there already. @returns undefined when an input cannot be read, which is told */
  private variablesOf(action: PlanDefinitionAction, { variables, path }: Within): Variables | undefined {
    try {
      const inputs = (action.input ?? []).flatMap((input) =>
        input.id ? [[input.id, select(this.facts.data, input, this.facts.now)] as const] : [],
      )
      return { ...variables, ...Object.fromEntries(inputs) }
    } catch (error) {
      this.tell(error, `${path}.input`, action.id)
      return undefined
    }
  }

  /** Only `applicability` is asked now; start and stop belong to the time after. Not exactly one `true` is no. */
  private isApplicable(action: PlanDefinitionAction, variables: Variables, path: string): boolean {
    return (action.condition ?? []).every(({ kind, expression }, i) => {
      if (kind !== 'applicability') return true
      const at = `${path}.condition[${i}]`
      const result = this.evaluate(expression, variables, at, action)
      return result?.length === 1 && result[0] === true
    })
  }

  /** @returns undefined when it failed, which has then been told */
  private evaluate(
    expression: { language?: string; expression?: string } | undefined,
    variables: Variables,
    path: string,
    action?: PlanDefinitionAction,
  ): unknown[] | undefined {
    if (expression?.language !== 'text/fhirpath') {
      const name = action?.id ?? action?.title ?? path
      throw refuse(
        'not-supported',
        `Action '${name}': expressions in '${expression?.language}' are not supported; text/fhirpath is.`,
        `${path}.expression`,
      )
    }
    try {
      return compileFhirPath(expression.expression ?? '')(this.facts.subject, variables, this.facts.now)
    } catch (error) {
      this.tell(error, path, action?.id)
      return undefined
    }
  }

  /** What the action's definition becomes: a new request, or the reference of what is there already. */
  private realise(action: PlanDefinitionAction, within: Within): Resource | string | undefined {
    const canonical = action.definitionCanonical
    if (action.definitionUri) return action.definitionUri
    if (!canonical) return undefined
    try {
      const definition = this.facts.find(canonical) ?? containedIn(within.plan, canonical)
      if (!definition) throw new Error(`nothing is known of ${canonical}`)
      if (definition.resourceType === 'PlanDefinition') {
        return this.nest(definition as unknown as PlanDefinition, within)
      }
      if (definition.resourceType !== 'ActivityDefinition') return this.toFulfil(definition, within)
      return this.toActivity(definition as unknown as ActivityDefinition, within)
    } catch (error) {
      this.tell(error, `${within.path}.definition`, action.id)
      return undefined
    }
  }

  private nest(plan: PlanDefinition, { above, path }: Within): string {
    if (above.some((outer) => outer.url === plan.url) || above.length > NESTED_MAX) {
      throw refuse('processing', `${plan.url} contains itself, or plans are nested too deep.`, `${path}.definition`)
    }
    return this.addGroup(plan, [...above, plan])
  }

  private toActivity(activity: ActivityDefinition, { variables, path, group }: Within): Resource {
    const context = { ...this.facts.context, subject: referenceOf(this.facts.subject), now: this.facts.now }
    const made = toRequest(activity, context, 'option')
    const resource = made.resourceType === 'Task' ? { ...made, basedOn: [{ reference: group }] } : made
    const own = { ...variables, context: activity }
    this.setDynamicValues(activity.dynamicValue, { resource, variables: own, path: `${path}.definition` })
    return resource
  }

  /** A Questionnaire to fill in, and other definitions that become nothing of their own: a Task to do it. */
  private toFulfil(definition: Resource, { group }: Within): Resource {
    return {
      resourceType: 'Task',
      basedOn: [{ reference: group }],
      status: 'draft',
      intent: 'option',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      focus: { reference: referenceOf(definition) },
      for: { reference: referenceOf(this.facts.subject) },
      authoredOn: this.facts.now.toISOString(),
    }
  }

  private setDynamicValues(
    values: Pick<PlanDefinitionActionDynamicValue, 'path' | 'expression'>[] | undefined,
    {
      resource,
      made,
      variables,
      path,
    }: {
      resource: Resource | string | undefined
      made?: RequestGroupAction
      variables: Variables
      path: string
    },
  ): void {
    const target = typeof resource === 'object' ? resource : undefined
    for (const [i, value] of (values ?? []).entries()) {
      const at = `${path}.dynamicValue[${i}]`
      const all = { ...variables, resource: target ?? [], action: made ?? [] }
      const result = this.evaluate(value.expression, all, at)
      const [, ofAction, rest] = /^%?(action)\.(?!action\b)(.+)$/.exec(value.path ?? '') ?? []
      try {
        if (!result?.length) continue
        if (ofAction && made) setPath(made, 'RequestGroup.action', rest ?? '', result)
        else if (target) setPath(target, target.resourceType, value.path ?? '', result)
        else if (made) setPath(made, 'RequestGroup.action', value.path ?? '', result)
      } catch (error) {
        this.tell(error, at)
      }
    }
  }

  private tell(error: unknown, path: string, actionId?: string): void {
    // Plans that contain themselves are refused as a whole.
    if (error instanceof Refusal) throw error
    const message = error instanceof Error ? error.message : String(error)
    const diagnostics = actionId ? `Action '${actionId}': ${message}` : message
    this.issues.push({ severity: 'error', code: 'processing', diagnostics, expression: [path] })
  }
}

type Within = {
  plan: PlanDefinition
  above: PlanDefinition[]
  variables: Variables
  path: string
  firstOnly: boolean
  group: string
}

/** What a PlanDefinition's action and a RequestGroup's have in common. */
const CARRIED = [
  ...['id', 'extension', 'prefix', 'title', 'description', 'textEquivalent', 'priority', 'code', 'documentation'],
  ...['timingDateTime', 'timingAge', 'timingPeriod', 'timingDuration', 'timingRange', 'timingTiming', 'type'],
  ...['groupingBehavior', 'selectionBehavior', 'requiredBehavior', 'precheckBehavior', 'cardinalityBehavior'],
  ...['relatedAction', 'condition'],
] as const

function toRequestAction(action: PlanDefinitionAction, { subject, context }: ApplyFacts): RequestGroupAction {
  const carried = Object.fromEntries(
    CARRIED.flatMap((name) => {
      const value = action[name as keyof PlanDefinitionAction]
      return value === undefined ? [] : [[name, value]]
    }),
  ) as RequestGroupAction
  const participant = (action.participant ?? []).flatMap(({ type }) => {
    if (type === 'patient') return [{ reference: referenceOf(subject) }]
    return type === 'practitioner' && context.practitioner ? [{ reference: context.practitioner }] : []
  })
  return { ...carried, ...(participant.length > 0 ? { participant } : {}) }
}

/** `addresses` is a concept in the plan and a reference in the Goal: it has no place there and is left to the plan. */
function toGoal(goal: PlanDefinitionGoal, subject: Resource): Resource {
  const { category, description, priority, start, target } = goal
  const made: Omit<Goal, 'resourceType'> = {
    lifecycleStatus: 'proposed',
    ...(category ? { category: [category] } : {}),
    ...(priority ? { priority } : {}),
    description,
    subject: { reference: referenceOf(subject) },
    ...(start ? { startCodeableConcept: start } : {}),
    ...(target
      ? { target: target.map(({ due, ...rest }) => ({ ...rest, ...(due ? { dueDuration: due } : {}) })) }
      : {}),
  }
  return { resourceType: 'Goal', ...made } as Resource
}

const toBundle = (resources: Resource[]): Resource => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: resources.map((resource) => ({ resource })),
})

const authorOf = ({ practitioner, organization }: ApplyFacts['context']) => {
  const author = practitioner ?? organization
  return author ? { author: { reference: author } } : {}
}

function containedIn(plan: PlanDefinition, canonical: string): Resource | undefined {
  if (!canonical.startsWith('#')) return undefined
  return (plan.contained as Resource[] | undefined)?.find(({ id }) => id === canonical.slice(1))
}

const canonicalOf = ({ url, version, id }: PlanDefinition): string[] => [
  version && url ? `${url}|${version}` : (url ?? `PlanDefinition/${id}`),
]

const referenceOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`
