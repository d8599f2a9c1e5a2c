import type { Communication, Patient, Task } from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import { refuse } from '../../core/fhir/outcome.ts'
import { sql } from '../../db/sql.ts'
import type { Caller, Ready } from '../helseid-caller.ts'
import { toAnswer } from '../http-answer.ts'
import type { Message, Prepared, Receiver } from '../message.ts'
import { type NumbersOf, patientNumber } from '../patient-number.ts'
import { closesAlert } from './alert-kind.ts'
import { toDocument, toNoteDocument } from './document.ts'
import { type ReadingRooms, readAlert, readNote, Withheld } from './read-alert.ts'
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

export type JftRooms = ReadingRooms & {
  call: Caller
  ready: Ready
  now: () => Date
  /** What the receiving organisation may see at this moment; undefined where it is not known here. */
  accessNow: () => Promise<Access | undefined>
}

/**
 * Norsk helsenett's service for journals, which took over from Velferdsteknologisk knutepunkt: a document for each closed alert, and for each
 * note that is addressed to the organisation.
 * @see docs/senders.md
 */
export function jftReceiver(settings: JftSettings, rooms: JftRooms): Receiver {
  const { organization, url, readUrl, sourceSystem, numbers, timeoutSeconds } = settings
  const headers = { 'nhn-source-system': sourceSystem, accept: 'application/fhir+json' }

  async function prepare(message: Message): Promise<Prepared> {
    const access = await rooms.accessNow()
    if (!access)
      throw refuse('not-found', `No one Organization here has the number ${organization}.`, 'Organization.identifier')
    try {
      const read = await rooms.store.read(access, 'Patient', message.patient).catch((error: unknown) => {
        throw (error as { status?: number }).status === 404
          ? new Withheld('The receiver may not see the patient.')
          : error
      })
      const patient = patientNumber(JSON.parse(read.text ?? '{}') as Patient, numbers, rooms.now())
      const about = { organization, sourceSystem, cause: message.cause, patient }
      const document = message.cause.startsWith('Communication/')
        ? toNoteDocument(await readNote(rooms, access, message, about))
        : toDocument(await readAlert(rooms, access, message, about))
      const types = (document.entry ?? []).flatMap(({ resource }) => resource?.resourceType ?? [])
      return { kind: 'ready', body: JSON.stringify(document), types: [...new Set(types)] }
    } catch (error) {
      if (error instanceof Withheld) return { kind: 'withheld', reason: error.message }
      throw error
    }
  }

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
    prepare,
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
