import { createHash } from 'node:crypto'

/** Everything that we name for receivers lies below this one; it must never change. */
const NAMESPACE = Buffer.from('7a4c1f0e2b9d5e3f8c6a9b0d1e2f3a4b', 'hex')

/**
 * The same name gives the same uuid for ever, so that whoever receives a message twice sees that it is the same one.
 * @see https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-5
 */
export function uuidOfName(name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

export const urnOfName = (name: string): string => `urn:uuid:${uuidOfName(name)}`
