import { Refusal } from '../fhir/outcome.ts'

/** What is sent. https://hl7.org/fhir/R4/http.html#mime-type */
export const FHIR_JSON = 'application/fhir+json; charset=utf-8'

const JSON_TYPES = new Set(['application/fhir+json', 'application/json', 'text/json', 'json', 'application/json+fhir'])

/** @throws Refusal with 415 for a body that is no JSON */
export function assertTakesJson(contentType: string | undefined): void {
  if (contentType === undefined || JSON_TYPES.has(mediaType(contentType))) return
  throw unsupported(415, `A body of type ${mediaType(contentType)} is not read; send application/fhir+json.`)
}

/** `_format` counts before Accept. @throws Refusal with 406 when the caller takes no JSON */
export function assertSendsJson(accept: string | undefined, query: URLSearchParams): void {
  const format = query.get('_format')
  if (format !== null) {
    query.delete('_format')
    // A `+` in a query string is a space, and clients forget to escape it.
    if (JSON_TYPES.has(mediaType(format.replace(' ', '+')))) return
    throw unsupported(406, `The format ${format} is not written; application/fhir+json is.`)
  }
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') return
  const taken = accept.split(',').map(mediaType)
  if (taken.some((type) => JSON_TYPES.has(type) || type === '*/*' || type === 'application/*')) return
  throw unsupported(406, `None of ${accept} is written; application/fhir+json is.`)
}

const mediaType = (header: string): string => (header.split(';', 1)[0] ?? '').trim().toLowerCase()
const unsupported = (status: number, diagnostics: string) =>
  new Refusal([{ severity: 'error', code: 'not-supported', diagnostics }], status)
