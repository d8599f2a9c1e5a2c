import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { APPLICABILITY_BEHAVIOR } from '../../server/core/decide/plan/vocabulary.ts'
import { stageIn, stagesOf } from '../../server/core/decide/stages/stage.ts'
import { colourIn } from '../../server/core/decide/words/coded-words.ts'

const FILLS = {
  red: 'fill:#f8d7da,stroke:#a3182c',
  yellow: 'fill:#fff3cd,stroke:#8a6d00',
  grey: 'fill:#e9ecef,stroke:#555',
  green: 'fill:#d9f0dd,stroke:#216e39',
}

/**
 * A drawing of a plan (Mermaid): what the patient does leads to what is looked at, and that to the rules, in the order in which they
 * are asked. What belongs to a stage stands in a frame of its own, and arrows lead from each stage to those that may come next.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function flowOf({ plan }: { plan: PlanDefinition }): string {
  const actions = plan.action ?? []
  const lines = [
    'flowchart LR',
    '  home{{"Det som kommer inn"}}',
    ...linesOf(actions.filter((one) => !stageIn(one))),
    ...actions.filter(stageIn).flatMap(framed),
    ...stagesOf(plan).flatMap(({ id, next = [] }) =>
      next.map((other) => `  ${nodeOf({ id })} ==> ${nodeOf({ id: other })}`),
    ),
    ...Object.entries(FILLS).map(([colour, style]) => `  classDef ${colour} ${style},color:#111`),
  ]
  return ['```mermaid', ...lines, '```'].join('\n')
}

function linesOf(actions: PlanDefinitionAction[]): string[] {
  const asked = actions.filter(({ trigger, action }) => !trigger && !action)
  const looked = actions.filter(({ trigger, action }) => trigger || action)
  return [
    ...asked.map((one) => `  ${nodeOf(one)}(["${text(one)}"]) --> home`),
    ...looked.flatMap((group) => {
      const head = `  home --> ${nodeOf(group)}["${text(group)}"]${classOf(group)}`
      const rules = (group.action ?? []).map((rule, i, all) => {
        const isFirstAlone = firstOnly(group)
        const before = i === 0 || !isFirstAlone ? group : (all[i - 1] ?? group)
        const word = i === 0 || !isFirstAlone ? 'er det' : 'ellers'
        return `  ${nodeOf(before)} -- "${word}" --> ${nodeOf(rule)}["${text(rule)}"]${classOf(rule)}`
      })
      return [head, ...rules]
    }),
  ]
}

/** The frame is there first, so that what is drawn in it stays in it. */
const framed = (stage: PlanDefinitionAction): string[] => [
  `  subgraph ${nodeOf(stage)}["${text(stage)}"]`,
  ...linesOf(stage.action ?? []).map((line) => `  ${line}`),
  '  end',
]

/** Of a group without this, every rule that applies is followed. */
const firstOnly = ({ extension = [] }: PlanDefinitionAction) =>
  extension.some(({ url, valueCode }) => url === APPLICABILITY_BEHAVIOR && valueCode === 'any')

const nodeOf = ({ id = '' }: Pick<PlanDefinitionAction, 'id'>) => `n_${id.replaceAll(/\W/g, '_')}`

const text = ({ title = '', prefix }: PlanDefinitionAction) =>
  `${prefix ? `${prefix}: ` : ''}${title}`.replaceAll('"', '#quot;')

function classOf({ code }: PlanDefinitionAction): string {
  const colour = colourIn(code)
  return colour ? `:::${colour}` : ''
}
