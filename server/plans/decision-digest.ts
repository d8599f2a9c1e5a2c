import { hash } from 'node:crypto'
import type { Decisions, RuleTrace } from '../core/decide/decisions.ts'
import type { ConditionTrace } from '../core/decide/plan/condition.ts'

/** SHA-256 of everything that was decided, the conditions and what they saw too. Two decisions are equal when it is equal. */
export const digestOf = (decisions: Decisions): string => hash('sha256', textOf(decisions), 'hex')

/**
 * To the byte what `JSON.stringify` gives. A trace says of each condition what it saw, which for most is the same list of limits: that
 * is two thirds of the text, and is written out once instead of once for each condition. Its names and the texts of a plan are quoted once
 * for all decisions.
 */
export function textOf(decisions: Decisions): string {
  let text = ''
  for (const name in decisions) {
    const value = (decisions as Record<string, unknown>)[name]
    if (value === undefined) continue
    const written = name === 'trace' ? traceText(value as RuleTrace[]) : valueText(value)
    text += text === '' ? `${quoted(name)}:${written}` : `,${quoted(name)}:${written}`
  }
  return `{${text}}`
}

function traceText(trace: RuleTrace[]): string {
  // By what it is, not by what it looks like: only for as long as this one text is written, in which nothing changes.
  const known = new Map<object, string>()
  let text = ''
  for (const rule of trace) text += text === '' ? ruleText(rule, known) : `,${ruleText(rule, known)}`
  return `[${text}]`
}

function ruleText(rule: RuleTrace, known: Map<object, string>): string {
  let text = ''
  for (const name in rule) {
    const value = (rule as Record<string, unknown>)[name]
    if (value === undefined) continue
    const written = name === 'conditions' ? conditionsText(rule.conditions, known) : planText(value)
    text += text === '' ? `${quoted(name)}:${written}` : `,${quoted(name)}:${written}`
  }
  return `{${text}}`
}

function conditionsText(conditions: ConditionTrace[], known: Map<object, string>): string {
  let text = ''
  for (const condition of conditions) {
    text += text === '' ? conditionText(condition, known) : `,${conditionText(condition, known)}`
  }
  return `[${text}]`
}

function conditionText(condition: ConditionTrace, known: Map<object, string>): string {
  let text = ''
  for (const name in condition) {
    const value = (condition as Record<string, unknown>)[name]
    if (value === undefined) continue
    const written = name === 'seen' ? seenText(value as ConditionTrace['seen'], known) : planText(value)
    text += text === '' ? `${quoted(name)}:${written}` : `,${quoted(name)}:${written}`
  }
  return `{${text}}`
}

function seenText(seen: ConditionTrace['seen'], known: Map<object, string>): string {
  let text = ''
  for (const name in seen) {
    const value = seen[name]
    if (value === undefined) continue
    const written = seenValueText(value, known)
    text += text === '' ? `${quoted(name)}:${written}` : `,${quoted(name)}:${written}`
  }
  return `{${text}}`
}

function seenValueText(value: unknown, known: Map<object, string>): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const found = known.get(value)
  if (found !== undefined) return found
  const text = valueText(value)
  known.set(value, text)
  return text
}

/** Most decisions make no Task, move no clock and have no usual value to look at. */
const valueText = (value: unknown): string =>
  Array.isArray(value) && value.length === 0 ? '[]' : JSON.stringify(value)

/** What a trace says in the words of its plan: which rule, which expression, which outcome. */
const planText = (value: unknown): string => (typeof value === 'string' ? quoted(value) : JSON.stringify(value))

/** The names of members, and the texts of plans, are some hundreds. */
function quoted(text: string): string {
  const known = quotedTexts.get(text)
  if (known !== undefined) return known
  const written = JSON.stringify(text)
  if (text.length > QUOTED_LENGTH_MAX) return written
  if (quotedTexts.size >= QUOTED_COUNT_MAX) quotedTexts.clear()
  quotedTexts.set(text, written)
  return written
}
const quotedTexts = new Map<string, string>()
const QUOTED_COUNT_MAX = 2_000
const QUOTED_LENGTH_MAX = 2_000
