import type { ElementDefinition, ElementDefinitionType } from '@medplum/fhirtypes'
import { translated } from '../core/decide/words/translated.ts'
import { type Html, html } from './html.ts'

/** What a code is called, in bokmål and English; undefined of a code that is not ours. */
export type NameOf = (system: string | undefined, code: string | undefined) => Html | undefined

/** Where the page of a canonical is: one of ours in the guide, one of R4 at HL7. */
export type LinkTo = (canonical: string) => { href: string; title: string }

/**
 * Elements of a snapshot as a table: name with flags, cardinality, type, and what its value must be.
 * @param own ids of the elements that this guide says something of; the others are R4's as they are
 */
export function elementTable(
  elements: ElementDefinition[],
  { caption, own, ...named }: { caption: string; linkTo: LinkTo; nameOf: NameOf; own: ReadonlySet<string> },
): Html {
  return html`<div class="wide" tabindex="0" role="region" aria-label="${caption}"><table class="elements">
<caption class="visually-hidden">${caption}</caption>
<thead><tr><th scope="col">Element</th><th scope="col"><abbr title="Cardinality">Card.</abbr></th><th scope="col">Type</th><th scope="col">What it holds</th></tr></thead>
<tbody>${elements.map((element) => row(element, named, own.has(String(element.id))))}</tbody></table></div>`
}

type Named = { linkTo: LinkTo; nameOf: NameOf }

function row(element: ElementDefinition, { linkTo, nameOf }: Named, isOwn: boolean): Html {
  const { id = element.path, min, max, sliceName, mustSupport, isModifier, short } = element
  const depth = id.split('.').length - 1
  const isForbidden = max === '0'
  return html`<tr class="${`${isOwn ? 'own' : ''} ${isForbidden ? 'forbidden' : ''}`.trim() || undefined}">
<th scope="row"><span class="${`depth-${Math.min(depth, 6)}`}"><code>${lastOf(id, sliceName)}</code>${mustSupport && !isForbidden ? html` <abbr class="flag" title="Must support">S</abbr>` : undefined}${isModifier ? html` <abbr class="flag" title="Modifier: it changes what the rest means">?!</abbr>` : undefined}</span></th>
<td class="card">${min}..${max}</td>
<td>${typesOf(element, linkTo)}</td>
<td>${depth > 0 && short ? html`<p>${short}</p>${shortInNorwegian(element)}` : undefined}${held(element, { linkTo, nameOf })}</td></tr>
`
}

/** What our own definitions say of it in bokmål and nynorsk; R4 is in English alone. */
const shortInNorwegian = (element: ElementDefinition): Html[] =>
  (['nb', 'nn'] as const).flatMap((language) => {
    const said = translated(element, 'short', language)
    return said && said !== element.short ? html`<p class="quiet" lang="${language}">${said}</p>` : []
  })

/** `value[x]`, `coding:loinc`: the last part of its id. */
const lastOf = (id: string, sliceName: string | undefined): string => {
  const last = id.split('.').at(-1) ?? id
  return sliceName === undefined || last.includes(':') ? last : `${last}:${sliceName}`
}

const FHIR_TYPE = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'

function typesOf({ type = [], contentReference }: ElementDefinition, linkTo: LinkTo): Html {
  if (contentReference) return html`as <code>${contentReference.slice(1)}</code>`
  return html`${type.map((one, i) => html`${i > 0 ? ' | ' : ''}${typeOf(one, linkTo)}`)}`
}

function typeOf({ code, profile = [], targetProfile = [], extension = [] }: ElementDefinitionType, linkTo: LinkTo) {
  // The type of an id stands in an extension, for it is one of FHIRPath.
  const name = extension.find(({ url }) => url === FHIR_TYPE)?.valueUrl ?? code ?? ''
  const links = (canonicals: string[]) =>
    canonicals.map((canonical, i) => html`${i > 0 ? ' | ' : ''}${link(linkTo(canonical))}`)
  if (targetProfile.length > 0) return html`${name} (${links(targetProfile)})`
  if (profile.length > 0) return html`${links(profile)}`
  return html`${link(linkTo(`http://hl7.org/fhir/StructureDefinition/${name}`))}`
}

const link = ({ href, title }: { href: string; title: string }) => html`<a href="${href}">${title}</a>`

function held(element: ElementDefinition, { linkTo, nameOf }: Named): Html {
  const { binding, slicing } = element
  const given = Object.entries(element).find(([name]) => /^(?:fixed|pattern)[A-Z]/.test(name))
  return html`${given && html`<p>${given[0].startsWith('fixed') ? 'Exactly' : 'At least'} ${valueText(given[1], nameOf)}</p>`}${binding?.valueSet && html`<p>From ${link(linkTo(binding.valueSet))} (${binding.strength})</p>`}${slicing?.discriminator && html`<p class="quiet">Slices told apart by ${slicing.discriminator.map(({ type, path }, i) => html`${i > 0 ? ', ' : ''}${type} of <code>${path}</code>`)}</p>`}`
}

/** A coding as `system | code`, which is how people search for it, and what it is called; anything else as JSON. */
function valueText(value: unknown, nameOf: NameOf): Html {
  const codings = codingsOf(value)
  if (codings.length > 0)
    return html`${codings.map(({ system, code }, i) => html`${i > 0 ? ', ' : ''}<code>${system}|${code}</code>${nameOf(system, code)}`)}`
  return html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`
}

type Coded = { system?: string; code?: string }

function codingsOf(value: unknown): Coded[] {
  const { coding, code } = (value ?? {}) as { coding?: Coded[]; code?: string }
  return coding ?? (typeof code === 'string' ? [value as Coded] : [])
}
