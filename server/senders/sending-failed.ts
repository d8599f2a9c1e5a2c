import type { Task } from '@medplum/fhirtypes'
import { FINDING } from '../core/decide/plan/vocabulary.ts'
import { type SendingReason, tellSendingReason } from '../core/decide/words/sending-reason.ts'
import type { Told } from '../core/decide/words/told.ts'
import { operatorTask } from '../plans/operator-task.ts'
import type { Message } from './message.ts'

const NAME = 'message|sending-failed|'

/** What receivers are called by people. */
export const RECEIVER_NAMES: Readonly<Record<string, string>> = {
  jft: 'JFT (Norsk helsenett)',
  pmd: 'Pasientens måledata (Norsk helsenett)',
  mhd: 'Regional dokumentkilde (MHD)',
}

/**
 * A message that nobody will send unless somebody mends what is wrong: a Task for whoever runs the server, with the reason. It is of no
 * patient, because the reason is all that is needed; what it was about is its focus.
 */
export function sendingFailedTask(
  { id, receiver, organization, cause, attempts }: Message,
  reason: SendingReason,
  now: Date,
): Task {
  const to = `${RECEIVER_NAMES[receiver] ?? receiver}, ${organization}`
  const told: Told = {
    nb: `En melding til ${to} kom ikke fram. Rett feilen og send den på nytt.`,
    nn: `Ei melding til ${to} kom ikkje fram. Rett feilen og send ho på nytt.`,
    en: `A message to ${to} did not arrive. Mend what is wrong and send it again.`,
  }
  return operatorTask({
    ...{ told, now, reason: tellSendingReason(reason) },
    name: `${NAME}${id}|${attempts}`,
    about: cause.split('/_history/')[0] ?? cause,
  })
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The id of the message that a Task is about; undefined for any other Task, also one that somebody has written in the manner of ours. */
export const messageOf = ({ identifier }: Task): string | undefined =>
  identifier
    ?.flatMap(({ system, value }) =>
      system === FINDING && value?.startsWith(NAME) ? [value.slice(NAME.length).split('|')[0] as string] : [],
    )
    .find((id) => UUID.test(id))
