import { createHash } from 'node:crypto'

// What a Document Recipient of IHE MHD refuses of a Provide Document Bundle with comprehensive metadata, judged from what comes over the wire alone:
// nothing of the server's own mapping is used here. https://profiles.ihe.net/ITI/MHD/ITI-65.html

type Fields = Record<string, unknown>
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])
const PROFILE = 'https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.UnContained.Comprehensive.ProvideBundle'
const PEOPLE = ['1', '2', '3'].map((one) => `urn:oid:2.16.578.1.12.4.1.4.${one}`)
const TYPES = 'urn:oid:2.16.578.1.12.4.1.1.9602'

/** Every fault of a Bundle; none for one that is taken. */
export function faultsOfProvided(value: unknown): string[] {
  const bundle = fieldsOf(value)
  const entries = listOf(bundle.entry)
  const of = (type: string) => entries.filter(({ resource }) => fieldsOf(resource).resourceType === type)
  const [submission, ...more] = of('List')
  const documents = of('DocumentReference')
  const changed = entries.filter(({ request }) => fieldsOf(request).method === 'PATCH')
  return [
    ...(bundle.type === 'transaction' ? [] : ['Bundle.type']),
    ...(Array.isArray(fieldsOf(bundle.meta).profile) && (fieldsOf(bundle.meta).profile as unknown[]).includes(PROFILE)
      ? []
      : ['Bundle.meta.profile']),
    ...(submission && more.length === 0 ? submissionFaults(submission, documents) : ['one List']),
    ...(documents.length + changed.length > 0 ? [] : ['a document or a change of one']),
    ...documents.flatMap((one) => documentFaults(fieldsOf(one.resource), of('Binary'), changed)),
    ...changed.flatMap(changeFaults),
  ]
}

function submissionFaults({ resource, request }: Fields, documents: Fields[]): string[] {
  const list = fieldsOf(resource)
  const items = new Set(listOf(list.entry).map(({ item }) => fieldsOf(item).reference))
  return [
    ...(fieldsOf(request).method === 'POST' ? [] : ['List is posted']),
    ...(listOf(fieldsOf(list.code).coding).some(({ code }) => code === 'submissionset') ? [] : ['List.code']),
    ...(listOf(list.identifier).some(({ value }) => /^urn:uuid:/.test(String(value))) ? [] : ['List.identifier']),
    ...(listOf(list.extension).some(({ url }) => String(url).endsWith('/ihe-sourceId')) ? [] : ['ihe-sourceId']),
    ...(isPerson(list.subject) ? [] : ['List.subject']),
    ...(typeof list.date === 'string' ? [] : ['List.date']),
    ...documents.filter(({ fullUrl }) => !items.has(fullUrl)).map(() => 'List.entry names each document'),
  ]
}

const isPerson = (subject: unknown): boolean => {
  const { system, value } = fieldsOf(fieldsOf(subject).identifier)
  return PEOPLE.includes(String(system)) && /^\d{11}$/.test(String(value))
}
const isCoded = (concept: unknown): boolean =>
  listOf(fieldsOf(concept).coding).some(({ system, code }) => Boolean(system) && Boolean(code))

function documentFaults(document: Fields, binaries: Fields[], changed: Fields[]): string[] {
  const [content, ...others] = listOf(document.content)
  const attachment = fieldsOf(content?.attachment)
  const context = fieldsOf(document.context)
  const binary = fieldsOf(binaries.find(({ fullUrl }) => fullUrl === attachment.url)?.resource)
  const bytes = Buffer.from(String(binary.data ?? ''), 'base64')
  const required: [string, boolean][] = [
    ['masterIdentifier', /^urn:(uuid|oid):/.test(String(fieldsOf(document.masterIdentifier).value))],
    ['status', document.status === 'current'],
    ['type', listOf(fieldsOf(document.type).coding)[0]?.system === TYPES],
    ['category', listOf(document.category).some(isCoded)],
    ['subject', isPerson(document.subject)],
    ['sourcePatientInfo', isPerson(context.sourcePatientInfo)],
    ['author', listOf(document.author).some(({ display }) => Boolean(display))],
    ['securityLabel', listOf(document.securityLabel).some(isCoded)],
    ['facilityType', isCoded(context.facilityType)],
    ['practiceSetting', isCoded(context.practiceSetting)],
    ['one content', content !== undefined && others.length === 0],
    ['format', Boolean(fieldsOf(content?.format).code)],
    ['contentType', attachment.contentType === 'application/pdf' && binary.contentType === 'application/pdf'],
    ['language', typeof attachment.language === 'string'],
    ['creation', typeof attachment.creation === 'string'],
    ['size', attachment.size === bytes.length && bytes.length > 0],
    ['hash', attachment.hash === createHash('sha1').update(bytes).digest('base64')],
  ]
  const places = new Set(changed.map(({ request }) => fieldsOf(request).url))
  return [
    ...required.filter(([, holds]) => !holds).map(([name]) => `DocumentReference: ${name}`),
    ...listOf(document.relatesTo)
      .filter(({ target }) => !places.has(fieldsOf(target).reference))
      .map(() => 'what is replaced must be changed in the same Bundle'),
    // A reference into the sender's server means nothing here.
    ...[...JSON.stringify(document).matchAll(/"reference":"(?!urn:|DocumentReference\/)([^"]+)"/g)].map(
      ([, one]) => `a reference to ${one}`,
    ),
  ]
}

function changeFaults({ resource, request }: Fields): string[] {
  const [operation, ...more] = listOf(fieldsOf(resource).parameter)
  const value = listOf(operation?.part).find(({ name }) => name === 'value')?.valueCode
  return [
    ...(/^DocumentReference\/[A-Za-z0-9.-]+$/.test(String(fieldsOf(request).url)) ? [] : ['PATCH of a document']),
    ...(more.length === 0 && ['superseded', 'entered-in-error'].includes(String(value)) ? [] : ['the new status']),
  ]
}
