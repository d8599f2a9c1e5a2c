import type { Binary, Coding, DocumentReference, List, Reference } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { issuesOfProvision } from '../documents/check-provision.ts'
import { metadataOf, type Provision, provisionOf, uniqueIdOf } from '../documents/provision.ts'
import { xdsIssue } from '../documents/xds-issue.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { isConfidentiality } from '../lifecycle/labels.ts'
import { parseSearch } from '../search/search-query.ts'
import type { BundleEntry } from './bundle-entries.ts'

/**
 * IHE MHD, Provide Document Bundle [ITI-65]: what makes a transaction one that brings documents, before it goes on as any other. Each document is
 * bound to its DocumentReference, so that whoever may read this may read that, and its labels count for the access decision.
 * @returns the entries, made ready; the same ones for a transaction of another kind
 * @throws Refusal with everything that is wrong, each with the code of IHE in `details`
 * @see https://profiles.ihe.net/ITI/MHD/ITI-65.html
 */
export async function provideDocuments(
  { access }: Exchange,
  rooms: Rooms,
  bundle: Record<string, unknown>,
  entries: BundleEntry[],
): Promise<BundleEntry[]> {
  const metadata = metadataOf(bundle)
  if (metadata === undefined) return entries
  if (metadata === 'unknown')
    throw refuse(
      'value',
      'Bundle.meta.profile must be a ProvideBundle of MHD: IHE.MHD.Minimal, IHE.MHD.Comprehensive or IHE.MHD.UnContained.Comprehensive.',
      'Bundle.meta.profile',
    )
  // What is no valid resource is told by the transaction, with its place, as of every other.
  if (!entries.every((entry) => isValid(rooms, entry))) return entries
  const provision = provisionOf(entries)
  const wrong = [
    ...issuesOfProvision(entries, provision, metadata),
    ...(await issuesOfPatients(rooms, access, provision, entries)),
    ...(await issuesOfStored(rooms, access, provision)),
  ]
  if (wrong.length > 0) throw new Refusal(wrong)
  return entries.map((entry) => ({ ...entry, ...madeReady(entry, provision) }))
}

