import type { DefineJob } from '../cql/run-define.ts'

/** What a thread is asked, as JSON. */
export type ThreadJob = FhirPathJob | CqlJob

export type FhirPathJob = {
  kind: 'fhirpath'
  expression: string
  focus: unknown
  /** Those that the expression names. */
  variables: Record<string, unknown>
  /** ISO 8601. */
  now: string
}

/** `set` is the hash of a set of libraries; `elms` are there when the thread has said that it does not know them. */
export type CqlJob = DefineJob & { kind: 'cql'; set: string; elms?: string[] }

/** What comes of it. */
export type ThreadAnswer = { result: unknown[] } | { problem: string; code: ProblemCode } | { lacks: 'libraries' }

export type ProblemCode = 'processing' | 'too-costly' | 'not-supported'

/** A result is put into a resource; one beyond this is no value but a mistake. */
export const RESULT_LENGTH_MAX = 1_000_000
