import { expect, test } from '@jest/globals'
import type { Appointment, MedicationStatement, Task } from '@medplum/fhirtypes'
import { besidesOf } from './besides.ts'

const NOW = new Date('2026-03-04T11:00:00Z')
const PATIENT = { resourceType: 'Patient' as const, id: '7' }
const look = (some: { tasks?: Task[]; appointments?: Appointment[]; medicines?: MedicationStatement[] }) =>
  besidesOf(
    { patient: PATIENT, tasks: [], appointments: [], medicines: [], ...some },
    new Set(['Task/planned']),
    NOW,
    'nb',
  )

const task = (id: string, owner: string, changes: Partial<Task> = {}): Task => ({
  ...{ resourceType: 'Task', id, status: 'requested', intent: 'order', description: 'Les om inhalasjon' },
  ...{ owner: { reference: owner }, ...changes },
})
test('what somebody asks of the patient at no particular time stands there; what is the team’s, a draft, in the day, or the invitation by which they are here does not', () => {
  const end = '2026-03-06T11:00:00Z'
  const tasks = [
    task('own', 'Patient/7', { restriction: { period: { end } } }),
    task('team', 'CareTeam/1'),
    task('other', 'Patient/8'),
    task('planned', 'Patient/7'),
    task('draft', 'Patient/7', { status: 'draft' }),
    task('begun', 'Patient/7', {
      code: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/patient-app', code: 'start-app' }] },
    }),
  ]
  expect(look({ tasks }).tasks).toEqual([{ id: 'own', title: 'Les om inhalasjon', until: new Date(end) }])
})

const appointment = (id: string, start: string, changes: Partial<Appointment> = {}): Appointment => ({
  ...{ resourceType: 'Appointment', id, status: 'booked', description: 'Kontroll', start },
  ...{ end: new Date(Date.parse(start) + 1_800_000).toISOString() },
  ...{ participant: [{ actor: { reference: 'Location/1', display: 'Fjordvik legesenter' }, status: 'accepted' }] },
  ...changes,
})
test('appointments of two weeks, the next one first, until they are over; none that was cancelled', () => {
  const appointments = [
    appointment('later', '2026-03-17T09:00:00Z'),
    appointment('now', '2026-03-04T10:45:00Z'),
    appointment('over', '2026-03-04T10:00:00Z'),
    appointment('far', '2026-03-19T09:00:00Z'),
    appointment('cancelled', '2026-03-05T09:00:00Z', { status: 'cancelled' }),
  ]
  const { appointments: found } = look({ appointments })
  expect(found.map(({ id }) => id)).toEqual(['now', 'later'])
  expect(found[0]).toMatchObject({ title: 'Kontroll', place: 'Fjordvik legesenter' })
})

test('medicines by their name and how they are taken; one without a name is not told', () => {
  const medicine = (changes: Partial<MedicationStatement>): MedicationStatement => ({
    ...{ resourceType: 'MedicationStatement', id: 'm', status: 'active', subject: {} },
    ...changes,
  })
  const medicines = [
    medicine({ medicationCodeableConcept: { text: 'Tiotropium' }, dosage: [{ text: '1 drag hver morgen' }] }),
    medicine({ medicationCodeableConcept: { coding: [{ display: 'Salbutamol' }] } }),
    medicine({ medicationReference: { reference: 'Medication/1' } }),
  ]
  expect(look({ medicines }).medicines).toEqual([
    { id: 'm', name: 'Tiotropium', dosage: '1 drag hver morgen' },
    { id: 'm', name: 'Salbutamol' },
  ])
})
