import { createHash } from 'node:crypto'
import type { Attachment, Coding, Composition, DocumentReference, DocumentReferenceContent } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import type { Language } from '../core/decide/words/language.ts'
import { translated } from '../core/decide/words/translated.ts'
import { confidentialityOf, isConfidentiality } from '../lifecycle/labels.ts'
import { VOLVEN_9602 } from '../lifecycle/volven-types.ts'

/** The XDS concept of a document that is made anew each time that it is fetched, and of one that stays as it is. */
export const OBJECT_TYPES = {
  'on-demand': 'urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248',
  stable: 'urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1',
} as const

const FORMAT = 'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode'
/** Of what is filed here, as a copy of what was in the record. */
export const SHARED_DOCUMENT = `${FYLGJE}/StructureDefinition/shared-document`

/** A document in one format: where it is fetched, and its bytes where they are fixed. */
export type Rendition = { contentType: string; url: string; bytes?: Buffer; creation?: string }

export type Referred = {
  composition: Composition
  language: Language
  kind: keyof typeof OBJECT_TYPES
  /** A name of its own, `urn:uuid:…`. */
  name: string
  renditions: Rendition[]
  /** Labels of what it was made of. */
  labels: Coding[]
  /** `DocumentReference/1`, in whose place it comes. */
  replaces?: string
}

/** What a document is found by, and where it is fetched. Pure. @see https://hl7.org/fhir/R4/documentreference.html */
export function documentReference({
  composition,
  language,
  kind,
  name,
  renditions,
  labels,
  replaces,
}: Referred): DocumentReference {
  const { date, type, subject, author, event = [] } = composition
  const title = translated(composition, 'title', language) ?? composition.title
  const security = [confidentialityOf(labels), ...labels.filter((label) => !isConfidentiality(label))]
  const [{ period, detail = [] } = {}] = event
  return {
    resourceType: 'DocumentReference',
    meta: {
      profile: [SHARED_DOCUMENT],
      ...(labels.length > 0 ? { security } : {}),
      tag: [{ system: 'urn:ietf:rfc:3986', code: OBJECT_TYPES[kind], display: kind }],
    },
    masterIdentifier: { system: 'urn:ietf:rfc:3986', value: name },
    ...{ status: 'current', docStatus: 'final' },
    ...(replaces ? { relatesTo: [{ code: 'replaces', target: { reference: replaces } }] } : {}),
    type: volvenFirst(type),
    category: [{ coding: (type.coding ?? []).filter(({ system }) => system !== VOLVEN_9602) }],
    ...(subject ? { subject: subject as NonNullable<DocumentReference['subject']> } : {}),
    date,
    author: author as NonNullable<DocumentReference['author']>,
    description: title,
    securityLabel: [{ coding: [confidentialityOf(labels)] }],
    content: renditions.map((rendition) => contentOf(rendition, title, language)),
    context: { ...(period ? { period } : {}), ...(detail.length > 0 ? { related: detail } : {}) },
  }
}

const volvenFirst = (type: Composition['type']): NonNullable<DocumentReference['type']> => ({
  ...type,
  coding: [...(type.coding ?? [])].sort((a, b) => Number(b.system === VOLVEN_9602) - Number(a.system === VOLVEN_9602)),
})

function contentOf(
  { contentType, url, bytes, creation }: Rendition,
  title: string,
  language: Language,
): DocumentReferenceContent {
  const attachment: Attachment = {
    ...{ contentType, language, url, title },
    ...(bytes ? { size: bytes.length, hash: sha1Of(bytes).toString('base64') } : {}),
    ...(creation ? { creation } : {}),
  }
  return { attachment, format: { system: FORMAT, code: 'urn:ihe:iti:xds:2017:mimeTypeSufficient' } }
}

export const sha1Of = (bytes: Uint8Array): Buffer => createHash('sha1').update(bytes).digest()
