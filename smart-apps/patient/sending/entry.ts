import type {
  Communication,
  Media,
  Observation,
  OperationOutcomeIssue,
  QuestionnaireResponse,
} from '@medplum/fhirtypes'
import { pictureNamesOf } from '../../fhir/thread.ts'
import type { Language } from '../../texts/language.ts'
import type { Zone } from '../../ui/zone.ts'

/** What a patient makes: it is theirs from the moment they have saved it, sent or not. */
export type Made = Observation | QuestionnaireResponse | Communication | Media

/** Something that was made here and is on its way. */
export type Entry = {
  /** A UUID, given when the page on which it was made was opened: saved twice, it is one. */
  id: string
  /** ISO instant of the saving; entries are sent in this order. */
  savedAt: string
  resource: Made
  state: 'waiting' | 'sent' | 'refused'
  /** ISO instant at which the server said that it has it. */
  sentAt?: string
  /** id at the server. */
  storedAs?: string
  /** How the plan judged it on this phone, when it was saved. */
  verdict?: PhoneVerdict
  /** What the server said against it. */
  refusal?: { status: number; issues: readonly OperationOutcomeIssue[]; at: string }
}

/** @property at ISO date-time of the measuring or answering */
export type PhoneVerdict = { zone: Zone; reason: Readonly<Record<Language, string>>; at: string }

/** RFC 4122 as an identifier: https://hl7.org/fhir/R4/datatypes.html#Identifier */
const UUID_SYSTEM = 'urn:ietf:rfc:3986'
export const identifierOf = (id: string) => ({ system: UUID_SYSTEM, value: `urn:uuid:${id}` })

/** As a search has it. */
export const tokenOf = (id: string): string => `${UUID_SYSTEM}|urn:uuid:${id}`

/** The search by which the server finds what it has got already. */
export const ifNoneExist = ({ id }: Pick<Entry, 'id'>): string => `identifier=${encodeURIComponent(tokenOf(id))}`

export type Saving = Pick<Entry, 'id' | 'resource' | 'verdict'>

/** @param at of several that are saved together, the order in which they are sent is that of the list */
export function toEntries(made: readonly Saving[], at: Date): Entry[] {
  return made.map(({ id, resource, verdict }, i) => ({
    ...(verdict ? { verdict } : {}),
    ...{ id, savedAt: new Date(at.getTime() + i).toISOString(), state: 'waiting' as const },
    resource: { ...resource, identifier: identified(resource, id) } as Made,
  }))
}

/** A QuestionnaireResponse has one identifier, the others a list. */
const identified = ({ resourceType }: Made, id: string) =>
  resourceType === 'QuestionnaireResponse' ? identifierOf(id) : [identifierOf(id)]

/** So many times one is tried before the next is: what the server breaks down on each time holds back nothing that came after it. */
const PATIENCE = 3

type Failures = ReadonlyMap<string, number>

/** A picture, or the message that has it. */
export const isOfPicture = ({ resource }: Pick<Entry, 'resource'>): boolean =>
  resource.resourceType === 'Media' ||
  (resource.resourceType === 'Communication' && pictureNamesOf(resource).length > 0)

/**
 * Which is sent next of all but pictures: in order, but behind the others what has failed again and again.
 * @param failures how often each has, by id
 */
export const nextToSend = (entries: readonly Entry[], failures: Failures): Entry | undefined =>
  inTurn(
    entries.filter((entry) => isWaiting(entry) && !isOfPicture(entry)),
    failures,
  )

/** Which picture is sent next, or message that has one: none while anything else waits that has not failed again and again. */
export function nextOfPictures(entries: readonly Entry[], failures: Failures): Entry | undefined {
  const waiting = entries.filter(isWaiting)
  const goesBefore = (entry: Entry) => !isOfPicture(entry) && rank(entry, failures) === 0
  return waiting.some(goesBefore) ? undefined : inTurn(waiting.filter(isOfPicture), failures)
}

const isWaiting = ({ state }: Entry) => state === 'waiting'
const rank = ({ id }: Entry, failures: Failures) => Math.floor((failures.get(id) ?? 0) / PATIENCE)
const inTurn = (waiting: Entry[], failures: Failures) =>
  waiting.sort((one, other) => rank(one, failures) - rank(other, failures))[0]

/** What may come right by itself is tried again: the server has too much to do, or broke down. All else is its answer. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500
