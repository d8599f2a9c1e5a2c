import type { Binary, Bundle, Coding, DocumentReference, HumanName, Identifier } from '@medplum/fhirtypes'
import type { Access } from '../../access/access.ts'
import { nameOf } from '../../core/fhir/human-name.ts'
import type { Queryable } from '../../db/pool.ts'
import { sql } from '../../db/sql.ts'
import { OBJECT_TYPES, SHARED_DOCUMENT } from '../../documents/document-reference.ts'
import { HPR_NUMBER } from '../../national-numbers/systems.ts'
import { readIfOpen } from '../../store/read-if-open.ts'
import { changesDelay } from '../changes-delay.ts'
import { SENDER } from '../deliver.ts'
import type { Caller, Ready } from '../helseid-caller.ts'
import { findKeptBack, mustBeOpen } from '../kept-back.ts'
import type { Answer, Message, Prepared, Receiver } from '../message.ts'
import { findSentBefore } from '../message-table.ts'
import type { NumbersOf } from '../patient-number.ts'
import { orWithheld, type PreparingRooms, readCurrent, seeAsReceiver, Withheld } from '../read-as-receiver.ts'
import { Unsendable } from '../unsendable.ts'
import { isDuplicate, placeFound, toPublished, toReceipt } from './provided-answer.ts'
import { type Publishing, pagesOf, toDeprecated, toProvided } from './provided-bundle.ts'

/** Pages of a plan are some hundred kB; what is larger is no document of ours. */
const BYTES_MAX = 20_000_000

export type MhdSettings = {
  organization: string
  /** The base to which Bundles are posted, without a slash at the end. */
  url: string
  sourceSystem: string
  facilityType: Coding
  practiceSetting: Coding
  numbers: NumbersOf
  timeoutSeconds: number
}
export type MhdRooms = PreparingRooms & { db: Queryable; call: Caller; ready: Ready }

/**
 * A region's source of documents, which publishes what it is given to kjernejournal: documents that are filed here, by IHE MHD (ITI-65); replaced
 * when another has come in their place, and withdrawn when they were entered in error.
 * @see docs/senders.md
 */
