import { bundleText } from '../core/fhir/bundle-text.ts'
import { keepLiterals, stringifyJson } from '../core/fhir/json.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Reply } from '../exchange.ts'
import { readOwnInTurns } from '../representation/represent.ts'
import { parseSubset, type Subset, subsetOf } from '../representation/subset.ts'
import { inTurns } from '../turns.ts'

type Fields = Record<string, unknown>
type Entry = { resource?: Fields; search?: { mode?: string } }

/** What a search or a history found, and not what a Bundle that is itself stored holds. */
const PAGES = new Set(['searchset', 'history'])

/** The answer with the parts of its resources that `_summary` or `_elements` ask for. Untouched without either. */
export async function subsetReply(definitions: Definitions, query: URLSearchParams, reply: Reply): Promise<Reply> {
  const subset = parseSubset(query)
  // Where work goes on, what was asked for is a part of what it will give.
  if (!subset || reply.isPlainJson || reply.contentLocation !== undefined) return reply
  const { version, text } = reply
  if (version?.text !== undefined) {
    const part = subsetOf(definitions, (await readOwnInTurns(version.text)) as Fields, subset)
    return { ...reply, version: { ...version, text: stringifyJson(part) } }
  }
  if (text === undefined) return reply
  const resource = (await readOwnInTurns(text)) as Fields
  if (resource.resourceType !== 'Bundle')
    return { ...reply, text: stringifyJson(subsetOf(definitions, resource, subset)) }
  if (!PAGES.has(String(resource.type)) || !Array.isArray(resource.entry)) return reply
  const { resourceType: _Bundle, entry, ...members } = resource
  const entries = await inTurns(entry as Entry[], (one) => stringifyJson(subsetEntry(definitions, one, subset)))
  return { ...reply, text: bundleText(members, entries) }
}

function subsetEntry(definitions: Definitions, entry: Entry, subset: Subset): Entry {
  if (!entry.resource || entry.search?.mode === 'outcome') return entry
  return keepLiterals(entry, { ...entry, resource: subsetOf(definitions, entry.resource, subset) })
}
