import type { Attachment } from '@medplum/fhirtypes'
import { bytesOf } from '../../fhir/base64.ts'
import type { FhirClient } from '../../fhir/client.ts'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import { narrativeOf } from '../plan/narrative.ts'

/** What there is to show of a part of a document. Of marked-up text its words alone are taken, whatever else it may hold. */
export type DocumentContent =
  | { kind: 'text'; parts: { heading?: string; rows: string[][] }[] }
  | { kind: 'file'; file: Blob }
  | { kind: 'elsewhere'; where: string }

/** The content of an attachment: in it, in a Binary or a Composition of this server, or somewhere that is not asked from here. */
export async function readContent(
  fhir: FhirClient,
  { contentType = '', data, url = '' }: Attachment,
  language: Language,
  signal: AbortSignal,
): Promise<DocumentContent> {
  if (data) return contentOf(contentType, data, language)
  const [, type, id] = /(?:^|\/)(Binary|Composition)\/([A-Za-z0-9\-.]{1,64})$/.exec(url) ?? []
  // An address of another server is not asked with this one's token, nor told who is being looked at.
  if (!type || !id || /^https?:/.test(url)) return { kind: 'elsewhere', where: hostOf(url) }
  if (type === 'Binary') {
    const binary = await fhir.read('Binary', id, signal)
    return contentOf(binary.contentType || contentType, binary.data ?? '', language)
  }
  const { section = [] } = await fhir.read('Composition', id, signal)
  return {
    kind: 'text',
    parts: section.map((one) => {
      const heading = translated(one, 'title', language)?.text
      return { ...(heading ? { heading } : {}), rows: narrativeOf(one.text?.div, language) }
    }),
  }
}

/** @param data base64 */
export function contentOf(contentType: string, data: string, language: Language): DocumentContent {
  const bytes = bytesOf(data)
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === 'text/plain') {
    const rows = new TextDecoder(charsetIn(contentType))
      .decode(bytes)
      .split(/\r?\n/)
      .map((line) => [line])
    return { kind: 'text', parts: [{ rows }] }
  }
  if (type === 'text/html' || type === 'application/xhtml+xml')
    return {
      kind: 'text',
      parts: [{ rows: narrativeOf(new TextDecoder(charsetIn(contentType)).decode(bytes), language) }],
    }
  return { kind: 'file', file: new Blob([bytes], { type: contentType }) }
}

/** Many journals still write their texts in Latin 1. */
function charsetIn(contentType: string): string {
  const [, charset = 'utf-8'] = /charset="?([\w-]+)/i.exec(contentType) ?? []
  try {
    return new TextDecoder(charset).encoding
  } catch {
    return 'utf-8'
  }
}

function hostOf(url: string): string {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
