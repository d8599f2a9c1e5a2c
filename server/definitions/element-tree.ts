import type { ElementDefinition } from '@medplum/fhirtypes'
import type { Definitions } from './definitions.ts'

/** One element below a type, under the name that it has in JSON and in XML; a choice is one for each of its types. */
export type Child = {
  /** `status`, `valueQuantity` */
  name: string
  /** `status`, `value`: the name without the type of a choice. */
  element: string
  /** FHIR type: `code`, `Quantity`, `BackboneElement`, `Resource` */
  type: string
  /** What to ask for the elements below it: its type or, for a backbone element, its path. Nothing for primitives and resources. */
  below: string | undefined
  isPrimitive: boolean
  isList: boolean
  isSummary: boolean
  isMandatory: boolean
  isModifier: boolean
}

export type Children = ReadonlyMap<string, Child>

const known = new WeakMap<Definitions, Map<string, Children>>()

/**
 * The elements directly below a type or a backbone element, in R4's order, which is the order of XML.
 * @param key `Observation`, `Quantity`, `Observation.component`
 * @returns an empty map for what R4 does not know
 */
export function childrenOf(definitions: Definitions, key: string): Children {
  const trees = known.get(definitions) ?? new Map<string, Children>()
  known.set(definitions, trees)
  const found = trees.get(key) ?? build(definitions, key)
  // A key that means nothing comes from outside, and is not kept.
  if (found.size > 0) trees.set(key, found)
  return found
}

function build(definitions: Definitions, key: string): Children {
  const elements = definitions.structure(key.split('.', 1)[0] ?? '')?.snapshot?.element ?? []
  const children = elements
    .filter(({ path = '' }) => path.startsWith(`${key}.`) && !path.slice(key.length + 1).includes('.'))
    .flatMap((element) => childrenOfElement(definitions, element))
  return new Map(inOrder(key, children).map((child) => [child.name, child]))
}

function childrenOfElement(definitions: Definitions, definition: ElementDefinition): Child[] {
  const { path = '', type = [], contentReference, max, min, isSummary, isModifier } = definition
  const name = path.slice(path.lastIndexOf('.') + 1)
  const rest = {
    isList: max !== '0' && max !== '1',
    isSummary: isSummary === true,
    isMandatory: (min ?? 0) > 0,
    isModifier: isModifier === true,
  }
  if (contentReference) {
    const below = contentReference.slice(contentReference.indexOf('#') + 1)
    return [{ name, element: name, type: 'BackboneElement', below, isPrimitive: false, ...rest }]
  }
  const element = name.replace('[x]', '')
  return type.map(({ code = '' }) => {
    const isPrimitive = definitions.structure(code)?.kind === 'primitive-type'
    const isInline = code === 'BackboneElement' || code === 'Element'
    return {
      name: name === element ? name : element + code.charAt(0).toUpperCase() + code.slice(1),
      element,
      type: code,
      below: isPrimitive || code === 'Resource' ? undefined : isInline ? path : code,
      isPrimitive,
      ...rest,
    }
  })
}

/** The definitions that we start from lack some elements of one type, and have them at its end. https://hl7.org/fhir/R4/evidencevariable.html */
const ORDER: Record<string, string[]> = {
  'EvidenceVariable.characteristic': [
    ...['id', 'extension', 'modifierExtension', 'description', 'definition', 'usageContext'],
    ...['exclude', 'participantEffective', 'timeFromStart', 'groupMeasure'],
  ],
}

function inOrder(key: string, children: Child[]): Child[] {
  const order = ORDER[key]
  return order ? children.toSorted((a, b) => order.indexOf(a.element) - order.indexOf(b.element)) : children
}
