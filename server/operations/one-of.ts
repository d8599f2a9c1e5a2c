import { refuse } from '../core/fhir/outcome.ts'

/**
 * The value of a parameter that says one thing of several.
 * @param name of the parameter
 * @throws Refusal value; its expression is the name
 */
export function oneOf<T extends string>(value: string | undefined, name: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value)
  if (found !== undefined) return found
  throw refuse('value', `${name} is one of ${allowed.join(', ')}, not ${value}.`, name)
}
