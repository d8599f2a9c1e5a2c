import type {
  ActivityDefinition,
  CarePlan,
  Goal,
  PlanDefinition,
  PlanDefinitionAction,
  PlanDefinitionGoal,
  RequestGroup,
  RequestGroupAction,
} from '@medplum/fhirtypes'
import type { Evaluator, Variables } from '../decide/evaluator.ts'
import { type CodesOf, select } from '../decide/plan/data-requirement.ts'
import { APPLICABILITY_BEHAVIOR, FYLGJE } from '../decide/plan/vocabulary.ts'
import { refuse } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { activityInPlan } from '../requests/activity-in-plan.ts'
import { toRequest } from '../requests/activity-request.ts'
import { containedFor, withLocalIds } from '../requests/contained.ts'
import { pertainingTo } from '../requests/pertains-to-goal.ts'
import type { RequestContext } from '../requests/request-parts.ts'
import { checkContent } from '../requests/required-content.ts'
import { placedByAge } from './age-timing.ts'
import { Evaluation, messagesAt, type Place, variablesOf } from './evaluation.ts'
import { forItsReader } from './for-its-reader.ts'
import { notTransformed } from './not-transformed.ts'
import { checkRange } from './related-times.ts'

export type ApplyFacts = {
  plan: PlanDefinition
  subject: Resource
  /** Of other types, for actions that have a subject of their own. */
  others?: Resource[]
  /** Plans within the plan become actions beside its own, instead of RequestGroups. */
  mergeNested?: boolean
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
  /** The codes of the value sets that inputs name. */
  codesOf?: CodesOf
  /** Answers each expression; left out, that is done here and now. */
  evaluate?: Evaluator | undefined
  /** BCP 47, of the people who will read it. */
  language?: string
  now: Date
}

