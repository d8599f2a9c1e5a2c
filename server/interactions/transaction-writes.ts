import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { type Patch, parsePatch } from '../patch/patch.ts'
import type { SearchQuery } from '../search/search-query.ts'
import { inTurns } from '../turns.ts'
import type { BundleEntry } from './bundle-entries.ts'
import { parseCriteria, parseIfNoneExist } from './criteria.ts'
import { issuesOfEntry, ofRequest } from './entry-issues.ts'
import { matchRoute } from './match-route.ts'

/** An entry that writes, permitted and valid, on its way to being a Change. */
export type Write = {
  entry: BundleEntry
  interaction: 'create' | 'update' | 'patch' | 'delete'
  type: string
  /** Of the resource that is written; not yet known for a create, or where criteria single it out. */
  id: string | undefined
  criteria: SearchQuery | undefined
  ifMatch: number | undefined
  resource: Resource | undefined
  patch: Patch | undefined
  /** What is worth telling of the resource. */
  warnings: Issue[]
}

const WRITING = new Set(['create', 'update', 'patch', 'delete'])

/** Every entry that writes. @throws Refusal with all that is wrong in any of them */
export async function prepareWrites(exchange: Exchange, rooms: Rooms, entries: BundleEntry[]): Promise<Write[]> {
  const issues: Issue[] = []
  const targets = new Map<string, number>()
  const writes = await inTurns(entries, (entry): Write[] => {
    if (entry.method === 'GET' || entry.method === 'HEAD') return []
    try {
      const write = prepareWrite(exchange, rooms, entry)
      claimTarget(targets, write)
      return [write]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      issues.push(...issuesOfEntry(entry.index, error))
      return []
    }
  })
  if (issues.length > 0) throw new Refusal(issues, issues.every(({ code }) => code === 'forbidden') ? 403 : undefined)
  return writes.flat()
}

/** A transaction may change a resource once. @param targets `Type/id` → the entry that changes it; gets this one too */
export function claimTarget(targets: Map<string, number>, { entry, type, id }: Write): void {
  if (id === undefined) return
  const target = `${type}/${id}`
  const first = targets.get(target)
  if (first !== undefined && first !== entry.index) {
    throw refuse('invalid', `${target} is changed by entry ${first} already; a transaction may name a resource once.`)
  }
  targets.set(target, entry.index)
}

function prepareWrite({ access }: Exchange, rooms: Rooms, entry: BundleEntry): Write {
  const { route, type, id } = matchRoute(rooms.routes, rooms.definitions, entry.method, entry.path)
  if (!route.letter || !WRITING.has(route.interaction)) {
    throw refuse('not-supported', `${entry.method} ${entry.path} cannot be part of a transaction.`)
  }
  if (!permits(access, type, route.letter)) throw notPermitted(type, route.letter)
  // The audit is no part of what a transaction may take back.
  if (type === 'AuditEvent') {
    throw refuse('not-supported', 'An AuditEvent cannot be part of a transaction; send it by itself or in a batch.')
  }
  const asked = { access, type, definitions: rooms.definitions }
  const interaction = route.interaction as Write['interaction']
  const write: Write = {
    ...{ entry, interaction, type },
    id: id === '' ? undefined : id,
    criteria: undefined,
    ifMatch: ofRequest('ifMatch', () => parseIfMatch(entry.headers.ifMatch)),
    resource: undefined,
    patch: undefined,
    warnings: [],
  }
  const { ifNoneExist } = entry.headers
  if (interaction === 'create' && ifNoneExist !== undefined)
    write.criteria = ofRequest('ifNoneExist', () => parseIfNoneExist(asked, ifNoneExist))
  if (interaction !== 'create' && id === '') write.criteria = parseCriteria(asked, entry.query)
  if (interaction === 'patch') return { ...write, patch: parsePatch(entry.resource) }
  if (interaction === 'delete') return write
  const { resource, warnings } = rooms.validate(entry.resource, type, 'transaction')
  if (id !== '' && resource.id !== id) {
    throw refuse('invalid', `The resource's id is ${JSON.stringify(resource.id)}, the URL says "${id}".`, `${type}.id`)
  }
  return { ...write, resource, warnings }
}
