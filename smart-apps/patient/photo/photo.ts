import type { Media, Reference } from '@medplum/fhirtypes'
import { partOf } from '../../fhir/pictures.ts'
import { picturePart } from '../../fhir/thread.ts'
import { toMessage } from '../messages/message.ts'
import type { OwnRecord } from '../record/record.ts'
import { identifierOf, type Saving } from '../sending/entry.ts'

/** A picture as it is sent: JPEG, made small on the phone. @property data base64 */
export type Photo = { data: string; width: number; height: number }

/** Enough for a wound or a display, and little enough for a slow net. */
export const EDGE_PIXELS_MAX = 1280
export const BYTES_MAX = 300_000

/** The same form, no edge longer than that. */
export function fitted(width: number, height: number, edgeMax: number): { width: number; height: number } {
  const scale = Math.min(1, edgeMax / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** Whether whoever has signed in was granted it to this app. @param scope of the session */
export const maySendPhotos = (scope: string): boolean =>
  scope.split(' ').some((one) => /^patient\/(?:\*|Media)\.(?:c|write|\*)/.test(one))

export type Sent = {
  photo: Photo
  /** UUIDs, given when the page was opened: saved twice, it is one. */
  ids: { photo: string; message: string }
  record: Pick<OwnRecord, 'carePlans' | 'patient'>
  by: Reference
  at: Date
  /** What it shows, as the team reads it. */
  words: string
  /** What was saved with it, by the ids of the phone: it is shown there too. */
  of: readonly Pick<Saving, 'id' | 'resource'>[]
}

/** The picture, and then the message to the team that has it: what is sent is read by somebody. */
export function toPhotoSavings({ photo, ids, record, by, at, words, of }: Sent): Saving[] {
  const message = toMessage(record, { by, text: words, at })
  return [
    { id: ids.photo, resource: toMedia(photo, { by, at, patient: record.patient.id ?? '', of }) },
    { id: ids.message, resource: { ...message, payload: [...(message.payload ?? []), pictureOf(ids.photo)] } },
  ]
}

/** How a message names a picture that has no id of the server yet. */
const pictureOf = (id: string) => picturePart(identifierOf(id))

const toMedia = (
  { data, width, height }: Photo,
  { by, at, patient, of }: Pick<Sent, 'by' | 'at' | 'of'> & { patient: string },
): Media => ({
  ...{ resourceType: 'Media', status: 'completed', subject: { reference: `Patient/${patient}` } },
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/media-type', code: 'image' }] },
  ...(of.length > 0 && {
    partOf: of.flatMap(({ id, resource: { resourceType } }) =>
      resourceType === 'Observation' || resourceType === 'QuestionnaireResponse'
        ? [partOf(resourceType, identifierOf(id))]
        : [],
    ),
  }),
  ...{ createdDateTime: at.toISOString(), operator: by as Media['operator'], width, height },
  content: { contentType: 'image/jpeg', data, creation: at.toISOString() },
})
