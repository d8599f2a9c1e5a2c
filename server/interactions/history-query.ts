import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import { handlingOf } from '../core/fhir/prefer.ts'
import type { Exchange } from '../exchange.ts'
import { type DateInterval, parseDateInterval } from '../search/date-interval.ts'
import type { HistoryQuery } from '../store/store.ts'

const COUNT_DEFAULT = 20
const COUNT_MAX = 1000

const TOTALS = ['none', 'estimate', 'accurate']

/** They say how the answer is written, and are obeyed where it is written. */
const OF_THE_ANSWER = new Set(['_format', '_pretty', '_summary', '_elements'])

/**
 * The parameters of a history: `_count`, `_since`, `_at`, `_total`.
 * @returns also the query string of the `self` link: what was understood, and no more
 * @throws Refusal with each bad value, and in strict handling each unknown name; its expression is the parameter's name
 * @see https://hl7.org/fhir/R4/http.html#history
 */
export function parseHistory({ query: params, headers }: Exchange): { query: HistoryQuery; understood: string } {
  const query: HistoryQuery = { count: COUNT_DEFAULT }
  const understood = new URLSearchParams()
  const issues: Issue[] = []
  for (const [name, value] of params) {
    try {
      if (take(query, name, value)) {
        if (name !== '_cursor') understood.append(name, value)
      } else if (OF_THE_ANSWER.has(name)) {
        if (name !== '_format' && name !== '_pretty') understood.append(name, value)
      } else if (handlingOf(headers.prefer) === 'strict') {
        throw refuse('not-supported', `A history has no parameter ${name}.`, name)
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      issues.push(...error.issues)
    }
  }
  if (issues.length > 0) throw new Refusal(issues)
  if (params.get('_summary') === 'count') query.count = 0
  if (query.count === 0) query.wantsTotal = true
  return { query, understood: understood.toString() }
}

/** @returns whether the parameter is one of a history */
function take(query: HistoryQuery, name: string, value: string): boolean {
  switch (name) {
    case '_count':
      if (!/^\d{1,9}$/.test(value)) throw refuse('value', `_count must be a whole number from 0, not ${value}.`, name)
      query.count = Math.min(Number(value), COUNT_MAX)
      return true
    case '_since':
      query.since = parseTime(name, value).low
      return true
    case '_at':
      query.at = parseTime(name, value)
      return true
    case '_cursor':
      query.cursor = value
      return true
    case '_total':
      if (!TOTALS.includes(value))
        throw refuse('value', `_total must be one of ${TOTALS.join(', ')}, not ${value}.`, name)
      query.wantsTotal = value !== 'none'
      return true
    default:
      return false
  }
}

function parseTime(name: string, value: string): DateInterval {
  // A `+` in a query string is a space, and clients forget to escape it.
  const interval = parseDateInterval(value.replace(/ (?=\d\d:\d\d$)/, '+'))
  if (!interval)
    throw refuse('value', `${name} must be a date or an instant, such as 2026-03-01T12:00:00Z, not ${value}.`, name)
  return interval
}
