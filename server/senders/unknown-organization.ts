import type { Task } from '@medplum/fhirtypes'
import type { Told } from '../core/decide/words/told.ts'
import { operatorTask } from '../plans/operator-task.ts'
import { type DeliveringRooms, SENDER } from './deliver.ts'
import type { Receiver } from './message.ts'
import { RECEIVER_NAMES } from './sending-failed.ts'
import { taskWhile } from './task-while.ts'

/**
 * While no Organization here bears a receiver's number, or several do, nobody knows whose patients it follows: nothing is put down, so nothing
 * would be late either. The log tells it once, and a Task as long as it is so.
 * @returns is told each turn whether it is known
 */
export function createOrganizationWatch(
  rooms: DeliveringRooms,
  receiver: Receiver,
): (isKnown: boolean) => Promise<void> {
  const { name, organization } = receiver
  const finding = `receiver|organization-unknown|${name} ${organization}|`
  const tellTask = taskWhile(rooms, { name: finding, gone: GONE })
  let wasKnown = true
  return async (isKnown) => {
    if (!isKnown && wasKnown) {
      rooms.log.error({ receiver: name, organization }, 'nothing is sent: no one Organization here has the number')
    }
    wasKnown = isKnown
    await tellTask(isKnown ? undefined : unknownTask(receiver, finding, rooms.now()))
  }
}

const GONE: Told = {
  nb: 'Nøyaktig én Organization har nummeret nå.',
  nn: 'Nøyaktig éin Organization har nummeret no.',
  en: 'Exactly one Organization has the number now.',
}

function unknownTask({ name, organization }: Receiver, finding: string, now: Date): Task {
  const to = RECEIVER_NAMES[name] ?? name
  const told: Told = {
    nb: `Ingen Organization her har nummeret ${organization}, eller flere har det. Det som lukkes, blir ikke sendt til ${to} før nøyaktig én har det.`,
    nn: `Ingen Organization her har nummeret ${organization}, eller fleire har det. Det som blir lukka, blir ikkje sendt til ${to} før nøyaktig éin har det.`,
    en: `No Organization here has the number ${organization}, or several have it. What is closed is not sent to ${to} until exactly one does.`,
  }
  return operatorTask({ told, now, about: SENDER.actor, name: `${finding}${now.toISOString()}` })
}
