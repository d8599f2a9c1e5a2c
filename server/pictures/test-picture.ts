/** A TIFF as Exif has it: one directory, that points to a GPS directory with these tags. */
export function tiffWithGps(tags: readonly number[], isLittle = false): Buffer {
  const tiff = Buffer.alloc(26 + 2 + tags.length * 12 + 4)
  const short = (value: number, at: number) =>
    isLittle ? tiff.writeUInt16LE(value, at) : tiff.writeUInt16BE(value, at)
  const long = (value: number, at: number) => (isLittle ? tiff.writeUInt32LE(value, at) : tiff.writeUInt32BE(value, at))
  const field = (tag: number, type: number, count: number, value: number, at: number) => {
    short(tag, at)
    short(type, at + 2)
    long(count, at + 4)
    long(value, at + 8)
  }
  tiff.write(isLittle ? 'II*\0' : 'MM\0*', 'latin1')
  long(8, 4)
  short(1, 8)
  field(0x8825, 4, 1, 26, 10)
  long(0, 22)
  short(tags.length, 26)
  for (const [i, tag] of tags.entries()) field(tag, 5, 3, 0, 28 + i * 12)
  return tiff
}

/** Latitude and longitude. */
export const PLACE = [0x02, 0x04]

/** The picture as a camera has it: with an Exif segment before all others. */
export function withExif(jpeg: Buffer, tiff = tiffWithGps(PLACE)): Buffer {
  const segment = Buffer.concat([Buffer.from('\xff\xe1\0\0Exif\0\0', 'latin1'), tiff])
  segment.writeUInt16BE(segment.length - 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}
