import type { Parameters, ParametersParameter } from '@medplum/fhirtypes'

/** What a measured value was held against. */
export type LimitSeen = {
  measure: string
  zone: 'red' | 'yellow' | 'plausible'
  comparator: string
  value: number
  valueMax?: number
  unit: string
  isRelative: boolean
  isOwn: boolean
  observed?: number
  observedUnit: string
  baseline?: number
  /** The value lies in the zone; of `plausible`, it is a possible one. */
  isHit: boolean
  /** LOINC codes of what is measured. */
  codes: readonly string[]
}
export type ConditionSeen = { text: string; expression: string; outcome: string; problem?: string; limits: LimitSeen[] }
/** What a rule rests on: a guideline, a study, practice; or the plan's author alone (label P). */
export type SourceSeen = { display: string; url?: string; isProposal: boolean }
export type RuleSeen = {
  id: string
  title: string
  colour?: string
  text: string
  sources: SourceSeen[]
  conditions: ConditionSeen[]
}
export type DecisionSeen = {
  at?: Date
  /** `http://…/copd|1.0.0` */
  plan: string
  isReproduced: boolean
  /** Those that applied. */
  rules: RuleSeen[]
  whatIf: string[]
}
export type Explanation = {
  text: string
  /** Why the engine made it by itself. */
  cause?: string
  occurrences: string[]
  decisions: DecisionSeen[]
  plannedChanges: string[]
}

type Part = ParametersParameter
const named = (parts: readonly Part[] | undefined, name: string): Part[] =>
  (parts ?? []).filter((one) => one.name === name)
const one = (parts: readonly Part[] | undefined, name: string): Part | undefined => named(parts, name)[0]

/** Reads the answer of `Task/[id]/$explain`. */
export function toExplanation({ parameter }: Parameters): Explanation {
  const cause = one(parameter, 'cause')?.part
  const causeText = one(cause, 'text')?.valueString
  return {
    text: one(parameter, 'text')?.valueString ?? '',
    ...(causeText ? { cause: causeText } : {}),
    occurrences: named(cause, 'occurrence').flatMap(({ part }) => one(part, 'text')?.valueString ?? []),
    decisions: named(parameter, 'decision').map(({ part }) => toDecision(part)),
    plannedChanges: named(parameter, 'plannedChange').flatMap(({ part }) => one(part, 'text')?.valueString ?? []),
  }
}

function toDecision(parts: readonly Part[] | undefined): DecisionSeen {
  const at = one(parts, 'at')?.valueInstant
  return {
    ...(at ? { at: new Date(at) } : {}),
    plan: one(parts, 'plan')?.valueCanonical ?? '',
    isReproduced: one(parts, 'reproduced')?.valueBoolean ?? false,
    rules: named(parts, 'rule')
      .filter(({ part }) => one(part, 'outcome')?.valueCode === 'applicable' && !one(part, 'isGroup')?.valueBoolean)
      .map(({ part }) => toRule(part)),
    whatIf: named(parts, 'whatIf').flatMap(({ part }) => one(part, 'text')?.valueString ?? []),
  }
}

function toRule(parts: readonly Part[] | undefined): RuleSeen {
  const colour = one(parts, 'colour')?.valueCode
  return {
    id: one(parts, 'id')?.valueString ?? '',
    title: one(parts, 'title')?.valueString ?? '',
    ...(colour ? { colour } : {}),
    text: one(parts, 'text')?.valueString ?? '',
    sources: named(parts, 'source').map(
      ({ valueRelatedArtifact: { label, display = '', url } = { type: 'documentation' } }) => ({
        display,
        ...(url ? { url } : {}),
        isProposal: label === 'P',
      }),
    ),
    conditions: named(parts, 'condition').map(({ part }) => {
      const problem = one(part, 'problem')?.valueString
      return {
        text: one(part, 'text')?.valueString ?? '',
        expression: one(part, 'expression')?.valueString ?? '',
        outcome: one(part, 'outcome')?.valueCode ?? '',
        ...(problem ? { problem } : {}),
        limits: named(part, 'seen').flatMap(({ part }) => named(part, 'limit').flatMap(({ part }) => toLimit(part))),
      }
    }),
  }
}

function toLimit(parts: readonly Part[] | undefined): LimitSeen[] {
  const zone = one(parts, 'zone')?.valueCode
  const value = one(parts, 'value')?.valueQuantity
  if (value?.value === undefined || (zone !== 'red' && zone !== 'yellow' && zone !== 'plausible')) return []
  const observed = one(parts, 'observed')?.valueQuantity
  const valueMax = one(parts, 'valueMax')?.valueQuantity?.value
  const baseline = one(parts, 'baseline')?.valueQuantity?.value
  return [
    {
      measure: one(parts, 'measure')?.valueString ?? '',
      zone,
      comparator: one(parts, 'comparator')?.valueString ?? '',
      value: value.value,
      ...(valueMax === undefined ? {} : { valueMax }),
      unit: value.unit ?? value.code ?? '',
      isRelative: one(parts, 'relative')?.valueBoolean ?? false,
      isOwn: one(parts, 'source')?.valueCode === 'patient',
      ...(observed?.value === undefined ? {} : { observed: observed.value }),
      observedUnit: observed?.unit ?? observed?.code ?? '',
      ...(baseline === undefined ? {} : { baseline }),
      isHit: one(parts, 'hit')?.valueBoolean ?? false,
      codes: named(parts, 'code').flatMap(({ valueCoding }) => valueCoding?.code ?? []),
    },
  ]
}

/** The limits that a Task's rules saw, each once; what is only about whether a value is possible is left out unless it was not. */
export function limitsThatCount({ decisions }: Explanation): LimitSeen[] {
  const seen = new Map<string, LimitSeen>()
  for (const { rules } of decisions)
    for (const { conditions } of rules)
      for (const { limits } of conditions)
        for (const limit of limits) {
          // Of what is possible, only what was not is worth a line.
          if (limit.zone === 'plausible' && limit.isHit) continue
          seen.set(`${limit.measure} ${limit.zone} ${limit.comparator} ${limit.value} ${limit.isRelative}`, limit)
        }
  return [...seen.values()].sort((a, b) => Number(b.isHit) - Number(a.isHit) || (a.zone < b.zone ? -1 : 1))
}
