import type { Appointment, MedicationStatement } from '@medplum/fhirtypes'
import { addDays, fromOsloClock, toOsloClock } from '../core/decide/time/oslo-time.ts'
import { type DemoPatient, subjectOf } from './roster.ts'

const ATC = 'http://www.whocc.no/atc'
const MEDICINES = [
  { name: 'tiotropium', code: 'R03BB04', text: 'Tiotropium 2,5 mikrogram, inhalasjon', dosage: '2 drag hver morgen' },
  {
    name: 'salbutamol',
    code: 'R03AC02',
    text: 'Salbutamol 0,1 mg, inhalasjon',
    dosage: '1–2 drag når du er tungpustet',
  },
]
/** A talk on the telephone each week; after so many somebody looks whether it is still needed. */
const TALKS = 12
const TALK_MINUTES = 20
const TALK_AT_MINUTE = 10 * 60

/** What somebody takes, and when they next talk with the response centre: of the patient alone who has a login, whose app shows it. */
export const demoCare = (patient: DemoPatient, now: Date): (MedicationStatement | Appointment)[] => [
  ...MEDICINES.map((one) => medicine(patient, one)),
  ...Array.from({ length: TALKS }, (_, week) => talk(patient, now, week)),
]

const medicine = (
  patient: DemoPatient,
  { name, code, text, dosage }: (typeof MEDICINES)[number],
): MedicationStatement => ({
  resourceType: 'MedicationStatement',
  id: `demo-${patient.slug}-${name}`,
  status: 'active',
  medicationCodeableConcept: { coding: [{ system: ATC, code, display: name }], text },
  subject: subjectOf(patient),
  dosage: [{ text: dosage }],
})

function talk(patient: DemoPatient, now: Date, week: number): Appointment {
  const start = fromOsloClock(addDays(toOsloClock(now).date, 2 + 7 * week), TALK_AT_MINUTE)
  return {
    resourceType: 'Appointment',
    id: `demo-${patient.slug}-talk-${week + 1}`,
    status: 'booked',
    description: 'Telefonsamtale med responssenteret',
    start: start.toISOString(),
    end: new Date(start.getTime() + TALK_MINUTES * 60_000).toISOString(),
    participant: [
      { actor: subjectOf(patient), status: 'accepted' },
      { actor: { reference: 'Practitioner/demo-nurse' }, status: 'accepted' },
    ],
  }
}
