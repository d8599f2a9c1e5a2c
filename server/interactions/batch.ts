import { bundleText } from '../core/fhir/bundle-text.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import { returnOf } from '../core/fhir/prefer.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { takeUpCriteria } from '../store/page-links.ts'
import { inTurns } from '../turns.ts'
import { audited } from './audited.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { refusedEntry, replyEntry } from './entry-reply.ts'
import { subsetReply } from './subset-reply.ts'

/** R4 asks for this order, in a batch as in a transaction. https://hl7.org/fhir/R4/http.html#trules */
export const ORDER = [['DELETE'], ['POST'], ['PUT', 'PATCH'], ['GET', 'HEAD']]

/** Each entry by itself: one may fail without the others. Entries of one kind run together. */
export async function batch(exchange: Exchange, rooms: Rooms, entries: BundleEntry[]): Promise<Reply> {
  const answers = new Array<string>(entries.length)
  const wanted = returnOf(exchange.headers.prefer)
  for (const methods of ORDER) {
    const group = entries.filter(({ method }) => methods.includes(method))
    const underWay: Promise<void>[] = []
    const start = async (entry: BundleEntry): Promise<void> => {
      answers[entry.index] = await runEntry(exchange, rooms, entry).then(
        (reply) => replyEntry(rooms.baseUrl, reply, wanted),
        (error) => refusedEntry(error, rooms.reportFault),
      )
    }
    await inTurns(group, (entry) => void underWay.push(start(entry)))
    await Promise.all(underWay)
  }
  return { status: 200, text: bundleText({ type: 'batch-response' }, answers) }
}

/** Sends an entry down the route that it would have taken as a request of its own, with the same access. */
export async function runEntry({ access, origin }: Exchange, rooms: Rooms, entry: BundleEntry): Promise<Reply> {
  const { method, path, query, headers, resource: body, wrong } = entry
  if (wrong.length > 0) throw new Refusal(wrong)
  const asked = { access, origin, method, path, query, isEntry: true as const }
  return audited(asked, rooms, async ({ route, type, id, versionId }, watched) => {
    await takeUpCriteria(rooms, access, query)
    if (route.interaction === 'transaction')
      throw refuse('not-supported', 'A Bundle cannot stand in a batch as a request of its own.')
    const reply = await route.handler({ access, origin, type, id, versionId, query, headers, body }, watched)
    if (reply.isPlainJson || reply.lines)
      throw refuse('not-supported', `${entry.path} answers with no resource, and cannot be part of a Bundle.`)
    return route.method === 'GET' ? subsetReply(rooms.definitions, query, reply) : reply
  })
}
