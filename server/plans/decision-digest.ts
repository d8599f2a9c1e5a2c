import { hash } from 'node:crypto'
import type { Decisions, RuleTrace } from '../core/decide/decisions.ts'

/** SHA-256 of everything that was decided, the conditions and what they saw too. Two decisions are equal when it is equal. */
export const digestOf = (decisions: Decisions): string => hash('sha256', textOf(decisions), 'hex')

/**
 * To the byte what `JSON.stringify` gives. A trace says of each condition what it saw, which for most is the same list of limits: that
 * is two thirds of the text, and is written out once instead of once for each condition.
 */
export function textOf(decisions: Decisions): string {
  return objectText(decisions, (value, name) =>
    name === 'trace' ? traceText(value as RuleTrace[]) : JSON.stringify(value),
  )
}

function traceText(trace: RuleTrace[]): string {
  const texts = new Map<unknown, string | undefined>()
  // By what it is, not by what it looks like: only for as long as this one text is written, in which nothing changes.
  const seenValue = (value: unknown): string | undefined => {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const known = texts.get(value)
    if (known !== undefined) return known
    const text = JSON.stringify(value)
    texts.set(value, text)
    return text
  }
  const conditionMember = (value: unknown, name: string): string | undefined =>
    name === 'seen' ? objectText(value as object, seenValue) : JSON.stringify(value)
  const ruleMember = (value: unknown, name: string): string | undefined =>
    name === 'conditions'
      ? listText(value as object[], (condition) => objectText(condition, conditionMember))
      : JSON.stringify(value)
  return listText(trace, (rule) => objectText(rule, ruleMember))
}

function listText<T>(items: readonly T[], write: (item: T) => string): string {
  let text = ''
  for (const item of items) text += text === '' ? write(item) : `,${write(item)}`
  return `[${text}]`
}

/** @param write gives undefined for what JSON leaves out */
function objectText(holder: object, write: (value: unknown, name: string) => string | undefined): string {
  let text = ''
  for (const name in holder) {
    const value = write((holder as Record<string, unknown>)[name], name)
    if (value !== undefined) text += `${text === '' ? '' : ','}${quoted(name)}:${value}`
  }
  return `{${text}}`
}

/** The names of members are few: those of a decision, and the variables of plans. */
function quoted(name: string): string {
  const known = quotedNames.get(name)
  if (known !== undefined) return known
  if (quotedNames.size >= NAME_COUNT_MAX) quotedNames.clear()
  const text = JSON.stringify(name)
  quotedNames.set(name, text)
  return text
}
const quotedNames = new Map<string, string>()
const NAME_COUNT_MAX = 1_000
