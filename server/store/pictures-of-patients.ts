import type { Media } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { isSystem } from '../access/reach.ts'
import { type IssueCode, type Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { pictureKindOf } from '../pictures/picture-kind.ts'
import { tellsWhere } from '../pictures/tells-where.ts'

/** Three times what our own app sends: enough for a wound at 2000 pixels. */
const BYTES_MAX = 1_000_000

/**
 * A picture that patients or next of kin send, from whichever app, is one that the team can open at once, and tells nobody where they live:
 * its bytes, JPEG, PNG or WebP, not above 1 MB, without a place in Exif or XMP. Staff and systems send what they have.
 * @throws Refusal business-rule, too-long; its expression names the element
 */
export function mustBePlainPicture(access: Access, resource: Resource): void {
  const isTheirs = access.actor.startsWith('Patient/') || access.actor.startsWith('RelatedPerson/')
  if (resource.resourceType !== 'Media' || !isTheirs || isSystem(access)) return
  const { url, data, contentType } = (resource as unknown as Media).content
  if (url !== undefined) throw no('url', 'has no Media.content.url; its bytes stand in Media.content.data, as base64')
  if (!data) throw no('data', 'has its bytes in Media.content.data, as base64')
  // By its length, before it is decoded: four letters are three bytes.
  if (data.length > (BYTES_MAX / 3) * 4 + 4) throw tooLong((data.length / 4) * 3)
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length > BYTES_MAX) throw tooLong(bytes.length)
  const kind = pictureKindOf(bytes)
  if (!kind) throw no('data', 'is a JPEG, PNG or WebP, and these bytes are none of them')
  if (contentType !== kind)
    throw no(
      'contentType',
      `says what it is: by its bytes ${kind}, by Media.content.contentType ${contentType ?? 'nothing'}`,
    )
  if (tellsWhere(bytes))
    throw no(
      'data',
      'does not tell where it was taken (GPS in Exif or XMP): draw it anew, or take it out before sending',
    )
}

const no = (element: string, expected: string, code: IssueCode = 'business-rule'): Refusal =>
  refuse(code, `A picture from patients or next of kin ${expected}.`, `Media.content.${element}`)
const tooLong = (bytes: number): Refusal =>
  no('data', `has at most ${BYTES_MAX} bytes, and this has about ${Math.round(bytes)}: make it smaller`, 'too-long')
