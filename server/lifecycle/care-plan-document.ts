import type { CarePlan, Composition, Period } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { type Told, toldAs, toldConcept } from '../core/decide/words/told.ts'
import { PLAN_DOCUMENT_WORDS } from './plan-document-words.ts'
import { SUMMARY_WORDS } from './summary-words.ts'
import { type VolvenType, volvenCoding } from './volven-types.ts'

type Kind = { name: Told; volven: VolvenType; loinc: { code: string; display: string } }

/** The documents that are made of a CarePlan: the plan as agreed, what was in a period, and the report of its end. */
export const DOCUMENT_KINDS = {
  plan: {
    ...{ name: PLAN_DOCUMENT_WORDS.title, volven: 'treatment-plan' },
    loinc: { code: '18776-5', display: 'Plan of care note' },
  },
  summary: {
    ...{ name: SUMMARY_WORDS.period, volven: 'epikrise' },
    loinc: { code: '34133-9', display: 'Summary of episode note' },
  },
  final: {
    ...{ name: SUMMARY_WORDS.report, volven: 'epikrise' },
    loinc: { code: '18842-5', display: 'Discharge summary' },
  },
} as const satisfies Record<string, Kind>
export type DocumentKind = keyof typeof DOCUMENT_KINDS

export type DocumentOf = {
  kind: DocumentKind
  carePlan: CarePlan
  title: Told
  /** Of the care that it tells of. */
  period: Period | undefined
  now: Date
}

/** The Composition of such a document, before anything is said in it: what it is, whose, of which care and by whom. */
export function compositionOf({ kind, carePlan, title, period, now }: DocumentOf): Composition {
  const { name, volven, loinc } = DOCUMENT_KINDS[kind]
  return {
    resourceType: 'Composition',
    status: 'final',
    language: 'nb',
    type: { coding: [{ system: 'http://loinc.org', ...loinc }, volvenCoding(volven)], ...toldConcept(name) },
    confidentiality: 'N',
    subject: carePlan.subject,
    date: now.toISOString(),
    author: [authorOf(carePlan)],
    ...toldAs('title', title),
    event: [{ ...(period && { period }), detail: [{ reference: `CarePlan/${carePlan.id}` }] }],
  }
}

/** R4 does not let a team be an author; who agreed the plan is, or this server. */
function authorOf({ author }: CarePlan): Composition['author'][number] {
  const type = author?.reference?.split('/')[0] ?? ''
  const allowed = ['Practitioner', 'PractitionerRole', 'Organization', 'Patient', 'RelatedPerson', 'Device']
  return author && allowed.includes(type)
    ? (author as Composition['author'][number])
    : { identifier: { system: `${FYLGJE}/NamingSystem/device`, value: 'plan-keeper' }, display: 'Fylgje' }
}
