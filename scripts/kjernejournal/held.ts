import type {
  AllergyIntolerance,
  Condition,
  DiagnosticReport,
  DocumentReference,
  Observation,
  Procedure,
  Quantity,
} from '@medplum/fhirtypes'

// What the stand-in holds: of Line Danser, the published test patient, and of one who has no core journal.

const NIN = 'urn:oid:2.16.578.1.12.4.1.4.1'
const VOLVEN_9602 = 'urn:oid:2.16.578.1.12.4.1.1.9602'
const KJ = 'http://nhn.no/kj/fhir'

const LINE = '13116900216'

export type Held = {
  uniqueId: string
  /** Code of the main group in Volven 9602. */
  group: string
  type: { code: string; display: string }
  title: string
  /** Days before now. */
  age: number
  organization: string
  author: string
  contentType: string
  content: string
  /** The patient has blocked it. */
  isBlocked?: boolean
}

export const COMMUNITY = 'urn:oid:2.16.578.1.12.4.1.7.1.2.12.1.1'
export const REPOSITORY = '2.16.578.1.12.4.1.7.1.2.12.1.1.2.31'

export const DOCUMENTS: Readonly<Record<string, readonly Held[]>> = {
  [LINE]: [
    {
      ...{ uniqueId: '1.2.840.4711.815.1.1', group: 'A00-1', type: { code: 'A03-2', display: 'Epikrise' }, age: 40 },
      ...{ title: 'Epikrise, lungeavdelingen', organization: 'Sykehuset Innlandet', author: 'Berit Fjell' },
      ...{ contentType: 'text/plain', content: 'Innlagt med KOLS-forverring. Utskrevet i bedring.' },
    },
    {
      ...{ uniqueId: '1.2.840.4711.815.1.2', group: 'D00-1', type: { code: 'D02-2', display: 'Spirometri' }, age: 400 },
      ...{ title: 'Spirometri', organization: 'Sykehuset Innlandet', author: 'Nils Dal' },
      ...{
        contentType: 'application/xml',
        content: '<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Spirometri</title></ClinicalDocument>',
      },
    },
    {
      ...{ uniqueId: '1.2.840.4711.815.1.3', group: 'I00-1', type: { code: 'I01-2', display: 'Henvisning' }, age: 800 },
      ...{ title: 'Henvisning fra fastlege', organization: 'Fjordvik legesenter', author: 'Ola Fastlege' },
      ...{ contentType: 'text/plain', content: 'Henvises for utredning.' },
    },
    {
      ...{ uniqueId: '1.2.840.4711.815.1.4', group: 'A00-1', type: { code: 'A03-2', display: 'Epikrise' }, age: 90 },
      ...{ title: 'Epikrise, psykiatri', organization: 'DPS Fjordvik', author: 'Siri Vik', isBlocked: true },
      ...{ contentType: 'text/plain', content: 'Sperret innhold.' },
    },
  ],
}

/** As the facade tells of a document: who made it is contained, and where it is fetched stands in its attachment. */
export function toReference(held: Held, patient: string, baseUrl: string, now: Date): DocumentReference {
  const date = new Date(now.getTime() - held.age * 86_400_000).toISOString()
  const [given = '', family = ''] = held.author.split(' ')
  const query = new URLSearchParams({
    ...{ documentUniqueId: held.uniqueId, homeCommunityId: COMMUNITY, repositoryUniqueId: REPOSITORY },
  })
  return {
    resourceType: 'DocumentReference',
    id: held.uniqueId,
    contained: [
      { resourceType: 'Practitioner', id: 'person', name: [{ given: [given], family }] },
      { resourceType: 'Organization', id: 'place', name: held.organization },
    ],
    masterIdentifier: { system: 'urn:ietf:rfc:3986', value: `urn:oid:${held.uniqueId}` },
    status: 'current',
    type: { coding: [{ system: VOLVEN_9602, ...held.type }] },
    category: [{ coding: [{ system: VOLVEN_9602, code: held.group }] }],
    subject: { identifier: { system: NIN, value: patient } },
    date,
    author: [{ reference: '#person' }, { reference: '#place' }],
    description: held.title,
    content: [
      {
        attachment: {
          contentType: held.contentType,
          title: held.title,
          creation: date,
          url: `${baseUrl}/mhd/document?${query}`,
        },
      },
    ],
  }
}

const subject = { identifier: { system: NIN, value: LINE } }

const NLK = 'urn:oid:2.16.578.1.12.4.1.1.7280'
type Answered = { resource: DiagnosticReport | Observation; isBlocked?: boolean }
const report = (id: string, text: string, effectiveDateTime: string): DiagnosticReport => ({
  ...{ resourceType: 'DiagnosticReport', id, status: 'final', subject, code: { text }, effectiveDateTime },
})
const value = (
  id: string,
  code: string,
  display: string,
  effectiveDateTime: string,
  quantity: Quantity,
): Observation => ({
  ...{ resourceType: 'Observation', id, status: 'final', subject, effectiveDateTime, valueQuantity: quantity },
  code: { coding: [{ system: NLK, code, display }] },
})

/** What laboratories have answered, by whose it is. */
export const LABORATORY: Readonly<Record<string, Answered[]>> = {
  [LINE]: [
    { resource: report('svar-1', 'Klinisk biokjemi', '2026-10-02T08:00:00+02:00') },
    { resource: report('svar-2', 'Genetikk', '2026-09-01T08:00:00+02:00'), isBlocked: true },
    { resource: value('crp', 'NPU19748', 'P-CRP', '2026-10-02T08:00:00+02:00', { value: 12, unit: 'mg/L' }) },
    {
      resource: value('kreatinin', 'NPU18016', 'P-Kreatinin', '2026-03-02T08:00:00+01:00', {
        value: 71,
        unit: 'µmol/L',
      }),
    },
  ],
}
/** What the service says of everybody at times, wrongly: an answer of somebody else. */
export const OF_ANOTHER: Observation = {
  ...value('fremmed', 'NPU19748', 'P-CRP', '2026-10-03T08:00:00+02:00', { value: 200, unit: 'mg/L' }),
  subject: { identifier: { system: NIN, value: '12057900499' } },
}

export const CRITICAL: Readonly<Record<string, { [type: string]: (AllergyIntolerance | Condition | Procedure)[] }>> = {
  [LINE]: {
    AllergyIntolerance: [
      {
        ...{
          resourceType: 'AllergyIntolerance',
          id: 'penicillin',
          meta: { profile: [`${KJ}/StructureDefinition/KjAllergyIntolerance`] },
        },
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
        },
        ...{
          criticality: 'high',
          patient: subject,
          code: { coding: [{ system: 'http://www.whocc.no/atc', code: 'J01CE02', display: 'Fenoksymetylpenicillin' }] },
        },
        reaction: [{ manifestation: [{ text: 'Anafylaksi' }] }],
      },
    ],
    Condition: [
      {
        ...{
          resourceType: 'Condition',
          id: 'pacemaker',
          meta: { profile: [`${KJ}/StructureDefinition/KjCondition`] },
          subject,
        },
        code: { text: 'Pacemaker' },
      },
    ],
    Procedure: [],
  },
}
/** Somebody of whom there is no core journal. */
export const HAS_NO_JOURNAL = '05073500186'
