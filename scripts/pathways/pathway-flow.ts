import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { colourIn } from '../../server/decide/coded-words.ts'

const FILLS = {
  red: 'fill:#f8d7da,stroke:#a3182c',
  yellow: 'fill:#fff3cd,stroke:#8a6d00',
  grey: 'fill:#e9ecef,stroke:#555',
  green: 'fill:#d9f0dd,stroke:#216e39',
}

/**
 * A drawing of a plan (Mermaid): what the patient does leads to what is looked at, and that to the rules, in the order in which they
 * are asked.
 * @see https://mermaid.js.org/syntax/flowchart.html
 */
export function flowOf({ plan }: { plan: PlanDefinition }): string {
  const actions = plan.action ?? []
  const asked = actions.filter(({ trigger, action }) => !trigger && !action)
  const looked = actions.filter(({ trigger, action }) => trigger || action)
  const lines = [
    'flowchart LR',
    '  home{{"Det som kommer inn"}}',
    ...asked.map((one) => `  ${nodeOf(one)}(["${text(one)}"]) --> home`),
    ...looked.flatMap((group) => {
      const head = `  home --> ${nodeOf(group)}["${text(group)}"]${classOf(group)}`
      const rules = (group.action ?? []).map((rule, i, all) => {
        const before = i === 0 ? group : (all[i - 1] ?? group)
        return `  ${nodeOf(before)} -- "${i === 0 ? 'er det' : 'ellers'}" --> ${nodeOf(rule)}["${text(rule)}"]${classOf(rule)}`
      })
      return [head, ...rules]
    }),
    ...Object.entries(FILLS).map(([colour, style]) => `  classDef ${colour} ${style},color:#111`),
  ]
  return ['```mermaid', ...lines, '```'].join('\n')
}

const nodeOf = ({ id = '' }: PlanDefinitionAction) => `n_${id.replaceAll(/\W/g, '_')}`

const text = ({ title = '', prefix }: PlanDefinitionAction) =>
  `${prefix ? `${prefix}: ` : ''}${title}`.replaceAll('"', '#quot;')

function classOf({ code }: PlanDefinitionAction): string {
  const colour = colourIn(code)
  return colour ? `:::${colour}` : ''
}
