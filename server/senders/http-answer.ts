import type { OperationOutcome } from '@medplum/fhirtypes'
import type { SendingReason } from '../core/decide/words/sending-reason.ts'
import type { Answer } from './message.ts'

/** What came back over HTTP. */
export type HttpAnswer = { status: number; header: (name: string) => string | null; body: string }

/**
 * Statuses by which a receiver says that this message will never be taken. 404 and 405 are none: they speak of the address, which is wrong
 * for every message until somebody mends it.
 */
const NEVER: ReadonlySet<number> = new Set([400, 406, 409, 410, 411, 412, 413, 414, 415, 422])
const REASON_LENGTH_MAX = 1_000

/**
 * What an answer to a message means. Only 202 with the place of what was made is a receipt: anything else that sounds like success
 * is tried again, and bears the same names, so that the receiver can tell that it has it.
 * @param now by which a date in Retry-After is counted
 */
export function toAnswer({ status, header, body }: HttpAnswer, now: Date): Answer {
  const location = header('location')
  if (status === 202 && location && idOf(location)) return { kind: 'accepted', location: idOf(location) as string }
  if (status === 202) return { kind: 'again', reason: { code: 'no-place', values: { status } } }
  return toUnreceived({ status, header, body }, now)
}

/** The same of any answer that is no receipt. */
export function toUnreceived({ status, header, body }: HttpAnswer, now: Date): Exclude<Answer, { kind: 'accepted' }> {
  const quote = spoken(body)
  const reason: SendingReason = quote
    ? { code: 'answered-with', values: { status, quote } }
    : { code: 'answered', values: { status } }
  if (NEVER.has(status)) return { kind: 'refused', reason }
  const afterSeconds = retryAfter(header('retry-after'), now)
  return { kind: 'again', reason, ...(afterSeconds === undefined ? {} : { afterSeconds }) }
}

/** The id at the end of `https://…/v1/Bundle/17` or `/v1/Bundle/17/_history/1`. */
const idOf = (location: string): string | undefined =>
  /(?:^|\/)Bundle\/([A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?\/?$/.exec(location)?.[1]

/** What its OperationOutcome says, without numbers of people; nothing where it says nothing. */
function spoken(body: string): string {
  const issues = issuesIn(body)
  const told = issues.map(({ code, diagnostics, details, expression }) =>
    [details?.text ?? diagnostics ?? code, expression?.length ? `(${expression.join(', ')})` : '']
      .filter(Boolean)
      .join(' '),
  )
  return told
    .join('; ')
    .replace(/(?<!\d)\d{11}(?!\d)/g, '***********')
    .slice(0, REASON_LENGTH_MAX)
}

function issuesIn(body: string): NonNullable<OperationOutcome['issue']> {
  try {
    const { resourceType, issue } = JSON.parse(body) as OperationOutcome
    return resourceType === 'OperationOutcome' && Array.isArray(issue) ? issue : []
  } catch {
    return []
  }
}

/** Seconds, or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now.getTime()) / 1000))
}
