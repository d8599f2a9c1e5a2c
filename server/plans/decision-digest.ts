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
export const textOf = (decisions: Decisions): string => objectText(decisions, decisionMember, new Map())

/** What has been written of what was seen. By what it is, not by what it looks like: only while one text is written, in which nothing changes. */
type Written = Map<object, string>
/** Writes one member of an object. */
type Member = (value: unknown, name: string, written: Written) => string

const decisionMember: Member = (value, name, written) =>
  name === 'trace' ? listText(value as RuleTrace[], ruleMember, written) : valueText(value)

const ruleMember: Member = (value, name, written) =>
  name === 'conditions' ? listText(value as ConditionTrace[], conditionMember, written) : planText(value)

const conditionMember: Member = (value, name, written) =>
  name === 'seen' ? objectText(value as ConditionTrace['seen'], seenMember, written) : planText(value)

const seenMember: Member = (value, _name, written) => {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const known = written.get(value)
  if (known !== undefined) return known
  const text = valueText(value)
  written.set(value, text)
  return text
}

function listText(items: readonly object[], member: Member, written: Written): string {
  let text = ''
  for (const item of items) {
    const one = objectText(item, member, written)
    text += text === '' ? one : `,${one}`
  }
  return `[${text}]`
}

/** JSON leaves out what is undefined. */
function objectText(holder: object, member: Member, written: Written): string {
  let text = ''
  for (const name in holder) {
    const value = (holder as Record<string, unknown>)[name]
    if (value === undefined) continue
    const one = `${quoted(name)}:${member(value, name, written)}`
    text += text === '' ? one : `,${one}`
  }
  return `{${text}}`
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
