import type { Access } from '../access/access.ts'
import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { agentOf } from '../audit/agent.ts'
import { isAuditCode } from '../audit/codes.ts'
import { type AuditRecord, type Care, outcomeOfStatus, withoutNationalNumbers } from '../audit/record.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { type Origin, type Reply, type Rooms, withStore } from '../exchange.ts'
import type { Store } from '../store/store.ts'
import { careRelations, forgetCare } from './care-relations.ts'
import { type GivenOut, WatchedStore } from './given-out.ts'
import { type Match, matchRoute } from './match-route.ts'

/** One interaction as it was asked for: a request of its own, or an entry of a Bundle. */
export type Asked = {
  access: Access
  origin: Origin
  method: string
  /** Below the FHIR base. */
  path: string
  query: URLSearchParams
  /** Of a Bundle, whose own request sees all that its entries see, and outlives what a transaction may yet take back. */
  isEntry?: true
}

/**
 * Finds the route, asks whether the caller may go there at all, and lets `run` go. Whatever comes of it, an answer or a refusal, is
 * written down before it is given back: what cannot be audited is not answered.
 * @throws Refusal of the route or of `run`; transient, when the audit cannot be written
 */
export async function audited(
  asked: Asked,
  rooms: Rooms,
  run: (match: Match, rooms: Rooms) => Promise<Reply>,
): Promise<Reply> {
  const { access, origin } = asked
  const given: GivenOut = { patients: new Set(), types: new Set(), accessed: [], isWritten: false }
  const careOf = (patients: readonly string[]) => careRelations(rooms.store, access, patients)
  let match: Match | undefined
  const record = (outcome: Outcome, care: Care[]): AuditRecord => ({
    ...recordOf(asked, match, given),
    ...outcome,
    ...(care.length > 0 ? { care } : {}),
  })
  // A system has to do with nobody, and most requests are a system's.
  const careNow = () => (access.standing ? careOf([...given.patients]) : NO_CARE)
  let reply: Reply
  try {
    match = matchRoute(rooms.routes, rooms.definitions, asked.method, asked.path)
    const { route, type } = match
    if (route.letter !== undefined && !permits(access, type, route.letter)) throw notPermitted(type, route.letter)
    const { hears, look } = rooms.accessTriggers
    const looking = isPublic(match) ? undefined : look()
    if (looking) await looking
    const watching = { access, given, request: origin, baseUrl: rooms.baseUrl, hears, careOf }
    const inside = withStore(rooms, new WatchedStore(storeFor(asked, rooms), watching))
    // What its entries have given is the Bundle's, which tells it when all of it is answered.
    if (!asked.isEntry)
      inside.accessTriggers = { look: noLook, hears, tell: async (_, told) => void given.accessed.push(...told) }
    reply = await run(match, inside)
    if (isAccess(asked, reply, given)) await rooms.accessTriggers.tell(access, given.accessed)
  } catch (error) {
    if (!match || !isPublic(match)) await rooms.audit.note(record(refusalOf(error), await careNow()))
    throw error
  }
  try {
    if (given.isWritten) forgetCare(access)
    if (!isToldAlready(match, given)) {
      const care = careNow()
      const own = { ...record({}, care instanceof Promise ? await care : care), ...reply.audit }
      await rooms.audit.note(own, ...receivedWith(own, reply))
    }
  } finally {
    await reply.settled?.()
  }
  return reply
}

/** Who is answered that nothing is new was given nothing, and who asks for the head of an answer neither. */
const isAccess = ({ method }: Asked, { status }: Reply, { accessed }: GivenOut): boolean =>
  accessed.length > 0 && status !== 304 && method !== 'HEAD'

/** It was looked for the Bundle. */
const noLook = () => undefined

const storeFor = ({ isEntry }: Asked, { store }: Rooms): Store =>
  isEntry && store instanceof WatchedStore ? store.unheard() : store

/** Both records are of one block: the event is kept with who sent it, or neither is. */
const receivedWith = ({ agent, request, address, patients }: AuditRecord, { received }: Reply): AuditRecord[] =>
  received ? [{ code: 'received', agent, request, address, patients, received }] : []

/** What is public, the metadata, is nobody's access, and nothing of anybody's record. */
const isPublic = ({ route: { interaction } }: Match): boolean => interaction === 'capabilities'

/** What writes and is no operation is told by its writes, in their transaction; a Bundle by its entries. */
const isToldAlready = (match: Match, { isWritten }: GivenOut): boolean => {
  const { interaction } = match.route
  return isPublic(match) || interaction === 'transaction' || (isWritten && interaction !== 'operation')
}

const NO_CARE: Care[] = []
const QUERY_CHARS_MAX = 2_000

function recordOf({ access, origin, path, query }: Asked, match: Match | undefined, given: GivenOut) {
  const interaction = match?.route.interaction ?? 'unknown'
  const hasQuery = query.size > 0 || NAMED_BY_PATH.has(interaction) || match === undefined
  return {
    code: isAuditCode(interaction) ? interaction : ('unknown' as const),
    agent: agentOf(access),
    ...origin,
    ...(match?.id ? { what: [whatOf(match)] } : {}),
    ...typesOf(match, given),
    ...patientsOf(match, given),
    ...(hasQuery ? { query: queryText(path, query) } : {}),
  }
}

/** Where they are more than the path says. */
function typesOf(match: Match | undefined, { types }: GivenOut): { types?: string[] } {
  const [only, ...others] = types
  return only === undefined || (others.length === 0 && only === match?.type) ? {} : { types: [...types] }
}

/** Also where nothing was found: of whom it was asked. */
function patientsOf(match: Match | undefined, { patients }: GivenOut): { patients?: string[] } {
  const all = new Set(patients)
  if (match?.type === 'Patient' && match.id !== '') all.add(match.id)
  else if (match?.route.path.startsWith('Patient/:id/')) all.add(match.id)
  return all.size > 0 ? { patients: [...all] } : {}
}

const NAMED_BY_PATH = new Set([
  ...['operation', 'search-type', 'search-system', 'search-compartment'],
  ...['history-type', 'history-system', 'history-instance'],
])

function whatOf({ route: { path }, type, id, versionId }: Match): string {
  // The compartment of a patient is asked for by the patient's id, whatever type is searched in it.
  const owner = /^([A-Z][A-Za-z]+)\/:id\//.exec(path)?.[1] ?? type
  return versionId === '' ? `${owner}/${id}` : `${owner}/${id}/_history/${versionId}`
}

function queryText(path: string, query: URLSearchParams): string {
  const cut = withoutNationalNumbers(path)
  return (query.size > 0 ? `${cut}?${decoded(query)}` : cut).slice(0, QUERY_CHARS_MAX)
}

/** As people read it; `&` and `=` inside stay escaped. What is cut is cut before: escaped, `#` would put two digits in front. */
const decoded = (query: URLSearchParams): string =>
  [...query]
    .map((pair) => pair.map((text) => withoutNationalNumbers(text).replace(/[%&=+#]/g, encodeURIComponent)).join('='))
    .join('&')

type Outcome = Pick<AuditRecord, 'outcome' | 'reason'>

function refusalOf(error: unknown): Outcome {
  if (!(error instanceof Refusal)) return { outcome: '8' }
  const codes = [...new Set(error.issues.map(({ code }) => code))]
  // Only these say nothing of what was sent or stored.
  const said = error.issues.filter(({ code }) => code === 'forbidden' || code === 'login')
  const reason = [codes.join(', '), ...said.map(({ diagnostics }) => withoutNationalNumbers(diagnostics))].join(': ')
  return { outcome: outcomeOfStatus(error.status), reason }
}
