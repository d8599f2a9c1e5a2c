import type { Resource } from '@medplum/fhirtypes'

// What the EHR of a municipality has of Line Danser, the published test patient: all that it has, whoever is asked for.

const LINE = { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '13116900216' }, display: 'Line Danser' }

export const HELD: Readonly<Record<string, readonly Resource[]>> = {
  careplan: [
    {
      ...{ resourceType: 'CarePlan', id: 'tiltaksplan', status: 'active', intent: 'plan', subject: LINE },
      ...{ title: 'Tiltaksplan hjemmetjenesten', period: { start: '2026-01-15' } },
      category: [{ coding: [{ system: 'http://ehelse.no/fhir/CodeSystem/vkp-careplan-category-v090', code: '1' }] }],
      activity: [{ detail: { status: 'in-progress', description: 'Hjemmesykepleie tre ganger i uken' } }],
    },
  ],
  condition: [
    {
      ...{ resourceType: 'Condition', id: 'kols', subject: LINE, recordedDate: '2019-05-02' },
      code: {
        coding: [{ system: 'http://hl7.org/fhir/sid/icpc-2', code: 'R95', display: 'Kronisk obstruktiv lungesykdom' }],
      },
    },
    {
      ...{ resourceType: 'Condition', id: 'feil', subject: LINE, code: { text: 'Ført på feil pasient' } },
      verificationStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'entered-in-error' }],
      },
    },
  ],
  medicationstatement: [
    {
      ...{ resourceType: 'MedicationStatement', id: 'spiriva', status: 'active', subject: LINE },
      medicationCodeableConcept: { text: 'Tiotropium 18 mikrogram inhalasjonspulver' },
      dosage: [{ text: '1 inhalasjon morgen' }],
    },
  ],
  allergyintolerance: [
    {
      ...{ resourceType: 'AllergyIntolerance', id: 'penicillin', patient: LINE, code: { text: 'Penicillin' } },
      reaction: [{ manifestation: [{ text: 'Utslett' }] }],
    },
  ],
}
