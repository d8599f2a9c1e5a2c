import type { Consent, RelatedPerson } from '@medplum/fhirtypes'
import { addDays, fromOsloClock, toOsloClock, toOsloDateTime } from '../core/decide/time/oslo-time.ts'
import { FNR } from '../national-numbers/systems.ts'
import { syntheticFnr } from './fnr.ts'
import { type DemoPatient, subjectOf } from './roster.ts'

/** Behind the numbers that the patients' are made of. */
const FNR_INDEX = 420
const MAJA = { given: 'Maja', family: 'Danser', birthDate: '1994-05-17' }
const FAMILY = 'http://hl7.no/fhir/CodeSystem/no-basis-family-relation'
const ROLE = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode'
const DAYS_BEFORE = 30
const DAYS_AFTER = 365

/**
 * Of whom one person is next of kin, and what each lets her see: her mother some of it and her neighbour everything. She is one RelatedPerson
 * for each, as R4 has it, with one national number.
 */
const SHARED: Readonly<Record<string, { coding: { system: string; code: string }; types: readonly string[] }>> = {
  line: {
    coding: { system: FAMILY, code: 'barn' },
    types: ['Observation', 'ClinicalImpression', 'CarePlan', 'Goal', 'ServiceRequest', 'CareTeam', 'Patient'],
  },
  linerle: { coding: { system: ROLE, code: 'NBOR' }, types: [] },
}

/** Next of kin of a demo patient, and the Consent by which they may see something. */
export function demoKin(patient: DemoPatient, now: Date): (RelatedPerson | Consent)[] {
  const shared = SHARED[patient.slug]
  if (!shared) return []
  const { given, family, birthDate } = MAJA
  const subject = subjectOf(patient)
  const id = `demo-${patient.slug}-kin`
  const today = toOsloClock(now).date
  const at = toOsloDateTime(fromOsloClock(addDays(today, -DAYS_BEFORE), 12 * 60))
  const kin: RelatedPerson = {
    ...{ resourceType: 'RelatedPerson', id, active: true, patient: subject, gender: 'female', birthDate },
    identifier: [{ use: 'official', system: FNR, value: syntheticFnr(birthDate, 'female', FNR_INDEX) }],
    relationship: [{ coding: [shared.coding] }],
    name: [{ use: 'official', family, given: [given] }],
  }
  const consent: Consent = {
    ...{ resourceType: 'Consent', id: `${id}-consent`, status: 'active', patient: subject, dateTime: at },
    performer: [subject],
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentcategorycodes', code: 'acd' }] }],
    policyRule: { text: 'Pasientens samtykke' },
    provision: {
      type: 'permit',
      period: { start: at, end: toOsloDateTime(fromOsloClock(addDays(today, DAYS_AFTER), 12 * 60)) },
      actor: [
        {
          role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
          reference: { reference: `RelatedPerson/${id}`, display: `${given} ${family}` },
        },
      ],
      ...(shared.types.length > 0 && {
        class: shared.types.map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code })),
      }),
    },
  }
  return [kin, consent]
}
