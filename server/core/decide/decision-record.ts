import type { CarePlan, ClinicalImpression, DataRequirement, Goal, PlanDefinition, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { versionedReference } from '../fhir/versioned-reference.ts'
import type { RuleTrace } from './decisions.ts'
import type { Facts } from './facts.ts'
import type { DataHappening, Happening } from './happening.ts'
import { limitsOfCarePlan, namedGoals } from './limits/limits.ts'
import { trendRequirements } from './limits/trend.ts'
import { allRules, type CompiledPlan } from './plan/compile-plan.ts'
import { type CodesOf, matches } from './plan/data-requirement.ts'
import type { Timer } from './timer.ts'

/** A resource by its version, `Task/1/_history/2`; whole where that state of it was never stored: changed within the same round. */
export type Kept = string | Resource

/**
 * Everything that one decision looked at, each in the version that it saw, and the clock: enough to make it again, byte by byte.
 * What could not have changed it (history that no rule asks for, Goals that the CarePlan does not name) is left out.
 */
export type DecisionInputs = DefinitionsUsed & {
  /** instant; what `now()` was */
  now: string
  carePlan: Kept
  goals: Kept[]
  happening: KeptHappening
  history: Kept[]
  openTasks: Kept[]
  triage?: Kept
  /** The patient's requests, of a plan that may touch them. */
  requests?: Kept[]
  subject?: Kept
  /** The ids that were given, in the order in which they were asked for. */
  ids: string[]
}

/** By what it was decided: the same for each decision of a plan, until one of them changes. */
export type DefinitionsUsed = {
  /** By version, as all definitions are. */
  plan: string
  activities: string[]
  /** The codes of the value sets that the plan filters by, as they were known; null where they were not. */
  valueSets?: { [url: string]: string[] | null }
}

export type KeptHappening =
  | { kind: 'data'; interaction: DataHappening['interaction']; current?: Kept; previous?: Kept; access?: Kept }
  | { kind: 'limits'; current: Kept; before: { carePlan: Kept; goals: Kept[] } }
  | { kind: 'timer'; timer: Omit<Timer, 'dueAt'> & { dueAt: string } }
  | { kind: 'enrolment'; since?: string }

/** @param isStored whether the version that a resource names is what it says, and not changed since it was read */
export function keepInputs(facts: Facts, ids: string[], isStored: (resource: Resource) => boolean): DecisionInputs {
  const keep = (resource: object): Kept => {
    const one = resource as Resource
    return one.meta?.versionId && isStored(one) ? versionedReference(one) : one
  }
  const { plan, carePlan, goals, happening, history, openTasks, requests, triage, subject, now } = facts
  // Most looked back at nothing.
  const looked = history.length > 0 ? [...requirementsOf(plan), ...trendsOf(facts)] : []
  return {
    now: now.toISOString(),
    ...definitionsUsed(plan),
    carePlan: keep(carePlan),
    goals: namedGoals(carePlan, goals).map(keep),
    happening: keepHappening(happening, keep),
    history: history.filter((resource) => isLookedAt(resource, looked, now)).map(keep),
    openTasks: openTasks.map(keep),
    ...(triage ? { triage: keep(triage) } : {}),
    ...(requests?.length ? { requests: requests.map(keep) } : {}),
    ...(subject && plan.asksForSubject ? { subject: keep(subject) } : {}),
    ids,
  }
}

function keepHappening(happening: Happening, keep: (resource: object) => Kept): KeptHappening {
  switch (happening.kind) {
    case 'enrolment':
      return { kind: 'enrolment', ...(happening.since ? { since: happening.since.toISOString() } : {}) }
    case 'timer':
      return { kind: 'timer', timer: { ...happening.timer, dueAt: happening.timer.dueAt.toISOString() } }
    case 'limits': {
      const { carePlan, goals } = happening.before
      const before = { carePlan: keep(carePlan), goals: namedGoals(carePlan, goals).map(keep) }
      return { kind: 'limits', current: keep(happening.current), before }
    }
    case 'data': {
      const { interaction, current, previous, access } = happening
      return {
        kind: 'data',
        interaction,
        ...(current ? { current: keep(current) } : {}),
        ...(previous ? { previous: keep(previous) } : {}),
        ...(access ? { access: keep(access) } : {}),
      }
    }
  }
}

/** Worked out once for each compiled plan: whoever keeps many decisions knows by `activities` that they are the same. */
function definitionsUsed(plan: CompiledPlan): DefinitionsUsed {
  const known = definitions.get(plan)
  if (known) return known
  const valueSets = Object.fromEntries([...plan.codes].map(([url, codes]) => [url, codes ?? null]))
  const found = {
    plan: versionedReference(plan.definition),
    activities: [...new Set(plan.used.map((activity) => versionedReference(activity)))],
    ...(plan.codes.size > 0 ? { valueSets } : {}),
  }
  definitions.set(plan, found)
  return found
}
const definitions = new WeakMap<CompiledPlan, DefinitionsUsed>()

/** Whether some rule or clock of the plan, or a limit on the trend, could have seen it. */
function isLookedAt(resource: Resource, requirements: DataRequirement[], now: Date): boolean {
  for (const requirement of requirements) {
    if (resource.resourceType !== requirement.type) continue
    try {
      if (matches(resource, requirement, now)) return true
    } catch {
      // A filter that cannot be held against anything makes its rule unevaluable, with whatever there is.
      return true
    }
  }
  return false
}

function trendsOf({ plan, carePlan, goals, happening, now }: Facts): DataRequirement[] {
  if ((happening.kind !== 'data' && happening.kind !== 'limits') || !happening.current) return []
  const before = happening.kind === 'limits' ? limitsOfCarePlan(happening.before.carePlan, happening.before.goals) : []
  return trendRequirements([...limitsOfCarePlan(carePlan, goals), ...plan.limits, ...before], happening.current, now)
}

function requirementsOf(plan: CompiledPlan): DataRequirement[] {
  const known = requirements.get(plan)
  if (known) return known
  const all = [
    ...allRules(plan.rules).flatMap(({ inputs }) => inputs),
    // What triggers look back for stands with their inputs here.
    ...plan.listeners.flatMap(({ inputs }) => inputs),
    ...plan.timers.flatMap(({ since }) => since ?? []),
  ]
  const found = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
  requirements.set(plan, found)
  return found
}
const requirements = new WeakMap<CompiledPlan, DataRequirement[]>()

/** Every version that the inputs name, each once. */
export function referencesOf(inputs: DecisionInputs): string[] {
  const { plan, activities, carePlan, goals, happening, history, openTasks, requests = [], triage, subject } = inputs
  const about = keptOf(happening)
  const standing = [carePlan, ...goals, ...openTasks, ...requests, triage, subject]
  const all = [plan, ...activities, ...about, ...history, ...standing]
  return [...new Set(all.filter((one) => typeof one === 'string'))]
}

function keptOf(happening: KeptHappening): (Kept | undefined)[] {
  switch (happening.kind) {
    case 'data':
      return [happening.current, happening.previous, happening.access]
    case 'limits':
      return [happening.current, happening.before.carePlan, ...happening.before.goals]
    default:
      return []
  }
}

/** The ids that were given then, once more from the first. */
export function givenIds(inputs: DecisionInputs): () => string {
  const ids = [...inputs.ids]
  return () => {
    const id = ids.shift()
    if (id === undefined) throw new Error('more is made than was then')
    return id
  }
}

/**
 * The facts as they were.
 * @param find    gives the resource of a versioned reference; all of `referencesOf` are asked for
 * @param compile makes the plan ready for deciding from its definitions
 */
export function factsOf(
  inputs: DecisionInputs,
  find: (reference: string) => Resource,
  compile: (plan: PlanDefinition, definitions: Resource[], codesOf: CodesOf) => CompiledPlan,
): Facts {
  const restore = <T>(kept: Kept): T => (typeof kept === 'string' ? find(kept) : kept) as T
  const { happening } = inputs
  const codes = new Map(
    Object.entries(inputs.valueSets ?? {}).flatMap(([url, all]) => (all ? [[url, new Set(all)]] : [])),
  )
  return {
    plan: compile(restore<PlanDefinition>(inputs.plan), inputs.activities.map(find), (url) => codes.get(url)),
    carePlan: restore<CarePlan>(inputs.carePlan),
    goals: inputs.goals.map((goal) => restore<Goal>(goal)),
    happening: restoreHappening(happening, restore),
    history: inputs.history.map((one) => restore<Resource>(one)),
    openTasks: inputs.openTasks.map((task) => restore<Task>(task)),
    ...(inputs.triage ? { triage: restore<ClinicalImpression>(inputs.triage) } : {}),
    ...(inputs.requests ? { requests: inputs.requests.map((one) => restore<Resource>(one)) } : {}),
    ...(inputs.subject ? { subject: restore<Resource>(inputs.subject) } : {}),
    now: new Date(inputs.now),
    newId: givenIds(inputs),
  }
}

function restoreHappening(happening: KeptHappening, restore: <T>(kept: Kept) => T): Happening {
  switch (happening.kind) {
    case 'limits': {
      const { carePlan, goals } = happening.before
      const before = { carePlan: restore<CarePlan>(carePlan), goals: goals.map((goal) => restore<Goal>(goal)) }
      return { kind: 'limits', current: restore<Resource>(happening.current), before }
    }
    case 'enrolment':
      return { kind: 'enrolment', ...(happening.since ? { since: new Date(happening.since) } : {}) }
    case 'timer':
      return { kind: 'timer', timer: { ...happening.timer, dueAt: new Date(happening.timer.dueAt) } }
    case 'data': {
      const { interaction, current, previous, access } = happening
      return {
        kind: 'data',
        interaction,
        ...(current ? { current: restore<Resource>(current) } : {}),
        ...(previous ? { previous: restore<Resource>(previous) } : {}),
        ...(access ? { access: restore<Resource>(access) } : {}),
      }
    }
  }
}

/** A decision as it is kept: what was looked at and what came of it. */
export type DecisionRow = {
  /** instant */
  decided_at: string
  patient: string
  care_plan: string
  /** url|version */
  plan: string
  /** `Observation/1/_history/1`, or the action and moment of a clock. */
  happening: string
  tasks: string[]
  /** Each condition with what it saw; only where Tasks came of it. */
  trace?: RuleTrace[]
  inputs?: DecisionInputs
  digest?: string
  core?: string
}

/** A decision that was made, with its number. */
export type Decided = DecisionRow & { id: string }

/** Which decisions are asked for: those that a Task came of, or those of one patient. */
export type DecisionsAsked =
  | { task: string }
  | {
      patient: string
      /** `Observation/1`, in whichever version. */
      about?: string
      /** url, with or without the version */
      plan?: string
      /** instants: decided within [from, to) */
      from?: string
      to?: string
      countMax: number
    }

/** How far the engine is with something that came. */
export type Handling = 'waiting' | 'handled' | 'set-aside'
