import type { Bundle, OperationOutcome } from '@medplum/fhirtypes'
import { type HttpAnswer, toUnreceived } from '../http-answer.ts'
import type { Answer, Progress } from '../message.ts'

/**
 * What an answer to ITI-65 means: a receipt says of each entry that it is done, and where the document is.
 * @param sent the Bundle, whose entries are answered in their order
 */
export function toReceipt(answer: HttpAnswer, sent: Bundle, now: Date): Answer {
  if (answer.status !== 200) return toUnreceived(answer, now)
  const { type, entry: answered = [] } = parsed<Bundle>(answer.body) ?? {}
  const entry = sent.entry ?? []
  const isDone = answered.length === entry.length && answered.every(({ response }) => /^2/.test(response?.status ?? ''))
  const at = entry.findIndex(({ request }) => request?.url === 'DocumentReference')
  const place =
    at < 0
      ? entry.find(({ request }) => request?.method === 'PATCH')?.request?.url
      : placeIn(answered[at]?.response?.location)
  if (type !== 'transaction-response' || !isDone || !place)
    return { kind: 'again', reason: { code: 'no-place', values: { status: answer.status } } }
  return { kind: 'accepted', location: place }
}

/** Whether it is said that the document is there already: a message whose receipt was lost. */
export const isDuplicate = ({ status, body }: HttpAnswer): boolean =>
  status >= 400 &&
  status < 500 &&
  (parsed<OperationOutcome>(body)?.issue ?? []).some(
    ({ code, details }) =>
      code === 'duplicate' || details?.coding?.some((one) => one.code === 'XDSDuplicateUniqueIdInRegistry'),
  )

/** The one document of a searchset, as it is called there. */
export function placeFound({ status, body }: HttpAnswer): string | undefined {
  const [only, ...others] = (status === 200 ? parsed<Bundle>(body)?.entry : undefined) ?? []
  const { resource } = only ?? {}
  return resource?.resourceType === 'DocumentReference' && resource.id && others.length === 0
    ? `DocumentReference/${resource.id}`
    : undefined
}

/** What is found under the place of a document: once it is, it has been published. */
export function toPublished({ status, body }: HttpAnswer): Progress {
  const found = status === 200 ? parsed<{ resourceType?: string }>(body)?.resourceType : undefined
  if (found === 'DocumentReference') return { kind: 'journaled' }
  return { kind: 'unknown', reason: { code: 'answered-to-finding', values: { status } } }
}

/** `https://…/DocumentReference/7/_history/1` → `DocumentReference/7` */
const placeIn = (location = ''): string | undefined =>
  /(?:^|\/)(DocumentReference\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?\/?$/.exec(location)?.[1]

function parsed<T extends object>(body: string): T | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}
