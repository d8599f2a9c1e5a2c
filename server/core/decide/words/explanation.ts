import type { RelatedArtifact, Task } from '@medplum/fhirtypes'
import type { Decisions, RuleTrace } from '../decisions.ts'
import type { Facts } from '../facts.ts'
import { QUALITY } from '../limits/measurement-quality.ts'
import { allRules, type CompiledPlan, type Rule } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import type { Colour } from '../plan/vocabulary.ts'
import { toOsloDateTime } from '../time/oslo-time.ts'
import { decideWithLimits, limitsNamed, type Threshold, type TriedLimit, thresholds } from '../what-if.ts'
import { limitInWords, PHRASES } from './explanation-words.ts'
import { type Language, quoted } from './language.ts'
import { sourceAsRead } from './source-as-read.ts'
import type { Told } from './told.ts'
import { translated } from './translated.ts'
import { quantityInWords } from './words.ts'

/** Why a decision came out as it did: as data, and each part in plain words. */
export type Explanation = {
  text: string
  acts: { act: 'made' | 'joined' | 'withdrawn' | 'noted'; task: string; text: string }[]
  rules: ExplainedRule[]
  whatIf: (Threshold & { text: string })[]
  /** What the limits that were asked about would have led to. */
  tried?: { rules: string[]; taskCount: number; text: string }
}

export type ExplainedRule = {
  id: string
  title: string
  colour?: Colour
  /** It only holds other rules together. */
  isGroup: boolean
  outcome: RuleTrace['outcome']
  /** Each in the words of the language that was asked for. */
  conditions: (Omit<ConditionTrace, 'problem'> & { problem?: string; text: string })[]
  text: string
  /** What the rule rests on, in the language that was asked for; labelled G, S, N, or P for a proposal of the plan's author. */
  sources: RelatedArtifact[]
}

/**
 * Pure, as deciding is.
 * @param facts     what was looked at, with the evaluator that answers for it
 * @param decisions what came of it
 * @param tried     limits to try instead
 */
export function explain(facts: Facts, decisions: Decisions, language: Language, tried: TriedLimit[] = []): Explanation {
  const acts = actsOf(facts, decisions, language)
  const rules = explainRules(facts.plan, decisions.trace, language)
  const whatIf = thresholds(facts, decisions.trace).map((one) => ({ ...one, text: thresholdInWords(one, language) }))
  const instead = tried.length > 0 ? explainTried(facts, tried, language) : undefined
  const lines = [
    ...(acts.length > 0 ? acts.map(({ text }) => text) : [nothingMade(rules, language)]),
    sourceInWords(facts, language),
    ...rules.filter(({ isGroup }) => !isGroup).map(({ text }) => text),
    ...whatIf.map(({ rule, text }) => `${quoted(titleOf(facts.plan, rule, language), language)}: ${text}`),
    ...(instead ? [instead.text] : []),
  ]
  return { text: lines.join('\n'), acts, rules, whatIf, ...(instead ? { tried: instead } : {}) }
}

function actsOf({ openTasks }: Facts, { tasks }: Decisions, language: Language): Explanation['acts'] {
  const phrases = PHRASES[language]
  return tasks.map(({ act, task }) => {
    const before = openTasks.find(({ id }) => id === task.id)
    const name = `Task/${task.id}`
    const kind = act === 'create' ? 'made' : kindOfUpdate(before, task)
    const text =
      kind === 'withdrawn'
        ? phrases.withdrawn(name, translated(task.statusReason ?? {}, 'text', language) ?? '')
        : phrases[kind](name)
    return { act: kind, task: String(task.id), text }
  })
}

function kindOfUpdate(before: Task | undefined, after: Task): 'joined' | 'withdrawn' | 'noted' {
  if (after.status === 'cancelled') return 'withdrawn'
  return (after.note?.length ?? 0) > (before?.note?.length ?? 0) ? 'noted' : 'joined'
}

// A group whose condition holds has said nothing yet: what it asks for is said by the rules in it.
function nothingMade(rules: ExplainedRule[], language: Language): string {
  const { none, seenBefore } = PHRASES[language]
  const hasSaid = ({ isGroup, outcome, conditions }: ExplainedRule) =>
    outcome === 'unevaluable' || (outcome === 'applicable' && conditions.length > 0 && !isGroup)
  return rules.some(hasSaid) ? seenBefore : none
}

