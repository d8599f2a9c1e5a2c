import type {
  ActivityDefinition,
  Coding,
  DataRequirement,
  PlanDefinition,
  PlanDefinitionAction,
  TriggerDefinition,
} from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { type CodesOf, milliseconds, noValueSets } from './data-requirement.ts'
import { type Limit, toLimit } from './limits.ts'
import { NAMED_EVENT } from './named-event.ts'
import {
  APPLICABILITY_BEHAVIOR,
  COLOURS,
  type Colour,
  ROUTING,
  SERVICE_LEVEL,
  TIMER_SINCE,
  TRIAGE_COLOUR,
} from './vocabulary.ts'
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
}

export type Condition = { expression: string; language: string; reference?: string | undefined }

/** A rule that time wakes: `periodMilliseconds` after the newest resource of `since`, or after the enrolment. */
export type TimerRule = {
  rule: Rule
  periodMilliseconds: number
  /** What it waits for, however old; the newest few are enough. */
  since?: DataRequirement
  /** Where such a resource says when it happened. */
  datePath: string
}

/** Finds what `definitionCanonical` names: `url` or `url|version`. */
export type FindActivity = (canonical: string) => ActivityDefinition | undefined

/**
 * @param findActivity gives the ActivityDefinition of a canonical; one that is missing leaves the rule without an activity,
 *   and the rule still makes a Task: a finding must not vanish because a definition did
 * @param codesOf gives the codes of a value set that a trigger or an input filters by; one that is not known makes the rules that
 *   ask for it unevaluable, which the team is told when something comes that they would have to judge
 */
export function compilePlan(
  definition: PlanDefinition,
  findActivity: FindActivity,
  codesOf: CodesOf = noValueSets,
): CompiledPlan {
  const url = definition.url ?? `PlanDefinition/${definition.id}`
  const rules = withCodes(definition.action, codesOf).map((action, i) =>
    compileRule(action, `action[${i}]`, [], findActivity),
  )
  const timers = allRules(rules).flatMap(toTimers)
  return {
    definition,
    url,
    canonical: definition.version ? `${url}|${definition.version}` : url,
    limits: (definition.goal ?? []).flatMap((goal) => (goal.target ?? []).flatMap((target) => toLimit(target, 'plan'))),
    rules,
    timers,
    listeners: toListeners(rules, timers),
    asksForSubject: JSON.stringify(definition).includes('%subject'),
    asksForStaff: asksForStaff(definition, rules),
  }
}

function compileRule(
  action: PlanDefinitionAction,
  path: string,
  inherited: DataRequirement[],
  findActivity: FindActivity,
  cause?: string,
): Rule {
  const id = action.id ?? path
  const inputs = [
    ...inherited.filter((outer) => !action.input?.some((own) => own.id === outer.id)),
    ...(action.input ?? []),
  ]
  return {
    id,
    action,
    cause: cause ?? id,
    triggers: action.trigger ?? [],
    conditions: (action.condition ?? [])
      .filter((condition) => condition.kind === 'applicability')
      .map(({ expression }) => toCondition(expression)),
    inputs,
    colour: colourOf(action),
    firstChildOnly: action.extension?.some((e) => e.url === APPLICABILITY_BEHAVIOR && e.valueCode === 'any') ?? false,
    children: (action.action ?? []).map((child, i) =>
      compileRule(child, `${path}.action[${i}]`, inputs, findActivity, cause ?? id),
    ),
    activity: action.definitionCanonical ? findActivity(action.definitionCanonical) : undefined,
  }
}

/** An Expression as it is asked; what it lacks is empty, and told when it is asked. */
export const toCondition = (expression: Partial<Condition> | undefined): Condition => ({
  expression: expression?.expression ?? '',
  language: expression?.language ?? '',
  ...(expression?.reference ? { reference: expression.reference } : {}),
})

export function allRules(rules: Rule[]): Rule[] {
  return rules.flatMap((rule) => [rule, ...allRules(rule.children)])
}

/** More than one, for the newest may be a mistake that was withdrawn. */
const NEWEST_COUNT = 10

function toTimers(rule: Rule): TimerRule[] {
  return rule.triggers.flatMap((trigger) => {
    const repeat = trigger.type === 'periodic' ? trigger.timingTiming?.repeat : undefined
    if (!repeat?.period || !repeat.periodUnit) return []
    const sinceId = trigger.extension?.find((extension) => extension.url === TIMER_SINCE)?.valueId
    const since = rule.inputs.find((input) => input.id === sinceId)
    return [
      {
        rule,
        periodMilliseconds: milliseconds({ value: repeat.period, code: repeat.periodUnit }),
        since: since && { type: since.type, codeFilter: since.codeFilter, limit: NEWEST_COUNT },
        datePath: since?.dateFilter?.[0]?.path ?? (since?.type === 'Observation' ? 'effective' : 'authored'),
      },
    ]
  })
}

function asksForStaff(definition: PlanDefinition, rules: Rule[]): boolean {
  const texts = [definition, ...allRules(rules).map(({ activity }) => activity)].map((one) => JSON.stringify(one) ?? '')
  return texts.some((text) => text.includes(`"${ROUTING}"`) || text.includes(`"${SERVICE_LEVEL}"`))
}

function colourOf(action: PlanDefinitionAction): Colour | undefined {
  const coding = (action.code ?? []).flatMap((concept) => concept.coding ?? []).find((c) => c.system === TRIAGE_COLOUR)
  return COLOURS.find((colour) => colour === coding?.code)
}

/**
 * What wakes one outermost action, as keys of an index: `Observation http://loinc.org|59408-5`, or `Observation *` where a trigger
 * has no filter by code. A resource that gives none of these keys costs its look-up and nothing more.
 */
export type Listener = { keys: Set<string>; inputs: DataRequirement[] }

function toListeners(rules: Rule[], timers: TimerRule[]): Listener[] {
  const byTrigger = rules.map((rule) => {
    const all = allRules([rule])
    const triggers = all.flatMap((inner) => inner.triggers)
    // A trigger that asks for several things is woken by one of them, and looks back for the others.
    const together = triggers.flatMap(({ data = [] }) => (data.length > 1 ? data : []))
    return {
      keys: new Set(triggers.flatMap(keysOfTrigger)),
      inputs: [...all.flatMap((inner) => inner.inputs), ...together],
    }
  })
  // What a clock waits for moves it; no input is needed for that.
  const byTimer = timers.map(({ since }) => ({ keys: new Set(since ? keysOfRequirement(since) : []), inputs: [] }))
  return [...byTrigger, ...byTimer].filter(({ keys }) => keys.size > 0)
}

function keysOfTrigger({ type, name, data = [] }: TriggerDefinition): string[] {
  return type === 'named-event' ? [`Basic ${NAMED_EVENT}|${name ?? ''}`] : data.flatMap(keysOfRequirement)
}

function keysOfRequirement(requirement: DataRequirement): string[] {
  const filter = requirement.codeFilter?.find((candidate) => (candidate.path ?? candidate.searchParam) === 'code')
  const codes = filter?.code ?? []
  if (codes.length === 0) return [`${requirement.type} *`]
  return codes.map((coding: Coding) => `${requirement.type} ${coding.system ?? ''}|${coding.code ?? ''}`)
}

/** The keys under which a resource is looked up among the listeners. */
export function keysOf(resource: Resource): string[] {
  const { coding } = (resource.code ?? {}) as { coding?: Coding[] }
  return [
    `${resource.resourceType} *`,
    ...(coding ?? []).map(({ system, code }) => `${resource.resourceType} ${system ?? ''}|${code ?? ''}`),
  ]
}
