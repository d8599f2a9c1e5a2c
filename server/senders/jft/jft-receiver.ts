import type { Communication, Task } from '@medplum/fhirtypes'
import { sql } from '../../db/sql.ts'
import type { Caller, Ready } from '../helseid-caller.ts'
import { toAnswer } from '../http-answer.ts'
import type { Message, Prepared, Receiver } from '../message.ts'
import type { NumbersOf } from '../patient-number.ts'
import { orWithheld, type PreparingRooms, seeAsReceiver } from '../read-as-receiver.ts'
import { closesAlert } from './alert-kind.ts'
import { toDocument, toNoteDocument } from './document.ts'
import { readAlert, readNote } from './read-alert.ts'
import { toProgress } from './status-answer.ts'

/** Documented as about 1 MB. */
const BYTES_MAX = 1_000_000

export type JftSettings = {
  organization: string
  /** Where it is written to, without a slash at the end. */
  url: string
  /** Where it is read from. */
  readUrl: string
  sourceSystem: string
  numbers: NumbersOf
  timeoutSeconds: number
}

export type JftRooms = PreparingRooms & { call: Caller; ready: Ready }

/**
 * Norsk helsenett's service for journals, which took over from Velferdsteknologisk knutepunkt: a document for each closed alert, and for each
 * note that is addressed to the organisation.
 * @see docs/senders.md
 */
export function jftReceiver(settings: JftSettings, rooms: JftRooms): Receiver {
  const { organization, url, readUrl, sourceSystem, timeoutSeconds } = settings
  const headers = { 'nhn-source-system': sourceSystem, accept: 'application/fhir+json' }

  const prepare = (message: Message): Promise<Prepared> =>
    orWithheld(async () => {
      const { access, patient } = await seeAsReceiver(rooms, settings, message.patient)
      const about = { organization, sourceSystem, cause: message.cause, patient }
      const document = message.cause.startsWith('Communication/')
        ? toNoteDocument(await readNote(rooms, access, message, about))
        : toDocument(await readAlert(rooms, access, message, about))
      const types = (document.entry ?? []).flatMap(({ resource }) => resource?.resourceType ?? [])
      return { kind: 'ready', body: JSON.stringify(document), types: [...new Set(types)] }
    })

  return {
    ...{ name: 'jft', organization, bytesMax: BYTES_MAX, timeoutSeconds, address: `${url}/v1/Bundle` },
    follows: ['Task', 'Communication'],
    // As the index event_of_closing has it.
    followsOnly: sql`type IN ('Task', 'Communication')`,
    togetherMax: 1,
    isCause: (before, after, actor, organizationReference) =>
      after !== undefined &&
      (isNoteTo(organizationReference, before, after) ||
        (isTask(after) && closesAlert(before as Task | undefined, after, actor))),
    open: async () => prepare,
    ready: rooms.ready,
    async send([body = '']) {
      const sent = { ...headers, 'content-type': 'application/fhir+json' }
      return [toAnswer(await rooms.call({ method: 'POST', url: `${url}/v1/Bundle`, headers: sent, body }), rooms.now())]
    },
    async progress(location) {
      return toProgress(await rooms.call({ method: 'GET', url: `${readUrl}/v1/Bundle/${location}/$status`, headers }))
    },
  }
}

const isTask = (resource: object): resource is Task => (resource as Task).resourceType === 'Task'

/** What somebody writes to the organisation is written once: a change of it is no new note. */
function isNoteTo(organization: string, before: object | undefined, after: object): boolean {
  const [was, note] = [before, after] as [Communication | undefined, Communication]
  if (note.resourceType !== 'Communication' || note.status !== 'completed' || was?.status === 'completed') return false
  return (note.recipient ?? []).some(({ reference }) => reference === organization)
}
