/** What a thread is asked, as JSON. */
export type ThreadJob = {
  kind: 'fhirpath'
  expression: string
  focus: unknown
  /** Those that the expression names. */
  variables: Record<string, unknown>
  /** ISO 8601. */
  now: string
}

/** What comes of it. */
export type ThreadAnswer =
  | { result: unknown[] }
  | { problem: string; code: 'processing' | 'too-costly' | 'not-supported' }

/** A result is put into a resource; one beyond this is no value but a mistake. */
export const RESULT_LENGTH_MAX = 1_000_000
