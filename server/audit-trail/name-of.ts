import type { HumanName, Reference } from '@medplum/fhirtypes'
import { nameOf } from '../core/fhir/human-name.ts'

/** What somebody or some organisation is called, by the resource that says it. */
function nameIn(resource: object): string | undefined {
  const { name } = resource as { name?: string | HumanName[] }
  if (typeof name === 'string') return name
  return nameOf(name)
}

/**
 * Finds names, each once; of a role the person's who has it.
 * @param read a resource by `Type/id`; undefined where it is not there any more
 */
export function createNames(read: (reference: string) => Promise<object | undefined>) {
  const known = new Map<string, Promise<string | undefined>>()
  const find = async (reference: string): Promise<string | undefined> => {
    const resource = await read(reference)
    const { practitioner } = (resource ?? {}) as { practitioner?: Reference }
    if (!practitioner) return resource && nameIn(resource)
    return (practitioner.reference && (await findOnce(practitioner.reference))) || practitioner.display
  }
  const findOnce = (reference: string): Promise<string | undefined> => {
    const name = known.get(reference) ?? find(reference)
    known.set(reference, name)
    return name
  }
  return findOnce
}
