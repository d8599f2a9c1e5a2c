import { DEPTH_MAX, moveJson, parseJson } from '../core/fhir/json.ts'
import { beginTurn, type Turn } from '../turns.ts'
import { type LongContainer, outlineJson, type Piece } from './json-outline.ts'

/** What is parsed in one go: about a millisecond. */
const PIECE_CHARS = 64 * 1024

/**
 * The same as `parseJson`, for a text that would keep all others waiting: a Bundle of 5,000 entries takes 100 ms. It is taken
 * apart between its members, and put together from pieces; a single string is never taken apart.
 * @param options.depthMax as for `parseJson`
 * @param options.pieceChars a shorter text is parsed in one go
 * @param options.refuseAside refuses a text that is no JSON, elsewhere than in this thread: to say what is wrong with 5 MB, and in
 *   which line, takes 100 to 400 ms. Left out: that is done here
 * @throws Refusal as `parseJson` does, with the same words
 */
export async function parseJsonInTurns(
  text: string,
  {
    depthMax = DEPTH_MAX,
    pieceChars = PIECE_CHARS,
    refuseAside,
  }: { depthMax?: number; pieceChars?: number; refuseAside?: (text: string) => Promise<unknown> } = {},
): Promise<unknown> {
  if (text.length <= pieceChars) return parseJson(text, depthMax)
  const root = await outlineJson(text, { charsMax: pieceChars, depthMax })
  try {
    if (root) return await assemble(root, { text, depthMax, turn: beginTurn() })
  } catch {
    // As below.
  }
  // Something is wrong with it, or it is odd: the whole text tells what, and where.
  await refuseAside?.(text)
  return parseJson(text, depthMax)
}

type Assembly = { text: string; depthMax: number; turn: Turn }

/** For what cannot be put together from pieces. Nobody sees it. */
const odd = () => new Error('odd')

async function assemble(container: LongContainer, assembly: Assembly): Promise<object> {
  const { text, depthMax, turn } = assembly
  const whole = container.isArray ? [] : {}
  for (const piece of container.pieces) {
    if (piece.long) addMember(whole, text, piece, await assemble(piece.long, assembly))
    else addMembers(whole, container, text.slice(piece.from, piece.to), depthMax)
    if (turn.isOver()) await turn.next()
  }
  return whole
}

/** @param members text of several */
function addMembers(whole: object, { isArray, depth }: LongContainer, members: string, depthMax: number): void {
  // Between the right brackets it would be a container without members, where a member is expected.
  if (members.trim() === '') throw odd()
  const part = parseJson(isArray ? `[${members}]` : `{${members}}`, depthMax - depth + 1) as object
  if (Array.isArray(whole)) for (let i = 0; i < (part as unknown[]).length; i++) moveJson(part, i, whole, whole.length)
  else for (const name of Object.keys(part)) put(whole, name, part)
}

/** @param value of the one member that the piece is */
function addMember(whole: object, text: string, { from, to, long }: Piece, value: object): void {
  const before = text.slice(from, long?.start)
  if (!long || text.slice(long.end + 1, to).trim() !== '') throw odd()
  if (Array.isArray(whole)) {
    if (before.trim() !== '') throw odd()
    whole.push(value)
    return
  }
  const [name, ...more] = Object.keys(parseJson(`{${before}null}`) as object)
  if (name === undefined || more.length > 0) throw odd()
  put(whole, name, { [name]: value })
}

function put(whole: object, name: string, from: object): void {
  // A name that stands twice, or one that an assignment would not make a member of.
  if (Object.hasOwn(whole, name) || name === '__proto__') throw odd()
  moveJson(from, name, whole, name)
}
