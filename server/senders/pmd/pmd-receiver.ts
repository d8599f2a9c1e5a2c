import type { Observation } from '@medplum/fhirtypes'
import { Refusal } from '../../core/fhir/outcome.ts'
import type { Queryable } from '../../db/pool.ts'
import { changesDelay } from '../changes-delay.ts'
import { SENDER } from '../deliver.ts'
import type { Caller, Ready } from '../helseid-caller.ts'
import type { HttpAnswer } from '../http-answer.ts'
import { findKeptBack, mustBeOpen } from '../kept-back.ts'
import type { Answer, Message, Prepared, Receiver } from '../message.ts'
import { findSentBefore } from '../message-table.ts'
import { notReached } from '../not-reached.ts'
import type { NumbersOf } from '../patient-number.ts'
import {
  orWithheld,
  type PreparingRooms,
  readCurrent,
  readVersion,
  seeAsReceiver,
  Withheld,
} from '../read-as-receiver.ts'
import { Unsendable } from '../unsendable.ts'
import { toAnswers } from './batch-answer.ts'
import { type BundleType, type Entry, MUNICIPALITY, toEntry, toWithdrawal } from './entry.ts'
import { findMoved } from './find-moved.ts'
import { isTold, patientOf, tellsMeasurement } from './told-measurement.ts'

/** Nothing is documented; as its sibling has it, less what stands around the entries. */
const BYTES_MAX = 990_000
const TOGETHER_MAX = 50
/** A Bundle of several is refused as a whole: one of them may be at fault, or all of them too large together. */
const REFUSED_TOGETHER: ReadonlySet<number> = new Set([400, 413, 422])
/** How many times as long as one answer the sending of one Bundle may take, where its entries go by themselves. */
const ANSWERS_MAX = 4

export type PmdSettings = {
  organization: string
  /** The root to which Bundles are posted, without a slash at the end. */
  url: string
  sourceSystem: string
  municipality: string
  bundle: BundleType
  numbers: NumbersOf
  timeoutSeconds: number
}

export type PmdRooms = PreparingRooms & { db: Queryable; call: Caller; ready: Ready }

/**
 * Pasientens måledata of Norsk helsenett: measurements of those whom the organisation follows, with their zones, in Bundles of one patient's; what
 * was corrected in the place of what it was, and what was entered in error or deleted as void. It gives no receipt later than its answer.
 * @see docs/senders.md
 */
