import type { Sink } from './extract.ts'
import { logicalReferenceToken, presentToken, referenceToken } from './token-hash.ts'

/** A literal reference to a resource of this server. */
export type LiteralReference = { type: string; id: string; version?: string }

const LITERAL = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})(?:\/_history\/([A-Za-z0-9.-]{1,64}))?$/

/** Reads `Type/id`, also with a version, also as an absolute url below `baseUrl`. Anything else is undefined. */
export function parseLiteralReference(reference: string, baseUrl: string): LiteralReference | undefined {
  const relative = baseUrl && reference.startsWith(`${baseUrl}/`) ? reference.slice(baseUrl.length + 1) : reference
  const [, type, id, version] = LITERAL.exec(relative) ?? []
  if (type === undefined || id === undefined) return undefined
  return version === undefined ? { type, id } : { type, id, version }
}

/** The tokens of a reference or canonical, and of its identifier. https://hl7.org/fhir/R4/search.html#reference */
export function referenceTokens(path: string, type: string, value: unknown, sink: Sink, baseUrl: string): void {
  if (typeof value === 'string') urlTokens(path, value, sink, baseUrl)
  if (typeof value !== 'object' || value === null) return
  if (type === 'Resource') inlineTokens(path, value, sink)
  else elementTokens(path, value, sink, baseUrl)
}

/** A resource that stands there itself, as the Composition in a document's first entry does. */
function inlineTokens(path: string, resource: object, sink: Sink): void {
  const { resourceType, id } = resource as { resourceType?: unknown; id?: unknown }
  urlTokens(path, `${resourceType}/${id}`, sink, '')
}

function elementTokens(path: string, value: object, sink: Sink, baseUrl: string): void {
  const { reference, identifier, type: stated } = value as { reference?: unknown; identifier?: unknown; type?: unknown }
  if (typeof reference === 'string') urlTokens(path, reference, sink, baseUrl)
  else sink.common(presentToken(path, typeof stated === 'string' ? stated : undefined))
  if (typeof identifier === 'object' && identifier !== null) identifierTokens(path, identifier, sink)
}

function urlTokens(path: string, url: string, sink: Sink, baseUrl: string): void {
  const literal = parseLiteralReference(url, baseUrl)
  sink.common(presentToken(path, literal?.type))
  if (literal) {
    const to = `${literal.type}/${literal.id}`
    sink.token(referenceToken(path, to))
    if (literal.version !== undefined) sink.token(referenceToken(path, `${to}/_history/${literal.version}`))
    return
  }
  sink.token(referenceToken(path, url))
  // A canonical with a version is also found without it.
  const bar = url.indexOf('|')
  if (bar > 0) sink.token(referenceToken(path, url.slice(0, bar)))
}

function identifierTokens(path: string, identifier: object, sink: Sink): void {
  const { system, value } = identifier as { system?: unknown; value?: unknown }
  if (typeof value !== 'string') return
  sink.token(logicalReferenceToken(path, undefined, value))
  sink.token(logicalReferenceToken(path, typeof system === 'string' ? system : '', value))
}
