import type { HumanName } from '@medplum/fhirtypes'

/** What somebody or some organisation is called, by the resource that says it. */
function nameIn(resource: object): string | undefined {
  const { name } = resource as { name?: string | HumanName[] }
  if (typeof name === 'string') return name
  const current = name?.find(({ use }) => use === 'official') ?? name?.find(({ use }) => use !== 'old') ?? name?.[0]
  const text = current?.text ?? [...(current?.given ?? []), current?.family].filter(Boolean).join(' ')
  return text || undefined
}

/**
 * Finds names, each once.
 * @param read a resource by `Type/id`; undefined where it is not there any more
 */
export function createNames(read: (reference: string) => Promise<object | undefined>) {
  const known = new Map<string, Promise<string | undefined>>()
  const find = async (reference: string): Promise<string | undefined> => {
    const resource = await read(reference)
    const { practitioner } = (resource ?? {}) as { practitioner?: { reference?: string } }
    return practitioner?.reference ? nameOf(practitioner.reference) : resource && nameIn(resource)
  }
  const nameOf = (reference: string): Promise<string | undefined> => {
    const name = known.get(reference) ?? find(reference)
    known.set(reference, name)
    return name
  }
  return nameOf
}
