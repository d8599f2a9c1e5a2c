import { Refusal } from '../core/fhir/outcome.ts'
import { JSON_PATCH } from '../patch/patch.ts'

/** The formats of FHIR that are read and written. https://hl7.org/fhir/R4/http.html#mime-type */
export type Format = 'json' | 'xml'

/** What is sent. */
export const CONTENT_TYPE: Record<Format, string> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
}

const FORMATS = new Map<string, Format>([
  ...['application/fhir+json', 'application/json', 'text/json', 'json', 'application/json+fhir'].map(
    (type) => [type, 'json'] as const,
  ),
  ...['application/fhir+xml', 'application/xml', 'text/xml', 'xml', 'application/xml+fhir'].map(
    (type) => [type, 'xml'] as const,
  ),
])

/** Whether a media type is one of FHIR's formats. */
export const isFhirFormat = (contentType: string): boolean => FORMATS.has(mediaType(contentType))

/** The format of a body. @throws Refusal with 415 for any other */
export function formatOfBody(contentType: string | undefined, method: string): Format {
  if (contentType === undefined) return 'json'
  if (OTHER_VERSION.test(contentType)) throw unsupported(415, `FHIR R4 is read (fhirVersion=4.0), not ${contentType}.`)
  const type = mediaType(contentType)
  const format = FORMATS.get(type) ?? (method === 'PATCH' && type === JSON_PATCH ? 'json' : undefined)
  if (format) return format
  const expected = `application/fhir+json or application/fhir+xml${method === 'PATCH' ? `, or ${JSON_PATCH}` : ''}`
  throw unsupported(415, `A body of type ${type} is not read; send ${expected}.`)
}

/**
 * The format of the answer. `_format` counts before Accept; who accepts anything gets JSON.
 * @throws Refusal with 406 when the caller takes neither
 */
export function formatOfAnswer(accept: string | undefined, query: URLSearchParams): Format {
  const asked = query.get('_format')
  if (asked !== null) {
    query.delete('_format')
    // A `+` in a query string is a space, and clients forget to escape it.
    const format = FORMATS.get(mediaType(asked.replace(' ', '+')))
    if (format) return format
    throw unsupported(406, `The format ${asked} is not written; application/fhir+json and application/fhir+xml are.`)
  }
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') return 'json'
  return preferred(accept)
}

/** The first of the most wanted. */
function preferred(accept: string): Format {
  const ranges = accept
    .split(',')
    .map((range) => ({ type: mediaType(range), weight: OTHER_VERSION.test(range) ? 0 : weightOf(range) }))
  // A browser asks for XML of any kind, and means XHTML.
  const isBrowser = ranges.some(({ type }) => type === 'text/html')
  const taken = ranges
    .flatMap(({ type, weight }) => {
      const format = type === '*/*' || type === 'application/*' ? 'json' : FORMATS.get(type)
      return format && weight > 0 && !(isBrowser && format === 'xml') ? [{ format, weight }] : []
    })
    .toSorted((a, b) => b.weight - a.weight)
  if (taken[0]) return taken[0].format
  throw unsupported(406, `None of ${accept} is written; application/fhir+json and application/fhir+xml are.`)
}

/** A FHIR version that is none of R4. https://hl7.org/fhir/R4/http.html#version-parameter */
const OTHER_VERSION = /;\s*fhirversion\s*=\s*"?(?!4\.0\b)/i

const weightOf = (range: string): number => Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1)

const mediaType = (header: string): string => (header.split(';', 1)[0] ?? '').trim().toLowerCase()
const unsupported = (status: number, diagnostics: string) =>
  new Refusal([{ severity: 'error', code: 'not-supported', diagnostics }], status)
