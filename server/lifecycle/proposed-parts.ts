import type { GoalTarget, PlanDefinition, PlanDefinitionAction, RelatedArtifact } from '@medplum/fhirtypes'
import { sourcesOfLimit } from '../core/decide/limits/limit-sources.ts'
import { LIMIT } from '../core/decide/plan/vocabulary.ts'
import type { Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import { valueInWords } from './value-words.ts'

/** A limit, a rule or an activity that rests on what the plan's author proposes: a named clinician says yes or no to it before it is used. */
export type ProposedPart = {
  kind: 'limit' | 'rule' | 'activity'
  /** In words. */
  about: string
  /** FHIRPath of it in the plan. */
  path: string
  /** There is no other source. */
  isAlone: boolean
}

/** `RelatedArtifact.label` of a proposal of the author's own, in `documentation`. */
export const PROPOSED = 'P'

/** All that in a plan is proposed: limits first, each by its own source or else its goal's, then actions from the outside in. */
export function proposedParts({ goal = [], action = [] }: PlanDefinition, language: Language): ProposedPart[] {
  const limits = goal.flatMap(({ target = [], documentation }, i) =>
    target.flatMap((one, j) => {
      const path = `PlanDefinition.goal[${i}].target[${j}]`
      const own = sourcesOfLimit(one)
      return partOf(own.length > 0 ? own : documentation, { kind: 'limit', about: limitInWords(one, language), path })
    }),
  )
  return [...limits, ...action.flatMap((one, i) => partsOfAction(one, `PlanDefinition.action[${i}]`, language))]
}

function partsOfAction(
  action: PlanDefinitionAction,
  path: string,
  language: Language,
  isHeard = false,
): ProposedPart[] {
  const wakes = isHeard || action.trigger !== undefined
  const about = [action.prefix, translated(action, 'title', language)].filter(Boolean).join(': ')
  return [
    ...partOf(action.documentation, { kind: wakes ? 'rule' : 'activity', about, path }),
    ...(action.action ?? []).flatMap((one, i) => partsOfAction(one, `${path}.action[${i}]`, language, wakes)),
  ]
}

function partOf(documentation: RelatedArtifact[] = [], part: Omit<ProposedPart, 'isAlone'>): ProposedPart[] {
  const others = documentation.filter(({ label }) => label !== PROPOSED)
  return others.length < documentation.length ? [{ ...part, isAlone: others.length === 0 }] : []
}

function limitInWords({ measure = {}, detailQuantity, detailRange, extension = [] }: GoalTarget, language: Language) {
  const parts = extension.find(({ url }) => url === LIMIT)?.extension ?? []
  const told = parts.filter(({ url }) => url !== 'source')
  const said = told.map(({ url: _, ...value }) => valueInWords(Object.values(value)[0], language)).join(' ')
  const bound = valueInWords(detailQuantity ?? detailRange, language)
  return `${translated(measure, 'text', language) ?? valueInWords(measure, language)}: ${said} ${bound}`
}
