import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes'
import type { Definitions } from '../../definitions/definitions.ts'

/** An element where R4 itself defines it: `Observation.component`, or `HumanName.given` for a path that goes through a datatype. */
export type BaseElement = { structure: StructureDefinition; element: ElementDefinition }

export type BaseElements = {
  /** The root of a resource type or datatype. */
  root(type: string): BaseElement | undefined
  /**
   * The child `name` (`value[x]` for a choice) of an element.
   * @param type the one type that the parent has here, where R4 leaves a choice or any resource
   */
  child(parent: BaseElement, name: string, type?: string): BaseElement | undefined
  /** The choice that a name such as `valueQuantity` is one type of. */
  choiceOf(parent: BaseElement, name: string): { name: string; type: string } | undefined
}

/** Finds the way through R4's definitions for the paths of profiles, which go through datatypes without a mark. */
export function createBaseElements(definitions: Definitions): BaseElements {
  const byPath = new WeakMap<StructureDefinition, Map<string, ElementDefinition>>()

  function elementsOf(structure: StructureDefinition): Map<string, ElementDefinition> {
    const known = byPath.get(structure)
    if (known) return known
    const elements = new Map(structure.snapshot?.element.map((element) => [element.path, element]))
    byPath.set(structure, elements)
    return elements
  }

  function root(type: string): BaseElement | undefined {
    const structure = definitions.structure(type)
    const element = structure?.snapshot?.element[0]
    return structure && element && { structure, element }
  }

  /** Where the children of an element are defined: below itself, where it refers to, or in its type. */
  function holderOf({ structure, element }: BaseElement, type: string | undefined): BaseElement | undefined {
    if (element.contentReference) {
      const path = element.contentReference.slice(element.contentReference.indexOf('#') + 1)
      const referred = elementsOf(structure).get(path)
      return referred && { structure, element: referred }
    }
    const isRoot = !element.path.includes('.')
    const hasOwn =
      isRoot ||
      element.type?.some(({ code }) => code === 'BackboneElement') ||
      (element.type?.length === 1 && element.type[0]?.code === 'Element')
    if (hasOwn && !(isRoot && type !== undefined && type !== structure.type)) return { structure, element }
    const code = type ?? (element.type?.length === 1 ? element.type[0]?.code : undefined)
    return code === undefined ? undefined : root(code)
  }

  return {
    root,
    child(parent, name, type) {
      const holder = holderOf(parent, type)
      const element = holder && elementsOf(holder.structure).get(`${holder.element.path}.${name}`)
      return element && { structure: holder.structure, element }
    },
    choiceOf(parent, name) {
      const holder = holderOf(parent, undefined)
      if (!holder) return undefined
      const { path } = holder.element
      for (const [other, element] of elementsOf(holder.structure)) {
        if (!other.startsWith(`${path}.`) || !other.endsWith('[x]')) continue
        const choice = other.slice(path.length + 1)
        const type = typeNamed(element, choice.slice(0, -3), name)
        if (type !== undefined) return { name: choice, type }
      }
      return undefined
    },
  }
}

function typeNamed(element: ElementDefinition, stem: string, name: string): string | undefined {
  if (!name.startsWith(stem)) return undefined
  return element.type?.map(({ code }) => code ?? '').find((code) => name === jsonName(stem, code))
}

/** `value` and `Quantity` → `valueQuantity`. */
export const jsonName = (stem: string, type: string) => `${stem}${type.charAt(0).toUpperCase()}${type.slice(1)}`
