import { type Issue, Refusal } from '../core/fhir/outcome.ts'

/**
 * The issues of one entry, with the entry's place before each element's: `Observation.status` → `Bundle.entry[1].resource.status`.
 * A parameter's name (`_sort`, `name:exact`) is no path: what is wrong there is the URL.
 */
export function issuesOfEntry(index: number, { issues }: Refusal): Issue[] {
  const at = `Bundle.entry[${index}]`
  const placeOf = (path: string) => {
    if (path.startsWith('request.')) return `${at}.${path}`
    return /^[A-Z[]/.test(path) ? `${at}.resource${path.replace(/^[A-Za-z]+/, '')}` : `${at}.request.url`
  }
  return issues.map((issue) => ({ ...issue, expression: issue.expression?.map(placeOf) ?? [at] }))
}

/** What is wrong with a value of the entry's request, such as `ifNoneExist`, bears the name of that element. */
export function ofRequest<T>(element: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(
      error.issues.map((issue) => ({ ...issue, expression: [`request.${element}`] })),
      error.status,
    )
  }
}

/** Says of a refusal which entry it is about. */
export function rethrowFor(index: number, error: unknown): never {
  if (!(error instanceof Refusal)) throw error
  throw new Refusal(issuesOfEntry(index, error), error.status)
}
