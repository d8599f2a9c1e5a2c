import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes'

/** Nobody answered: no net, or the server is away. What was to be written may or may not be there. */
export class Unreachable extends Error {}

/** The server said no. */
export class Refused extends Error {
  readonly status: number
  readonly issues: readonly OperationOutcomeIssue[]
  /** By which the server's people find it in their logs. */
  readonly correlationId?: string
  constructor(status: number, issues: readonly OperationOutcomeIssue[], correlationId?: string) {
    super(
      issues
        .map(({ details, diagnostics }) => details?.text ?? diagnostics)
        .filter(Boolean)
        .join(' ') || `HTTP ${status}`,
    )
    this.status = status
    this.issues = issues
    if (correlationId) this.correlationId = correlationId
  }
  /** Somebody else has changed it since it was read. */
  get isStale(): boolean {
    return this.status === 412
  }
  /** It is somebody else's by now, or in another state than it was. */
  get isConflict(): boolean {
    return this.status === 409 || this.status === 412
  }
  get isForbidden(): boolean {
    return this.status === 403
  }
  /** The patient has closed something to who asks. */
  get isClosed(): boolean {
    return saysClosed(this.issues)
  }
}

/** How the server says that something is closed by the patient: that it is there, and not what it is. */
export const saysClosed = (issues: readonly OperationOutcomeIssue[]): boolean =>
  issues.some(({ code }) => code === 'suppressed')

/** The session has an end: it must be begun anew before anything is asked. */
export class SessionOver extends Error {}

/** Whatever was thrown. */
export const toError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)))

/** What it is called: never nothing, also where the server could say nothing. */
export function titleOf(failure: Error): 'noAccess' | 'unreachable' | 'failed' {
  if (failure instanceof Refused && failure.isForbidden) return 'noAccess'
  return failure instanceof Unreachable ? 'unreachable' : 'failed'
}

/** @returns Unreachable, Refused */
export async function failureOf(response: Response): Promise<Unreachable | Refused> {
  // What a proxy says while the server behind it is away; our own says it while the database is.
  if (response.status >= 502) return new Unreachable(`HTTP ${response.status}`)
  const body = (await response.json().catch(() => undefined)) as OperationOutcome | undefined
  const correlationId = response.headers.get('x-request-id') ?? undefined
  return new Refused(response.status, body?.resourceType === 'OperationOutcome' ? body.issue : [], correlationId)
}
