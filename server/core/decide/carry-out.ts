import type { CarePlan, Goal, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { asOrder, phaseOf } from '../requests/activity-life.ts'
import { toRequest } from '../requests/activity-request.ts'
import { withContained } from '../requests/contained.ts'
import { pertainingTo } from '../requests/pertains-to-goal.ts'
import type { RequestContext } from '../requests/request-parts.ts'
import { checkContent } from '../requests/required-content.ts'
import { basedOn, carePlansOf, findSame } from '../requests/same-activity.ts'
import type { RequestDecision } from './decisions.ts'
import { goalsOfAction } from './enrolment/goals-of-plan.ts'
import type { Evaluator } from './evaluator.ts'
import { isStale, takenBack } from './message/message-life.ts'
import { setDynamicValues } from './plan/dynamic-values.ts'
import type { Effect } from './plan/effect.ts'
import { toNamedEvent } from './plan/named-event.ts'
import { followsEnd } from './plan/relations.ts'
import { madeBy, steered, targetsOf } from './plan/steer.ts'
import { FINDING, TASK_MARK, URGENCY } from './plan/vocabulary.ts'
import { Problem } from './problem.ts'
import { sharedAndFollowed } from './schedule/strictest-policy.ts'
import { SILENCE_CLOCK } from './silence/silence-clock.ts'
import { stageMove } from './stages/move-stage.ts'
import { movedTo } from './stages/stage-state.ts'
import { dynamicValuesOf, type Finding, findingName, newTask } from './task/finding-task.ts'
import { withExtensions } from './task/task-extension.ts'
import { type Wait, withWaits } from './waiting.ts'
import { taskCode, taskInput } from './words/coded-words.ts'

export type CarryingFacts = {
  carePlan: CarePlan
  /** The patient's. */
  goals: Goal[]
  /** The patient's requests and open Tasks. */
  requests: Resource[]
  now: Date
  newId: () => string
  /** Ids of the rules that apply on the same occasion: what is related to them waits for what they make. */
  found?: ReadonlySet<string>
  evaluate?: Evaluator | undefined
}

/**
 * What should become of the patient's activities now that a rule applies. Everything is so that doing it twice is doing it once: what
 * runs is not started, what has ended is not ended, and what two plans ask for is asked once.
 * @throws Error for what cannot be carried out; whoever calls tells the team
 */
export function carryOut(finding: Finding, facts: CarryingFacts): RequestDecision[] {
  const { effect } = finding.rule
  switch (effect.does) {
    case 'raise':
      return []
    case 'start':
      return start(effect, finding, facts)
    case 'ask':
      return ask(effect, finding, facts)
    case 'tell':
      return [{ act: 'create', resource: tell(effect.name, finding, facts) }]
    case 'move':
      return move(effect.to, finding, facts)
    case 'puzzle':
      throw new Problem(effect.problem)
    default:
      return steer(effect, finding, facts)
  }
}

function start({ activity }: Extract<Effect, { does: 'start' }>, finding: Finding, facts: CarryingFacts) {
  const running = runningOf(finding, facts)
  const stale = running.filter((request) => isStale(request, facts.now))
  if (isOnceMore(finding) ? running.some((request) => isNamed(request, finding)) : running.length > stale.length)
    return []
  const waits = waitsOfRule(finding, facts)
  const made = withWaits(
    asOrder(toRequest(activity, contextOf(facts), 'order'), waits.length > 0 ? 'held' : 'active'),
    waits,
  )
  const named: Resource = {
    ...pertainingTo(goalsFor(finding, facts), made),
    id: facts.newId(),
    identifier: [identifierOf(finding)],
    ...reasonsOf(made, finding),
  }
  const definitions = [activity, finding.plan.definition] as unknown as Resource[]
  // As $apply has it: a dynamicValue may change what is contained, and may refer to more of it.
  const filled = withValues(withContained(named, definitions), finding, facts)
  const request = basedOn(withContained(filled, definitions), `CarePlan/${facts.carePlan.id}`)
  checkContent(request)
  const same = waits.length > 0 ? undefined : findSame(facts.requests, request)
  if (!same) return [...stale.map(takenBack), { act: 'create' as const, resource: request }]
  return [{ act: 'update' as const, resource: sharedAndFollowed(same, request, `CarePlan/${facts.carePlan.id}`) }]
}

/** A Task for the patient. One that asks the same is open already: then that one is for this plan too. */
function ask({ questionnaire }: Extract<Effect, { does: 'ask' }>, finding: Finding, facts: CarryingFacts) {
  const canonical = questionnaire.version ? `${questionnaire.url}|${questionnaire.version}` : String(questionnaire.url)
  const carePlan = `CarePlan/${facts.carePlan.id}`
  const asked = targetsOf({ actionIds: [], definition: questionnaire.url ?? '' }, '', facts.requests)[0]
  if (asked) {
    const joined = basedOn(asked, carePlan)
    const isNew = JSON.stringify(joined.basedOn) !== JSON.stringify(asked.basedOn)
    return isNew ? [{ act: 'update' as const, resource: joined }] : []
  }
  const { businessStatus, ...task } = newTask(facts.newId(), finding)
  const { activity, colour } = finding.rule
  const toAnswer: Task = {
    ...withExtensions(task as Task, [SILENCE_CLOCK], []),
    // Only a rule with a colour has triaged something.
    ...(colour ? { businessStatus } : { priority: finding.rule.action.priority ?? 'routine' }),
    code: activity?.code ?? taskCode('answer-questionnaire'),
    ...(questionnaire.id ? { focus: { reference: `Questionnaire/${questionnaire.id}` } } : {}),
    owner: { reference: String(facts.carePlan.subject.reference) },
    input: [
      {
        type: taskInput('questionnaire'),
        valueCanonical: canonical,
      },
      ...(task.input ?? []),
    ],
  }
  const waits = waitsOfRule(finding, facts)
  // How long it may take is counted from when it begins, which nobody knows.
  const held = waits.length > 0 ? withExtensions({ ...toAnswer, status: 'draft' }, [TASK_MARK, URGENCY], []) : toAnswer
  const toAsk = withWaits(pertainingTo(goalsFor(finding, facts), held as unknown as Resource), waits)
  return [{ act: 'create' as const, resource: withValues(toAsk, finding, facts) }]
}

function steer({ does, target }: Extract<Effect, { target: unknown }>, finding: Finding, facts: CarryingFacts) {
  const about = { carePlan: `CarePlan/${facts.carePlan.id}`, reason: finding.reason, now: facts.now }
  return targetsOf(target, finding.plan.url, facts.requests).flatMap((request): RequestDecision[] => {
    const changed = does === 'change' ? changedBy(request, finding, facts) : steered(request, { does, ...about })
    return changed === request ? [] : [{ act: 'update', resource: changed }]
  })
}

function changedBy(request: Resource, finding: Finding, facts: CarryingFacts): Resource {
  const changed = withValues(request, finding, facts)
  return JSON.stringify(changed) === JSON.stringify(request) ? request : changed
}

/** @throws Problem where the plan does not lead from where the patient is to there */
function move(to: string, { plan, rule, reason }: Finding, { carePlan, now }: CarryingFacts): RequestDecision[] {
  const moving = stageMove(plan.definition, plan.url, carePlan, to)
  if ('problem' in moving) throw new Problem(moving.problem)
  if ('isThere' in moving) return []
  const moved = movedTo(carePlan, plan.url, moving.stage, { now, rule: rule.id, reason: reason.nb })
  return [{ act: 'update', resource: moved as unknown as Resource }]
}

function tell(name: string, finding: Finding, { carePlan, now, newId }: CarryingFacts): Resource {
  const about = evidenceOf(finding)[0]?.reference
  const subject = String(carePlan.subject.reference)
  const event = toNamedEvent({ ...{ name, subject, at: now.toISOString(), about }, key: findingName(finding) })
  return { ...(event as unknown as Resource), id: newId() }
}

/** https://hl7.org/fhir/R4/valueset-action-cardinality-behavior.html: `multiple` is done on each occasion, also while it is being done. */
const isOnceMore = ({ rule }: Finding) => rule.action.cardinalityBehavior === 'multiple'

const isNamed = ({ identifier }: Resource, finding: Finding) =>
  ((identifier ?? []) as { value?: string }[]).some(({ value }) => value === findingName(finding))

/**
 * What a request of the rule waits for, by its relatedAction: what those rules have made and has not begun or ended, and what they make
 * on the same occasion. What does not apply is waited for by nobody, as at an enrolment.
 */
function waitsOfRule({ plan, rule }: Finding, { requests, carePlan, found }: CarryingFacts): Wait[] {
  return (plan.relations.get(rule.id) ?? []).flatMap((relation) => {
    const { to, relationship, offsetDuration, offsetRange } = relation
    const open = requests.filter((request) => {
      const made = madeBy(request)
      if (made?.url !== plan.url || made.actionId !== to || !carePlansOf(request).includes(`CarePlan/${carePlan.id}`))
        return false
      return followsEnd(relationship) ? phaseOf(request) !== undefined : phaseOf(request) === 'held'
    })
    if (open.length === 0 && !found?.has(to)) return []
    return [
      {
        ...{ actionId: to, relationship },
        ...(offsetDuration ? { offset: { duration: offsetDuration } } : {}),
        ...(offsetRange ? { offset: { range: offsetRange } } : {}),
      },
    ]
  })
}

/** What this rule has made and has not ended. */
const runningOf = ({ plan, rule }: Finding, { requests }: CarryingFacts): Resource[] =>
  requests.filter((request) => {
    const made = madeBy(request)
    return made?.url === plan.url && made.actionId === rule.id && phaseOf(request) !== undefined
  })

/** What a rule starts is for the same Goals as what the plan orders at the enrolment. */
const goalsFor = ({ plan, rule }: Finding, facts: CarryingFacts) => goalsOfAction(rule.action, plan, facts)

const identifierOf = (finding: Finding) => ({ system: FINDING, value: findingName(finding) })

/** @throws Error for a value that cannot be worked out: half a request is worse than none that the team knows of */
function withValues(request: Resource, finding: Finding, { now, evaluate }: CarryingFacts): Resource {
  const values = dynamicValuesOf(finding)
  if (values.length === 0) return request
  const changed = structuredClone(request)
  setDynamicValues(changed, values, { variables: { ...finding.variables, reason: finding.reason.nb }, now, evaluate })
  return changed
}

function contextOf({ carePlan, now }: CarryingFacts): RequestContext {
  const { author, encounter, subject } = carePlan
  return {
    subject: String(subject.reference),
    ...(author?.reference?.startsWith('Practitioner') ? { practitioner: author.reference } : {}),
    ...(author?.reference?.startsWith('Organization') ? { organization: author.reference } : {}),
    ...(encounter?.reference ? { encounter: encounter.reference } : {}),
    now,
  }
}

/** Kinds whose reason can be an Observation, and the kind that can be about anything. */
const REASONED: ReadonlySet<string> = new Set([
  ...['ServiceRequest', 'CommunicationRequest', 'DeviceRequest', 'MedicationRequest'],
])

function reasonsOf({ resourceType }: Resource, finding: Finding) {
  const evidence = evidenceOf(finding)
  const observations = evidence.filter(({ reference }) => reference.startsWith('Observation/'))
  return {
    ...(REASONED.has(resourceType) && observations.length > 0 ? { reasonReference: observations } : {}),
    ...(resourceType === 'CommunicationRequest' && evidence.length > 0 ? { about: evidence } : {}),
  }
}

const evidenceOf = ({ evidence }: Finding): { reference: string }[] =>
  evidence.flatMap((piece) =>
    piece.kind === 'resource' ? [{ reference: `${piece.resource.resourceType}/${piece.resource.id}` }] : [],
  )
