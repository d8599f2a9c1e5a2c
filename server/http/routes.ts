import type { Route } from '../exchange.ts'
import {
  auditIsAppendOnly,
  readAuditEvent,
  searchAuditEvents,
  searchAuditEventsOf,
} from '../interactions/audit-events.ts'
import { capabilities } from '../interactions/capabilities.ts'
import { conditionalDelete } from '../interactions/conditional-delete.ts'
import { conditionalUpdate } from '../interactions/conditional-update.ts'
import { create } from '../interactions/create.ts'
import { deleteResource } from '../interactions/delete.ts'
import { historyInstance, historySystem, historyType } from '../interactions/history.ts'
import { conditionalPatch, patch } from '../interactions/patch.ts'
import { processBundle } from '../interactions/process-bundle.ts'
import { read } from '../interactions/read.ts'
import { createAuditEvent, putAuditEvent } from '../interactions/receive-audit-event.ts'
import {
  searchCompartment,
  searchCompartmentOf,
  searchSystem,
  searchType,
  searchWholeCompartment,
} from '../interactions/search.ts'
import { update } from '../interactions/update.ts'
import { vread } from '../interactions/vread.ts'
import { exportDeletions, exportLines, exportStatus, removeExport } from '../operations/bulk-export-files.ts'
import { routesOf } from '../operations/operation.ts'
import { OPERATIONS } from '../operations/operations.ts'
import { cancelSimulation, simulationResult, simulationStatus } from '../operations/simulation-jobs.ts'
import { OTHER_COMPARTMENTS } from '../search/compartment-filter.ts'

/** AuditEvents are records of the audit: they are read, and appended, and stay as they are. */
const AUDIT_ROUTES: Route[] = [
  route('GET', 'AuditEvent', searchAuditEvents, 's', 'search-type'),
  route('POST', 'AuditEvent/_search', searchAuditEvents, 's', 'search-type'),
  route('GET', 'Patient/:id/AuditEvent', searchAuditEventsOf, undefined, 'search-compartment'),
  route('POST', 'Patient/:id/AuditEvent/_search', searchAuditEventsOf, undefined, 'search-compartment'),
  route('GET', 'AuditEvent/:id', readAuditEvent, 'r', 'read'),
  route('POST', 'AuditEvent', createAuditEvent, 'c', 'create'),
  route('PUT', 'AuditEvent/:id', putAuditEvent, 'c', 'create'),
  route('PUT', 'AuditEvent', auditIsAppendOnly, undefined, 'update'),
  ...['AuditEvent', 'AuditEvent/:id'].flatMap((path) => [
    route('PATCH', path, auditIsAppendOnly, undefined, 'patch'),
    route('DELETE', path, auditIsAppendOnly, undefined, 'delete'),
  ]),
  route('GET', 'AuditEvent/_history', auditIsAppendOnly, undefined, 'history-type'),
  route('GET', 'AuditEvent/:id/_history', auditIsAppendOnly, undefined, 'history-instance'),
  route('GET', 'AuditEvent/:id/_history/:versionId', auditIsAppendOnly, undefined, 'vread'),
]

/** Every FHIR route: path below the base, handler, and the SMART scope letter that it needs (c r u d s). */
export const ROUTES: Route[] = [
  route('GET', 'metadata', capabilities, undefined, 'capabilities'),
  route('POST', '', processBundle, undefined, 'transaction'),
  route('GET', '_history', historySystem, undefined, 'history-system'),
  route('GET', '', searchSystem, undefined, 'search-system'),
  route('POST', '_search', searchSystem, undefined, 'search-system'),
  ...AUDIT_ROUTES,
  route('GET', ':type', searchType, 's', 'search-type'),
  route('POST', ':type/_search', searchType, 's', 'search-type'),
  route('POST', ':type', create, 'c', 'create'),
  route('PUT', ':type', conditionalUpdate, 'u', 'update'),
  route('PATCH', ':type', conditionalPatch, 'u', 'patch'),
  route('DELETE', ':type', conditionalDelete, 'd', 'delete'),
  route('GET', ':type/_history', historyType, 's', 'history-type'),
  route('GET', ':type/:id', read, 'r', 'read'),
  route('PUT', ':type/:id', update, 'u', 'update'),
  route('PATCH', ':type/:id', patch, 'u', 'patch'),
  route('DELETE', ':type/:id', deleteResource, 'd', 'delete'),
  route('GET', ':type/:id/_history', historyInstance, 'r', 'history-instance'),
  route('GET', ':type/:id/_history/:versionId', vread, 'r', 'vread'),
  ...OPERATIONS.flatMap(routesOf),
  route('GET', '$exports/:id', exportStatus, undefined, 'operation'),
  route('DELETE', '$exports/:id', removeExport, undefined, 'operation'),
  route('GET', '$exports/:id/deleted', exportDeletions, undefined, 'operation'),
  route('GET', '$exports/:id/:type', exportLines, undefined, 'operation'),
  route('GET', '$simulations/:id', simulationStatus, undefined, 'operation'),
  route('DELETE', '$simulations/:id', cancelSimulation, undefined, 'operation'),
  route('GET', '$simulations/:id/result', simulationResult, undefined, 'operation'),
  route('GET', 'Patient/:id/*', searchWholeCompartment, undefined, 'search-compartment'),
  route('POST', 'Patient/:id/*/_search', searchWholeCompartment, undefined, 'search-compartment'),
  route('GET', 'Patient/:id/:type', searchCompartment, 's', 'search-compartment'),
  route('POST', 'Patient/:id/:type/_search', searchCompartment, 's', 'search-compartment'),
  ...OTHER_COMPARTMENTS.flatMap((owner) => [
    route('GET', `${owner}/:id/:type`, searchCompartmentOf(owner), 's', 'search-compartment'),
    route('POST', `${owner}/:id/:type/_search`, searchCompartmentOf(owner), 's', 'search-compartment'),
  ]),
]

function route(
  method: Route['method'],
  path: string,
  handler: Route['handler'],
  letter: Route['letter'],
  interaction: string,
): Route {
  return { method, path, handler, letter, interaction }
}
