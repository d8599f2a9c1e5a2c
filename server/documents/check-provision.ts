import type { Issue } from '../core/fhir/outcome.ts'
import { issuesOfDocument } from './check-provided-document.ts'
import { LIST_TYPES, type Metadata, type ProvidedEntry, type Provision, uniqueIdOf } from './provision.ts'
import { xdsIssue } from './xds-issue.ts'

/**
 * What can be seen to be wrong in a Provide Document Bundle itself, and is told its Document Source. Pure.
 * @see https://profiles.ihe.net/ITI/MHD/ITI-65.html
 */
export function issuesOfProvision(entries: ProvidedEntry[], provision: Provision, metadata: Metadata): Issue[] {
  return [
    ...entries.flatMap((entry) => [...issuesOfEntry(entry)]),
    ...issuesOfSubmission(provision),
    ...provision.documents.flatMap((one) => [...issuesOfDocument(one, provision, metadata)]),
    ...issuesOfUniqueIds(provision),
  ]
}

const TYPES: ReadonlySet<string> = new Set(['List', 'DocumentReference', 'Binary', 'Patient'])

function* issuesOfEntry({ index, path, resource }: ProvidedEntry): Iterable<Issue> {
  const type = path.split('/')[0] ?? ''
  const at = `Bundle.entry[${index}]`
  if (type === 'Bundle' || (resource as { resourceType?: unknown } | undefined)?.resourceType === 'Bundle') {
    const told = 'A document is brought as a Binary here; a Bundle of type document is not taken.'
    yield xdsIssue('FHIRDocumentNotSupported', 'not-supported', told, at)
  } else if (!TYPES.has(type)) {
    const told = `A ${type} is no part of a provided document; expected ${[...TYPES].join(', ')}.`
    yield xdsIssue('XDSMetadataError', 'not-supported', told, at)
  }
}

function* issuesOfSubmission({ submission, documents }: Provision): Iterable<Issue> {
  if (!submission) {
    const told = `Expected one List with the code ${LIST_TYPES}|submissionset.`
    yield xdsIssue('XDSMetadataError', 'required', told, 'Bundle.entry')
    return
  }
  const { entry, list } = submission
  const at = `Bundle.entry[${entry.index}].resource`
  if (documents.length === 0) {
    const told = 'There is no DocumentReference in the Bundle.'
    yield xdsIssue('XDSMissingDocumentMetadata', 'required', told, 'Bundle.entry')
  }
  if (!list.subject) {
    const told = 'The submission set must say whose documents they are.'
    yield xdsIssue('XDSMetadataError', 'required', told, `${at}.subject`)
  }
  if (!list.identifier?.length) {
    const told = 'The submission set must have its unique id.'
    yield xdsIssue('XDSMetadataError', 'required', told, `${at}.identifier`)
  }
  const items = new Set((list.entry ?? []).map(({ item }) => item?.reference))
  const known = new Set(documents.map(({ entry: { fullUrl } }) => fullUrl))
  for (const { index, fullUrl } of documents.map((one) => one.entry)) {
    if (fullUrl && items.has(fullUrl)) continue
    const told = 'The DocumentReference is not in the submission set; List.entry.item must name its fullUrl.'
    yield xdsIssue('UnresolvedReferenceException', 'invalid', told, `Bundle.entry[${index}].fullUrl`)
  }
  for (const item of items) {
    if (!item?.startsWith('urn:') || known.has(item)) continue
    const told = `The submission set names ${item}, which is not in the Bundle.`
    yield xdsIssue('UnresolvedReferenceException', 'invalid', told, `${at}.entry`)
  }
}

function* issuesOfUniqueIds({ documents }: Provision): Iterable<Issue> {
  const seen = new Set<string>()
  for (const { entry, document } of documents) {
    const id = uniqueIdOf(document)
    if (id === undefined) continue
    if (seen.has(id)) {
      const at = `Bundle.entry[${entry.index}].resource.masterIdentifier`
      yield xdsIssue('XDSDuplicateUniqueIdInMessage', 'duplicate', `Two documents are called ${id}.`, at)
    }
    seen.add(id)
  }
}
