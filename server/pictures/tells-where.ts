/** What stands before Exif's TIFF: in JPEG, in PNG, and in WebP, where the length of the chunk comes between. */
const BEFORE_TIFF = [
  ['Exif\0\0', 0],
  ['eXIf', 0],
  ['EXIF', 4],
] as const
/** XMP is text: `exif:GPSLatitude="59,54.8N"`. */
const IN_XMP = ['GPSLatitude', 'GPSLongitude']
const GPS_POINTER = 0x8825
/** GPSLatitude, GPSLongitude, GPSDestLatitude, GPSDestLongitude; a camera without a fix writes a GPS part that has none of them. */
const PLACES: ReadonlySet<number> = new Set([0x02, 0x04, 0x14, 0x16])
/** A camera writes a hundred. Three directories may be as long as they can be; then whoever made it wants us to look for ever. */
const FIELD_COUNT_MAX = 200_000

/**
 * Whether a camera has written into a picture where it was taken. It is looked for everywhere, and not only where the format has it: one
 * picture may have others in it, each with its own. What is packed (zTXt of PNG) is not unpacked. One that has too much to look through may
 * tell it, and is taken for one that does.
 * @see https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2023-E (Exif 3.0, 4.6.6)
 */
export function tellsWhere(bytes: Buffer): boolean {
  if (IN_XMP.some((word) => bytes.includes(word, 0, 'latin1'))) return true
  const looked = { fieldCount: 0 }
  return BEFORE_TIFF.some(([mark, gap]) => {
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 1, 'latin1'))
      if (hasPlace(bytes.subarray(at + mark.length + gap), looked) || looked.fieldCount > FIELD_COUNT_MAX) return true
    return false
  })
}

/** @param looked at in the whole picture; nothing is once it is too much */
function hasPlace(tiff: Buffer, looked: { fieldCount: number }): boolean {
  const order = tiff.toString('latin1', 0, 4)
  const isLittle = order === 'II*\0'
  if (!isLittle && order !== 'MM\0*') return false
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const long = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  /** Of the directory that begins there: tag, and where its value stands. What goes beyond the end is not there. */
  const fields = (start: number): [tag: number, at: number][] => {
    if (start + 2 > tiff.length) return []
    const there = Math.min(short(start), Math.floor((tiff.length - start - 2) / 12))
    looked.fieldCount += there
    if (looked.fieldCount > FIELD_COUNT_MAX) return []
    return Array.from({ length: there }, (_, i) => [short(start + 2 + i * 12), start + 10 + i * 12])
  }
  if (tiff.length < 8) return false
  return fields(long(4)).some(
    ([tag, at]) => tag === GPS_POINTER && fields(long(at)).some(([within]) => PLACES.has(within)),
  )
}
