import type { Media } from '@medplum/fhirtypes'
import { type Entry, tokenOf } from '../sending/entry.ts'

export type WaitingPicture = Media & { id: string }

const isWaitingPicture = (entry: Entry): entry is Entry & { resource: Media } =>
  entry.resource.resourceType === 'Media' && entry.state !== 'refused'

/** Pictures that were saved here and are not in the record yet, with their bytes. @param there ids of those that are */
export const waitingPictures = (entries: readonly Entry[], there: ReadonlySet<string | undefined>): WaitingPicture[] =>
  entries
    .filter(isWaitingPicture)
    .filter(({ storedAs }) => !there.has(storedAs))
    .map(({ id, resource, storedAs }) => ({ ...resource, id: storedAs ?? id }))

/** The one that is meant, where its bytes are still on the phone. @param named as a search of Media has it */
export const keptPicture = (
  entries: readonly Entry[],
  named: { _id: string } | { identifier: string },
): Media | undefined =>
  entries
    .filter(isWaitingPicture)
    .find(({ id, storedAs }) => ('_id' in named ? named._id === (storedAs ?? id) : named.identifier === tokenOf(id)))
    ?.resource
