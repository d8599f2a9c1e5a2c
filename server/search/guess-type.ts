/** The FHIR type of a value that FHIRPath gave, which comes without one. Only as exact as search needs it. */
export function guessType(value: unknown): string {
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'number') return 'decimal'
  if (typeof value !== 'object' || value === null) return 'string'
  const has = (...names: string[]) => names.some((name) => name in value)
  if (has('resourceType')) return 'Resource'
  if (has('coding')) return 'CodeableConcept'
  if (has('reference')) return 'Reference'
  if (has('start', 'end')) return 'Period'
  if (has('repeat', 'event')) return 'Timing'
  if (has('family', 'given')) return 'HumanName'
  if (has('city', 'line', 'postalCode')) return 'Address'
  if (has('low', 'high')) return 'Range'
  if (has('origin')) return 'SampledData'
  if (has('code')) return has('value') ? 'Quantity' : 'Coding'
  return has('value') && !has('unit', 'comparator') ? 'Identifier' : 'Quantity'
}