function sourceInWords({ plan, now }: Facts, language: Language): string {
  const { definition } = plan
  const title = translated(definition, 'title', language) ?? definition.name ?? plan.url
  const at = toOsloDateTime(now).slice(0, 19).replace('T', ' ')
  return PHRASES[language].by(title, definition.version ?? '–', at)
}

function explainRules(plan: CompiledPlan, trace: RuleTrace[], language: Language): ExplainedRule[] {
  const byId = new Map(allRules(plan.rules).map((rule) => [rule.id, rule]))
  return trace.flatMap((traced) => {
    const rule = byId.get(traced.actionId)
    return rule ? [explainRule(rule, traced, language)] : []
  })
}

function explainRule(rule: Rule, { outcome, conditions }: RuleTrace, language: Language): ExplainedRule {
  const title = titleOfRule(rule, language)
  const explained = conditions.map(({ problem, ...condition }, i) => ({
    ...condition,
    ...(problem ? { problem: problem[language] } : {}),
    text: conditionInWords(rule, { ...condition, ...(problem ? { problem } : {}) }, i, language),
  }))
  const parts = explained.map(({ text }) => text).join('; ')
  return {
    id: rule.id,
    title,
    ...(rule.colour ? { colour: rule.colour } : {}),
    isGroup: rule.children.length > 0,
    outcome,
    conditions: explained,
    text: `${quoted(title, language)} ${PHRASES[language].outcome[outcome]}${parts ? `: ${parts}` : ''}.`,
    sources: (rule.action.documentation ?? []).map((source) => sourceAsRead(source, language)),
  }
}

const titleOfRule = (rule: Rule, language: Language): string =>
  [rule.action.prefix, translated(rule.action, 'title', language) ?? rule.id].filter(Boolean).join(' ')

function titleOf(plan: CompiledPlan, id: string, language: Language): string {
  const rule = allRules(plan.rules).find((one) => one.id === id)
  return rule ? titleOfRule(rule, language) : id
}

const DOES_NOT_COUNT: Told = {
  nb: 'målingen teller ikke for denne planen',
  nn: 'målinga tel ikkje for denne planen',
  en: 'the measurement does not count for this plan',
}

/** What a condition says of itself, whether it was met, and how each limit that it looks at lay. */
function conditionInWords(rule: Rule, condition: ConditionTrace, index: number, language: Language): string {
  const phrases = PHRASES[language]
  if (condition.outcome === 'unevaluable') return phrases.unevaluable(condition.problem?.[language] ?? '')
  if (condition.expression === QUALITY) return `${DOES_NOT_COUNT[language]}: ${condition.problem?.[language] ?? ''}`
  const applicability = (rule.action.condition ?? []).filter(({ kind }) => kind === 'applicability')
  const expression = applicability[index]?.expression
  const said = (expression && translated(expression, 'description', language)) ?? `\`${condition.expression}\``
  const limits = limitsNamed(condition).map((limit) => limitInWords(limit, language))
  return [`${said} – ${phrases[condition.outcome]}`, ...limits].join('; ')
}

function thresholdInWords({ limit, direction, value, wouldApply }: Threshold, language: Language): string {
  const phrases = PHRASES[language]
  const sign = limit.relative && value < 0 ? '−' : limit.relative ? '+' : ''
  const quantity = sign + quantityInWords(limit.relative ? Math.abs(value) : value, limit.unit, language)
  const place = `${phrases.comparator[direction]} ${quantity}`
  return wouldApply ? phrases.wouldApply(place) : phrases.wouldNotApply(place)
}

function explainTried(facts: Facts, tried: TriedLimit[], language: Language): NonNullable<Explanation['tried']> {
  const { trace, tasks } = decideWithLimits(facts, tried)
  const rules = explainRules(facts.plan, trace, language).filter(
    ({ isGroup, outcome }) => !isGroup && outcome === 'applicable',
  )
  const { otherwise, asNow } = PHRASES[language]
  return {
    rules: rules.map(({ id }) => id),
    taskCount: tasks.filter(({ act }) => act === 'create').length,
    text: rules.length > 0 ? otherwise(rules.map(({ title }) => title).join(', ')) : asNow,
  }
}
