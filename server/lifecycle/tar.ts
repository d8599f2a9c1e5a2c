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

/**
 * An archive of these files, as npm packs them.
 * @throws Error for a name that ustar cannot hold: longer than 100 bytes
 */
export function writeTar(files: TarFile[], modifiedAt: Date): Buffer {
  const parts = files.flatMap(({ name, content }) => [
    headerOf(name, content.length, modifiedAt),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)])
}

function headerOf(name: string, size: number, modifiedAt: Date): Buffer {
  const header = Buffer.alloc(BLOCK)
  const bytes = Buffer.from(name)
  if (bytes.length > 100) throw new Error(`${name} is too long a name for this archive.`)
  bytes.copy(header)
  const octal = (value: number, at: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(modifiedAt.getTime() / 1000), 136, 12)
  header.fill(' ', 148, 156)
  header.write('0', 156, 'latin1')
  header.write('ustar\0' + '00', 257, 'latin1')
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}
