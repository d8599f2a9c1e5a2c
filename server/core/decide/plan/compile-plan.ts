import type {
  ActivityDefinition,
  Coding,
  DataRequirement,
  PlanDefinition,
  PlanDefinitionAction,
  Questionnaire,
  Timing,
  TriggerDefinition,
} from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { activityInPlan } from '../../requests/activity-in-plan.ts'
import { STEERED_TYPES } from '../../requests/activity-life.ts'
import { type Limit, toLimit } from '../limits/limits.ts'
import { type Stage, stageIn, stagesOf } from '../stages/stage.ts'
import { colourIn } from '../words/coded-words.ts'
import { type CodesOf, noValueSets } from './data-requirement.ts'
import { type Effect, effectOf } from './effect.ts'
import { pathsOfParameter } from './filter-paths.ts'
import { NAMED_EVENT } from './named-event.ts'
import { asFollowing, type Relation, relationsOf } from './relations.ts'
import { timingOf } from './rule-clock.ts'
import { APPLICABILITY_BEHAVIOR, type Colour, ROUTING, SERVICE_LEVEL, TIMER_SINCE } from './vocabulary.ts'
import { withCodes } from './with-codes.ts'

/** A PlanDefinition made ready for deciding: looked through once, used for every event. */
export type CompiledPlan = {
  definition: PlanDefinition
  url: string
  /** url|version, as Tasks name it */
  canonical: string
  /** Limits for those who have none of their own. */
  limits: Limit[]
  rules: Rule[]
  timers: TimerRule[]
  listeners: Listener[]
  /** `%subject` is asked for somewhere, so the Patient must be read. */
  asksForSubject: boolean
  /** Tasks of it follow opening hours or choose among people. */
  asksForStaff: boolean
  /** Tasks of it may go to one of several people, whoever has the least to do. */
  choosesPeople: boolean
  /** The definitions that its actions name, at any depth. */
  used: Definition[]
  /** The value sets that it filters by, with their codes as they were known; `undefined` where they were not. */
  codes: ReadonlyMap<string, string[] | undefined>
  /** Rules that are in force from a time, or until one. */
  lives: Rule[]
  /** It touches requests that are there, so they must be read. */
  steers: boolean
  /** Of which its patients are in one at a time; most plans have none. */
  stages: Stage[]
  /** What each rule that has relations to others waits for, by its id. */
  relations: ReadonlyMap<string, Relation[]>
}

/** One action of the plan, with what it inherits from the actions around it. */
export type Rule = {
  id: string
  action: PlanDefinitionAction
  /** id of the outermost action: findings below it have one cause */
  cause: string
  triggers: NonNullable<PlanDefinitionAction['trigger']>
  conditions: Condition[]
  inputs: DataRequirement[]
  colour?: Colour
  /** The first applicable child ends the group. */
  firstChildOnly: boolean
  children: Rule[]
  activity?: ActivityDefinition
  /** What comes of it when it applies. */
  effect: Effect
  /** Rules before, after or with which it is done, by their ids; those that it acts on are in its effect. */
  related: NonNullable<PlanDefinitionAction['relatedAction']>
  /** It is in force only while the patient is in this stage. */
  stage?: string
  /** From when and until when it, and what it made, is in force. */
  life: { start: Condition[]; stop: Condition[] }
}

export type Condition = { expression: string; language: string; reference?: string | undefined }

/** A rule that time wakes, by the clock of each enrolment: see rule-clock.ts. */
export type TimerRule = {
  rule: Rule
  /** Of its timer: the rule's id; a second clock of the same rule has its number behind it. */
  name: string
  /** undefined where its trigger says no time that is known here; such a rule is broken, and must not be silent about it. */
  timing: Timing | undefined
  /** What it waits for, however old; the newest few are enough. */
  since?: DataRequirement
  /** Where such a resource says when it happened. */
  datePath: string
}

/** What an action can name. */
export type Definition = ActivityDefinition | Questionnaire | PlanDefinition
/** Finds what `definitionCanonical` names: `url` or `url|version`. */
export type FindDefinition = (canonical: string) => Definition | undefined

/** Plans in plans, at most. */
const NESTED_MAX = 10

