import { keepLiterals } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { type Child, childrenOf } from '../definitions/element-tree.ts'

/** Which part of a resource is wanted. https://hl7.org/fhir/R4/search.html#summary */
export type Subset = { summary: 'true' | 'text' | 'data' } | { elements: string[] }

type Fields = Record<string, unknown>

const SUMMARIES = new Set(['true', 'text', 'data', 'count', 'false'])
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
  display: 'subsetted',
}

/**
 * What `_summary` and `_elements` ask for; `_summary` counts first.
 * @returns undefined for whole resources, and for `count`, which is about Bundles
 * @throws Refusal value for a `_summary` that R4 does not have
 */
export function parseSubset(query: URLSearchParams): Subset | undefined {
  const summary = query.get('_summary')
  if (summary && !SUMMARIES.has(summary)) {
    throw refuse('value', `_summary must be one of ${[...SUMMARIES].join(', ')}, not ${summary}.`, '_summary')
  }
  if (summary === 'true' || summary === 'text' || summary === 'data') return { summary }
  const elements = query.getAll('_elements').flatMap((list) => list.split(',').map((name) => name.trim()))
  return elements.some(Boolean) && summary !== 'count' ? { elements: elements.filter(Boolean) } : undefined
}

/**
 * The wanted part of a resource, marked as a part so that nobody sends it back as the whole. Its id and meta, what every
 * such resource must have, and what modifies the rest are always there.
 * @see https://hl7.org/fhir/R4/search.html#elements
 */
export function subsetOf(definitions: Definitions, resource: Fields, subset: Subset): Fields {
  const type = String(resource.resourceType)
  const kept = pick(definitions, resource, type, wanted(type, subset))
  const meta = (resource.meta ?? {}) as { tag?: unknown[] }
  return keepLiterals(resource, {
    resourceType: type,
    ...kept,
    meta: { ...meta, tag: [...(meta.tag ?? []), SUBSETTED] },
  })
}

/** Whether an element stays; `deep` for one of which only a part stays. */
type Want = (child: Child) => boolean | 'deep'

function wanted(type: string, subset: Subset): Want {
  if ('elements' in subset) {
    const names = new Set(subset.elements.map((name) => rootName(type, name)))
    return (child) => names.has(child.name) || names.has(child.element) || isAlways(child)
  }
  switch (subset.summary) {
    case 'true':
      return (child) => (child.isSummary && isBackbone(child) ? 'deep' : child.isSummary || isAlways(child))
    case 'text':
      // "Return only the text, id, meta and top-level mandatory elements": the text tells what modifies the rest.
      return ({ name, isMandatory }) => isMandatory || name === 'text' || name === 'id' || name === 'meta'
    case 'data':
      return (child) => child.name !== 'text'
  }
}

/** `Patient.name.family` means the element `name` of Patients, and nothing of others. */
function rootName(type: string, name: string): string | undefined {
  const parts = name.split('.')
  return /^[A-Z]/.test(name) ? (parts[0] === type ? parts[1] : undefined) : parts[0]
}

/** Without what modifies it, the rest would say something else. */
const isAlways = ({ name, isMandatory, isModifier }: Child): boolean =>
  isMandatory || isModifier || name === 'id' || name === 'meta'
const isBackbone = ({ below }: Child): boolean => below?.includes('.') ?? false

function pick(definitions: Definitions, fields: Fields, key: string, want: Want): Fields {
  const children = childrenOf(definitions, key)
  const kept: Fields = {}
  for (const [name, value] of Object.entries(fields)) {
    const child = children.get(name.replace(/^_/, ''))
    if (!child) continue
    const wish = want(child)
    // Elements within an element say for themselves whether they belong to the summary.
    if (wish === 'deep' && child.below) kept[name] = pickAll(definitions, value, child.below, want)
    else if (wish) kept[name] = value
  }
  return keepLiterals(fields, kept)
}

function pickAll(definitions: Definitions, value: unknown, key: string, want: Want): unknown {
  const one = (item: unknown) =>
    typeof item === 'object' && item !== null ? pick(definitions, item as Fields, key, want) : item
  return Array.isArray(value) ? value.map(one) : one(value)
}
