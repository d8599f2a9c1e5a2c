import type { Identifier, Patient, Resource } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { SendingReason } from '../core/decide/words/sending-reason.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Store } from '../store/store.ts'
import type { Prepared } from './message.ts'
import { type NumbersOf, patientNumber } from './patient-number.ts'
import { Unsendable } from './unsendable.ts'

export type ReadingRooms = {
  store: Pick<Store, 'read' | 'readVersion' | 'history'>
  /** Every match of a search by these parameters. */
  search: (access: Access, type: string, parameters: Record<string, string>) => Promise<Resource[]>
}

/** The receiver may not see something that the message would tell of. */
export class Withheld extends Error {
  readonly reason: SendingReason
  readonly until: Date | undefined
  /** @param until when it may be seen, where that is known beforehand */
  constructor(code: SendingReason['code'], until?: Date) {
    super(code)
    this.reason = { code }
    this.until = until
  }
}

/** A version by `Task/1/_history/5`. */
export async function readVersion<T>({ store }: ReadingRooms, access: Access, reference: string): Promise<T> {
  const [type = '', id = '', , version = ''] = reference.split('/')
  try {
    return JSON.parse((await store.readVersion(access, type, id, version)).text ?? '{}') as T
  } catch (error) {
    throw asWithheld(error)
  }
}

/** What is hidden from somebody is not there for them. */
const asWithheld = (error: unknown): unknown =>
  error instanceof Refusal && error.status === 404 ? new Withheld('not-all-seen') : error

/** @returns undefined for what was deleted @throws Withheld */
export async function readCurrent<T>(
  { store }: ReadingRooms,
  access: Access,
  reference: string,
): Promise<T | undefined> {
  const [type = '', id = ''] = reference.split('/')
  try {
    return JSON.parse((await store.read(access, type, id)).text ?? '{}') as T
  } catch (error) {
    if (error instanceof Refusal && error.status === 410) return undefined
    throw asWithheld(error)
  }
}

const SAID = /^(code|value[A-Z].*|component|dataAbsentReason|effective[A-Z].*|questionnaire|item)$/
/** What a measurement or answers say, without what is said about them: comments, labels, who wrote it. */
export const saidBy = (evidence: object): object =>
  Object.fromEntries(Object.entries(evidence).filter(([name]) => SAID.test(name)))

export type PreparingRooms = ReadingRooms & {
  now: () => Date
  /** What the receiving organisation may see at this moment; undefined where it is not known here. */
  accessNow: () => Promise<Access | undefined>
}
type For = { organization: string; numbers: NumbersOf }

/**
 * Who the patient is to a receiver, as far as the receiving organisation may see them now.
 * @throws Withheld, Refusal not-found (no one Organization has the number), and those of `patientNumber`
 */
export async function seeAsReceiver(
  rooms: PreparingRooms,
  { organization, numbers }: For,
  patient: string,
): Promise<{ access: Access; patient: Identifier }> {
  const access = await rooms.accessNow()
  if (!access)
    throw new Unsendable(
      { code: 'not-found', expression: 'Organization.identifier' },
      { code: 'organization-unknown', values: { number: organization } },
    )
  const read = await rooms.store.read(access, 'Patient', patient).catch((error: unknown) => {
    throw (error as { status?: number }).status === 404 ? new Withheld('patient-not-seen') : error
  })
  return { access, patient: patientNumber(JSON.parse(read.text ?? '{}') as Patient, numbers, rooms.now()) }
}

/** What may not be seen is withheld. */
export async function orWithheld(work: () => Promise<Prepared>): Promise<Prepared> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Withheld) {
      const { reason, until } = error
      return { kind: 'withheld', reason, ...(until ? { until } : {}) }
    }
    throw error
  }
}
