import { createHash } from 'node:crypto'
import type { CarePlan, DocumentReference } from '@medplum/fhirtypes'
import type { Language } from '../core/decide/words/language.ts'
import { tell } from '../core/decide/words/told.ts'
import { compositionOf, DOCUMENT_KINDS, type DocumentKind } from '../lifecycle/care-plan-document.ts'
import { documentReference } from './document-reference.ts'

export type Offering = {
  carePlan: CarePlan
  baseUrl: string
  language: Language
  now: Date
  /** Dates of the care that was asked about. */
  start: string | undefined
  end: string | undefined
  hasReport: boolean
  mayPlan: boolean
  maySummary: boolean
}

/** What can be made of a CarePlan when it is fetched: where, and of which time it would tell. Not stored, so without an id. Pure. */
export function offeredDocuments(offering: Offering): DocumentReference[] {
  const { hasReport, mayPlan, maySummary } = offering
  return [
    ...(mayPlan ? [offered(offering, 'plan')] : []),
    ...(maySummary ? [offered(offering, 'summary')] : []),
    ...(hasReport ? [offered(offering, 'final')] : []),
  ]
}

function offered({ carePlan, baseUrl, language, now, start, end }: Offering, kind: DocumentKind): DocumentReference {
  const asked = kind === 'summary' ? { ...(start ? { start } : {}), ...(end ? { end } : {}) } : {}
  const title = tell((spoken) => [DOCUMENT_KINDS[kind].name[spoken], carePlan.title].filter(Boolean).join(': '))
  const composition = compositionOf({ kind, carePlan, title, period: { ...carePlan.period, ...asked }, now })
  const path = `${baseUrl}/CarePlan/${carePlan.id}`
  const days = Object.entries(asked).map(([name, text]) => `&${name}=${text.slice(0, 10)}`)
  const query = `kind=${kind}${days.join('')}`
  return documentReference({
    ...{ composition, language, kind: 'on-demand', labels: carePlan.meta?.security ?? [] },
    name: `urn:uuid:${uuidOf(`${path}?${query}&language=${language}`)}`,
    renditions: [
      { contentType: 'application/pdf', url: `${path}/$pdf?${query}&language=${language}` },
      { contentType: 'application/fhir+json', url: `${path}/$document?${query}` },
    ],
  })
}

/** The same offer is called the same each time that it is found, and so is the same copy. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
