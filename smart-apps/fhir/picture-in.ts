import type { Bundle, Media } from '@medplum/fhirtypes'
import { isPartlyClosed, ofType } from './client.ts'

/** Of what a picture may be: nothing in an image runs. */
const TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp'])

/** `closed`: something that was sought is closed by the patient, and nothing else was found. */
export type Found = Media | 'closed' | 'missing'

/** The picture that a search has found; one that was sent by mistake is none. */
export function pictureIn(bundle: Bundle): Found {
  const found = ofType(bundle, 'Media').find(
    ({ status, content }) => status !== 'entered-in-error' && content.data && TYPES.has(content.contentType ?? ''),
  )
  if (found) return found
  return isPartlyClosed(bundle) ? 'closed' : 'missing'
}