/**
 * @param find gives the definition of a canonical; one that is missing leaves the rule without an activity, and the rule still
 *   makes a Task: a finding must not vanish because a definition did
 * @param codesOf gives the codes of a value set that a trigger or an input filters by; one that is not known makes the rules that
 *   ask for it unevaluable, which the team is told when something comes that they would have to judge
 * @param reads what the plan's libraries look at, beside its inputs
 * @throws Error for plans that contain each other
 */
export function compilePlan(
  definition: PlanDefinition,
  find: FindDefinition,
  codesOf: CodesOf = noValueSets,
  reads: DataRequirement[] = [],
): CompiledPlan {
  const url = definition.url ?? `PlanDefinition/${definition.id}`
  const used = new Map<string, Definition>()
  const codes = new Map<string, string[] | undefined>()
  const compiling: Compiling = {
    above: [definition],
    find(canonical) {
      const found = containedIn(definition, canonical) ?? find(canonical)
      if (found && !canonical.startsWith('#')) used.set(canonical, found)
      return found
    },
    codesOf(valueSet) {
      const known = codesOf(valueSet)
      codes.set(valueSet, known && [...known])
      return known
    },
  }
  const rules = compileActions(definition.action, { ...compiling, path: '', prefix: '', inputs: reads })
  const timers = allRules(rules).flatMap(toTimers)
  const definitions = [...new Set(used.values())]
  const goals = [definition, ...definitions].flatMap((one) =>
    one.resourceType === 'PlanDefinition' ? (one.goal ?? []) : [],
  )
  return {
    definition,
    url,
    canonical: definition.version ? `${url}|${definition.version}` : url,
    limits: goals.flatMap((goal) => (goal.target ?? []).flatMap((target) => toLimit(target, 'plan'))),
    rules,
    timers,
    listeners: toListeners(rules, timers),
    asksForStaff: [definition, ...definitions].some((one) => wordsOf(one).staff),
    choosesPeople: [definition, ...definitions].some((one) => wordsOf(one).people),
    asksForSubject: [definition, ...definitions].some((one) => wordsOf(one).subject) || reads.length > 0,
    used: definitions,
    codes,
    lives: allRules(rules).filter(({ life }) => life.start.length + life.stop.length > 0),
    steers: allRules(rules).some((rule) => isSteering(rule) || isFollowing(rule)),
    stages: stagesOf(definition),
    relations: relationsBetween(rules),
  }
}

/** What a rule may touch of requests that are there must be read before it decides. */
const isSteering = ({ effect, life }: Rule) => effect.does !== 'raise' || life.start.length + life.stop.length > 0

const FOLLOWED_TYPES = STEERED_TYPES.filter((type) => type !== 'CarePlan' && type !== 'RequestGroup')
/** It waits for what another action made, or another for what it makes. */
const isFollowing = ({ action, effect }: Rule) => !('target' in effect) && (action.relatedAction ?? []).length > 0

/** What compiling an action needs, from the plan and from the actions around it. */
type Compiling = { above: PlanDefinition[]; find: FindDefinition; codesOf: CodesOf }
type Place = Compiling & {
  path: string
  /** Of the ids of its actions: a plan within a plan may have the same ones. */
  prefix: string
  inputs: DataRequirement[]
  cause?: string
  stage?: string | undefined
}

const compileActions = (actions: PlanDefinition['action'], place: Place): Rule[] =>
  withCodes(actions, place.codesOf).map((action, i) =>
    compileRule(action, { ...place, path: `${place.path}${place.path ? '.' : ''}action[${i}]` }),
  )

