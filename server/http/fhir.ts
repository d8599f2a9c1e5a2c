import { randomUUID } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { ANONYMOUS, agentOf } from '../audit/agent.ts'
import type { Audit } from '../audit/audit.ts'
import { type AuditRecord, outcomeOfStatus, withoutNationalNumbers } from '../audit/record.ts'
import type { Watch } from '../authorization-server/authenticate.ts'
import { decodeUtf8 } from '../core/fhir/json.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Exchange, Origin, Reply, Rooms } from '../exchange.ts'
import { audited } from '../interactions/audited.ts'
import { subsetReply } from '../interactions/subset-reply.ts'
import { jsonFromXmlAside } from '../representation/aside.ts'
import { jsonFromXml } from '../representation/from-xml.ts'
import type { Representation } from '../representation/represent.ts'
import { takeUpCriteria } from '../store/page-links.ts'
import { bringsContent, readContent, sendContent, wantsContent } from './binary.ts'
import { readBytes, readForm, readResource } from './body.ts'
import { bodyLines, bringsLines, takesLines } from './body-lines.ts'
import { formatOfAnswer, formatOfBody } from './content-type.ts'
import { credentialsOf, textOf } from './credentials.ts'
import { HeldUpRefusal, type Recognise } from './recognise.ts'
import { sendReply } from './send.ts'
import { whileKnown } from './while-known.ts'

/** How it is known who asks, and that their token has not been revoked since. */
type Callers = { recognise: Recognise; watch: Watch }

/**
 * The one way in: path → who asks → may they → body → interaction → audit → answer. Errors go on to the last middleware.
 * @param bodyBytesMax a larger body is refused with 413 before it is read
 */
export function fhirHandler(rooms: Rooms, { recognise, watch }: Callers, bodyBytesMax: number): RequestHandler {
  return async (req, res) => {
    const { path, query } = parseUrl(req.url)
    const asContent = wantsContent(req, path, query)
    const representation: Representation = {
      format: asContent || takesLines(req.headers.accept, path) ? 'json' : formatOfAnswer(req.headers.accept, query),
      pretty: query.get('_pretty') === 'true',
    }
    // Refusals are written in the same way.
    res.locals.representation = representation
    const origin = originOf(req, res)
    const access = await recognise(req, path === 'metadata').catch(deny(rooms.audit, origin, path))
    const headers = conditionalHeaders(req)
    const asked = { access, origin, method: req.method, path, query }
    let body: unknown
    let lines: Exchange['lines']
    const reply = await audited(asked, rooms, async ({ route, type, id, versionId }, watched) => {
      await takeUpCriteria(rooms, access, query)
      if (path.endsWith('_search'))
        for (const [name, value] of await readForm(req, res, bodyBytesMax)) query.append(name, value)
      else if (bringsGraphQL(req, path)) body = { query: decodeUtf8(await readBytes(req, res, bodyBytesMax)) }
      else if (bringsContent(req, path)) body = await readContent(req, res, bodyBytesMax, id)
      else if (bringsLines(req, path)) lines = bodyLines(req, bodyBytesMax)
      else if (HAS_BODY.has(req.method) && !isBareOperation(req, path))
        body = await readBody(rooms, req, res, bodyBytesMax)
      const asked = { access, origin, type, id, versionId, query, headers, body, ...(lines && { lines }) }
      const answer = await route.handler(asked, watched)
      res.locals.interaction = route.interaction
      return answer
    })
    if (asContent && sendContent(res, reply, req.headers.accept)) return
    const isRead = body === undefined
    const shown = query.size > 0 && isRead ? await subsetReply(rooms.definitions, query, reply) : reply
    const long = shown.lines
    const sent = long ? { ...shown, lines: whileKnown(long, await watch(credentialsOf(req))) } : shown
    await sendReply(rooms, res, sent, representation, headers.prefer)
  }
}

export const originOf = ({ ip }: Request, res: Response): Origin => ({
  request: String(res.locals.requestId),
  ...(ip ? { address: ip } : {}),
})

/** Who is not let in is written down too; who comes too often once a minute, or they would overrun the audit. @throws what was thrown */
export const deny =
  (audit: Audit, origin: Origin, path: string) =>
  async (error: unknown): Promise<never> => {
    const isTold = error instanceof HeldUpRefusal && !error.isFirst
    if (error instanceof Refusal && !isTold)
      await audit.note({
        ...whoIsDenied(error),
        ...{ outcome: outcomeOfStatus(error.status), reason: error.message },
        ...{ ...origin, query: withoutNationalNumbers(path).slice(0, PATH_CHARS_MAX) },
      })
    throw error
  }

const whoIsDenied = (refusal: Refusal): Pick<AuditRecord, 'code' | 'agent'> =>
  refusal instanceof HeldUpRefusal
    ? { code: 'throttled', agent: agentOf(refusal.access) }
    : { code: 'token-refused', agent: ANONYMOUS }
const PATH_CHARS_MAX = 200

const HAS_BODY = new Set(['POST', 'PUT', 'PATCH'])

/** An operation whose parameters all stand in the URL may be called by a POST without a body. */
const isBareOperation = ({ headers }: Request, path: string): boolean =>
  path.includes('$') && headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

/** The query itself as the body. https://hl7.org/fhir/R4/graphql.html */
const bringsGraphQL = ({ headers }: Request, path: string): boolean =>
  path.endsWith('$graphql') && /^application\/graphql\b/i.test(headers['content-type'] ?? '')

/** What is read in ten milliseconds; more is read aside. */
const XML_BYTES_MAX = 64 * 1024

function readBody({ definitions }: Rooms, req: Request, res: Response, bodyBytesMax: number): Promise<unknown> {
  const isXml = formatOfBody(req.headers['content-type'], req.method) === 'xml'
  const toJson = (xml: Uint8Array) => {
    return xml.length > XML_BYTES_MAX ? jsonFromXmlAside(xml) : jsonFromXml(definitions, decodeUtf8(xml))
  }
  return readResource(req, res, bodyBytesMax, isXml ? toJson : undefined)
}

/** `/Observation/1?_pretty=true` → the path without slashes at its ends, and the parameters. */
function parseUrl(url: string): { path: string; query: URLSearchParams } {
  const [path = '', search = ''] = url.split(/\?(.*)/s)
  return { path: decodePath(path).replace(/^\/+|\/+$/g, ''), query: new URLSearchParams(search) }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function conditionalHeaders({ headers }: Request): Exchange['headers'] {
  return {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifModifiedSince: headers['if-modified-since'],
    ifNoneExist: textOf(headers['if-none-exist']),
    prefer: textOf(headers.prefer),
    acceptLanguage: headers['accept-language'],
  }
}

/** Each answer says the id under which a fault of ours would be logged; a caller may bring one. */
export const requestId: RequestHandler = (req, res, next) => {
  const given = req.headers['x-request-id']
  const id = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : randomUUID()
  res.locals.requestId = id
  res.setHeader('X-Request-Id', id)
  next()
}

export type { Reply }
