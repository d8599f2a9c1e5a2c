import type { Binary, DocumentReference, List } from '@medplum/fhirtypes'

const PROFILE =
  /^https?:\/\/profiles\.ihe\.net\/ITI\/MHD\/[\d.]*\/?StructureDefinition\/IHE\.MHD\.((?:UnContained\.)?Comprehensive|Minimal)\.ProvideBundle(?:\|.*)?$/
const ANY_MHD = /^https?:\/\/profiles\.ihe\.net\/ITI\/MHD\//
export const LIST_TYPES = 'https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes'

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

export type ProvidedDocument = { entry: ProvidedEntry; document: DocumentReference }

/** What the Bundle of an IHE MHD Provide Document Bundle [ITI-65] brings, found by what it is. */
export type Provision = {
  documents: ProvidedDocument[]
  submission: { entry: ProvidedEntry; list: List } | undefined
  /** By fullUrl. */
  binaries: Map<string, Binary>
  /** DocumentReferences that are changed: those that are replaced. */
  superseded: Set<string>
}

/** Of entries whose resources are valid. */
export function provisionOf(entries: ProvidedEntry[]): Provision {
  const posted = (type: string) => entries.filter(({ method, path }) => method === 'POST' && path === type)
  const submission = posted('List').find(({ resource }) => isSubmissionSet(resource as List))
  return {
    documents: posted('DocumentReference').map((entry) => ({ entry, document: entry.resource as DocumentReference })),
    submission: submission && { entry: submission, list: submission.resource as List },
    binaries: new Map(
      posted('Binary').flatMap(({ fullUrl, resource }) => (fullUrl ? [[fullUrl, resource as Binary]] : [])),
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

/** What XDS calls uniqueId, as a search for `identifier` has it; undefined for a document without one. */
export const uniqueIdOf = ({ masterIdentifier }: DocumentReference): string | undefined =>
  masterIdentifier?.value === undefined ? undefined : `${masterIdentifier.system ?? ''}|${masterIdentifier.value}`
