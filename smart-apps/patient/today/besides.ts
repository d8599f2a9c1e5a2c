import type { Appointment, MedicationStatement, Task } from '@medplum/fhirtypes'
import { PATIENT_APP } from '../../fhir/message-subject.ts'
import { translated } from '../../fhir/translated.ts'
import type { Language } from '../../texts/language.ts'
import type { OwnRecord } from '../record/record.ts'

const DAY_MILLIS = 86_400_000
/** So far ahead an appointment stands on the first page. */
const AHEAD_DAYS = 14

/** What the plan has beside what is measured and answered at a time. */
export type Besides = {
  /** Somebody has asked for it, at no particular time; until when, if that is said. */
  tasks: { id: string; title: string; until?: Date }[]
  appointments: { id: string; title: string; at: Date; place?: string }[]
  medicines: { id: string; name: string; dosage?: string }[]
}

type Known = Pick<OwnRecord, 'patient' | 'tasks' | 'appointments' | 'medicines'>

/** @param scheduled what stands in the day already, as `Task/7` */
export function besidesOf(record: Known, scheduled: ReadonlySet<string>, now: Date, language: Language): Besides {
  const { patient, tasks, appointments = [] } = record
  // Whoever is here has begun: that they were asked to is nothing to do.
  const isOwn = ({ owner, status, code }: Task) =>
    owner?.reference === `Patient/${patient.id}` &&
    status !== 'draft' &&
    !code?.coding?.some((one) => one.system === PATIENT_APP && one.code === 'start-app')
  return {
    tasks: tasks
      .filter((task) => isOwn(task) && !scheduled.has(`Task/${task.id}`))
      .map((task) => toTask(task, language))
      .filter(({ title }) => title !== ''),
    appointments: appointments
      .flatMap((one) => toAppointment(one, now, language))
      .sort((one, other) => one.at.getTime() - other.at.getTime()),
    medicines: medicinesOf(record, language),
  }
}

/** What the patient is known to take. */
export const medicinesOf = ({ medicines = [] }: Pick<Known, 'medicines'>, language: Language): Besides['medicines'] =>
  medicines.flatMap((one) => toMedicine(one, language))

function toTask(task: Task, language: Language): Besides['tasks'][number] {
  const end = task.restriction?.period?.end ?? task.executionPeriod?.end
  const title = translated(task, 'description', language)?.text ?? translated(task.code, 'text', language)?.text ?? ''
  return { id: task.id ?? '', title, ...(end ? { until: new Date(end) } : {}) }
}

/** Those that are to be kept, until they are over. */
function toAppointment(one: Appointment, now: Date, language: Language): Besides['appointments'] {
  const at = new Date(one.start ?? '')
  const end = new Date(one.end ?? one.start ?? '')
  const isAhead = end >= now && at.getTime() - now.getTime() <= AHEAD_DAYS * DAY_MILLIS
  if ((one.status !== 'booked' && one.status !== 'pending' && one.status !== 'arrived') || !isAhead) return []
  const title =
    translated(one, 'description', language)?.text ?? translated(one.serviceType?.[0], 'text', language)?.text ?? ''
  const place = one.participant?.find(({ actor }) => actor?.reference?.startsWith('Location/'))?.actor?.display
  return [{ id: one.id ?? '', title, at, ...(place ? { place } : {}) }]
}

/** What is taken, by its name; one that is named by a reference alone cannot be told here. */
function toMedicine({ id, medicationCodeableConcept: concept, dosage = [] }: MedicationStatement, language: Language) {
  const name = translated(concept, 'text', language)?.text ?? concept?.coding?.find(({ display }) => display)?.display
  if (!name) return []
  const said = dosage.flatMap(({ text, patientInstruction }) => patientInstruction ?? text ?? []).join('. ')
  return [{ id: id ?? '', name, ...(said ? { dosage: said } : {}) }]
}
