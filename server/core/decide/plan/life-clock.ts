import type { Resource } from '../../fhir/resource.ts'
import { phaseOf, STEERED_TYPES } from '../../requests/activity-life.ts'
import { FHIRPATH } from '../evaluator.ts'
import { qualityOf } from '../limits/measurement-quality.ts'
import { START_CONDITION, waitsOf } from '../waiting.ts'
import type { Condition, Rule } from './compile-plan.ts'
import { leavesAt, matches } from './data-requirement.ts'
import { type Ask, verdict } from './life.ts'
import { madeBy } from './steer.ts'

/** Without a moment that can be foreseen, conditions that time may turn are asked so often. */
const DAY_MILLISECONDS = 86_400_000
/** Between the moments that are looked at: what turns and turns back within it may be overlooked. */
const STEP_MILLISECONDS = 30 * 60_000
const STEP_COUNT = DAY_MILLISECONDS / STEP_MILLISECONDS

/**
 * When start and stop conditions are to be asked next, where it is known at which moments alone one of them can turn: at the first of them
 * at which one does, else in a day.
 */
export function nextTurnAmong(now: Date, moments: number[], stateAt: (at: Date) => string): Date {
  const from = now.getTime()
  const end = from + DAY_MILLISECONDS
  const coming = [...new Set(moments)].filter((at) => at > from && at <= end).sort((one, other) => one - other)
  // Of so many the search costs less.
  if (coming.length > STEP_COUNT) return nextTurn(now, stateAt)
  const today = coming.length > 0 ? stateAt(now) : ''
  return new Date(coming.find((at) => stateAt(new Date(at)) !== today) ?? end)
}

/**
 * When start and stop conditions are to be asked next: at the moment when one of them turns by time alone, as far as that can be foreseen
 * within a day, else in a day. What happens meanwhile is looked at when it happens.
 * @param stateAt what the conditions would say then, were nothing else to happen; the same text for the same
 */
export function nextTurn(now: Date, stateAt: (at: Date) => string): Date {
  const from = now.getTime()
  const state = (at: number) => stateAt(new Date(at))
  const today = state(from)
  for (let step = STEP_MILLISECONDS; step <= DAY_MILLISECONDS; step += STEP_MILLISECONDS) {
    if (state(from + step) === today) continue
    let [low, high] = [from + step - STEP_MILLISECONDS, from + step]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (state(middle) === today) low = middle
      else high = middle
    }
    return new Date(high)
  }
  return new Date(from + DAY_MILLISECONDS)
}

/** A condition that matters now, since something waits for it or would end by it, and that time alone may turn. */
export type Turning = { rule: Rule; conditions: Condition[] }

/**
 * @param lives rules that are in force from a time, or until one
 * @param requests the patient's, as they are
 */
export function turningConditions(lives: Rule[], planUrl: string, requests: Resource[]): Turning[] {
  return lives.flatMap((rule) => {
    const own = requests.filter((request) => {
      const made = madeBy(request)
      return made?.url === planUrl && made.actionId === rule.id && phaseOf(request) !== undefined
    })
    const isHeld = own.some((request) => waitsOf(request).some(({ actionId }) => actionId === START_CONDITION))
    const matter = [isHeld ? rule.life.start : [], own.length > 0 ? rule.life.stop : []]
    return matter
      .filter((conditions) => conditions.some((condition) => isTurnedByTime(condition, rule)))
      .map((conditions) => ({ rule, conditions }))
  })
}

/**
 * The moments at which time can turn them: when what an input gives is too long ago for it.
 * @returns undefined where the clock itself is asked, or an input goes by a calendar: any moment may be one
 */
export function turningMoments(turning: Turning[], history: Resource[], now: Date): number[] | undefined {
  const moments: number[] = []
  for (const { rule, conditions } of turning) {
    if (conditions.some(({ expression }) => ASKS_FOR_TIME.test(expression))) return undefined
    for (const input of rule.inputs) {
      if (qualityOf(input)?.age) return undefined
      const filters = (input.dateFilter ?? []).filter(({ valueDuration }) => valueDuration)
      if (filters.length === 0) continue
      // The walk tells of a value set that is not known, where the condition is asked.
      if (input.codeFilter?.some(({ valueSet }) => valueSet)) return undefined
      // What it does not give now, time alone does not bring into it.
      const given = history.filter((resource) => matches(resource, input, now))
      for (const filter of filters) {
        for (const resource of given) {
          const at = leavesAt(resource, filter, now)
          if (at === undefined) return undefined
          moments.push(at)
        }
      }
    }
  }
  return moments
}

/** Whether a change of a resource can move the moment at which they turn: what they look at, or what they are about. */
export const mayMove = (turning: Turning[], { resourceType }: Resource): boolean =>
  GROUND.has(resourceType) || turning.some(({ rule }) => rule.inputs.some(({ type }) => type === resourceType))

/** What conditions see beside their inputs, and what their rules have made. */
const GROUND: ReadonlySet<string> = new Set(['Patient', 'CarePlan', 'Goal', ...STEERED_TYPES])

/** What they say, as one text. */
export const stateOf = (turning: Turning[], ask: Ask): string =>
  turning.map(({ rule, conditions }) => verdict(ask(rule, conditions)).outcome).join(' ')

const ASKS_FOR_TIME = /\b(?:now|today|timeOfDay)\s*\(/

/** Of CQL nobody foresees anything here: it is asked once a day. */
const isTurnedByTime = ({ language, expression }: Condition, { inputs }: Rule): boolean =>
  language === FHIRPATH &&
  (ASKS_FOR_TIME.test(expression) ||
    inputs.some(({ dateFilter = [] }) => dateFilter.some(({ valueDuration }) => valueDuration !== undefined)))
