import type { Communication, HealthcareService, Patient } from '@medplum/fhirtypes'
import type { MessageSubject } from '../../fhir/message-subject.ts'
import { isCall, type StoredMessage, toThread } from '../../fhir/thread.ts'
import { answerDue, answeringHours } from './answer-due.ts'

/** A thread in which the patient, or next of kin, has the last word. */
export type WaitingThread = {
  patient: string
  name?: string
  /** What they wrote since the team wrote last, the oldest first. */
  text: string
  /** What is asked for in it, beside an answer. */
  subjects: readonly MessageSubject[]
  count: number
  /** When they wrote the first of it. */
  since: Date
  /** Until when they can expect an answer. */
  due: Date
  isSeen: boolean
}

/** Who waits for an answer, who has waited the longest first. @param services by which teams say when they are there */
export function waitingThreads(
  communications: readonly StoredMessage[],
  patients: ReadonlyMap<string, Patient>,
  nameOf: (patient: Patient) => string | undefined,
  services: readonly HealthcareService[],
): WaitingThread[] {
  const byPatient = new Map<string, StoredMessage[]>()
  for (const one of communications) {
    const patient = patientOf(one)
    if (patient) byPatient.set(patient, [...(byPatient.get(patient) ?? []), one])
  }
  return [...byPatient]
    .flatMap(([patient, own]): WaitingThread[] => {
      const thread = toThread(own, patient)
      const spoken = own.filter(isTalk).map(({ sent }) => Date.parse(sent ?? ''))
      const written = thread.filter(({ from }) => from === 'team').map(({ at }) => at.getTime())
      const answered = Math.max(0, ...spoken, ...written)
      const open = thread.filter(({ from, at }) => from === 'patient' && at.getTime() > answered)
      const [first] = open
      if (!first) return []
      const found = patients.get(patient)
      const name = found && nameOf(found)
      return [
        {
          ...{ patient, text: open.map(({ text }) => text).join(' '), count: open.length },
          subjects: [...new Set(open.flatMap(({ subject }) => subject ?? []))],
          ...{
            since: first.at,
            due: answerDue(first.at, answeringHours(teamOf(first.stored), services)),
            isSeen: open.every(({ readAt }) => readAt !== undefined),
          },
          ...(name && { name }),
        },
      ]
    })
    .sort((one, other) => one.since.getTime() - other.since.getTime())
}

/** A call in which somebody was reached answers too. */
const isTalk = (one: Communication): boolean => isCall(one) && one.status === 'completed' && one.sent !== undefined

const patientOf = ({ subject }: Communication): string | undefined =>
  /^Patient\/(.+)$/.exec(subject?.reference ?? '')?.[1]

/** Whom it was written to. */
const teamOf = ({ recipient = [] }: Communication): string | undefined =>
  recipient.find(({ reference }) => /^(?:CareTeam|Organization)\//.test(reference ?? ''))?.reference
