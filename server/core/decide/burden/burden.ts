import type { AskedFor } from '../schedule/asked-for.ts'
import { occurrencesFrom } from '../schedule/occurrences.ts'

/** Where nothing is said: getting the device, resting and measuring; reading and answering a form. */
const MINUTES_DEFAULT = { measurement: 3, questionnaire: 5 }

/** How much of a patient's day what they are asked for takes. */
export type Burden = {
  /** Minutes a day, each request once, whoever shares it. */
  minutesPerDay: number
  /** Of each plan, by the canonical that the CarePlan names; what two plans want counts in the one that it stands under. */
  byPlan: { plan: string; minutesPerDay: number }[]
}

const DAY = 86_400_000
/** Four weeks: every day of the week as often as the others. */
const DAYS = 28
/** No patient measures more often; a schedule that says so is cut off here. */
const OCCURRENCE_COUNT_MAX = 10_000

/** Over the four weeks from a moment on. What is optional asks for nothing. */
export function burdenOf(asked: AskedFor[], from: Date): Burden {
  const each = asked.map((one) => ({ plan: planOf(one), minutes: countOf(one, from) * minutesOf(one) }))
  const byPlan = Map.groupBy(each, ({ plan }) => plan)
  const perDay = (own: { minutes: number }[]) =>
    Number((own.reduce((sum, { minutes }) => sum + minutes, 0) / DAYS).toFixed(1))
  return {
    minutesPerDay: perDay(each),
    byPlan: [...byPlan]
      .flatMap(([plan, own]) => (plan ? [{ plan, minutesPerDay: perDay(own) }] : []))
      .sort((one, other) => one.plan.localeCompare(other.plan)),
  }
}

const minutesOf = ({ minutes, questionnaire }: AskedFor): number =>
  minutes ?? (questionnaire ? MINUTES_DEFAULT.questionnaire : MINUTES_DEFAULT.measurement)

const planOf = ({ carePlan }: AskedFor): string | undefined => carePlan?.instantiatesCanonical?.[0]

function countOf(asked: AskedFor, from: Date): number {
  const until = from.getTime() + DAYS * DAY
  let count = 0
  for (const { dueAt, isOptional } of occurrencesFrom(asked, from)) {
    if (dueAt.getTime() >= until || count >= OCCURRENCE_COUNT_MAX) break
    if (dueAt >= from && !isOptional) count += 1
  }
  return count
}
