import type { HumanName } from '@medplum/fhirtypes'

/** The name that a person goes by now, in full: given names, then family name. @see https://hl7.org/fhir/R4/datatypes.html#HumanName */
export function nameOf(names: readonly HumanName[] | undefined): string | undefined {
  const name = names?.find(({ use }) => use === 'official') ?? names?.find(({ use }) => use !== 'old') ?? names?.[0]
  return name?.text ?? ([...(name?.given ?? []), name?.family].filter(Boolean).join(' ') || undefined)
}
