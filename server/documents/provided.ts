import type { Attachment, Binary, DocumentReference, List, Reference } from '@medplum/fhirtypes'
import type { Issue, IssueCode } from '../core/fhir/outcome.ts'
import { sha1Of } from './document-reference.ts'

// IHE MHD, Provide Document Bundle [ITI-65]: what a Document Source must have right, and what is told where it has not.

const PROFILE =
  /^https?:\/\/profiles\.ihe\.net\/ITI\/MHD\/[\d.]*\/?StructureDefinition\/IHE\.MHD\.((?:UnContained\.)?Comprehensive|Minimal)\.ProvideBundle(?:\|.*)?$/
const ANY_MHD = /^https?:\/\/profiles\.ihe\.net\/ITI\/MHD\//
const LIST_TYPES = 'https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes'

export type Metadata = 'minimal' | 'comprehensive'

/** Which metadata a Bundle says that it has; undefined for a transaction of another kind. */
export function metadataOf(bundle: Record<string, unknown>): Metadata | 'unknown' | undefined {
  const profiles = ((bundle.meta as { profile?: unknown } | undefined)?.profile ?? []) as unknown[]
  const named = profiles.filter((one): one is string => typeof one === 'string' && ANY_MHD.test(one))
  if (named.length === 0) return undefined
  const [, kind] = named.map((one) => PROFILE.exec(one)).find((found) => found !== null) ?? []
  return kind === undefined ? 'unknown' : kind === 'Minimal' ? 'minimal' : 'comprehensive'
}

/** An entry as far as it is looked at here. */
export type ProvidedEntry = {
  index: number
  method: string
  path: string
  fullUrl: string | undefined
  resource: unknown
}

/** The codes of IHE ITI TF-3, table 4.2.4.1-2, that are told here. */
export type XdsCode =
  | 'XDSMissingDocument'
  | 'XDSMissingDocumentMetadata'
  | 'XDSNonIdenticalHash'
  | 'XDSNonIdenticalSize'
  | 'XDSDuplicateUniqueIdInMessage'
  | 'XDSDuplicateUniqueIdInRegistry'
  | 'XDSUnknownPatientId'
  | 'XDSPatientIdDoesNotMatch'
  | 'XDSReplaceFailed'
  | 'XDSMetadataError'
  | 'UnresolvedReferenceException'
  | 'InvalidDocumentContent'
  | 'FHIRDocumentNotSupported'

export const xdsIssue = (xds: XdsCode, code: IssueCode, diagnostics: string, expression: string): Issue => ({
  ...{ severity: 'error', code, diagnostics, expression: [expression] },
  details: { coding: [{ code: xds }], text: xds },
})

/** What the Bundle brings, found by what it is. */
export type Provision = {
  documents: { entry: ProvidedEntry; document: DocumentReference }[]
  submission: { entry: ProvidedEntry; list: List } | undefined
  binaries: Map<string, { entry: ProvidedEntry; binary: Binary }>
  /** DocumentReferences that are changed: those that are replaced. */
  superseded: Set<string>
}

const isPosted = ({ method, path }: ProvidedEntry, type: string) => method === 'POST' && path === type

