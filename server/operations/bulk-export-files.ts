import { notPermitted } from '../access/not-permitted.ts'
import { permits } from '../access/reach.ts'
import { agentOf } from '../audit/agent.ts'
import { withoutNationalNumbers } from '../audit/record.ts'
import { stringifyJson } from '../core/fhir/json.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Exchange, Reply, Rooms } from '../exchange.ts'
import { readOwnInTurns } from '../representation/represent.ts'
import { subsetOf } from '../representation/subset.ts'
import type { ExportJob, ExportPage, ExportPart, ExportProgress } from '../store/bulk-export.ts'
import { parseServerId, type ResourceKey, toServerId } from '../store/resource-key.ts'
import { inTurns } from '../turns.ts'
import { done, inProgress, removed } from './async-job.ts'

const RETRY_SECONDS = 1
/** So long a status waits for the manifest before it says that it is not there yet. */
const PATIENCE_MILLISECONDS = 500

/** Where an export is asked for, below the FHIR base. */
const jobPath = (id: string) => `$exports/${id}`

/** The answer while it is not ready. */
export const waiting = (id: string, progress = 'waiting until all that was being written is written'): Reply =>
  inProgress(jobPath(id), progress, RETRY_SECONDS)

/** GET $exports/{id}: 202 while it is made ready, then the manifest. @throws Refusal not-found */
export async function exportStatus({ access, id }: Exchange, { bulkExports, baseUrl }: Rooms): Promise<Reply> {
  const job = await bulkExports.find(access, id)
  if (!job) throw noExport(id)
  if (!job.isSettled) return waiting(id)
  const found = await bulkExports.contentsWithin(access, job, PATIENCE_MILLISECONDS)
  if ('progress' in found) return waiting(id, inWords(found.progress))
  const { contents } = found
  if (!contents) throw noExport(id)
  // Whoever has lost a type since the export was ready is not told any more that there is something of it.
  const files = contents.files.filter(({ type }) => permits(access, type, 's'))
  const manifest = {
    ...{ transactionTime: job.transactionTime.toISOString(), request: job.asked.request, requiresAccessToken: true },
    output: files.map(({ type, count, ...part }) => ({
      ...{ type, url: `${baseUrl}/${jobPath(id)}/${type}${partQuery(part)}`, count },
    })),
    ...(contents.hasDeleted ? { deleted: [{ type: 'Bundle', url: `${baseUrl}/${jobPath(id)}/deleted` }] } : {}),
    error: [],
  }
  return done(manifest, job.expiresAt)
}

const inWords = ({ done: doneCount, count }: ExportProgress) => `${doneCount} of ${count} types`

/** Which part of a type a file has stands in its address: the key of the last resource before it, and of its own last. */
const [AFTER, UNTIL] = ['_after', '_until']

function partQuery({ after, until }: ExportPart): string {
  const query = new URLSearchParams({
    ...(after && { [AFTER]: toServerId(after) }),
    ...(until && { [UNTIL]: toServerId(until) }),
  })
  return query.size > 0 ? `?${query}` : ''
}

/** @throws Refusal value */
function keyIn(query: URLSearchParams, name: string): ResourceKey | undefined {
  const text = query.get(name)
  const key = text === null ? undefined : parseServerId(text)
  if (text !== null && !key) throw refuse('value', `${name} is a place, as the manifest of the export has it.`, name)
  return key
}

/**
 * GET $exports/{id}/{type}: the resources, one a line. What of them the caller may search is asked now.
 * @throws Refusal not-found; value (a part that no manifest has)
 */
export async function exportLines(exchange: Exchange, rooms: Rooms): Promise<Reply> {
  const { access, id, type, query } = exchange
  const job = await rooms.bulkExports.find(access, id)
  if (!job?.isSettled || !job.asked.types.includes(type)) throw noExport(id)
  if (!permits(access, type, 's')) throw notPermitted(type, 's')
  const part = { after: keyIn(query, AFTER), until: keyIn(query, UNTIL) }
  return fileOf(job, linesOf(exchange, rooms, job, part))
}

/** What breaks off is fetched anew: a file is soon there again, and has no lengths that were known beforehand. */
const fileOf = ({ expiresAt }: ExportJob, lines: AsyncIterable<string>): Reply => ({
  ...{ status: 200, lines, audit: { code: 'export' } },
  headers: { Expires: expiresAt.toUTCString(), 'Accept-Ranges': 'none' },
})

/** Each page is written down, with its patients and how many resources there are in it, before its first line is sent. */
async function* linesOf(
  { access, origin, type, id }: Exchange,
  { bulkExports, audit, definitions }: Rooms,
  job: ExportJob,
  part: ExportPart,
): AsyncGenerator<string> {
  const query = withoutNationalNumbers(`${jobPath(id)}/${type}`)
  const fetched = async (after: ResourceKey | undefined) => {
    const page = await bulkExports.page(access, job, type, { ...part, after })
    const { lines, patients } = page
    if (lines.length > 0)
      await audit.note({
        ...{ code: 'export', agent: agentOf(access), ...origin, types: [type], patients, query },
        count: lines.length,
      })
    return page
  }
  const ahead = (page: ExportPage) => {
    const next = page.next && fetched(page.next)
    // What it fails with is told where it is waited for; until then nobody else may be surprised by it.
    next?.catch(() => {})
    return next
  }
  for (let page: ExportPage | undefined = await fetched(part.after); page; ) {
    // While one page is sent, the next is read.
    const next: Promise<ExportPage> | undefined = ahead(page)
    yield await textOf(definitions, job, page.lines)
    page = await next
  }
}

async function textOf(definitions: Definitions, { asked: { elements } }: ExportJob, lines: string[]): Promise<string> {
  if (lines.length === 0) return ''
  if (!elements) return `${lines.join('\n')}\n`
  const parts = await inTurns(lines, async (line) => {
    const resource = (await readOwnInTurns(line)) as Record<string, unknown>
    return stringifyJson(subsetOf(definitions, resource, { elements }))
  })
  return `${parts.join('\n')}\n`
}

/**
 * GET $exports/{id}/deleted: what was deleted since the export before, as Bundles whose entries delete it, one a line.
 * @throws Refusal not-found
 */
export async function exportDeletions({ access, id }: Exchange, { bulkExports }: Rooms): Promise<Reply> {
  const job = await bulkExports.find(access, id)
  if (!job?.isSettled || job.asked.since === undefined) throw noExport(id)
  return fileOf(job, deletionsOf(access, bulkExports, job))
}

async function* deletionsOf(
  access: Exchange['access'],
  bulkExports: Rooms['bulkExports'],
  job: ExportJob,
): AsyncGenerator<string> {
  for (let page = await bulkExports.deleted(access, job); ; page = await bulkExports.deleted(access, job, page.next)) {
    const entry = page.references.map((url) => ({ request: { method: 'DELETE', url } }))
    if (entry.length > 0) yield `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })}\n`
    if (!page.next) return
  }
}

/** DELETE $exports/{id}: it is not wanted any more. @throws Refusal not-found */
export async function removeExport({ access, id }: Exchange, { bulkExports }: Rooms): Promise<Reply> {
  if (!(await bulkExports.remove(access, id))) throw noExport(id)
  return removed('The export was removed.')
}

const noExport = (id: string) => refuse('not-found', `There is no export ${id} of yours, or its time is over.`)
