import { refuse } from '../core/fhir/outcome.ts'
import { compileFhirPath, type Evaluate } from '../core/fhirpath/evaluate.ts'

/** The arguments of a list: which of its elements are wanted. https://hl7.org/fhir/R4/graphql.html#list */
export type ListArguments = {
  fhirpath?: string | null
  _offset?: number | null
  _count?: number | null
  /** An element below has this value: `use: official`. */
  [element: string]: string | number | null | undefined
}

/**
 * The elements of a list that the arguments ask for: first those that match, then the part of them.
 * @param path where the list stands, for FHIRPath: `Patient.name`
 * @throws Refusal value for FHIRPath that cannot be evaluated, or a negative number
 */
export function selectElements(
  list: unknown[],
  { fhirpath, _offset, _count, ...wanted }: ListArguments,
  path: string,
): unknown[] {
  const values = Object.entries(wanted).filter(([, value]) => value !== null && value !== undefined)
  const evaluate = typeof fhirpath === 'string' ? compiled(fhirpath, path) : undefined
  const matching = list.filter(
    (element) =>
      values.every(([name, value]) => hasValue(element, name, String(value))) &&
      (evaluate === undefined || holds(evaluate, element, fhirpath ?? '')),
  )
  const start = bound('_offset', _offset) ?? 0
  const count = bound('_count', _count)
  return matching.slice(start, count === undefined ? undefined : start + count)
}

/**
 * The name that `@slice` gives to each element.
 * @throws Refusal value for FHIRPath that cannot be evaluated
 */
export function sliceNames(list: unknown[], slicePath: string, path: string): string[] {
  if (slicePath === '$index') return list.map((_, i) => String(i))
  const evaluate = compiled(slicePath, path)
  return list.map((element) => {
    const [first] = evaluated(() => evaluate(element, {}), slicePath)
    return first === undefined ? '' : String(first)
  })
}

function hasValue(element: unknown, name: string, value: string): boolean {
  const found = (element as Record<string, unknown> | null)?.[name]
  return Array.isArray(found)
    ? found.some((one) => String(one) === value)
    : found !== undefined && String(found) === value
}

/** One true is true; what is there and no boolean is true as well, as FHIRPath's own singletons are. */
function holds(evaluate: Evaluate, element: unknown, expression: string): boolean {
  const values = evaluated(() => evaluate(element, {}), expression)
  return values.length > 0 && values[0] !== false
}

const compiled = (expression: string, path: string) => evaluated(() => compileFhirPath(expression, path), expression)

function evaluated<T>(work: () => T, expression: string): T {
  try {
    return work()
  } catch (error) {
    throw refuse('value', `The FHIRPath ${expression} cannot be evaluated: ${(error as Error).message}`, 'fhirpath')
  }
}

function bound(name: string, number: number | null | undefined): number | undefined {
  if (typeof number === 'number' && number < 0) throw refuse('value', `${name} must not be negative.`, name)
  return number ?? undefined
}
