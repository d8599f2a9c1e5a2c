import { toCanonicalJson } from '../core/fhir/canonical-json.ts'
import { parseJson } from '../core/fhir/json.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { parseSearch } from '../search/search-query.ts'

/** What became of a line. */
export type LineDone = 'created' | 'updated' | 'unchanged'

/** A line, as the update that it is: sent again, it is about the same resource. */
export type ImportLine = {
  number: number
  type: string
  resource: Record<string, unknown>
  /** Of the resource, where it says one; else its first identifier is what singles it out. */
  id?: string
  identifier?: string
  /** What no two lines that are written at the same time may share. */
  key: string
}

type Identifier = { system?: unknown; value?: unknown }

/** @throws Refusal invalid (no JSON), required (no type; neither id nor identifier), not-supported (no type of R4) */
export function parseLine(text: string, number: number, { definitions }: Rooms): ImportLine {
  const given = parseJson(text)
  const resource = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>
  const { resourceType: type, id } = resource
  if (typeof type !== 'string')
    throw refuse('required', 'The line is no resource: resourceType is missing.', 'resourceType')
  if (!definitions.resourceTypes.has(type))
    throw refuse('not-supported', `R4 has no resource type "${type}".`, 'resourceType')
  if (typeof id === 'string') return { number, type, resource, id, key: `${type}/${id}` }
  const [one] = [resource.identifier].flat() as (Identifier | undefined)[]
  if (typeof one?.value !== 'string')
    throw refuse(
      'required',
      `${type} says neither an id nor an identifier with a value, so that it would be stored anew whenever it is sent again.`,
      `${type}.id`,
    )
  const identifier = `${typeof one.system === 'string' ? escaped(one.system) : ''}|${escaped(one.value)}`
  return { number, type, resource, identifier, key: `${type}?${identifier}` }
}

/** In a token of a search. https://hl7.org/fhir/R4/search.html#escaping */
const escaped = (text: string): string => text.replace(/[\\$,|]/g, '\\$&')

/**
 * Writes it as a request of its own would: validated, judged and audited in the same way. What is stored already, in the same words, stays
 * as it is.
 * @throws Refusal
 */
export async function writeLine(exchange: Exchange, rooms: Rooms, line: ImportLine): Promise<LineDone> {
  const { type, id, identifier, resource } = line
  const stored = await findStored(exchange, rooms, line)
  if (stored && sayOf(stored) === sayOf({ ...resource, id: stored.id })) return 'unchanged'
  const { status } = await rooms.ask(exchange, rooms, {
    ...{ method: 'PUT', path: id === undefined ? type : `${type}/${id}`, resource },
    query: new URLSearchParams(identifier === undefined ? {} : { identifier }),
  })
  return status === 201 ? 'created' : 'updated'
}

/** What the caller may not see, or is not there, is for the update to say. */
async function findStored(
  { access }: Exchange,
  { store, definitions }: Rooms,
  { type, id, identifier }: ImportLine,
): Promise<Record<string, unknown> | undefined> {
  try {
    const text = id === undefined ? await byIdentifier() : (await store.read(access, type, id)).text
    return text === undefined ? undefined : (parseJson(text) as Record<string, unknown>)
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return undefined
    throw error
  }
  async function byIdentifier(): Promise<string | undefined> {
    const query = parseSearch(definitions, type, new URLSearchParams({ identifier: identifier ?? '' }), 'strict')
    const { matches } = await store.search(access, { ...query, count: 2 })
    return matches.length === 1 ? matches[0]?.text : undefined
  }
}

/** All but what the server says of a version. */
function sayOf({ meta, ...resource }: Record<string, unknown>): string {
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...told } = (meta ?? {}) as Record<string, unknown>
  return toCanonicalJson({ ...resource, ...(Object.keys(told).length > 0 ? { meta: told } : {}) })
}
