import type { DataRequirement } from '@medplum/fhirtypes'
import type { Judge } from '../../core/decide/cases/play-case.ts'
import { allRules, type CompiledPlan, compilePlan, type Definition } from '../../core/decide/plan/compile-plan.ts'
import { periodAlone } from '../../core/decide/plan/rule-clock.ts'
import { isAccessTrigger } from '../../core/decide/plan/trigger.ts'
import { valueSetsOf } from '../../core/decide/plan/with-codes.ts'
import { longestMilliseconds } from '../../core/decide/time/duration.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import { hasCql } from '../../cql/cql-basis.ts'
import type { Queryable } from '../../db/pool.ts'
import type { Settle } from '../../expressions/expressions.ts'
import { asAlternative } from '../../lifecycle/alternative/alternative.ts'
import { canonicalOf } from '../../lifecycle/named-definitions.ts'
import type { SimulationAsked } from '../../lifecycle/simulation.ts'
import { beginTurn } from '../../turns.ts'
import { judgeWith } from '../judge.ts'
import type { BookRooms } from '../plan-book.ts'
import { readStoredPlan } from '../stored-plan.ts'

export type TryingRooms = BookRooms & { settle: Settle }

/** A version of a plan, draft or in force, ready to decide with. */
export type PlanToTry = {
  plan: CompiledPlan
  judge: Judge
  /** The codes of the value sets that it filters by. */
  codes: ReadonlyMap<string, ReadonlySet<string> | undefined>
  hasCql: boolean
}

/**
 * Reads a plan with all that it names, drafts too, and compiles it as the engine would.
 * @param asked id of the plan, and how it is changed to be tried
 * @throws Refusal not-found, invalid (it cannot be compiled)
 */
export async function readPlanToTry(
  db: Queryable,
  { plan: id, alternative }: Pick<SimulationAsked, 'plan' | 'alternative'>,
  rooms: TryingRooms,
): Promise<PlanToTry> {
  const { plan: stored, definitions } = await readStoredPlan(db, id, { lock: false })
  const definition = alternative ? asAlternative(stored, alternative) : stored
  const find = (canonical: string) => {
    const found = definitions.get(canonical)
    return found && COMPILED.has(found.resourceType) ? (found as unknown as Definition) : undefined
  }
  const codes = new Map<string, ReadonlySet<string> | undefined>()
  for (const valueSet of valueSetsOf(definition.action)) codes.set(valueSet, await rooms.listCodes?.(valueSet))
  const compile = (reads: DataRequirement[] = []) => {
    try {
      return compilePlan(definition, find, (valueSet) => codes.get(valueSet), reads)
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      throw refuse('invalid', `${canonicalOf(definition)} cannot be used: ${problem}`, 'PlanDefinition.action')
    }
  }
  const compiled = compile()
  const all = [compiled.definition, ...compiled.used]
  const cql = rooms.readCql && hasCql(all) ? await rooms.readCql(all) : undefined
  const plan = cql ? compile(cql.requirements) : compiled
  return { plan, judge: inTurns(judgeWith(rooms.settle, cql)), codes, hasCql: hasCql(all) }
}

const COMPILED: ReadonlySet<string> = new Set(['ActivityDefinition', 'Questionnaire', 'PlanDefinition'])

/** A great deal may come at one moment. */
function inTurns(judge: Judge): Judge {
  const turn = beginTurn()
  return async (facts) => {
    if (turn.isOver()) await turn.next()
    return judge(facts)
  }
}

/** What may be asked for without saying how long back; of that, what is older counts as forgotten. */
const UNSAID_DAYS = 120
const DAY = 86_400_000

/** How far back its rules may look, in milliseconds: so much of the history is needed before the first decision. */
export function lookBackOf({ rules, limits, timers }: CompiledPlan): number {
  const inputs = allRules(rules).flatMap((rule) => rule.inputs)
  const reaches = inputs.map(({ dateFilter = [] }) => {
    const [duration] = dateFilter.flatMap(({ valueDuration }) => valueDuration ?? [])
    return duration ? longestMilliseconds(duration) : UNSAID_DAYS * DAY
  })
  const trends = limits.map(({ trend }) => trend?.windowMilliseconds ?? 0)
  const waits = timers.map(({ timing, since }) => {
    const period = timing && periodAlone(timing)
    return period ? longestMilliseconds(period) : since ? UNSAID_DAYS * DAY : 0
  })
  return Math.max(DAY, ...reaches, ...trends, ...waits) + 7 * DAY
}

/** Types of which the rules may see something: what they listen to, look back at, and what schedules and limits stand in. */
export function typesFor({ listeners, rules, timers }: CompiledPlan): string[] {
  const heard = listeners.flatMap(({ keys }) => [...keys].map((key) => key.slice(0, key.indexOf(' '))))
  const looked = allRules(rules).flatMap(({ inputs }) => inputs.map(({ type }) => type))
  const awaited = timers.flatMap(({ since }) => since?.type ?? [])
  const told = hearsAccess(rules) ? ['Basic'] : []
  return [...new Set([...STANDING, ...heard, ...looked, ...awaited, ...told])].flatMap((type) => type ?? [])
}

/** Readings are told by a Basic. */
const hearsAccess = (rules: CompiledPlan['rules']): boolean =>
  allRules(rules).some(({ triggers }) => triggers.some(({ type }) => isAccessTrigger(type)))

const STANDING = ['Patient', 'CarePlan', 'Goal', 'Task', 'ServiceRequest', 'Observation', 'QuestionnaireResponse']
