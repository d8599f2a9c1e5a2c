import { decodeUtf8 } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { beginTurn } from '../turns.ts'

/** Decoded in one go: some tenths of a millisecond. */
const STRETCH_BYTES = 256 * 1024
/** A character has at most four bytes; all but its first begin with these bits. */
const BYTES_MAX = 4
const isFollowing = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80

/**
 * The same as `decodeUtf8`, for many bytes.
 * @param stretchBytes at least as many as a character may have
 * @throws Refusal `invalid` for bytes that are not UTF-8
 */
export async function decodeUtf8InTurns(bytes: Uint8Array, stretchBytes = STRETCH_BYTES): Promise<string> {
  if (bytes.length <= stretchBytes) return decodeUtf8(bytes)
  const turn = beginTurn()
  let text = ''
  for (let from = 0; from < bytes.length; ) {
    const to = characterEnd(bytes, from + stretchBytes)
    text += from === 0 ? decodeUtf8(bytes.subarray(0, to)) : decodeFurther(bytes.subarray(from, to))
    from = to
    if (turn.isOver()) await turn.next()
  }
  return text
}

/** The end of what is whole before `end`. Where no character begins for so long, it is no UTF-8, wherever it is cut. */
function characterEnd(bytes: Uint8Array, end: number): number {
  if (end >= bytes.length) return bytes.length
  for (let back = 0; back < BYTES_MAX; back++) if (!isFollowing(bytes[end - back])) return end - back
  return end
}

/** Only the first of all bytes can be a byte order mark. */
function decodeFurther(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse('invalid', 'The body is not valid UTF-8.')
  }
}
