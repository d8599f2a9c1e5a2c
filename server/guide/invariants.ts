import type { ElementDefinition } from '@medplum/fhirtypes'
import { type Html, html } from './html.ts'

/**
 * What must be true beyond cardinalities, types and codes, in words and as FHIRPath.
 * @param isOurs of the profile that an invariant comes from; R4's own are left out
 */
export function invariantTable(elements: ElementDefinition[], isOurs: (source: string) => boolean): Html | undefined {
  const rows = elements.flatMap(({ id, path, constraint = [] }) =>
    constraint.filter(({ source }) => isOurs(source ?? '')).map((rule) => ({ at: id ?? path, ...rule })),
  )
  if (rows.length === 0) return undefined
  return html`<div class="wide" tabindex="0" role="region" aria-label="Invariants"><table>
<thead><tr><th scope="col">Invariant</th><th scope="col">At</th><th scope="col">Must be true</th></tr></thead>
<tbody>${rows.map(
    ({ key, at, severity, human, expression }) =>
      html`<tr><th scope="row"><code>${key}</code>${severity === 'warning' ? ' (warning)' : ''}</th><td><code>${at}</code></td><td><p>${human}</p>${expression && html`<details><summary>As FHIRPath</summary><pre>${expression}</pre></details>`}</td></tr>`,
  )}</tbody></table></div>`
}
