/**
 * Where a resource lies: its bucket (0–1023, the patient's) and its key, a 63-bit number that grows with time.
 * Ids that the server gives say both, so that a read needs no lookup, also when the tables are distributed by bucket:
 * 13 characters of key, a hyphen, two of bucket, such as `02hk3v8x0r4e1-5q`.
 */
export type ResourceKey = { bucket: number; rk: string }

/** Crockford's base 32: no i, l, o, u, so that an id can be read aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const VALUE_OF = new Map([...ALPHABET].map((character, value) => [character.charCodeAt(0), value]))
const SERVER_ID = /^[0-7][0-9a-hjkmnp-tv-z]{12}-[0-9a-hjkmnp-tv-z]{2}$/

const KEY_LENGTH = 13
const BUCKET_BITS = 10n
const COUNT_MAX = 4096
const EPOCH = Date.UTC(2024, 0, 1)

/** The key in a server-given id; undefined for an id that a client chose. */
export function parseServerId(id: string): ResourceKey | undefined {
  if (!SERVER_ID.test(id)) return undefined
  return { rk: decodeKey(id), bucket: bucketIn(id) }
}

const bucketIn = (serverId: string): number => decode(serverId, KEY_LENGTH + 1, serverId.length)

/** The id that says this key. */
export function toServerId({ bucket, rk }: ResourceKey): string {
  const key = BigInt(rk)
  const [high, low] = [Number(key >> LOW_BITS), Number(BigInt.asUintN(Number(LOW_BITS), key))]
  return `${encode(high, KEY_LENGTH - LOW_LENGTH)}${encode(low, LOW_LENGTH)}-${encode(bucket, 2)}`
}

/** All that belongs to one patient shares one bucket: the patient's own. */
export function bucketOfPatient(patientId: string): number {
  return SERVER_ID.test(patientId) ? bucketIn(patientId) : scatter(patientId)
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

/** A key is longer than a number can be, so it is read and written in two parts; one digit after the other of a bigint takes ten times as long. */
const LOW_LENGTH = 6
const LOW_BITS = BigInt(5 * LOW_LENGTH)

function decodeKey(id: string): string {
  const [high, low] = [decode(id, 0, KEY_LENGTH - LOW_LENGTH), decode(id, KEY_LENGTH - LOW_LENGTH, KEY_LENGTH)]
  return ((BigInt(high) << LOW_BITS) | BigInt(low)).toString()
}

function encode(value: number, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) text = ALPHABET.charAt(rest % 32) + text
  return text
}

/** The number that the characters from `start` to before `end` write: 35 bits at most. */
function decode(text: string, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) value = value * 32 + (VALUE_OF.get(text.charCodeAt(at)) ?? 0)
  return value
}