export function mhdReceiver(settings: MhdSettings, rooms: MhdRooms): Receiver {
  const { organization, url, sourceSystem, facilityType, practiceSetting, timeoutSeconds } = settings
  const to = { name: 'mhd', organization }
  const headers = { 'nhn-source-system': sourceSystem, accept: 'application/fhir+json' }

  const prepare = (message: Message): Promise<Prepared> =>
    orWithheld(async () => {
      const { access, patient } = await seeAsReceiver(rooms, settings, message.patient)
      const [reference = ''] = message.cause.split('/_history/')
      const document = await readCurrent<DocumentReference>(rooms, access, reference)
      const publishing: Publishing = {
        ...{ organization, cause: message.cause, patient, facilityType, practiceSetting, now: message.causedAt },
      }
      if (document && isFiled(document)) {
        const { id = '' } = document
        const kept = await findKeptBack(rooms.db, 'DocumentReference', [id], rooms.now())
        mustBeOpen(kept.get(id))
        const data = await readPages(document)
        const replaced = await placesReplaced(message, document)
        const authors = await readAuthors(access, document)
        return toPrepared(toProvided(publishing, { document: { ...document, author: authors }, data, replaced }))
      }
      const { place, mayHaveCome } = await sentBefore(message.id, message.cause)
      const known = place ?? (mayHaveCome && document ? await findThere(document.masterIdentifier) : undefined)
      if (!known) throw new Withheld('withdrawn')
      const status = document?.status === 'superseded' ? 'superseded' : 'entered-in-error'
      return toPrepared(toDeprecated(publishing, known, status))
    })

  /** A content is as open as the document that it belongs to, which has been read as the organisation. */
  async function readPages(document: DocumentReference): Promise<string> {
    const [, id] = /^Binary\/([A-Za-z0-9\-.]{1,64})$/.exec(pagesOf(document)?.attachment.url ?? '') ?? []
    if (!id) throw new Unsendable({ code: 'required', expression: 'DocumentReference.content' }, { code: 'no-pages' })
    const { data = '' } = JSON.parse((await rooms.store.read(SENDER, 'Binary', id)).text ?? '{}') as Partial<Binary>
    return data
  }

  async function sentBefore(id: string, cause: string): Promise<{ place?: string; mayHaveCome: boolean }> {
    return (await findSentBefore(rooms.db, to, [{ id, cause }])).get(id) ?? { mayHaveCome: false }
  }

  async function placesReplaced(message: Message, { relatesTo = [] }: DocumentReference): Promise<string[]> {
    const places = await Promise.all(
      relatesTo
        .filter(({ code }) => code === 'replaces')
        .map(({ target }) => sentBefore(message.id, `${target.reference}/_history/0`)),
    )
    return places.flatMap(({ place }) => place ?? [])
  }

  async function readAuthors(access: Access, { author = [] }: DocumentReference) {
    return Promise.all(
      author.map(async (one) => {
        const found = await readIfOpen<{ name?: HumanName[] | string; identifier?: Identifier[] }>(
          rooms.store,
          access,
          one.reference ?? '',
        )
        const name = typeof found?.name === 'string' ? found.name : nameOf(found?.name)
        const number = found?.identifier?.find(({ system }) => system === HPR_NUMBER)
        return { ...(number ? { identifier: number } : {}), display: name ?? one.display ?? sourceSystem }
      }),
    )
  }

  async function findThere(name: Identifier | undefined): Promise<string | undefined> {
    if (!name?.value) return undefined
    const query = new URLSearchParams({ identifier: `${name.system ?? ''}|${name.value}` })
    return placeFound(await rooms.call({ method: 'GET', url: `${url}/DocumentReference?${query}`, headers }))
  }

  async function send(body: string): Promise<Answer> {
    const sent = { ...headers, 'content-type': 'application/fhir+json' }
    const answer = await rooms.call({ method: 'POST', url, headers: sent, body })
    const bundle = JSON.parse(body) as Bundle
    if (isDuplicate(answer)) {
      const document = bundle.entry?.find(({ resource }) => resource?.resourceType === 'DocumentReference')?.resource
      const place = await findThere((document as DocumentReference | undefined)?.masterIdentifier)
      if (place) return { kind: 'accepted', location: place }
    }
    return toReceipt(answer, bundle, rooms.now())
  }

  return {
    ...{ ...to, bytesMax: BYTES_MAX, timeoutSeconds, address: url, togetherMax: 1 },
    ...{ follows: ['DocumentReference'], followsOnly: sql`type = 'DocumentReference'` },
    isCause: (before, after) => {
      const [was, is] = [
        isFiled(before as DocumentReference | undefined),
        isFiled(after as DocumentReference | undefined),
      ]
      return was !== is || (is && changesDelay(before, after))
    },
    open: async () => prepare,
    ready: rooms.ready,
    send: async (bodies) => Promise.all(bodies.map(send)),
    async progress(location) {
      return toPublished(await rooms.call({ method: 'GET', url: `${url}/${location}`, headers }))
    },
  }
}

/** Filed here, as it was, and still standing. What is of others, or made anew each time, is not ours to publish. */
function isFiled(document: DocumentReference | undefined): boolean {
  if (document?.resourceType !== 'DocumentReference' || document.status !== 'current') return false
  const { profile = [], tag = [] } = document.meta ?? {}
  return profile.includes(SHARED_DOCUMENT) && tag.some(({ code }) => code === OBJECT_TYPES.stable)
}

const toPrepared = (bundle: Bundle): Prepared => ({
  kind: 'ready',
  body: JSON.stringify(bundle),
  types: ['DocumentReference'],
})