export function pmdReceiver(settings: PmdSettings, rooms: PmdRooms): Receiver {
  const { organization, url, sourceSystem, municipality, bundle, timeoutSeconds } = settings
  const to = { name: 'pmd', organization }

  async function open(messages: readonly Message[]) {
    const [{ patient: about } = { patient: '' }] = messages
    const seen = seeAsReceiver(rooms, settings, about)
    const ids = messages.map(idOf)
    const [kept, moved, before] = await Promise.all([
      findKeptBack(rooms.db, 'Observation', ids, rooms.now()),
      findMoved(rooms.db, { to, patient: about }, ids),
      findSentBefore(rooms.db, to, messages),
      seen.catch(() => undefined),
    ])
    return (message: Message): Promise<Prepared> =>
      orWithheld(async () => {
        const { access, patient } = await seen
        const another = moved.get(idOf(message))
        const current = another ? undefined : await readCurrent<Observation>(rooms, access, referenceOf(message.cause))
        const { place, mayHaveCome } = before.get(message.id) ?? { mayHaveCome: false }
        const placed = { organization, municipality, bundleType: bundle, patient, ...(place ? { place } : {}) }
        if (isTold(current)) {
          mustBeOpen(kept.get(String(current.id)))
          return toPrepared(toEntry(current, placed))
        }
        if (!mayHaveCome) throw new Withheld('withdrawn')
        if (another?.isReplaced) throw new Withheld('of-another-patient')
        // The organisation need not see whose it is now; it has told of it as this patient's itself.
        const last = await readLastTold(rooms, another ? SENDER : access, message)
        return toPrepared(toWithdrawal(last, placed))
      })
  }

  function post(entries: readonly Entry[]): Promise<HttpAnswer> {
    const body = JSON.stringify({
      ...{ resourceType: 'Bundle', type: bundle, meta: { tag: [{ system: MUNICIPALITY, code: municipality }] } },
      entry: entries,
    })
    const headers = {
      ...{ 'nhn-source-system': sourceSystem, accept: 'application/fhir+json' },
      'content-type': 'application/fhir+json',
    }
    return rooms.call({ method: 'POST', url, headers, body })
  }

  async function postAll(entries: readonly Entry[]): Promise<Answer[]> {
    // Nobody else has these messages until then; the last call may take as long as an answer is waited for.
    const until = rooms.now().getTime() + (ANSWERS_MAX - 1) * timeoutSeconds * 1000
    const answer = await post(entries)
    const isOneAtFault = entries.length > 1 && REFUSED_TOGETHER.has(answer.status)
    return isOneAtFault ? postEach(entries, until) : toAnswers(answer, entries, rooms.now())
  }

  /** By themselves, so that one at fault takes no others with it. What was answered stands, whatever comes of those after it. */
  async function postEach(entries: readonly Entry[], until: number): Promise<Answer[]> {
    const answers: Answer[] = []
    let unsent: Answer | undefined
    for (const entry of entries) {
      if (rooms.now().getTime() > until) unsent ??= OUT_OF_TIME
      if (!unsent) {
        const answer = await post([entry]).catch(notReached)
        if ('kind' in answer) unsent = answer
        else answers.push(...toAnswers(answer, [entry], rooms.now()))
      }
      if (unsent) answers.push(unsent)
    }
    return answers
  }

  return {
    ...{ ...to, bytesMax: BYTES_MAX, timeoutSeconds, address: url, togetherMax: TOGETHER_MAX },
    sendingSecondsMax: ANSWERS_MAX * timeoutSeconds,
    follows: ['Observation'],
    isCause: (before, after) => tellsMeasurement(before, after) || (isTold(after) && changesDelay(before, after)),
    formerPatient: (before) => (isTold(before) ? patientOf(before) : undefined),
    open,
    ready: rooms.ready,
    async send(bodies) {
      const entries = bodies.map((body) => JSON.parse(body) as Entry)
      // Two versions of one measurement are the same entry: what it is now.
      const each = [...new Map(entries.map((entry) => [entry.fullUrl, entry])).values()]
      const answers = new Map((await postAll(each)).map((answer, i) => [each[i]?.fullUrl, answer]))
      return entries.map(({ fullUrl }) => answers.get(fullUrl) as Answer)
    },
  }
}

const OUT_OF_TIME: Answer = { kind: 'again', reason: { code: 'out-of-time' } }

const referenceOf = (cause: string): string => cause.split('/_history/')[0] ?? ''

const idOf = ({ cause }: Message): string => referenceOf(cause).split('/')[1] ?? ''

const toPrepared = (entry: Entry): Prepared => ({
  kind: 'ready',
  body: JSON.stringify(entry),
  types: ['Observation'],
})

/**
 * The version that the receiver was, or should have been, told of last as the patient's: the one that caused the message, or the one before where that one took it back.
 * @throws Refusal not-found where neither is told, Withheld
 */
async function readLastTold(
  rooms: PmdRooms,
  access: Parameters<typeof readVersion>[1],
  { cause, patient }: Message,
): Promise<Observation> {
  const [reference = '', version = ''] = cause.split('/_history/')
  for (const one of [Number(version), Number(version) - 1].filter((number) => number > 0)) {
    const read = await readVersion<Observation>(rooms, access, `${reference}/_history/${one}`).catch(orDeleted)
    if (isTold(read) && patientOf(read) === patient) return read
  }
  throw new Unsendable(
    { code: 'not-found', expression: 'Observation' },
    { code: 'takes-back-nothing', values: { cause } },
  )
}

function orDeleted(error: unknown): undefined {
  if (error instanceof Refusal && error.status === 410) return undefined
  throw error
}
