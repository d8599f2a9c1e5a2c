import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'

/** The HTTP status of each issue code that we use. http://hl7.org/fhir/R4/valueset-issue-type.html */
export const STATUS = {
  invalid: 400,
  structure: 400,
  required: 400,
  value: 400,
  'code-invalid': 400,
  invariant: 400,
  'not-supported': 400,
  login: 401,
  expired: 401,
  forbidden: 403,
  suppressed: 403,
  'not-found': 404,
  conflict: 409,
  duplicate: 412,
  deleted: 410,
  'multiple-matches': 412,
  'too-long': 413,
  'too-costly': 422,
  processing: 422,
  'business-rule': 422,
  throttled: 429,
  exception: 500,
  transient: 503,
  incomplete: 503,
  timeout: 503,
} as const
export type IssueCode = keyof typeof STATUS

/** One thing that is wrong, told so that the sender can mend it. */
export type Issue = {
  severity: 'error' | 'warning' | 'information'
  code: IssueCode
  diagnostics: string
  /** FHIRPath of the elements at fault, such as `Observation.component[1].value.ofType(Quantity).code`. */
  expression?: string[]
  /** The code of another standard for the same, where a sender expects one. */
  details?: { coding: { system?: string; code: string }[]; text: string }
}

/** The sender's to mend. Carries every issue at once, and an HTTP status when the code's own does not say it (406, 415, 405). */
export class Refusal extends Error {
  readonly issues: Issue[]
  readonly status: number
  /** The methods that there are, where the one that was asked for is not (405). */
  allowed?: string[]
  /** How long to wait, where that is known (429). */
  retryAfterSeconds?: number
  constructor(issues: Issue[], status?: number) {
    super(issues.map((issue) => issue.diagnostics).join('; '))
    this.issues = issues
    this.status = status ?? STATUS[issues.find((issue) => issue.severity === 'error')?.code ?? 'invalid']
  }
}

/** The usual refusal: one issue. @param expression FHIRPath of the elements at fault */
export function refuse(code: IssueCode, diagnostics: string, ...expression: string[]): Refusal {
  return new Refusal([{ severity: 'error', code, diagnostics, ...(expression.length ? { expression } : {}) }])
}

/** An OperationOutcome of these issues, as it is sent. */
export function outcomeOf(issues: Issue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues as OperationOutcomeIssue[] }
}

/** What is told where nothing is wrong, after what is only warned of. */
export function outcomeInforming(diagnostics: string, warnings: Issue[] = []): OperationOutcome {
  const informed = { severity: 'information', code: 'informational', diagnostics } as const
  return { resourceType: 'OperationOutcome', issue: [...(warnings as OperationOutcomeIssue[]), informed] }
}

/** What is said of a write that succeeded, where `Prefer: return=OperationOutcome` asks for it. https://hl7.org/fhir/R4/http.html#ops */
export const outcomeOfWrite = (warnings: Issue[]): OperationOutcome => outcomeInforming('Done.', warnings)

/**
 * What the sender is told. A refusal is told whole; a fault tells only where to ask, because its message may hold data.
 * @param requestId the id under which the fault is logged
 */
export function toOutcome(error: unknown, requestId: string): { status: number; outcome: OperationOutcome } {
  if (error instanceof Refusal) return { status: error.status, outcome: outcomeOf(error.issues) }
  const issue: OperationOutcomeIssue = {
    severity: 'fatal',
    code: 'exception',
    diagnostics: `Unexpected fault; ask for ${requestId}.`,
  }
  return { status: 500, outcome: { resourceType: 'OperationOutcome', issue: [issue] } }
}
