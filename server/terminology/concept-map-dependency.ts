import type { CodeableConcept, Coding, ConceptMapGroupElementTargetDependsOn } from '@medplum/fhirtypes'

/** What is known of another element where a code stands; without `element`, of whichever. */
export type Dependency = { element?: string; concept: CodeableConcept }

/** What a translation gives for another element. */
export type Product = { element: string; concept: Coding }

/** A value that a map names: of the element `property`, a code of `system`, or a text where there is none. */
type Named = ConceptMapGroupElementTargetDependsOn

/**
 * Whether a value that a map asks for is among what is known.
 * @see https://hl7.org/fhir/R4/conceptmap-definitions.html#ConceptMap.group.element.target.dependsOn
 */
export const isMet = (named: Named, known: Dependency[]): boolean =>
  known.some((one) => isAbout(one, named) && holds(one.concept, named))

/** Whether nothing that is known of the element says something else. */
export const notContradicted = (named: Named, known: Dependency[]): boolean =>
  isMet(named, known) || !known.some(({ element }) => element === named.property)

const isAbout = ({ element }: Dependency, { property }: Named) => element === undefined || element === property

const holds = ({ coding = [], text }: CodeableConcept, { system, value }: Named): boolean =>
  coding.some((one) => one.code === value && (system === undefined || one.system === system.split('|', 1)[0])) ||
  (system === undefined && text === value)

/** The values as what a translation gives beside its code. */
export function codesProduced(named: Named[] = []): { product?: Product[] } {
  if (named.length === 0) return {}
  return {
    product: named.map(({ property = '', system, value, display }) => {
      const concept: Coding = {
        ...(system === undefined ? {} : { system: system.split('|', 1)[0] }),
        ...(value === undefined ? {} : { code: value }),
        ...(display === undefined ? {} : { display }),
      }
      return { element: property, concept }
    }),
  }
}
