import { expect, test } from '@jest/globals'
import { pictureKindOf } from './picture-kind.ts'
import { tellsWhere } from './tells-where.ts'
import { PLACE, tiffWithGps, withExif } from './test-picture.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const JPEG = latin1('\xff\xd8\xff\xdb\0\x04\0\0\xff\xd9')
const PNG = latin1('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR')
const WEBP = latin1('RIFF\x10\0\0\0WEBPVP8X')
/** A directory of this many fields that each say nothing, with its TIFF around it. */
const longDirectory = (count: number) => tiffWithGps(Array(count).fill(0x1d))
/** Of each beginning the directory goes on over all that come after it: a megabyte would have to be read ten thousand times. */
const overlapping = Buffer.concat([JPEG, ...Array(80_000).fill(latin1('eXIfII*\0\x08\0\0\0'))])

test.each([
  [JPEG, 'image/jpeg'],
  [PNG, 'image/png'],
  [WEBP, 'image/webp'],
  [latin1('GIF89a'), undefined],
  [latin1('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
  [latin1('RIFF\x10\0\0\0WAVEfmt '), undefined],
  [latin1('\0\0\0\x18ftypheic'), undefined],
  [latin1('\xff\xd8'), undefined],
  [latin1(''), undefined],
])('%j is %s by its first bytes', (bytes, kind) => expect(pictureKindOf(bytes)).toBe(kind))

test.each([
  ['a JPEG with Exif', withExif(JPEG), true],
  ['a JPEG with Exif whose numbers begin with the least', withExif(JPEG, tiffWithGps(PLACE, true)), true],
  ['one picture behind another', Buffer.concat([JPEG, withExif(JPEG)]), true],
  ['a PNG with Exif', Buffer.concat([PNG, latin1('\0\0\0\x40eXIf'), tiffWithGps(PLACE)]), true],
  ['a WebP with Exif', Buffer.concat([WEBP, latin1('EXIF\x40\0\0\0'), tiffWithGps([0x14])]), true],
  ['a WebP with Exif named twice', Buffer.concat([WEBP, latin1('EXIF\x40\0\0\0Exif\0\0'), tiffWithGps(PLACE)]), true],
  ['XMP', Buffer.concat([JPEG, latin1('<rdf:Description exif:GPSLatitude="59,54.8N"/>')]), true],
  ['so many directories, one within the other, that nobody looks through them', overlapping, true],
  ['a long directory that says nothing', withExif(JPEG, longDirectory(4_000)), false],
  ['none of it', JPEG, false],
  ['a GPS part with no place, as a camera without a fix writes it', withExif(JPEG, tiffWithGps([0x00, 0x1d])), false],
  ['Exif that breaks off', Buffer.concat([JPEG, latin1('Exif\0\0MM\0*\0\0')]), false],
  ['Exif that points beyond its end', Buffer.concat([JPEG, latin1('Exif\0\0MM\0*\xff\xff\xff\xff')]), false],
  ['Exif in no byte order', Buffer.concat([JPEG, latin1('Exif\0\0'), tiffWithGps(PLACE).fill('XX', 0, 2)]), false],
])('where it was taken, by %s: %#', (_, bytes, tells) => expect(tellsWhere(bytes)).toBe(tells))
