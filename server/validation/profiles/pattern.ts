import type { Fields } from '../walk.ts'

/** Whether a value is exactly the one of `fixed[x]`, down to its last member. https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.fixed_x_ */
export function equalsFixed(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed))
    return (
      Array.isArray(value) && value.length === fixed.length && fixed.every((item, i) => equalsFixed(value[i], item))
    )
  if (!isObject(fixed)) return value === fixed
  if (!isObject(value)) return false
  const names = new Set([...Object.keys(fixed), ...Object.keys(value)])
  return [...names].every((name) => equalsFixed(value[name], fixed[name]))
}

/**
 * Whether a value holds at least what `pattern[x]` says: of an array each item of the pattern, in any place.
 * https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.pattern_x_
 */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && pattern.every((wanted) => value.some((item) => matchesPattern(item, wanted)))
  if (!isObject(pattern)) return value === pattern
  return isObject(value) && Object.keys(pattern).every((name) => matchesPattern(value[name], pattern[name]))
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
