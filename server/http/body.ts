import express, { type Request, type Response } from 'express'
import { decodeUtf8 } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import { parseJsonInTurns } from '../large-json/json-in-turns.ts'
import { decodeUtf8InTurns } from '../large-json/utf8-in-turns.ts'
import { refuseJsonAside } from '../representation/aside.ts'

/**
 * The body, parsed. A large one is read in turns, so that others need not wait for it.
 * @param toJson the JSON of a body in another format, in UTF-8 as well
 * @throws Refusal too-long, invalid (UTF-8, JSON) or required (no body)
 */
export async function readResource(
  req: Request,
  res: Response,
  bytesMax: number,
  toJson: (bytes: Uint8Array) => Uint8Array | string | Promise<Uint8Array> = (bytes) => bytes,
): Promise<unknown> {
  const bytes = await readBytes(req, res, bytesMax)
  if (bytes.length === 0) throw refuse('required', 'The request has no body; a resource was expected.')
  const json = await toJson(bytes)
  const text = typeof json === 'string' ? json : await decodeUtf8InTurns(json)
  return parseJsonInTurns(text, { refuseAside: refuseJsonAside })
}

/** The parameters of a form, as POST _search sends them. */
export async function readForm(req: Request, res: Response, bytesMax: number): Promise<URLSearchParams> {
  const bytes = await readBytes(req, res, bytesMax)
  if (bytes.length > 0 && !/^application\/x-www-form-urlencoded\b/i.test(req.headers['content-type'] ?? '')) {
    throw refuse('not-supported', 'The parameters of POST _search come as application/x-www-form-urlencoded.')
  }
  return new URLSearchParams(decodeUtf8(bytes))
}

const readers = new Map<number, ReturnType<typeof express.raw>>()

/** The body as it came, unpacked. @throws Refusal too-long, invalid */
export function readBytes(req: Request, res: Response, bytesMax: number): Promise<Uint8Array> {
  const read = readers.get(bytesMax) ?? express.raw({ type: () => true, limit: bytesMax })
  readers.set(bytesMax, read)
  return new Promise((resolve, reject) => {
    read(req, res, (error?: unknown) => {
      if (error) reject(toRefusal(error, bytesMax))
      else resolve(Buffer.isBuffer(req.body) ? req.body : new Uint8Array())
    })
  })
}

/** What body-parser says, in FHIR's words. https://github.com/expressjs/body-parser#errors */
function toRefusal(error: unknown, bytesMax: number): unknown {
  const { type, status } = error as { type?: string; status?: number }
  if (type === 'entity.too.large')
    return refuse('too-long', `The body is larger than ${bytesMax / 1024 / 1024} MiB, the most that is taken.`)
  if (type === 'encoding.unsupported')
    return refuse('not-supported', 'The body may be sent as it is, or with Content-Encoding gzip, deflate or br.')
  if (status !== undefined && status < 500)
    return refuse('invalid', 'The body could not be read to its end as its headers announce it.')
  return error
}