const NESTED_MAX = 10

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
  const goalsOfPlan = proposal.addGoals(facts.plan)
  const group = proposal.addGroup(facts.plan, [facts.plan], goalsOfPlan)
  const goals = [...goalsOfPlan.map(({ reference }) => reference), ...proposal.nestedGoals]
  const outcome = proposal.addOutcome()
  return {
    resourceType: 'CarePlan',
    ...(facts.language ? { language: facts.language } : {}),
    ...(proposal.contained.length > 0 ? { contained: proposal.contained as CarePlan['contained'] } : {}),
    ...(outcome ? { extension: [messagesAt(outcome)] } : {}),
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
  /** References of the Goals of plans within the plan. */
  readonly nestedGoals: string[] = []
  private readonly evaluation: Evaluation
  private readonly facts: ApplyFacts
  private count = 0

  constructor(facts: ApplyFacts) {
    this.facts = facts
    this.evaluation = new Evaluation(facts)
  }

  /**
   * @param containers the definitions that may contain what it refers to, which then comes along
   * @returns the reference by which it is found
   */
  add(resource: Resource, prefix: string, containers: Resource[] = []): string {
    const id = this.newId(prefix)
    // What a dynamicValue has changed of it comes before what the definition contains.
    const along = containedFor(resource, [...containers, resource])
    const isAlong = new Set(along.map((inner) => inner.id))
    // Two requests of one activity may change what they bring along, each for itself.
    const newId = (old: string) => (isAlong.has(old) ? `${id}-${old}` : old)
    for (const inner of along) this.contained.push({ ...withLocalIds(inner, newId), id: newId(String(inner.id)) })
    const { contained: _along, ...rest } = resource
    const itself = rest as Resource
    this.contained.push({ ...(along.length > 0 ? withLocalIds(itself, newId) : itself), id })
    return `#${id}`
  }

  addGoals(plan: PlanDefinition): ProposedGoal[] {
    const variables = this.variablesIn(plan)
    return (plan.goal ?? []).map((goal, i) => {
      const filled = this.evaluation.fill(goal, variables, { path: `PlanDefinition.goal[${i}]` })
      return { id: goal.id, reference: this.add(toGoal(filled, this.facts.subject), 'goal') }
    })
  }

  private variablesIn(plan: PlanDefinition): Variables {
    return variablesOf(plan as unknown as Resource, this.facts, {
      ...this.facts.variables,
      data: this.facts.bundle ?? toBundle(this.facts.data),
    })
  }

  private newId(prefix: string): string {
    this.count += 1
    return `${prefix}-${this.count}`
  }

  addOutcome(): string | undefined {
    const outcome = this.evaluation.outcome()
    return outcome && this.add(outcome, 'messages')
  }

  addGroup(plan: PlanDefinition, above: PlanDefinition[], goals: ProposedGoal[]): string {
    const { subject, context, now } = this.facts
    const id = this.newId('group')
    const action = this.walk(plan.action ?? [], {
      ...{ plan, above, goals, subject, variables: this.variablesIn(plan), group: `#${id}` },
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
    this.contained.push({ ...(group as unknown as Resource), id })
    return `#${id}`
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

  private applyAction(written: PlanDefinitionAction, outer: Within): RequestGroupAction | undefined {
    const subject = this.subjectOf(written, outer)
    const within = subject && { ...outer, subject }
    const variables = within && this.variablesOf(written, within)
    if (!variables || !this.isApplicable(written, variables, within.path)) return undefined
    const here = { path: within.path, actionId: written.id ?? written.title }
    const action = this.placed(this.evaluation.fill(written, variables, here, ASKED_IN_TURN), within)
    if (!action) return undefined
    const firstOnly = action.extension?.some((e) => e.url === APPLICABILITY_BEHAVIOR && e.valueCode === 'any') ?? false
    const children = this.walk(action.action ?? [], { ...within, variables, firstOnly, path: `${within.path}.action` })
    // A group of which nothing applies is nothing; RequestGroup.action must hold a resource or actions (rqg-1).
    if (action.action?.length && children.length === 0) return undefined
    const made = toRequestAction(action, { ...this.facts, subject: within.subject })
    const { reference, request, definition, actions } = this.realise(action, { ...within, variables })
    children.push(...(actions ?? []))
    // Of a plan that became actions here, none applies.
    if (actions && children.length === 0) return undefined
    const byActivity = definition?.resourceType === 'ActivityDefinition' ? definition.transform : undefined
    const at = (element: string): Place => ({ ...here, path: `${here.path}.${element}` })
    if (action.transform) this.evaluation.tell(notTransformed(action.transform), at('transform'))
    else if (byActivity) this.evaluation.tell(notTransformed(String(byActivity)), at('definition'))
    const containers = [definition, within.plan as unknown as Resource].filter((one) => one !== undefined)
    const values = { target: request, made, containers, variables, place: here }
    const target = this.evaluation.setDynamicValues(action.dynamicValue, values)
    const goals = this.goalsOf(action, within)
    const resource = reference ?? (target && this.addRequest(pertainingTo(goals, target), containers, here))
    if (resource) made.resource = { reference: resource }
    return { ...made, ...(children.length > 0 ? { action: children } : {}) }
  }

  /** The Goals of its plan that the action names; of one that the plan does not have, it is warned: the action is done all the same. */
  private goalsOf({ id, title, goalId = [] }: PlanDefinitionAction, { goals, path }: Within): string[] {
    return goalId.flatMap((named, i) => {
      const found = goals.find((goal) => goal.id === named)
      if (found) return [found.reference]
      const place = { path: `${path}.goalId[${i}]`, actionId: id ?? title }
      this.evaluation.tell(new Error(`the plan has no goal with the id '${named}'`), place, 'warning')
      return []
    })
  }

  /** @returns undefined for an action whose time cannot be worked out for this subject, which is told */
  private placed(action: PlanDefinitionAction, { path, subject }: Within): PlanDefinitionAction | undefined {
    try {
      checkRange(action)
      return placedByAge(action, subject, this.facts.now)
    } catch (error) {
      this.evaluation.tell(error, { path: `${path}.timing`, actionId: action.id ?? action.title })
      return undefined
    }
  }

  /** What the action's inputs give, beside what is there already. @returns undefined when an input cannot be read, which is told */
  private variablesOf(action: PlanDefinitionAction, { variables, path, subject }: Within): Variables | undefined {
    try {
      const inputs = (action.input ?? []).flatMap((input) =>
        input.id ? [[input.id, select(this.facts.data, input, this.facts.now, this.facts.codesOf)] as const] : [],
      )
      return { ...variables, subject, ...Object.fromEntries(inputs) }
    } catch (error) {
      this.evaluation.tell(error, { path: `${path}.input`, actionId: action.id })
      return undefined
    }
  }

  /** An action may be about somebody else than its plan: of the subjects that were given, the one of its type. */
  private subjectOf(action: PlanDefinitionAction, { subject, path }: Within): Resource | undefined {
    const type = action.subjectCodeableConcept?.coding?.find(({ code }) => code)?.code
    if (!type || type === subject.resourceType) return subject
    const other = [this.facts.subject, ...(this.facts.others ?? [])].find(({ resourceType }) => resourceType === type)
    if (!other) {
      const said = `it is about a ${type}, and no subject of that type was given`
      this.evaluation.tell(new Error(said), { path: `${path}.subject`, actionId: action.id ?? action.title })
    }
    return other
  }

  /** Only `applicability` is asked now; start and stop belong to the time after. Not exactly one `true` is no. */
  private isApplicable(action: PlanDefinitionAction, variables: Variables, path: string): boolean {
    return (action.condition ?? []).every(({ kind, expression }, i) => {
      if (kind !== 'applicability') return true
      const place = { path: `${path}.condition[${i}]`, actionId: action.id ?? action.title }
      const result = this.evaluation.evaluate(expression, variables, place)
      return result?.length === 1 && result[0] === true
    })
  }

  /** @returns undefined for a request that lacks what its kind needs, which has been told */
  private addRequest(request: Resource, containers: Resource[], place: Place): string | undefined {
    try {
      checkContent(request)
      return this.add(request, 'request', containers)
    } catch (error) {
      this.evaluation.tell(error, { ...place, path: `${place.path}.definition` })
      return undefined
    }
  }

  /** What the action's definition becomes: a new request, or the reference of what is there already. */
  private realise(action: PlanDefinitionAction, within: Within): Realised {
    const canonical = action.definitionCanonical
    if (action.definitionUri) return { reference: action.definitionUri }
    if (!canonical) return {}
    try {
      const definition = this.facts.find(canonical) ?? containedIn(within.plan, canonical)
      if (!definition) throw new Error(`nothing is known of ${canonical}`)
      if (definition.resourceType === 'PlanDefinition') {
        return this.nest(definition as unknown as PlanDefinition, within, action.id)
      }
      if (definition.resourceType !== 'ActivityDefinition') return { request: this.toFulfil(definition, within) }
      return {
        request: this.toActivity(activityInPlan(definition as unknown as ActivityDefinition, action), within),
        definition,
      }
    } catch (error) {
      this.evaluation.tell(error, { path: `${within.path}.definition`, actionId: action.id })
      return {}
    }
  }

  /** @param outerId of the action that names the plan */
  private nest(plan: PlanDefinition, within: Within, outerId: string | undefined): Realised {
    const { above, path } = within
    if (above.some((outer) => outer.url === plan.url) || above.length > NESTED_MAX) {
      throw refuse('processing', `${plan.url} contains itself, or plans are nested too deep.`, `${path}.definition`)
    }
    const goals = this.addGoals(plan)
    this.nestedGoals.push(...goals.map(({ reference }) => reference))
    if (!this.facts.mergeNested) return { reference: this.addGroup(plan, [...above, plan], goals) }
    const inner = {
      ...within,
      plan,
      above: [...above, plan],
      goals,
      variables: this.variablesIn(plan),
      firstOnly: false,
    }
    const actions = this.walk(plan.action ?? [], { ...inner, path: 'PlanDefinition.action' })
    return { actions: behind(outerId ?? path.replace('PlanDefinition.', ''), actions) }
  }

  private toActivity(written: ActivityDefinition, { variables, path, group, subject }: Within): Resource {
    const context = { ...this.facts.context, subject: referenceOf(subject), now: this.facts.now }
    const activity = this.evaluation.fill(written, { ...variables, context: written }, { path: `${path}.definition` })
    const { others = [] } = this.facts
    const made = forItsReader(toRequest(activity, context, 'option'), [subject, this.facts.subject, ...others])
    const resource = made.resourceType === 'Task' ? { ...made, basedOn: [{ reference: group }] } : made
    const given = { target: resource, variables: { ...variables, context: activity } }
    const place = { path: `${path}.definition` }
    this.evaluation.setDynamicValues(activity.dynamicValue, {
      ...given,
      containers: [written as unknown as Resource],
      place,
    })
    return resource
  }

  /** A Questionnaire to fill in, and other definitions that become nothing of their own: a Task to do it. */
  private toFulfil(definition: Resource, { group, subject }: Within): Resource {
    return {
      resourceType: 'Task',
      basedOn: [{ reference: group }],
      status: 'draft',
      intent: 'option',
      code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
      ...asCalled(definition),
      focus: { reference: referenceOf(definition) },
      for: { reference: referenceOf(subject) },
      authoredOn: this.facts.now.toISOString(),
      ...(definition.url
        ? { input: [{ type: { text: definition.resourceType }, valueCanonical: canonical(definition) }] }
        : {}),
    }
  }
}

/** What is to be filled in is told by its own title, in every language that it has one in. */
const asCalled = ({ title, _title }: Resource) =>
  title ? { description: title, ...(_title ? { _description: _title } : {}) } : {}

/** Elements of an action whose expressions have a moment of their own. */
const ASKED_IN_TURN = ['action', 'condition', 'dynamicValue', 'trigger', 'input', 'output', 'extension']

/** A Goal of the proposal, and the id that it has in its plan. */
type ProposedGoal = { id: string | undefined; reference: string }

type Within = {
  plan: PlanDefinition
  /** The plan's, or the action's own. */
  subject: Resource
  above: PlanDefinition[]
  /** Of this plan alone. */
  goals: ProposedGoal[]
  variables: Variables
  path: string
  firstOnly: boolean
  group: string
}

/** What a definition became: a request that is still to be completed, or the reference of what stands for itself. */
type Realised = {
  reference?: string
  request?: Resource
  definition?: Resource
  /** Of a plan whose actions become actions here. */
  actions?: RequestGroupAction[]
}

/**
 * The actions of a plan within a plan, as one RequestGroup with that plan's has them: their ids stand behind that of the action around
 * them, as in the engine, so that two plans may have actions of one id and each is still found by its own.
 */
function behind(outerId: string, actions: RequestGroupAction[]): RequestGroupAction[] {
  return actions.map((made) => ({
    ...made,
    ...(made.id ? { id: `${outerId}.${made.id}` } : {}),
    ...(made.relatedAction
      ? { relatedAction: made.relatedAction.map((one) => ({ ...one, actionId: `${outerId}.${one.actionId}` })) }
      : {}),
    ...(made.action ? { action: behind(outerId, made.action) } : {}),
  }))
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
      const value = name === 'extension' ? carriedExtensions(action) : action[name as keyof PlanDefinitionAction]
      return value === undefined ? [] : [[name, value]]
    }),
  ) as RequestGroupAction
  const participant = (action.participant ?? []).flatMap(({ type }) => {
    if (type === 'patient') return [{ reference: referenceOf(subject) }]
    return type === 'practitioner' && context.practitioner ? [{ reference: context.practitioner }] : []
  })
  return { ...carried, ...(participant.length > 0 ? { participant } : {}) }
}

/** What our engine goes by (routing, service levels, advice) is the plan's, and may stand nowhere else. */
function carriedExtensions({ extension = [] }: PlanDefinitionAction) {
  const carried = extension.filter(({ url }) => !url?.startsWith(`${FYLGJE}/`))
  return carried.length > 0 ? carried : undefined
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

const canonical = ({ url, version }: Resource) => (version ? `${url}|${version}` : String(url))

const referenceOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`
