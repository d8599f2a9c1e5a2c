import type { Resource } from '../../fhir/resource.ts'
import { phaseOf } from '../../requests/activity-life.ts'
import { FHIRPATH } from '../evaluator.ts'
import { START_CONDITION, waitsOf } from '../waiting.ts'
import type { Condition, Rule } from './compile-plan.ts'
import { type Ask, verdict } from './life.ts'
import { madeBy } from './steer.ts'

/** Without a moment that can be foreseen, conditions that time may turn are asked so often. */
const DAY_MILLISECONDS = 86_400_000
/** Between the moments that are looked at: what turns and turns back within it may be overlooked. */
const STEP_MILLISECONDS = 30 * 60_000

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

/** What they say, as one text. */
export const stateOf = (turning: Turning[], ask: Ask): string =>
  turning.map(({ rule, conditions }) => verdict(ask(rule, conditions)).outcome).join(' ')

const ASKS_FOR_TIME = /\b(?:now|today|timeOfDay)\s*\(/

/** Of CQL nobody foresees anything here: it is asked once a day. */
const isTurnedByTime = ({ language, expression }: Condition, { inputs }: Rule): boolean =>
  language === FHIRPATH &&
  (ASKS_FOR_TIME.test(expression) ||
    inputs.some(({ dateFilter = [] }) => dateFilter.some(({ valueDuration }) => valueDuration !== undefined)))
