const BLOCK = 512

export type TarFile = { name: string; content: Buffer }

/**
 * The files of a tar archive, as npm packs them: ustar with pax headers for long names.
 * @throws Error for what is no tar, or is cut short
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function readTar(archive: Buffer): TarFile[] {
  const files: TarFile[] = []
  let longName: string | undefined
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK)
    if (header.every((byte) => byte === 0)) break
    const size = Number.parseInt(text(header, 124, 12) || '0', 8)
    if (!isChecksumRight(header) || !Number.isInteger(size)) throw new Error('It is no tar archive.')
    const content = archive.subarray(at + BLOCK, at + BLOCK + size)
    if (content.length < size) throw new Error('The archive is cut short.')
    const kind = String.fromCharCode(header[156] ?? 0)
    if (kind === 'x') longName = /\d+ path=(.*)\n/.exec(content.toString())?.[1]
    else if (kind === 'L') longName = content.toString().replace(/\0.*$/s, '')
    else {
      if (kind === '0' || kind === '\0') files.push({ name: longName ?? nameIn(header), content })
      longName = undefined
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return files
}

function nameIn(header: Buffer): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : ''
  const name = text(header, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

const text = (header: Buffer, from: number, length: number): string =>
  header
    .subarray(from, from + length)
    .toString()
    .replace(/\0.*$/s, '')
    .trim()

/** The sum of the header's bytes, with the checksum's own counted as spaces. */
function isChecksumRight(header: Buffer): boolean {
  const sum = header.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0)
  return sum === Number.parseInt(text(header, 148, 8), 8)
}
