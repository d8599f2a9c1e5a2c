import { endOfString } from '../core/fhir/json.ts'
import { beginTurn } from '../turns.ts'

/** An object or array of JSON text that is too long to be parsed in one go, taken apart. */
export type LongContainer = {
  isArray: boolean
  /** How many containers there are from the root to this one, both counted. */
  depth: number
  /** Positions of its brackets. */
  start: number
  end: number
  /** What lies between its brackets, in order, each without the comma behind it. */
  pieces: Piece[]
}

/** Several whole members that stand one after the other; or one alone, that has a long container as its value. */
export type Piece = { from: number; to: number; long?: LongContainer }

type Bounds = {
  /** Of a piece, except where a single member is longer; a container of no more characters is not taken apart. */
  charsMax: number
  depthMax: number
}

/** Between two looks at the clock. */
const STRETCH_CHARS = 64 * 1024

/**
 * Finds where a long JSON text can be taken apart, a stretch at a time. It looks at brackets, commas and strings alone.
 * @returns undefined for what is no single container with brackets that match, or too deep: there is nothing to take apart
 */
export async function outlineJson(text: string, bounds: Bounds): Promise<LongContainer | undefined> {
  const outline = createOutline(text, bounds)
  const turn = beginTurn()
  for (let until = STRETCH_CHARS; outline.goOn(until); until += STRETCH_CHARS) if (turn.isOver()) await turn.next()
  return outline.root()
}

/** A container that is not closed yet. There are as many as the text is deep; each is used again for the next at its depth. */
type Open = {
  isArray: boolean
  start: number
  /** Where the members begin that are not in a piece yet, and where the last of them does. */
  pieceStart: number
  memberStart: number
  /** The value of the last member, if it is a long one. */
  long: LongContainer | undefined
  pieces: Piece[]
}

function createOutline(text: string, { charsMax, depthMax }: Bounds) {
  const levels: Open[] = []
  let depth = 0
  let position = 0
  let root: LongContainer | undefined
  let isBroken = false

  function open(isArray: boolean): void {
    isBroken ||= root !== undefined || depth === depthMax
    const next = position + 1
    levels[depth++] = Object.assign(levels[depth - 1] ?? ({} as Open), {
      ...{ isArray, start: position, pieceStart: next, memberStart: next },
      ...{ long: undefined, pieces: [] },
    })
  }

  /** @param isLast a bracket, and no comma, is behind the member */
  function endMember(level: Open, isLast: boolean): void {
    const { pieceStart, memberStart, long, pieces } = level
    if (long) {
      if (memberStart > pieceStart) pieces.push({ from: pieceStart, to: memberStart - 1 })
      pieces.push({ from: memberStart, to: position, long })
    } else if (isLast || position - pieceStart >= charsMax) {
      pieces.push({ from: pieceStart, to: position })
    } else {
      level.memberStart = position + 1
      return
    }
    level.long = undefined
    level.pieceStart = level.memberStart = position + 1
  }

  function close(isArray: boolean): void {
    const level = levels[--depth]
    if (!level || level.isArray !== isArray) {
      isBroken = true
      return
    }
    const parent = levels[depth - 1]
    const isLong = position - level.start > charsMax
    if (!isLong && depth > 0) return
    endMember(level, true)
    const { start, pieces } = level
    const closed = { isArray, depth: depth + 1, start, end: position, pieces }
    if (depth === 0) root = closed
    else if (parent) {
      isBroken ||= parent.long !== undefined
      parent.long = closed
    }
  }

  function step(char: number): void {
    switch (char) {
      case 0x22:
        position = endOfString(text, position)
        break
      case 0x7b:
      case 0x5b:
        open(char === 0x5b)
        break
      case 0x7d:
      case 0x5d:
        close(char === 0x5d)
        break
      case 0x2c: {
        const level = levels[depth - 1]
        if (level) endMember(level, false)
        else isBroken = true
      }
    }
  }

  return {
    /** @returns whether there is more beyond `until` */
    goOn(until: number): boolean {
      const end = Math.min(until, text.length)
      for (; position < end && !isBroken; position++) step(text.charCodeAt(position))
      return position < text.length && !isBroken
    },
    root(): LongContainer | undefined {
      if (!root || isBroken || depth > 0) return undefined
      const around = text.slice(0, root.start) + text.slice(root.end + 1)
      return around.trim() === '' ? root : undefined
    },
  }
}
