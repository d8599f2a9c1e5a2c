import type { BundleEntry, Task } from '@medplum/fhirtypes'
import type { Told } from '../../../server/core/decide/words/told.ts'
import type { Message } from '../../fhir/thread.ts'
import { type About, asked, type Doer } from '../task/act.ts'
import { type Until, untilOf } from '../task/until.ts'

export const MESSAGE_UNTILS = ['within2h', 'today', 'tomorrow'] as const satisfies readonly Until[]
export type MessageUntil = (typeof MESSAGE_UNTILS)[number]

const FOLLOW_UP: Told = { nb: 'Følg opp en melding', nn: 'Følg opp ei melding', en: 'Follow up a message' }

type OfMessage = { message: Message; owner: Doer; words: string; until: MessageUntil }

/** What is to be done because of what a patient has written: about that message, and urgent where it cannot wait for long. */
export function taskOfMessage(about: About, { message, owner, words, until }: OfMessage): BundleEntry {
  const priority = until === 'within2h' ? 'urgent' : 'routine'
  return asked(about, {
    ...{ code: 'carry-out', owner, told: FOLLOW_UP, reason: words, until: untilOf(until, about.now), priority },
    focus: `Communication/${message.id}`,
  })
}

/** Those that were made of a message, the newest first. */
export const tasksOf = <T extends Task>(tasks: readonly T[], { id }: Message): T[] =>
  tasks
    .filter(({ focus }) => focus?.reference === `Communication/${id}`)
    .sort((one, other) => (other.authoredOn ?? '').localeCompare(one.authoredOn ?? ''))
