import type { Access } from '../access/access.ts'
import { isSystem, permitsAct } from '../access/reach.ts'
import { matches } from '../audit-trail/audit-event-matches.ts'
import { askedBlocks, auditReach, seenEvent } from '../audit-trail/audit-event-query.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Rooms } from '../exchange.ts'
import type { Filter } from '../search/search-filter.ts'
import { parseSearch } from '../search/search-query.ts'
import { beginTurn } from '../turns.ts'
import { readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

/**
 * $export-audit: the audit as NDJSON, oldest first, an AuditEvent a line, for the privacy officer and for systems that keep it elsewhere.
 * Takes the search parameters of AuditEvent. That it was taken out is written down before the first line is sent.
 * @throws Refusal forbidden (who is no privacy officer), not-supported, value
 */
export const exportAudit: Operation = {
  code: 'export-audit',
  title: 'Take the audit out',
  description:
    'For the privacy officer: the audit as application/fhir+ndjson, oldest first, by the search parameters of AuditEvent; itself audited.',
  resource: ['AuditEvent'],
  on: ['type'],
  letter: 's',
  isOwn: true,
  takesSearch: true,
  in: [],
  out: [{ name: 'return', type: 'Binary', min: 1, max: '1', documentation: 'NDJSON, an AuditEvent a line.' }],
  async handler(exchange, rooms) {
    const { access } = exchange
    mustExport(access)
    const { search } = readGiven(exchange, exportAudit)
    const { filters, includes } = parseSearch(rooms.definitions, 'AuditEvent', search, 'strict')
    if (includes.length > 0) throw refuse('not-supported', 'The audit has no includes.', '_include')
    const reach = auditReach(access, rooms.definitions, 's')
    const blocks = askedBlocks(filters, reach)
    return { status: 200, lines: linesOf(rooms, blocks, filters, reach), audit: { code: 'audit-export' } }
  },
}

/** The privacy officer, or a system whose scopes reach every AuditEvent. @throws Refusal forbidden */
function mustExport(access: Access): void {
  if (!isSystem(access) && !permitsAct(access, 'export-audit'))
    throw refuse('forbidden', 'The audit is taken out by the privacy officer (access-role privacy-officer).')
}

async function* linesOf(
  { auditTrail, baseUrl }: Rooms,
  blocks: ReturnType<typeof askedBlocks>,
  filters: readonly Filter[],
  reach: ReturnType<typeof auditReach>,
): AsyncGenerator<string> {
  const turn = beginTurn()
  for await (const found of auditTrail.records({ ...blocks, order: 'oldest' })) {
    if (turn.isOver()) await turn.next()
    const event = seenEvent(found, reach, baseUrl)
    if (event && filters.every((filter) => matches(event, filter))) yield `${JSON.stringify(event)}\n`
  }
}
