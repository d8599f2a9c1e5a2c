import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseFilter } from './parse-filter.ts'
import type { Filter } from './search-filter.ts'

/** The compartments beside the patient's, which decides on access and has tokens of its own. */
export const OTHER_COMPARTMENTS = ['Device', 'Encounter', 'Practitioner', 'RelatedPerson'] as const
export type CompartmentOwner = (typeof OTHER_COMPARTMENTS)[number]

/**
 * What of a type is in the compartment of a device, an encounter or a person: some parameter of R4's CompartmentDefinition leads there.
 * @throws Refusal not-supported for a type that is never in such a compartment
 * @see https://hl7.org/fhir/R4/compartmentdefinition.html
 */
export function compartmentFilter(
  definitions: Definitions,
  type: string,
  { owner, id }: { owner: CompartmentOwner; id: string },
): Filter {
  const codes = definitions.compartment(owner, type)
  if (codes.length === 0) {
    throw refuse('not-supported', `R4 puts no ${type} into the compartment of a ${owner}.`)
  }
  const filters = codes.flatMap((code): Filter[] => {
    if (code === '{def}') return [{ kind: 'id', ids: [id], not: false }]
    const filter = parseFilter(definitions, type, code, `${owner}/${id}`)
    return filter ? [filter] : []
  })
  return { kind: 'any', filters }
}