export function provisionOf(entries: ProvidedEntry[]): Provision {
  const lists = entries.filter((entry) => isPosted(entry, 'List'))
  const submission = lists.find(({ resource }) => isSubmissionSet(resource as List))
  return {
    documents: entries
      .filter((entry) => isPosted(entry, 'DocumentReference'))
      .map((entry) => ({ entry, document: entry.resource as DocumentReference })),
    submission: submission && { entry: submission, list: submission.resource as List },
    binaries: new Map(
      entries
        .filter((entry) => isPosted(entry, 'Binary') && entry.fullUrl !== undefined)
        .map((entry) => [entry.fullUrl ?? '', { entry, binary: entry.resource as Binary }]),
    ),
    superseded: new Set(
      entries
        .filter(({ method, path }) => /^(?:PUT|PATCH)$/.test(method) && /^DocumentReference\//.test(path))
        .map(({ path }) => path),
    ),
  }
}

const isSubmissionSet = ({ code }: List): boolean =>
  code?.coding?.some(({ system, code: one }) => system === LIST_TYPES && one === 'submissionset') ?? false

const TYPES: ReadonlySet<string> = new Set(['List', 'DocumentReference', 'Binary', 'Patient'])

/** Everything that can be seen to be wrong in the Bundle itself. Pure. */
export function issuesOfProvision(entries: ProvidedEntry[], provision: Provision, metadata: Metadata): Issue[] {
  return [
    ...entries.flatMap(issuesOfEntry),
    ...issuesOfSubmission(provision),
    ...provision.documents.flatMap((one) => issuesOfDocument(one, provision, metadata)),
    ...issuesOfNames(provision),
  ]
}

function issuesOfEntry({ index, path, resource }: ProvidedEntry): Issue[] {
  const type = path.split('/')[0] ?? ''
  const at = `Bundle.entry[${index}]`
  if (type === 'Bundle' || (resource as { resourceType?: unknown } | undefined)?.resourceType === 'Bundle')
    return [
      xdsIssue(
        'FHIRDocumentNotSupported',
        'not-supported',
        'A document is brought as a Binary here; a Bundle of type document is not taken.',
        at,
      ),
    ]
  if (TYPES.has(type)) return []
  return [
    xdsIssue(
      'XDSMetadataError',
      'not-supported',
      `A ${type} is no part of a provided document; expected ${[...TYPES].join(', ')}.`,
      at,
    ),
  ]
}

function issuesOfSubmission({ submission, documents }: Provision): Issue[] {
  if (!submission)
    return [
      xdsIssue(
        'XDSMetadataError',
        'required',
        `Expected one List with the code ${LIST_TYPES}|submissionset.`,
        'Bundle.entry',
      ),
    ]
  const { entry, list } = submission
  const at = `Bundle.entry[${entry.index}].resource`
  const items = new Set((list.entry ?? []).map(({ item }) => item?.reference))
  const known = new Set(documents.map(({ entry: { fullUrl } }) => fullUrl))
  const missing = documents.filter(({ entry: { fullUrl } }) => !fullUrl || !items.has(fullUrl))
  return [
    ...(documents.length === 0
      ? [
          xdsIssue(
            'XDSMissingDocumentMetadata',
            'required',
            'There is no DocumentReference in the Bundle.',
            'Bundle.entry',
          ),
        ]
      : []),
    ...(list.subject
      ? []
      : [
          xdsIssue(
            'XDSMetadataError',
            'required',
            'The submission set must say whose documents they are.',
            `${at}.subject`,
          ),
        ]),
    ...(list.identifier?.length
      ? []
      : [xdsIssue('XDSMetadataError', 'required', 'The submission set must have its unique id.', `${at}.identifier`)]),
    ...missing.map(({ entry: { index } }) =>
      xdsIssue(
        'UnresolvedReferenceException',
        'invalid',
        'The DocumentReference is not in the submission set; List.entry.item must name its fullUrl.',
        `Bundle.entry[${index}].fullUrl`,
      ),
    ),
    ...[...items]
      .filter((item) => item?.startsWith('urn:') && !known.has(item))
      .map((item) =>
        xdsIssue(
          'UnresolvedReferenceException',
          'invalid',
          `The submission set names ${item}, which is not in the Bundle.`,
          `${at}.entry`,
        ),
      ),
  ]
}

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

function issuesOfDocument(
  { entry, document }: Provision['documents'][number],
  provision: Provision,
  metadata: Metadata,
): Issue[] {
  const at = `Bundle.entry[${entry.index}].resource`
  const whose = provision.submission?.list.subject
  const absent = metadata === 'comprehensive' ? COMPREHENSIVE.filter(([, has]) => !has(document)) : []
  return [
    ...absent.map(([path]) =>
      xdsIssue('XDSMetadataError', 'required', `Comprehensive metadata need ${path}.`, `${at}.${path}`),
    ),
    ...(document.status === 'current'
      ? []
      : [xdsIssue('XDSMetadataError', 'value', 'A document that is provided has the status current.', `${at}.status`)]),
    ...(document.subject
      ? []
      : [xdsIssue('XDSMetadataError', 'required', 'The document must say whose it is.', `${at}.subject`)]),
    ...(document.subject && whose && !isSame(document.subject, whose)
      ? [
          xdsIssue(
            'XDSPatientIdDoesNotMatch',
            'invalid',
            'The document and the submission set must be about the same patient.',
            `${at}.subject`,
          ),
        ]
      : []),
    ...document.content.flatMap(({ attachment }, i) =>
      issuesOfAttachment(attachment, provision, `${at}.content[${i}].attachment`),
    ),
    ...(document.relatesTo ?? []).flatMap(({ code, target }, i) =>
      code === 'replaces' && !provision.superseded.has(target.reference ?? '')
        ? [
            xdsIssue(
              'XDSReplaceFailed',
              'required',
              `What is replaced must become superseded in the same Bundle: expected an entry PUT or PATCH ${target.reference}.`,
              `${at}.relatesTo[${i}].target`,
            ),
          ]
        : [],
    ),
  ]
}

const isSame = (one: Reference, other: Reference): boolean =>
  one.reference !== undefined || other.reference !== undefined
    ? one.reference === other.reference
    : one.identifier?.value === other.identifier?.value && one.identifier?.system === other.identifier?.system

function issuesOfAttachment(attachment: Attachment, { binaries }: Provision, at: string): Issue[] {
  const { url, contentType, size, hash } = attachment
  const found = url === undefined ? undefined : binaries.get(url)
  if (!found)
    return [
      xdsIssue(
        'XDSMissingDocument',
        'required',
        `The document is not in the Bundle: no Binary has the fullUrl ${url ?? '(none)'}.`,
        `${at}.url`,
      ),
    ]
  const { binary } = found
  const bytes = Buffer.from(binary.data ?? '', 'base64')
  return [
    ...(contentType !== undefined && contentType === binary.contentType
      ? []
      : [
          xdsIssue(
            'InvalidDocumentContent',
            'invalid',
            `The Binary is ${binary.contentType}, the attachment says ${contentType ?? 'nothing'}.`,
            `${at}.contentType`,
          ),
        ]),
    ...(size === undefined || size === bytes.length
      ? []
      : [
          xdsIssue(
            'XDSNonIdenticalSize',
            'invalid',
            `The document has ${bytes.length} bytes, the attachment says ${size}.`,
            `${at}.size`,
          ),
        ]),
    ...(hash === undefined || spellingsOf(bytes).includes(hash)
      ? []
      : [
          xdsIssue(
            'XDSNonIdenticalHash',
            'invalid',
            'The SHA-1 of the document is another than the attachment says.',
            `${at}.hash`,
          ),
        ]),
  ]
}

/** FHIR has the bytes as base64; XDS writes them as hexadecimal digits, and sources carry that over in either way. */
function spellingsOf(bytes: Uint8Array): string[] {
  const digest = sha1Of(bytes)
  const hex = digest.toString('hex')
  return [digest.toString('base64'), hex, Buffer.from(hex).toString('base64')]
}

function issuesOfNames({ documents }: Provision): Issue[] {
  const seen = new Set<string>()
  return documents.flatMap(({ entry, document }) => {
    const name = nameOf(document)
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name)
      return []
    }
    return [
      xdsIssue(
        'XDSDuplicateUniqueIdInMessage',
        'duplicate',
        `Two documents are called ${name}.`,
        `Bundle.entry[${entry.index}].resource.masterIdentifier`,
      ),
    ]
  })
}

/** As a search for `identifier` has it; undefined for a document without a name. */
export const nameOf = ({ masterIdentifier }: DocumentReference): string | undefined =>
  masterIdentifier?.value === undefined ? undefined : `${masterIdentifier.system ?? ''}|${masterIdentifier.value}`
