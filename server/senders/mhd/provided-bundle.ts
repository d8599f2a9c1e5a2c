import type { Bundle, BundleEntry, Coding, DocumentReference, Identifier, List } from '@medplum/fhirtypes'
import { ORGANIZATION_NUMBER } from '../../national-numbers/systems.ts'
import { urnOfName } from '../name-uuid.ts'

const MHD = 'https://profiles.ihe.net/ITI/MHD'
const UNCONTAINED = `${MHD}/StructureDefinition/IHE.MHD.UnContained.Comprehensive`
const SOURCE_ID = `${MHD}/StructureDefinition/ihe-sourceId`

export type Publishing = {
  organization: string
  /** The version that caused it; it names what is in the Bundle. */
  cause: string
  patient: Identifier
  /** As XDS knows the place where a document was made, and what is done there. */
  facilityType: Coding
  practiceSetting: Coding
  now: Date
}

/** A document as it is here, with the bytes of its pages. */
export type Published = {
  document: DocumentReference
  /** Of its PDF, base64. */
  data: string
  /** What the recipient calls the documents that it replaces: `DocumentReference/7`. */
  replaced: string[]
}

/**
 * Provide Document Bundle [ITI-65] of one document: its pages, what it is found by, and what becomes of the documents that it replaces. Patient and
 * author are told by identifiers and names: references into this server would mean nothing there. Pure.
 * @see https://profiles.ihe.net/ITI/MHD/ITI-65.html
 */
export function toProvided(publishing: Publishing, { document, data, replaced }: Published): Bundle {
  const name = namesOf(publishing)
  const { masterIdentifier, type, category, date, author, description, securityLabel, context } = document
  const attachment = pagesOf(document)
  const reference: DocumentReference = {
    resourceType: 'DocumentReference',
    meta: { profile: [`${UNCONTAINED}.DocumentReference`] },
    ...(masterIdentifier ? { masterIdentifier } : {}),
    ...{ status: 'current', docStatus: 'final', subject: { identifier: publishing.patient } },
    ...(type ? { type } : {}),
    ...(category ? { category } : {}),
    ...(date ? { date } : {}),
    author: (author ?? []).map(({ display, identifier }) => ({
      ...(identifier ? { identifier } : {}),
      display: display ?? publishing.organization,
    })),
    ...(description ? { description } : {}),
    ...(securityLabel ? { securityLabel } : {}),
    content: [{ ...attachment, attachment: { ...attachment?.attachment, url: name('Binary') } }],
    context: {
      ...(context?.period ? { period: context.period } : {}),
      facilityType: { coding: [publishing.facilityType] },
      practiceSetting: { coding: [publishing.practiceSetting] },
      sourcePatientInfo: { identifier: publishing.patient },
    },
    ...(replaced.length > 0
      ? { relatesTo: replaced.map((one) => ({ code: 'replaces' as const, target: { reference: one } })) }
      : {}),
  }
  return provided(publishing, [
    { fullUrl: name('DocumentReference'), resource: reference, request: { method: 'POST', url: 'DocumentReference' } },
    {
      fullUrl: name('Binary'),
      resource: { resourceType: 'Binary', contentType: 'application/pdf', data },
      request: { method: 'POST', url: 'Binary' },
    },
    ...replaced.map((one) => statusChange(one, 'superseded')),
  ])
}

/** The same transaction where a document is to be found no more. @param place what the recipient calls it */
export const toDeprecated = (
  publishing: Publishing,
  place: string,
  status: 'superseded' | 'entered-in-error',
): Bundle => provided(publishing, [statusChange(place, status)])

/** The rendition that is published: others cannot show a document of FHIR yet. */
export const pagesOf = ({ content }: DocumentReference) =>
  content.find(({ attachment }) => attachment.contentType === 'application/pdf')

function provided(publishing: Publishing, entry: BundleEntry[]): Bundle {
  const { organization, patient, now } = publishing
  const name = namesOf(publishing)
  const list: List = {
    resourceType: 'List',
    meta: { profile: [`${UNCONTAINED}.SubmissionSet`] },
    extension: [{ url: SOURCE_ID, valueIdentifier: { system: 'urn:ietf:rfc:3986', value: name('Source') } }],
    identifier: [{ use: 'official', system: 'urn:ietf:rfc:3986', value: name('SubmissionSet') }],
    ...{ status: 'current', mode: 'working', date: now.toISOString(), subject: { identifier: patient } },
    code: { coding: [{ system: `${MHD}/CodeSystem/MHDlistTypes`, code: 'submissionset' }] },
    source: { identifier: { system: ORGANIZATION_NUMBER, value: organization } },
    entry: entry.flatMap(({ fullUrl, resource, request }) =>
      resource?.resourceType === 'DocumentReference'
        ? [{ item: { reference: fullUrl ?? '' } }]
        : request?.method === 'PATCH'
          ? [{ item: { reference: request.url } }]
          : [],
    ),
  }
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${UNCONTAINED}.ProvideBundle`] },
    type: 'transaction',
    entry: [{ fullUrl: name('List'), resource: list, request: { method: 'POST', url: 'List' } }, ...entry],
  }
}

const statusChange = (place: string, status: string): BundleEntry => ({
  fullUrl: place,
  resource: {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'DocumentReference.status' },
          { name: 'value', valueCode: status },
        ],
      },
    ],
  },
  request: { method: 'PATCH', url: place },
})

/** A urn for each part of one message; that of the source is the same in all. */
const namesOf =
  ({ organization, cause }: Publishing) =>
  (part: string): string =>
    urnOfName(`mhd ${organization} ${part === 'Source' ? '' : cause} ${part}`)