function isValid({ validate }: Rooms, { path, resource, method }: BundleEntry): boolean {
  if (method !== 'POST' || !/^(?:List|DocumentReference|Binary)$/.test(path)) return true
  try {
    validate(resource, path, 'transaction')
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

function madeReady(entry: BundleEntry, { documents }: Provision): Partial<BundleEntry> {
  if (entry.method !== 'POST') return {}
  if (entry.path === 'Binary') {
    const owner = documents.find(({ document }) =>
      document.content.some(({ attachment }) => attachment.url !== undefined && attachment.url === entry.fullUrl),
    )
    const securityContext = { reference: owner?.entry.fullUrl }
    return owner ? { resource: { ...(entry.resource as Binary), securityContext } } : {}
  }
  if (entry.path !== 'DocumentReference') return {}
  const document = entry.resource as DocumentReference
  const uniqueId = uniqueIdOf(document)
  // Of two sources that bring the same at the same moment one makes it, and the other finds it.
  const criteria = uniqueId && { ifNoneExist: `identifier=${encodeURIComponent(uniqueId)}` }
  const headers = { ...entry.headers, ...criteria }
  return { resource: withLabels(document), headers }
}

/** The confidentiality of the metadata is a label of the resource: that is what access is decided by. */
function withLabels(document: DocumentReference): DocumentReference {
  const labels = (document.securityLabel ?? []).flatMap(({ coding = [] }) => coding)
  const known = new Set((document.meta?.security ?? []).map(keyOf))
  const added = labels.filter((label) => isConfidentiality(label) && !known.has(keyOf(label)))
  if (added.length === 0) return document
  return { ...document, meta: { ...document.meta, security: [...(document.meta?.security ?? []), ...added] } }
}

const keyOf = ({ system, code }: Coding) => `${system}|${code}`

/** A patient is named by reference, or by a number of theirs, which becomes a reference. */
async function issuesOfPatients(
  rooms: Rooms,
  access: Access,
  { documents, submission }: Provision,
  entries: BundleEntry[],
): Promise<Issue[]> {
  const fullUrls = new Set(entries.map(({ fullUrl }) => fullUrl))
  const holders: { at: number; holder: { subject?: Reference } }[] = [
    ...documents.map(({ entry, document }) => ({ at: entry.index, holder: document })),
    ...(submission ? [{ at: submission.entry.index, holder: submission.list as List }] : []),
  ]
  const issues: Issue[] = []
  const known = new Map<string, string | undefined>()
  for (const { at, holder } of holders) {
    const { subject } = holder
    if (!subject || (subject.reference !== undefined && fullUrls.has(subject.reference))) continue
    const criteria = criteriaOf(subject, rooms.baseUrl)
    if (criteria === undefined) {
      issues.push(
        unknownPatient('value', 'The subject must be a Patient of this server, by reference or by identifier.', at),
      )
      continue
    }
    const key = JSON.stringify(criteria)
    if (!known.has(key)) known.set(key, await findPatient(rooms, access, criteria))
    const id = known.get(key)
    if (id === undefined) issues.push(unknownPatient('not-found', 'The subject is no Patient that is known here.', at))
    else holder.subject = { ...subject, reference: `Patient/${id}` }
  }
  return issues
}

const unknownPatient = (code: 'value' | 'not-found', diagnostics: string, at: number): Issue =>
  xdsIssue('XDSUnknownPatientId', code, diagnostics, `Bundle.entry[${at}].resource.subject`)

function criteriaOf({ reference, identifier }: Reference, baseUrl: string): Record<string, string> | undefined {
  if (reference !== undefined) {
    const local = reference.replace(`${baseUrl}/`, '')
    const [, id] = /^Patient\/([A-Za-z0-9\-.]{1,64})$/.exec(local) ?? []
    if (id) return { _id: id }
    const [, query] = /^Patient\?(.+)$/.exec(local) ?? []
    return query ? Object.fromEntries(new URLSearchParams(query)) : undefined
  }
  return identifier?.value ? { identifier: `${identifier.system ?? ''}|${identifier.value}` } : undefined
}

async function findPatient(
  { store, definitions }: Rooms,
  access: Access,
  criteria: Record<string, string>,
): Promise<string | undefined> {
  const query = parseSearch(definitions, 'Patient', new URLSearchParams({ ...criteria, _count: '2' }), 'strict')
  const { matches } = await store.search(access, query)
  return matches.length === 1 ? matches[0]?.id : undefined
}

/** Names that are taken, and what is replaced and is not there to be replaced. */
async function issuesOfStored(rooms: Rooms, access: Access, { documents }: Provision): Promise<Issue[]> {
  const { store, definitions } = rooms
  const search = async (criteria: Record<string, string>) => {
    const params = new URLSearchParams({ ...criteria, _count: '1' })
    return (await store.search(access, parseSearch(definitions, 'DocumentReference', params, 'strict'))).matches
  }
  const found = documents.map(async ({ entry, document }): Promise<Issue[]> => {
    const at = `Bundle.entry[${entry.index}].resource`
    const uniqueId = uniqueIdOf(document)
    const [taken] = uniqueId === undefined ? [] : await search({ identifier: uniqueId })
    if (taken) {
      const told = `A document called ${uniqueId} is here already: DocumentReference/${taken.id}.`
      return [xdsIssue('XDSDuplicateUniqueIdInRegistry', 'duplicate', told, `${at}.masterIdentifier`)]
    }
    const replaced = (document.relatesTo ?? []).filter(({ code }) => code === 'replaces')
    const issues = await Promise.all(
      replaced.map(async ({ target }): Promise<Issue[]> => {
        const id = target.reference?.replace(/^.*DocumentReference\//, '') ?? ''
        const [current] = /^[A-Za-z0-9\-.]{1,64}$/.test(id) ? await search({ _id: id }) : []
        const status = current && (JSON.parse(current.text ?? '{}') as Resource & { status?: string }).status
        if (status === 'current') return []
        const told = `What is to be replaced must be current; ${target.reference} ${status ? `is ${status}` : 'is not here'}.`
        return [xdsIssue('XDSReplaceFailed', status ? 'conflict' : 'not-found', told, `${at}.relatesTo`)]
      }),
    )
    return issues.flat()
  })
  return (await Promise.all(found)).flat()
}