function compileRule(action: PlanDefinitionAction, place: Place): Rule {
  const { prefix, cause } = place
  const id = prefix + (action.id ?? place.path)
  const inputs = [
    ...place.inputs.filter((outer) => !action.input?.some((own) => own.id !== undefined && own.id === outer.id)),
    ...(action.input ?? []),
  ]
  const found = action.definitionCanonical ? place.find(action.definitionCanonical) : undefined
  const definition = found?.resourceType === 'ActivityDefinition' ? activityInPlan(found, action) : found
  const effect = withPrefix(effectOf(action, definition), prefix)
  const stage = place.stage ?? (cause === undefined && stageIn(action) ? id : undefined)
  const below = { ...place, inputs, cause: cause ?? id, stage }
  // An action that is a plan is the actions of that plan; one that steers what a plan made only names it.
  const isNested = definition?.resourceType === 'PlanDefinition' && effect.does === 'raise'
  return {
    id,
    action,
    cause: cause ?? id,
    triggers: action.trigger ?? [],
    conditions: conditionsOf(action, 'applicability'),
    inputs,
    colour: colourIn(action.code),
    firstChildOnly: action.extension?.some((e) => e.url === APPLICABILITY_BEHAVIOR && e.valueCode === 'any') ?? false,
    children: [
      ...compileActions(action.action, below),
      ...(isNested ? compileActions(definition.action, nested(definition, { ...below, prefix: `${id}.` })) : []),
    ],
    activity: definition?.resourceType === 'ActivityDefinition' ? definition : undefined,
    effect,
    related:
      'target' in effect
        ? []
        : (action.relatedAction ?? []).map((one) => ({ ...one, actionId: prefix + one.actionId })),
    ...(stage === undefined ? {} : { stage }),
    life: { start: conditionsOf(action, 'start'), stop: conditionsOf(action, 'stop') },
  }
}

function nested(plan: PlanDefinition, place: Place): Place {
  if (place.above.some(({ url }) => url === plan.url) || place.above.length > NESTED_MAX) {
    throw new Error(`${plan.url} contains itself, or plans are nested too deep`)
  }
  return { ...place, above: [...place.above, plan], path: '' }
}

function relationsBetween(rules: Rule[]): ReadonlyMap<string, Relation[]> {
  if (allRules(rules).every(({ related }) => related.length === 0)) return new Map()
  type Related = { id: string; isDone: boolean; relatedAction: Rule['related']; action: Related[] }
  const toTree = ({ id, related, children, action }: Rule): Related => ({
    ...{ id, relatedAction: related, isDone: action.definitionCanonical !== undefined },
    action: children.map(toTree),
  })
  const relations = relationsOf(rules.map(toTree), { keyOf: ({ id }) => id, isDone: ({ isDone }) => isDone })
  return asFollowing(relations)
}

function withPrefix(effect: Effect, prefix: string): Effect {
  if (!('target' in effect)) return effect
  const { target } = effect
  return { ...effect, target: { ...target, actionIds: target.actionIds.map((id) => prefix + id) } }
}

const conditionsOf = ({ condition = [] }: PlanDefinitionAction, kind: string): Condition[] =>
  condition.filter((one) => one.kind === kind).map(({ expression }) => toCondition(expression))

function containedIn({ contained }: PlanDefinition, canonical: string): Definition | undefined {
  if (!canonical.startsWith('#')) return undefined
  const found = contained?.find(({ id }) => id === canonical.slice(1))
  const isOne = found && ['ActivityDefinition', 'Questionnaire', 'PlanDefinition'].includes(found.resourceType)
  return isOne ? (found as Definition) : undefined
}

/** An Expression as it is asked; what it lacks is empty, and told when it is asked. */
export const toCondition = (expression: Partial<Condition> | undefined): Condition => ({
  expression: expression?.expression ?? '',
  language: expression?.language ?? '',
  ...(expression?.reference ? { reference: expression.reference } : {}),
})

/** These rules and all below them, in order. Asked several times for each event, and put together once for each plan. */
export function allRules(rules: Rule[]): readonly Rule[] {
  const known = flattened.get(rules)
  if (known) return known
  const all = rules.flatMap((rule) => [rule, ...allRules(rule.children)])
  flattened.set(rules, all)
  return all
}
const flattened = new WeakMap<Rule[], readonly Rule[]>()

/** More than one, for the newest may be a mistake that was withdrawn. */
const NEWEST_COUNT = 10

function toTimers(rule: Rule): TimerRule[] {
  const periodic = rule.triggers.filter(({ type }) => type === 'periodic')
  return periodic.map((trigger, i) => {
    const sinceId = trigger.extension?.find((extension) => extension.url === TIMER_SINCE)?.valueId
    const since = rule.inputs.find((input) => input.id === sinceId)
    return {
      rule,
      name: i === 0 ? rule.id : `${rule.id}#${i + 1}`,
      timing: timingOf(trigger),
      since: since && { type: since.type, codeFilter: since.codeFilter, limit: NEWEST_COUNT },
      datePath: datePathOf(since),
    }
  })
}

