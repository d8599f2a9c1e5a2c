import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Request } from 'express'
import { refuse } from '../core/fhir/outcome.ts'

/** https://hl7.org/fhir/R4/nd-json.html, and what else it is called. */
const LINES = /\bapplication\/(?:fhir\+|x-)?ndjson\b/i

/** Whether the body is resources one a line, which are read as they come. */
export const bringsLines = ({ method, headers }: Request, path: string): boolean =>
  method === 'POST' && path === '$import' && LINES.test(headers['content-type'] ?? '')

/** Whether the answer may be lines, which are no other format of FHIR: what is refused comes as JSON. */
export const takesLines = (accept: string | undefined, path: string): boolean =>
  /^\$(?:exports\/|import$)/.test(path) && LINES.test(accept ?? '')

/**
 * The lines of the body as they come, no faster than they are taken. Lines without anything but space come too, for they are counted.
 * @param bytesMax a longer line is refused, and nothing after it is read
 * @throws Refusal too-long; invalid (no UTF-8, a body that breaks off)
 */
export function bodyLines(req: Request, bytesMax: number): AsyncGenerator<string> {
  const encoding = (req.headers['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity') return linesOf(req, bytesMax)
  if (encoding !== 'gzip')
    throw refuse('not-supported', 'Lines may be sent as they are, or with Content-Encoding gzip.', 'Content-Encoding')
  // What fails on the way fails where it is read.
  const unpacked = createGunzip()
  req.on('error', (error) => unpacked.destroy(error))
  req.on('aborted', () => unpacked.destroy(new Error('aborted')))
  return linesOf(req.pipe(unpacked), bytesMax)
}

const NEWLINE = 0x0a

async function* linesOf(bytes: Readable, bytesMax: number): AsyncGenerator<string> {
  let rest: Buffer[] = []
  let restBytes = 0
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      let from = 0
      for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
        yield textOf([...rest, chunk.subarray(from, to)], restBytes + to - from, bytesMax)
        rest = []
        restBytes = 0
        from = to + 1
      }
      if (from < chunk.length) rest.push(chunk.subarray(from))
      restBytes += chunk.length - from
      if (restBytes > bytesMax) throw tooLong(bytesMax)
    }
  } catch (error) {
    if (!isOfStream(error)) throw error
    throw refuse('invalid', 'The body could not be read to its end as its headers announce it.')
  }
  if (restBytes > 0) yield textOf(rest, restBytes, bytesMax)
}

/** By node: the connection, or what was packed. */
const isOfStream = (error: unknown): boolean =>
  error instanceof Error && ('code' in error || error.message === 'aborted') && error.name !== 'Refusal'

function textOf(parts: Buffer[], bytes: number, bytesMax: number): string {
  if (bytes > bytesMax) throw tooLong(bytesMax)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(parts.length === 1 ? parts[0] : Buffer.concat(parts))
  } catch {
    throw refuse('invalid', 'The line is not UTF-8.')
  }
}

const tooLong = (bytesMax: number) =>
  refuse('too-long', `The line is larger than ${bytesMax / 1024 / 1024} MiB, the most that is taken.`)
