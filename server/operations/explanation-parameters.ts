import type { ParametersParameter } from '@medplum/fhirtypes'
import { type Decided, type DecisionInputs, type Kept, referencesOf } from '../core/decide/decision-record.ts'
import type { Decisions } from '../core/decide/decisions.ts'
import type { AssessedLimit } from '../core/decide/limits/limits.ts'
import type { ExplainedRule, Explanation } from '../core/decide/words/explanation.ts'

type Explaining = {
  explanation: Explanation
  decisions: Decisions
  isReproduced: boolean
  /** What was planned ahead and bears on it. */
  planned: ParametersParameter[]
}

/** One decision, explained, as a part of Parameters. What has no value is left out. */
export function decisionParameter(
  decision: Decided,
  inputs: DecisionInputs,
  { explanation, decisions, isReproduced, planned }: Explaining,
): ParametersParameter {
  const { triage } = decisions
  return {
    name: 'decision',
    part: [
      { name: 'id', valueString: decision.id },
      { name: 'at', valueInstant: decision.decided_at },
      { name: 'plan', valueCanonical: decision.plan },
      { name: 'planVersion', valueReference: { reference: inputs.plan } },
      { name: 'happening', valueString: decision.happening },
      { name: 'text', valueString: explanation.text },
      // Whether it comes out the same today, from the versions that it looked at.
      { name: 'reproduced', valueBoolean: isReproduced },
      ...explanation.acts.map(({ act, task, text }) => ({
        name: 'act',
        part: [
          { name: 'code', valueCode: act },
          { name: 'task', valueReference: { reference: `Task/${task}` } },
          { name: 'text', valueString: text },
        ],
      })),
      ...(triage
        ? [{ name: 'triage', valueReference: { reference: `ClinicalImpression/${triage.impression.id}` } }]
        : []),
      ...explanation.rules.map(ruleParameter),
      ...explanation.whatIf.map((one) => ({
        name: 'whatIf',
        part: [
          { name: 'rule', valueString: one.rule },
          { name: 'limit', part: limitParts(one.limit) },
          { name: 'threshold', valueQuantity: { value: one.value, unit: one.limit.unit } },
          { name: 'direction', valueString: one.direction },
          { name: 'wouldApply', valueBoolean: one.wouldApply },
          { name: 'text', valueString: one.text },
        ],
      })),
      ...(explanation.tried
        ? [
            {
              name: 'tried',
              part: [
                ...explanation.tried.rules.map((rule) => ({ name: 'rule', valueString: rule })),
                { name: 'taskCount', valueInteger: explanation.tried.taskCount },
                { name: 'text', valueString: explanation.tried.text },
              ],
            },
          ]
        : []),
      ...inputParameters(inputs),
      ...planned,
    ],
  }
}

function ruleParameter({
  id,
  title,
  colour,
  outcome,
  conditions,
  text,
  isGroup,
  sources,
}: ExplainedRule): ParametersParameter {
  return {
    name: 'rule',
    part: [
      { name: 'id', valueString: id },
      { name: 'title', valueString: title },
      ...(colour ? [{ name: 'colour', valueCode: colour }] : []),
      { name: 'isGroup', valueBoolean: isGroup },
      { name: 'outcome', valueCode: outcome },
      { name: 'text', valueString: text },
      ...sources.map((source) => ({ name: 'source', valueRelatedArtifact: source })),
      ...conditions.map((condition) => ({
        name: 'condition',
        part: [
          { name: 'expression', valueString: condition.expression || '?' },
          { name: 'outcome', valueCode: condition.outcome },
          ...(condition.problem ? [{ name: 'problem', valueString: condition.problem }] : []),
          { name: 'text', valueString: condition.text },
          ...Object.entries(condition.seen).map(([name, value]) => seenParameter(name, value)),
        ],
      })),
    ],
  }
}

/** What a variable held: references with versions, limits with what was measured, anything else as JSON. */
function seenParameter(variable: string, value: unknown): ParametersParameter {
  const values = Array.isArray(value) ? value : [value]
  return {
    name: 'seen',
    part: [
      { name: 'variable', valueString: variable },
      ...values.map(
        (one): ParametersParameter => (isLimit(one) ? { name: 'limit', part: limitParts(one) } : seenValue(one)),
      ),
    ],
  }
}

const isLimit = (value: unknown): value is AssessedLimit =>
  typeof value === 'object' && value !== null && 'zone' in value && 'observed' in value

function seenValue(value: unknown): ParametersParameter {
  const { reference } = (typeof value === 'object' && value !== null ? value : {}) as { reference?: unknown }
  if (typeof reference === 'string') return { name: 'value', valueReference: { reference } }
  if (typeof value === 'number') return { name: 'value', valueDecimal: value }
  if (typeof value === 'boolean') return { name: 'value', valueBoolean: value }
  return { name: 'value', valueString: typeof value === 'string' && value !== '' ? value : JSON.stringify(value) }
}

function limitParts({
  codes,
  measure,
  zone,
  side,
  comparator,
  value,
  valueMax,
  unit,
  relative,
  source,
  ...rest
}: AssessedLimit) {
  const quantity = (amount: number, its = unit) => ({ value: amount, unit: its })
  const { observedUnit } = rest
  return [
    ...codes.map((token) => {
      const at = token.lastIndexOf('|')
      const system = token.slice(0, at)
      return { name: 'code', valueCoding: { ...(system ? { system } : {}), code: token.slice(at + 1) } }
    }),
    ...(measure ? [{ name: 'measure', valueString: measure }] : []),
    { name: 'zone', valueCode: zone },
    ...(side ? [{ name: 'side', valueCode: side }] : []),
    ...(comparator ? [{ name: 'comparator', valueString: comparator }] : []),
    { name: 'value', valueQuantity: quantity(value) },
    ...(valueMax === undefined ? [] : [{ name: 'valueMax', valueQuantity: quantity(valueMax) }]),
    { name: 'relative', valueBoolean: relative },
    { name: 'source', valueCode: source },
    { name: 'observed', valueQuantity: quantity(rest.observed, observedUnit) },
    ...(rest.baseline === undefined
      ? []
      : [{ name: 'baseline', valueQuantity: quantity(rest.baseline, observedUnit) }]),
    { name: 'hit', valueBoolean: rest.hit },
  ]
}

/** Everything that was looked at, by version; what stood whole in the record, by its id. */
function inputParameters(inputs: DecisionInputs): ParametersParameter[] {
  const whole = [...inputs.openTasks, inputs.triage].filter(
    (one): one is Exclude<Kept, string> => typeof one === 'object',
  )
  return [...referencesOf(inputs), ...whole.map(({ resourceType, id }) => `${resourceType}/${id}`)].map(
    (reference) => ({
      name: 'input',
      valueReference: { reference },
    }),
  )
}
