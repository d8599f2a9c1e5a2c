import { type Issue, Refusal } from '../fhir/outcome.ts'

/** The issues of one entry, with the entry's place before each element's: `Observation.status` → `Bundle.entry[1].resource.status`. */
export function issuesOfEntry(index: number, { issues }: Refusal): Issue[] {
  const at = `Bundle.entry[${index}]`
  return issues.map((issue) => ({
    ...issue,
    expression: issue.expression?.map((path) => `${at}.resource${path.replace(/^[A-Za-z]+/, '')}`) ?? [at],
  }))
}

/** Says of a refusal which entry it is about. */
export function rethrowFor(index: number, error: unknown): never {
  if (!(error instanceof Refusal)) throw error
  throw new Refusal(issuesOfEntry(index, error), error.status)
}
