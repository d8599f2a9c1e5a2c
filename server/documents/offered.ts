import { createHash } from 'node:crypto'
import type { CarePlan, Composition, DocumentReference } from '@medplum/fhirtypes'
import type { Language } from '../core/decide/words/language.ts'
import { tell, toldAs, toldConcept } from '../core/decide/words/told.ts'
import { authorOf } from '../lifecycle/document-author.ts'
import { PLAN_DOCUMENT_WORDS } from '../lifecycle/plan-document-words.ts'
import { SUMMARY_WORDS } from '../lifecycle/summary-words.ts'
import { volvenCoding } from '../lifecycle/volven-types.ts'
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

const KINDS = {
  plan: { words: PLAN_DOCUMENT_WORDS.title, volven: 'treatment-plan', loinc: '18776-5' },
  summary: { words: SUMMARY_WORDS.period, volven: 'epikrise', loinc: '34133-9' },
  final: { words: SUMMARY_WORDS.report, volven: 'epikrise', loinc: '18842-5' },
} as const
type Kind = keyof typeof KINDS

/** What can be made of a CarePlan when it is fetched: where, and of which time it would tell. Not stored, so without an id. Pure. */
export function offeredDocuments(offering: Offering): DocumentReference[] {
  const { hasReport, mayPlan, maySummary } = offering
  return [
    ...(mayPlan ? [offered(offering, 'plan')] : []),
    ...(maySummary ? [offered(offering, 'summary')] : []),
    ...(hasReport ? [offered(offering, 'final')] : []),
  ]
}

function offered({ carePlan, baseUrl, language, now, start, end }: Offering, kind: Kind): DocumentReference {
  const { words, volven, loinc } = KINDS[kind]
  const own = carePlan.period ?? {}
  const asked = kind === 'summary' ? { ...(start ? { start } : {}), ...(end ? { end } : {}) } : {}
  const composition: Composition = {
    resourceType: 'Composition',
    status: 'final',
    type: { coding: [{ system: 'http://loinc.org', code: loinc }, volvenCoding(volven)], ...toldConcept(words) },
    subject: carePlan.subject,
    date: now.toISOString(),
    author: [authorOf(carePlan)],
    ...toldAs(
      'title',
      tell((spoken) => [words[spoken], carePlan.title].filter(Boolean).join(': ')),
    ),
    event: [{ period: { ...own, ...asked }, detail: [{ reference: `CarePlan/${carePlan.id}` }] }],
  }
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

/** The same offer is called the same each time that it is found. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
