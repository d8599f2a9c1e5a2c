import type { Duration, Extension, Range, RequestGroupActionRelatedAction } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { WAITS_FOR } from './vocabulary.ts'

/** What must come before a request that is held. */
export type Wait = {
  /** id of the action whose request must be done first; of a start condition START_CONDITION. */
  actionId: string
  relationship?: RequestGroupActionRelatedAction['relationship']
  /** How long after it. */
  offset?: { duration: Duration } | { range: Range }
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
        },
      ]
    })
}

/** The request as one that waits for these too. */
export function withWaits<T extends Resource>(request: T, waits: Wait[]): T {
  if (waits.length === 0) return request
  return { ...request, extension: [...((request.extension ?? []) as Extension[]), ...waits.map(toExtension)] }
}

const toExtension = ({ actionId, relationship, offset }: Wait): Extension => ({
  url: WAITS_FOR,
  extension: [
    { url: 'action', valueString: actionId },
    ...(relationship ? [{ url: 'relationship', valueCode: relationship }] : []),
    ...(offset && 'duration' in offset ? [{ url: 'offset', valueDuration: offset.duration }] : []),
    ...(offset && 'range' in offset ? [{ url: 'offset', valueRange: offset.range }] : []),
  ],
})

/** The request when that one thing has come. */
export function withoutWait<T extends Resource>(request: T, actionId: string): T {
  const kept = ((request.extension ?? []) as Extension[]).filter(
    ({ url, extension = [] }) =>
      url !== WAITS_FOR || !extension.some((part) => part.url === 'action' && part.valueString === actionId),
  )
  const { extension: _before, ...rest } = request
  return (kept.length > 0 ? { ...rest, extension: kept } : rest) as T
}