/** What it names and cannot be looked for by is told by the rule, when the clock rings. */
function datePathOf({ type, dateFilter: [filter] = [] }: Partial<DataRequirement> = {}): string {
  const { path, searchParam = '' } = filter ?? {}
  return path ?? pathsOfParameter(type, searchParam, 'date') ?? (type === 'Observation' ? 'effective' : 'authored')
}

/** What a definition speaks of anywhere. A large plan has hundreds of kilobytes, so its text is looked through once. */
function wordsOf(definition: Definition): Words {
  const known = spoken.get(definition)
  if (known) return known
  const text = JSON.stringify(definition)
  const words = {
    subject: text.includes('%subject'),
    staff: text.includes(`"${ROUTING}"`) || text.includes(`"${SERVICE_LEVEL}"`),
    people: text.includes(`"${ROUTING}"`) && text.includes('"person"'),
  }
  spoken.set(definition, words)
  return words
}
type Words = { subject: boolean; staff: boolean; people: boolean }
const spoken = new WeakMap<Definition, Words>()

/**
 * What wakes one outermost action, as keys of an index: `Observation http://loinc.org|59408-5`, or `Observation *` where a trigger
 * has no filter by code. A resource that gives none of these keys costs its look-up and nothing more.
 */
export type Listener = {
  keys: Set<string>
  inputs: DataRequirement[]
  /** The triggers of its rules; undefined where more than they may ask for the inputs: what lives by conditions, or waits for others. */
  triggers?: TriggerDefinition[]
}

function toListeners(rules: Rule[], timers: TimerRule[]): Listener[] {
  const byTrigger = rules.map((rule) => {
    const all = allRules([rule])
    const triggers = all.flatMap((inner) => inner.triggers)
    // A trigger that asks for several things is woken by one of them, and looks back for the others.
    const together = triggers.flatMap(({ data = [] }) => (data.length > 1 ? data : []))
    // What a start or stop condition looks at may make it true.
    const living = all.filter(({ life }) => life.start.length + life.stop.length > 0)
    // And whoever waits for another activity hears how that one goes.
    const followed = all.some(isFollowing) ? FOLLOWED_TYPES.map((type) => `${type} *`) : []
    const isByTriggers = living.length === 0 && followed.length === 0
    return {
      keys: new Set([
        ...triggers.flatMap(keysOfTrigger),
        ...living.flatMap((inner) => inner.inputs.flatMap(keysOfRequirement)),
        ...followed,
      ]),
      inputs: [...all.flatMap((inner) => inner.inputs), ...together],
      ...(isByTriggers ? { triggers } : {}),
    }
  })
  // What a clock waits for moves it; no input is needed for that.
  const byTimer = timers.map(({ since }) => ({ keys: new Set(since ? keysOfRequirement(since) : []), inputs: [] }))
  return [...byTrigger, ...byTimer].filter(({ keys }) => keys.size > 0)
}

function keysOfTrigger({ type, name, data = [] }: TriggerDefinition): string[] {
  return type === 'named-event' ? [`Basic ${NAMED_EVENT}|${name ?? ''}`] : data.flatMap(keysOfRequirement)
}

/** What a requirement asks for, as keys of that index. */
export function keysOfRequirement(requirement: DataRequirement): string[] {
  const filter = requirement.codeFilter?.find(
    ({ path, searchParam }) => (path ?? pathsOfParameter(requirement.type, searchParam ?? '', 'code')) === 'code',
  )
  const codes = filter?.code ?? []
  if (codes.length === 0) return [`${requirement.type} *`]
  return codes.map((coding: Coding) => `${requirement.type} ${coding.system ?? ''}|${coding.code ?? ''}`)
}

/** The keys under which a resource is looked up among the listeners. A filter that names no system asks for the code of any. */
export function keysOf({ resourceType, code }: Resource): string[] {
  const keys = [`${resourceType} *`]
  for (const { system, code: own = '' } of (code as { coding?: Coding[] } | undefined)?.coding ?? []) {
    if (system) keys.push(`${resourceType} ${system}|${own}`)
    keys.push(`${resourceType} |${own}`)
  }
  return keys
}

/** Which of a plan's outermost actions listen to this resource. */
export function listenersTo(plan: CompiledPlan, resource: Resource): Listener[] {
  const keys = keysOf(resource)
  return plan.listeners.filter((listener) => keys.some((key) => listener.keys.has(key)))
}
