import type { Binary, DocumentReference, List } from '@medplum/fhirtypes'
import { issuesOfProvision } from './check-provision.ts'
import { sha1Of } from './document-reference.ts'
import { type ProvidedEntry, provisionOf } from './provision.ts'

const LIST_TYPES = 'https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes'
const BYTES = Buffer.from('%PDF-1.7 på norsk')
const subject = { reference: 'Patient/p' }

type Parts = { list: List; document: DocumentReference; binary: Binary; more: ProvidedEntry[] }

/** A whole submission, and what one test has wrong in it. */
function entriesWith(change: (parts: Parts) => void = () => {}): ProvidedEntry[] {
  const parts: Parts = {
    list: {
      ...{ resourceType: 'List', status: 'current', mode: 'working', subject },
      code: { coding: [{ system: LIST_TYPES, code: 'submissionset' }] },
      identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.3' }],
      entry: [{ item: { reference: 'urn:uuid:d' } }],
    },
    document: {
      ...{ resourceType: 'DocumentReference', status: 'current', subject },
      masterIdentifier: { system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.4' },
      content: [
        {
          attachment: {
            ...{ contentType: 'application/pdf', url: 'urn:uuid:b', size: BYTES.length },
            hash: sha1Of(BYTES).toString('base64'),
          },
        },
      ],
    },
    binary: { resourceType: 'Binary', contentType: 'application/pdf', data: BYTES.toString('base64') },
    more: [],
  }
  change(parts)
  const entry = (index: number, path: string, fullUrl: string, resource: unknown) => ({
    ...{ index, method: 'POST', path, fullUrl, resource },
  })
  return [
    entry(0, 'List', 'urn:uuid:l', parts.list),
    entry(1, 'DocumentReference', 'urn:uuid:d', parts.document),
    entry(2, 'Binary', 'urn:uuid:b', parts.binary),
    ...parts.more,
  ]
}

const issuesIn = (entries: ProvidedEntry[], metadata: 'minimal' | 'comprehensive' = 'minimal') =>
  issuesOfProvision(entries, provisionOf(entries), metadata).map(({ details, expression }) => [
    details?.text,
    expression?.[0],
  ])
const attachmentOf = ({ document }: Parts) =>
  document.content[0]?.attachment as NonNullable<object> & Record<string, unknown>

test('a whole submission has nothing wrong, however its hash is spelt', () => {
  expect(issuesIn(entriesWith())).toEqual([])
  const hex = sha1Of(BYTES).toString('hex')
  for (const hash of [hex, Buffer.from(hex).toString('base64')])
    expect(issuesIn(entriesWith((parts) => Object.assign(attachmentOf(parts), { hash })))).toEqual([])
})

const at = 'Bundle.entry[1].resource'
test.each<[string, (parts: Parts) => void, [string, string][]]>([
  ['no submission set', ({ list }) => Object.assign(list, { code: undefined }), [['XDSMetadataError', 'Bundle.entry']]],
  [
    'a submission set without its id',
    ({ list }) => Object.assign(list, { identifier: undefined }),
    [['XDSMetadataError', 'Bundle.entry[0].resource.identifier']],
  ],
  [
    'a submission set that does not say whose',
    ({ list }) => Object.assign(list, { subject: undefined }),
    [['XDSMetadataError', 'Bundle.entry[0].resource.subject']],
  ],
  [
    'a document that the submission set does not name',
    ({ list }) => Object.assign(list, { entry: [] }),
    [['UnresolvedReferenceException', 'Bundle.entry[1].fullUrl']],
  ],
  [
    'a name in the submission set for nothing',
    ({ list }) => list.entry?.push({ item: { reference: 'urn:uuid:nothing' } }),
    [['UnresolvedReferenceException', 'Bundle.entry[0].resource.entry']],
  ],
  [
    'a document about somebody else',
    ({ document }) => Object.assign(document, { subject: { reference: 'Patient/q' } }),
    [['XDSPatientIdDoesNotMatch', `${at}.subject`]],
  ],
  [
    'a document about nobody',
    ({ document }) => Object.assign(document, { subject: undefined }),
    [['XDSMetadataError', `${at}.subject`]],
  ],
  [
    'a document that is not current',
    ({ document }) => Object.assign(document, { status: 'superseded' }),
    [['XDSMetadataError', `${at}.status`]],
  ],
  [
    'a document that is not brought',
    (parts) => Object.assign(attachmentOf(parts), { url: 'Binary/elsewhere' }),
    [['XDSMissingDocument', `${at}.content[0].attachment.url`]],
  ],
  [
    'another type of content',
    ({ binary }) => Object.assign(binary, { contentType: 'text/plain' }),
    [['InvalidDocumentContent', `${at}.content[0].attachment.contentType`]],
  ],
  [
    'another size',
    (parts) => Object.assign(attachmentOf(parts), { size: 1 }),
    [['XDSNonIdenticalSize', `${at}.content[0].attachment.size`]],
  ],
  [
    'another hash',
    (parts) => Object.assign(attachmentOf(parts), { hash: sha1Of(Buffer.from('x')).toString('base64') }),
    [['XDSNonIdenticalHash', `${at}.content[0].attachment.hash`]],
  ],
  [
    'something replaced that stays current',
    ({ document }) =>
      Object.assign(document, { relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }] }),
    [['XDSReplaceFailed', `${at}.relatesTo[0].target`]],
  ],
  [
    'a document of FHIR as a Bundle',
    ({ more }) => more.push({ index: 3, method: 'POST', path: 'Bundle', fullUrl: 'urn:uuid:x', resource: {} }),
    [['FHIRDocumentNotSupported', 'Bundle.entry[3]']],
  ],
  [
    'what is no part of a document',
    ({ more }) => more.push({ index: 3, method: 'POST', path: 'Observation', fullUrl: 'urn:uuid:x', resource: {} }),
    [['XDSMetadataError', 'Bundle.entry[3]']],
  ],
])('%s is told with its code and its place', (_what, change, issues) =>
  expect(issuesIn(entriesWith(change))).toEqual(issues),
)

test('two documents of one name are one too many', () => {
  const entries = entriesWith(({ list }) => list.entry?.push({ item: { reference: 'urn:uuid:d2' } }))
  const [, document] = entries as [ProvidedEntry, ProvidedEntry]
  expect(issuesIn([...entries, { ...document, index: 3, fullUrl: 'urn:uuid:d2' }])).toEqual([
    ['XDSDuplicateUniqueIdInMessage', 'Bundle.entry[3].resource.masterIdentifier'],
  ])
})

test('what is replaced and becomes superseded in the same Bundle is in order', () => {
  const entries = entriesWith(({ document, more }) => {
    document.relatesTo = [{ code: 'replaces', target: { reference: 'DocumentReference/old' } }]
    more.push({ index: 3, method: 'PATCH', path: 'DocumentReference/old', fullUrl: undefined, resource: {} })
  })
  expect(issuesIn(entries)).toEqual([])
})

test('comprehensive metadata demand more', () => {
  const issues = issuesIn(entriesWith(), 'comprehensive')
  expect(issues).toContainEqual(['XDSMetadataError', `${at}.context.practiceSetting`])
  expect(issues.every(([code]) => code === 'XDSMetadataError')).toBe(true)
})
