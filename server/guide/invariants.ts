import type { ElementDefinition, ElementDefinitionConstraint } from '@medplum/fhirtypes'
import { translated } from '../core/decide/words/translated.ts'
import { type Html, html } from './html.ts'

/**
 * What must be true beyond cardinalities, types and codes, in words (English, bokmål and nynorsk) and as FHIRPath.
 * @param isOurs of the profile that an invariant comes from; R4's own are left out
 */
export function invariantTable(elements: ElementDefinition[], isOurs: (source: string) => boolean): Html | undefined {
  const rows = elements.flatMap(({ id, path, constraint = [] }) =>
    constraint.filter(({ source }) => isOurs(source ?? '')).map((rule) => ({ at: id ?? path, ...rule })),
  )
  if (rows.length === 0) return undefined
  return html`<div class="wide" tabindex="0" role="region" aria-label="Invariants"><table>
<thead><tr><th scope="col">Invariant</th><th scope="col">At</th><th scope="col">Must be true</th></tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`
}

type Rule = ElementDefinitionConstraint & { at: string | undefined }

function row({ at, ...rule }: Rule): Html {
  const { key, severity, human, expression } = rule
  return html`<tr><th scope="row"><code>${key}</code>${severity === 'warning' ? ' (warning)' : ''}</th><td><code>${at}</code></td><td><p>${human}</p>${inNorwegian(rule)}${expression && html`<details><summary>As FHIRPath</summary><pre>${expression}</pre></details>`}</td></tr>`
}

const inNorwegian = (rule: object): Html[] =>
  (['nb', 'nn'] as const).map(
    (language) => html`<p class="quiet" lang="${language}">${translated(rule, 'human', language)}</p>`,
  )
