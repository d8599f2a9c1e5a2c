import type { Attachment, DocumentReference, Reference } from '@medplum/fhirtypes'
import type { Issue } from '../core/fhir/outcome.ts'
import { sha1Of } from './document-reference.ts'
import type { Metadata, ProvidedDocument, Provision } from './provision.ts'
import { xdsIssue } from './xds-issue.ts'

/** What the Comprehensive metadata demand beside what FHIR does. */
const COMPREHENSIVE: [path: string, has: (document: DocumentReference) => unknown][] = [
  ['masterIdentifier', ({ masterIdentifier }) => masterIdentifier?.value],
  ['type', ({ type }) => type],
  ['category', ({ category }) => category?.length],
  ['securityLabel', ({ securityLabel }) => securityLabel?.length],
  ['content[0].attachment.language', ({ content }) => content[0]?.attachment.language],
  ['content[0].attachment.size', ({ content }) => content[0]?.attachment.size !== undefined],
  ['content[0].attachment.hash', ({ content }) => content[0]?.attachment.hash],
  ['content[0].attachment.creation', ({ content }) => content[0]?.attachment.creation],
  ['content[0].format', ({ content }) => content[0]?.format],
  ['context.facilityType', ({ context }) => context?.facilityType],
  ['context.practiceSetting', ({ context }) => context?.practiceSetting],
]

/** What can be seen to be wrong in one DocumentReference, and between it and what it describes. Pure. */
export function* issuesOfDocument(
  { entry, document }: ProvidedDocument,
  { submission, binaries, superseded }: Provision,
  metadata: Metadata,
): Iterable<Issue> {
  const at = `Bundle.entry[${entry.index}].resource`
  const { status, subject, content, relatesTo = [] } = document
  const absent = metadata === 'comprehensive' ? COMPREHENSIVE.filter(([, has]) => !has(document)) : []
  for (const [path] of absent)
    yield xdsIssue('XDSMetadataError', 'required', `Comprehensive metadata need ${path}.`, `${at}.${path}`)
  if (status !== 'current')
    yield xdsIssue('XDSMetadataError', 'value', 'A document that is provided has the status current.', `${at}.status`)
  if (!subject) yield xdsIssue('XDSMetadataError', 'required', 'The document must say whose it is.', `${at}.subject`)
  const whose = submission?.list.subject
  if (subject && whose && !isSame(subject, whose)) {
    const told = 'The document and the submission set must be about the same patient.'
    yield xdsIssue('XDSPatientIdDoesNotMatch', 'invalid', told, `${at}.subject`)
  }
  for (const [i, { attachment }] of content.entries())
    yield* issuesOfAttachment(attachment, binaries, `${at}.content[${i}].attachment`)
  for (const [i, { code, target }] of relatesTo.entries()) {
    if (code !== 'replaces' || superseded.has(target.reference ?? '')) continue
    const told = `What is replaced must become superseded in the same Bundle: expected an entry PUT or PATCH ${target.reference}.`
    yield xdsIssue('XDSReplaceFailed', 'required', told, `${at}.relatesTo[${i}].target`)
  }
}

const isSame = (one: Reference, other: Reference): boolean =>
  one.reference !== undefined || other.reference !== undefined
    ? one.reference === other.reference
    : one.identifier?.value === other.identifier?.value && one.identifier?.system === other.identifier?.system

function* issuesOfAttachment(
  { url, contentType, size, hash }: Attachment,
  binaries: Provision['binaries'],
  at: string,
): Iterable<Issue> {
  const binary = url === undefined ? undefined : binaries.get(url)
  if (!binary) {
    const told = `The document is not in the Bundle: no Binary has the fullUrl ${url ?? '(none)'}.`
    yield xdsIssue('XDSMissingDocument', 'required', told, `${at}.url`)
    return
  }
  const bytes = Buffer.from(binary.data ?? '', 'base64')
  if (contentType === undefined || contentType !== binary.contentType) {
    const told = `The Binary is ${binary.contentType}, the attachment says ${contentType ?? 'nothing'}.`
    yield xdsIssue('InvalidDocumentContent', 'invalid', told, `${at}.contentType`)
  }
  if (size !== undefined && size !== bytes.length) {
    const told = `The document has ${bytes.length} bytes, the attachment says ${size}.`
    yield xdsIssue('XDSNonIdenticalSize', 'invalid', told, `${at}.size`)
  }
  if (hash !== undefined && !spellingsOf(bytes).includes(hash)) {
    const told = 'The SHA-1 of the document is another than the attachment says.'
    yield xdsIssue('XDSNonIdenticalHash', 'invalid', told, `${at}.hash`)
  }
}

/** FHIR has the bytes as base64; XDS writes them as hexadecimal digits, and sources carry that over in either way. */
function spellingsOf(bytes: Uint8Array): string[] {
  const digest = sha1Of(bytes)
  const hex = digest.toString('hex')
  return [digest.toString('base64'), hex, Buffer.from(hex).toString('base64')]
}
