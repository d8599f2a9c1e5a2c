import type { Bundle, BundleEntryResponse } from '@medplum/fhirtypes'
import type { SendingReason } from '../../core/decide/words/sending-reason.ts'
import { type HttpAnswer, toUnreceived } from '../http-answer.ts'
import type { Answer } from '../message.ts'
import type { Entry } from './entry.ts'

/**
 * What the answer to a Bundle means for each entry of it. They are known by their fullUrl, whatever their order; one that is not mentioned,
 * or has no place, is sent again. Nothing but a batch-response is a receipt.
 * @param now by which a date in Retry-After is counted
 */
export function toAnswers(answer: HttpAnswer, entries: readonly Entry[], now: Date): Answer[] {
  if (answer.status !== 200) {
    const told = toUnreceived(answer, now)
    return entries.map(() => told)
  }
  const responses = responsesIn(answer.body)
  if (!responses) return entries.map(() => again({ code: 'not-understood' }))
  return entries.map((entry) => {
    const response = responses.get(entry.fullUrl)
    if (!response) return again({ code: 'not-said' })
    return toAnswer(response, entry, now)
  })
}

const again = (reason: SendingReason): Answer => ({ kind: 'again', reason })

function toAnswer({ status: said, location, outcome }: BundleEntryResponse, { request }: Entry, now: Date): Answer {
  const status = Number(/^\d{3}(?!\d)/.exec(said ?? '')?.[0] ?? Number.NaN)
  if (status !== 200 && status !== 201) {
    const body = outcome ? JSON.stringify(outcome) : ''
    return Number.isNaN(status)
      ? again({ code: 'not-understood' })
      : toUnreceived({ status, header: () => null, body }, now)
  }
  const place = placeOf(location) ?? (request?.method === 'PUT' ? request.url : undefined)
  return place ? { kind: 'accepted', location: place } : again({ code: 'no-place', values: { status } })
}

/** `Observation/17` of `https://…/Observation/17/_history/1`. */
const placeOf = (location: string | undefined): string | undefined =>
  /(?:^|\/)(Observation\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]+)?\/?$/.exec(location ?? '')?.[1]

function responsesIn(body: string): ReadonlyMap<string, BundleEntryResponse> | undefined {
  try {
    const { resourceType, type, entry = [] } = JSON.parse(body) as Bundle
    if (resourceType !== 'Bundle' || type !== 'batch-response' || !Array.isArray(entry)) return undefined
    return new Map(entry.flatMap(({ fullUrl, response }) => (fullUrl && response ? [[fullUrl, response]] : [])))
  } catch {
    return undefined
  }
}
