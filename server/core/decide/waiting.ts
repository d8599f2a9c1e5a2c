import type { Duration, Extension, Range, RequestGroupActionRelatedAction } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { WAITS_FOR } from './plan/vocabulary.ts'

/** What a request waits for that is held back by its action's start condition. */
export const START_CONDITION = '*start'

/** What must come before a request that is held. */
export type Wait = {
  /** id of the action whose request must be done first; of a start condition START_CONDITION. */
  actionId: string
  relationship?: RequestGroupActionRelatedAction['relationship']
  /** How long after it. */
  offset?: { duration: Duration } | { range: Range }
  /** Even when that has come it does not begin before this instant: another relation says so. */
  notBefore?: string
}

/** What a request waits for; nothing when it does not. */
export function waitsOf({ extension }: Resource): Wait[] {
  return ((extension ?? []) as Extension[])
    .filter(({ url }) => url === WAITS_FOR)
    .flatMap(({ extension: parts = [] }) => {
      const part = (name: string) => parts.find(({ url }) => url === name)
      const actionId = part('action')?.valueString
      const relationship = part('relationship')?.valueCode as Wait['relationship']
      const offset = part('offset')
      if (!actionId) return []
      return [
        {
          actionId,
          ...(relationship ? { relationship } : {}),
          ...(offset?.valueDuration ? { offset: { duration: offset.valueDuration } } : {}),
          ...(offset?.valueRange ? { offset: { range: offset.valueRange } } : {}),
          ...(part('not-before')?.valueDateTime ? { notBefore: part('not-before')?.valueDateTime ?? '' } : {}),
        },
      ]
    })
}

/** The request as one that waits for these too. */
export function withWaits<T extends Resource>(request: T, waits: Wait[]): T {
  if (waits.length === 0) return request
  return { ...request, extension: [...((request.extension ?? []) as Extension[]), ...waits.map(toExtension)] }
}

const toExtension = ({ actionId, relationship, offset, notBefore }: Wait): Extension => ({
  url: WAITS_FOR,
  extension: [
    { url: 'action', valueString: actionId },
    ...(relationship ? [{ url: 'relationship', valueCode: relationship }] : []),
    ...(offset && 'duration' in offset ? [{ url: 'offset', valueDuration: offset.duration }] : []),
    ...(offset && 'range' in offset ? [{ url: 'offset', valueRange: offset.range }] : []),
    ...(notBefore ? [{ url: 'not-before', valueDateTime: notBefore }] : []),
  ],
})

/** The request as one that waits for these alone. */
export function waitingFor<T extends Resource>(request: T, waits: Wait[]): T {
  const { extension, ...rest } = request
  const others = ((extension ?? []) as Extension[]).filter(({ url }) => url !== WAITS_FOR)
  return withWaits((others.length > 0 ? { ...rest, extension: others } : rest) as T, waits)
}
