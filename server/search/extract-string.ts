const PARTS: Record<string, string[]> = {
  HumanName: ['family', 'given', 'prefix', 'suffix', 'text'],
  Address: ['line', 'city', 'district', 'state', 'country', 'postalCode', 'text'],
}

/** The texts of a value, each searched by itself. https://hl7.org/fhir/R4/search.html#string */
export function stringsOf(type: string, value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  const parts = (PARTS[type] ?? []).flatMap((part) => (value as Record<string, unknown>)[part] ?? [])
  return parts.filter((part): part is string => typeof part === 'string')
}
