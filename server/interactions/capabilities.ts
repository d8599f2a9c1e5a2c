import type {
  CapabilityStatement,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceSearchParam,
} from '@medplum/fhirtypes'
import { AUDIT_PARAMETERS } from '../audit-trail/audit-event-matches.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Definitions } from '../definitions/definitions.ts'
import type { Exchange, Reply, Rooms, Route } from '../exchange.ts'
import { JSON_PATCH } from '../patch/patch.ts'
import { OTHER_COMPARTMENTS } from '../search/compartment-filter.ts'
import { isSearchable, typeIndex } from '../search/parameters.ts'
import { possibleTargets } from '../search/parse-filter.ts'
import { OF_ALL_TYPES } from '../search/types-query.ts'
import { SOCKET_PATH } from '../subscriptions/socket-path.ts'
import { TOPICS } from '../subscriptions/topics.ts'
import { terminologyCapabilities } from './terminology-capabilities.ts'
import { toldOperations } from './told-operations.ts'

const statements = new WeakMap<Definitions, string>()

const MODES = ['full', 'normative', 'terminology']

/**
 * What this server does, made from what is registered: the routes, the definitions, the search parameters.
 * @throws Refusal value for a mode that R4 lacks
 * @see https://hl7.org/fhir/R4/http.html#capabilities
 */
export async function capabilities({ query }: Exchange, rooms: Rooms): Promise<Reply> {
  const mode = query.get('mode') ?? 'full'
  if (!MODES.includes(mode)) throw refuse('value', `mode must be one of ${MODES.join(', ')}, not ${mode}.`, 'mode')
  if (mode === 'terminology') {
    return { status: 200, text: JSON.stringify(await terminologyCapabilities(rooms)) }
  }
  const known = statements.get(rooms.definitions)
  const text = known ?? JSON.stringify(capabilityStatement(rooms))
  statements.set(rooms.definitions, text)
  return { status: 200, text }
}

/** https://hl7.org/fhir/R4/capabilitystatement.html */
function capabilityStatement({ definitions, routes, baseUrl, now }: Rooms): CapabilityStatement {
  const referring = referringTo(definitions)
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: now().toISOString(),
    kind: 'instance',
    instantiates: ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'],
    software: { name: 'Fylgje' },
    implementation: { description: 'Fylgje, digital home monitoring', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
    patchFormat: [JSON_PATCH, 'application/fhir+json', 'application/fhir+xml'],
    rest: [
      {
        mode: 'server',
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket',
            valueUri: `${baseUrl.replace(/^http/, 'ws').replace(/\/fhir$/, '')}${SOCKET_PATH}`,
          },
        ],
        security: {
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
          description: `SMART App Launch; see ${baseUrl}/.well-known/smart-configuration`,
        },
        interaction: SYSTEM.map((code) => ({ code })),
        resource: [...definitions.resourceTypes].sort().map((type) => ({
          ...resourceCapability(definitions, routes, type),
          ...(type === 'AuditEvent' ? {} : { searchRevInclude: ['*', ...(referring.get(type) ?? [])] }),
        })),
        searchParam: systemParameters(definitions),
        operation: toldOperations(routes, ''),
        compartment: ['Patient', ...OTHER_COMPARTMENTS].map(compartmentUrl),
      },
    ],
  }
}

const compartmentUrl = (owner: string) =>
  `http://hl7.org/fhir/CompartmentDefinition/${owner.charAt(0).toLowerCase()}${owner.slice(1)}`

const SYSTEM = ['transaction', 'batch', 'search-system', 'history-system'] as const

const INSTANCE = new Set([
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'create',
  'search-type',
])

const OF_WHAT_IS_WRITTEN = {
  versioning: 'versioned-update',
  readHistory: true,
  updateCreate: true,
  conditionalCreate: true,
  conditionalRead: 'full-support',
  conditionalUpdate: true,
  conditionalDelete: 'single',
} as const

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

/** https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/conformance.html */
const ABOUT_SUBSCRIPTIONS = {
  supportedProfile: [`${BACKPORT}/backport-subscription`],
  extension: TOPICS.map(({ url }) => ({
    url: `${BACKPORT}/capabilitystatement-subscriptiontopic-canonical`,
    valueCanonical: url,
  })),
}

/** AuditEvents are appended to the audit, and never change. */
function resourceCapability(definitions: Definitions, routes: Route[], type: string): CapabilityStatementRestResource {
  const codes = new Set(routes.filter(({ path }) => path.startsWith(':type')).map(({ interaction }) => interaction))
  const parameters = definitions
    .searchParameters(type)
    .filter(({ code = '' }) =>
      type === 'AuditEvent' ? AUDIT_PARAMETERS.has(code) : isSearchable(definitions, type, code),
    )
  return {
    type: type as CapabilityStatementRestResource['type'],
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(type === 'Subscription' ? ABOUT_SUBSCRIPTIONS : {}),
    ...(type === 'AuditEvent'
      ? {
          interaction: (['create', 'read', 'search-type'] as const).map((code) => ({ code })),
          ...{ versioning: 'no-version', updateCreate: true },
        }
      : {
          interaction: [...codes].filter((code) => INSTANCE.has(code)).map((code) => ({ code: code as 'read' })),
          ...OF_WHAT_IS_WRITTEN,
          searchInclude: [
            '*',
            ...parameters.filter(({ type: kind }) => kind === 'reference').map(({ code }) => `${type}:${code}`),
          ],
        }),
    searchParam: [
      ...parameters.map(({ code, url, type: kind }) => ({
        name: code ?? '',
        definition: url ?? '',
        type: kind ?? 'token',
      })),
      ...(type === 'AuditEvent' ? [] : OF_SEARCH_ITSELF),
    ],
    operation: toldOperations(routes, type),
  }
}

/** R4 has no SearchParameter for these. https://hl7.org/fhir/R4/search.html#table */
const OF_SEARCH_ITSELF: CapabilityStatementRestResourceSearchParam[] = [
  { name: '_list', type: 'reference', documentation: 'The id of a List: what it holds.' },
  { name: '_has', type: 'string', documentation: '_has:[type]:[reference parameter]:[parameter]: what refers here.' },
  { name: '_filter', type: 'string', documentation: 'https://hl7.org/fhir/R4/search_filter.html' },
]

/** By type the references that `_revinclude` can follow back to it. Those that may lead to anything are in `*` alone. */
function referringTo(definitions: Definitions): Map<string, string[]> {
  const referring = new Map<string, string[]>()
  for (const type of [...definitions.resourceTypes].sort()) {
    if (type === 'AuditEvent') continue
    for (const parameter of typeIndex(definitions, type).parameters.values()) {
      const targets = parameter.kind === 'reference' ? possibleTargets(definitions, parameter) : []
      if (targets.length > definitions.resourceTypes.size / 2) continue
      for (const target of targets)
        referring.set(target, [...(referring.get(target) ?? []), `${type}:${parameter.code}`])
    }
  }
  return referring
}

/** What several types at once are searched by; all types have these. */
function systemParameters(definitions: Definitions): CapabilityStatementRestResourceSearchParam[] {
  const shared = definitions.searchParameters('Basic').filter(({ code }) => OF_ALL_TYPES.has(code ?? ''))
  return [
    ...shared.map(({ code, url, type }) => ({ name: code ?? '', definition: url ?? '', type: type ?? 'token' })),
    { name: '_type', type: 'token', documentation: 'The resource types that are searched, with commas between.' },
  ]
}
