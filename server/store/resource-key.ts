/**
 * Where a resource lies: its bucket (0–1023, the patient's) and its key, a 63-bit number that grows with time.
 * Ids that the server gives say both, so that a read needs no lookup, also when the tables are distributed by bucket:
 * 13 characters of key, a hyphen, two of bucket, such as `02hk3v8x0r4e1-5q`.
 */
export type ResourceKey = { bucket: number; rk: string }

/** Crockford's base 32: no i, l, o, u, so that an id can be read aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const VALUE_OF = new Map([...ALPHABET].map((character, value) => [character, BigInt(value)]))
const SERVER_ID = /^[0-7][0-9a-hjkmnp-tv-z]{12}-[0-9a-hjkmnp-tv-z]{2}$/

const KEY_LENGTH = 13
const BUCKET_BITS = 10n
const COUNT_MAX = 4096
const EPOCH = Date.UTC(2024, 0, 1)

/** The key in a server-given id; undefined for an id that a client chose. */
export function parseServerId(id: string): ResourceKey | undefined {
  if (!SERVER_ID.test(id)) return undefined
  return { rk: decode(id.slice(0, KEY_LENGTH)).toString(), bucket: Number(decode(id.slice(KEY_LENGTH + 1))) }
}

/** The id that says this key. */
export function toServerId({ bucket, rk }: ResourceKey): string {
  return `${encode(BigInt(rk), KEY_LENGTH)}-${encode(BigInt(bucket), 2)}`
}

/** All that belongs to one patient shares one bucket: the patient's own. */
export function bucketOfPatient(patientId: string): number {
  return parseServerId(patientId)?.bucket ?? scatter(patientId)
}

/** Spreads texts evenly over the buckets (FNV-1a). */
export function scatter(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 16)) & ((1 << Number(BUCKET_BITS)) - 1)
}

/**
 * Gives keys: 41 bits of milliseconds since 2024, 10 of the process's slot, 12 of a count within the millisecond.
 * A count that runs over borrows the next millisecond, so keys never repeat and never go back.
 * @param slot 0–1023, from the sequence `process_slot`
 */
export function createKeys(slot: number, now: () => number = Date.now): () => string {
  let millisecond = 0
  let count = 0
  return () => {
    const at = now() - EPOCH
    if (at > millisecond) {
      millisecond = at
      count = 0
    } else if (++count === COUNT_MAX) {
      millisecond += 1
      count = 0
    }
    return ((BigInt(millisecond) << 22n) | BigInt((slot << 12) | count)).toString()
  }
}

function encode(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest >>= 5n) text = ALPHABET.charAt(Number(rest & 31n)) + text
  return text
}

function decode(text: string): bigint {
  let value = 0n
  for (const character of text) value = (value << 5n) | (VALUE_OF.get(character) ?? 0n)
  return value
}
