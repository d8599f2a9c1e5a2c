import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding, Extension } from '@medplum/fhirtypes'
import { ACCESS_ROLE } from '../access/vocabulary.ts'
import { parseJson } from '../core/fhir/json.ts'
import { isPerson, purposeOf } from './agent.ts'
import { AUDIT_CODES } from './codes.ts'
import type { FoundRecord } from './find-records.ts'
import type { Agent, AuditRecord, Care } from './record.ts'

const FYLGJE = 'http://fylgje.no/fhir'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'
const ENTITY_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-entity-type'
const OBJECT_ROLE = 'http://terminology.hl7.org/CodeSystem/object-role'
const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const BALP_ENTITY = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType'

/**
 * A record as FHIR has it. https://hl7.org/fhir/R4/auditevent.html
 * @param site what this server calls itself: its FHIR base
 */
export function toAuditEvent({ id, recordedAt, record }: FoundRecord, site: string): AuditEvent {
  if (record.received) return parseJson(record.received.text) as AuditEvent
  const { type, subtype, action } = AUDIT_CODES[record.code]
  const opened = record.care?.some(isDecidedByUser)
  const purpose = record.purpose ?? (opened ? 'BTG' : (record.agent.login?.purpose ?? purposeOf(record.agent)))
  return {
    resourceType: 'AuditEvent',
    id,
    meta: { versionId: '1', lastUpdated: recordedAt },
    type,
    subtype: [subtype],
    action,
    recorded: recordedAt,
    outcome: record.outcome ?? '0',
    ...(record.reason === undefined ? {} : { outcomeDesc: record.reason }),
    ...(purpose === undefined
      ? {}
      : { purposeOfEvent: [{ coding: [{ system: ACT_REASON, code: purpose }] satisfies Coding[] }] }),
    agent: agentsOf(record),
    source: {
      site,
      observer: { display: 'Fylgje', identifier: { value: site } },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entitiesOf(record),
  }
}

function agentsOf({ agent, address }: AuditRecord): AuditEventAgent[] {
  const { who, name, client, clientName, roles = [], policyVersion, login } = agent
  const isSomebody = isPerson(who)
  const network = address ? { network: { address, type: '2' as const } } : {}
  const person: AuditEventAgent = {
    type: { coding: [{ system: DCM, code: '110152', display: 'Destination Role ID' }] },
    ...(roles.length > 0 ? { role: roles.map((code) => ({ coding: [{ system: ACCESS_ROLE, code }] })) } : {}),
    who: isSomebody ? { reference: who, ...(name ? { display: name } : {}) } : systemOf(who, clientName),
    ...(login?.hprNumber ? { altId: login.hprNumber } : {}),
    ...(name ? { name } : {}),
    requestor: true,
    ...(policyVersion ? { policy: [`${FYLGJE}/access-policy|${policyVersion}`] } : {}),
    ...(isSomebody ? {} : network),
    ...attestOf(agent),
  }
  if (!isSomebody || !client) return [{ ...person, ...network }]
  const app: AuditEventAgent = {
    type: { coding: [{ system: DCM, code: '110150', display: 'Application' }] },
    who: { identifier: { value: client }, display: clientName ?? client },
    requestor: false,
    ...network,
  }
  return [person, app]
}
/** A client or a worker of our own is no resource that could be read. */
function systemOf(who: string, clientName: string | undefined): NonNullable<AuditEventAgent['who']> {
  const value = who.replace(/^(?:Client|Device)\//, '')
  const display = clientName ?? value
  return { ...(who.startsWith('Device/') ? { type: 'Device' } : {}), identifier: { value }, display }
}

/** What the Norwegian trust framework wants to stand with each access: the role, the unit, the legal entity, how they had signed in. */
function attestOf({ practitionerRoles = [], pointOfCare, legalEntity, login }: Agent): { extension?: Extension[] } {
  const extension: Extension[] = [
    ...practitionerRoles.map((reference) => ({ url: 'practitionerRole', valueReference: { reference } })),
    ...(pointOfCare ? [{ url: 'pointOfCare', valueReference: { reference: pointOfCare } }] : []),
    ...(legalEntity ? [{ url: 'legalEntity', valueReference: { reference: legalEntity } }] : []),
    ...Object.entries(login ?? {}).map(([name, valueString]) => ({ url: `login-${name}`, valueString })),
  ]
  return extension.length > 0 ? { extension: [{ url: `${FYLGJE}/StructureDefinition/attest`, extension }] } : {}
}

function entitiesOf({ patients = [], what = [], query, request, care = [], plan, decision, ...rest }: AuditRecord) {
  const entities: AuditEventEntity[] = [
    ...patients.map((patient) => patientEntity(patient, care)),
    ...what.filter((one) => !patients.includes(one.replace(/^Patient\//, ''))).map(objectEntity),
  ]
  if (query !== undefined) {
    entities.push({
      type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
      role: { system: OBJECT_ROLE, code: '24', display: 'Query' },
      query: Buffer.from(query).toString('base64'),
    })
  }
  if (request !== undefined) {
    entities.push({
      what: { identifier: { value: request } },
      type: { system: BALP_ENTITY, code: 'XrequestId', display: 'X-Request-Id' },
    })
  }
  if (rest.types)
    entities.push(
      detailEntity(
        'Types of data',
        rest.types.map((type) => ['type', type]),
      ),
    )
  if (rest.count !== undefined) entities.push(detailEntity('Resources', [['count', String(rest.count)]]))
  if (plan !== undefined || decision !== undefined) {
    entities.push({
      ...detailEntity('Decision', decision === undefined ? [] : [['finding', decision]]),
      ...(plan === undefined ? {} : { what: { identifier: { value: plan }, type: 'PlanDefinition' } }),
      role: { system: OBJECT_ROLE, code: '13', display: 'Security Resource' },
    })
  }
  if (rest.heads)
    entities.push(
      detailEntity(
        'Chains',
        rest.heads.map((head) => ['head', head.join(':')]),
      ),
    )
  return entities
}

/** Whoever opens a record decides it themselves; every other relation lets in by the rules alone. */
const isDecidedByUser = ({ kind }: Care): boolean => kind === 'break-glass' || kind === 'opened'

/** The patient, with how the one who acted has to do with them and who decided so: the care relation and the decision of the attest. */
function patientEntity(patient: string, care: Care[]): AuditEventEntity {
  const relations = care.filter((one) => one.patient === patient)
  const detail = relations.map(({ kind, source }) => ({ type: 'careRelation', valueString: `${kind} ${source}` }))
  if (relations.length > 0)
    detail.push({ type: 'decidedBy', valueString: relations.some(isDecidedByUser) ? 'user' : 'system' })
  return {
    what: { reference: `Patient/${patient}` },
    type: { system: ENTITY_TYPE, code: '1', display: 'Person' },
    role: { system: OBJECT_ROLE, code: '1', display: 'Patient' },
    ...(detail.length > 0 ? { detail } : {}),
  }
}

const REFERENCE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(\/_history\/\d+)?$/

/** A client is no resource that a reference could lead to; by the name that it has here it is found all the same. */
const objectEntity = (what: string): AuditEventEntity => ({
  what: REFERENCE.test(what) && !what.startsWith('Client/') ? { reference: what } : { identifier: { value: what } },
  type: { system: ENTITY_TYPE, code: '2', display: 'System Object' },
  role: { system: OBJECT_ROLE, code: '4', display: 'Domain Resource' },
})

const detailEntity = (name: string, details: [type: string, value: string][]): AuditEventEntity => ({
  type: { system: ENTITY_TYPE, code: '4', display: 'Other' },
  name,
  ...(details.length > 0 ? { detail: details.map(([type, valueString]) => ({ type, valueString })) } : {}),
})

/**
 * The event as a patient may see it: about nobody else, and without what was asked for, which may name others.
 * @param patients ids of those whom the reader may see
 */
export function withoutOthers(event: AuditEvent, patients: ReadonlySet<string>): AuditEvent {
  const entity = event.entity?.filter(({ what, query }) => {
    const patient = /^Patient\/([^/]+)/.exec(what?.reference ?? '')?.[1]
    return query === undefined && (patient === undefined || patients.has(patient))
  })
  const agent = event.agent.map(({ network: _network, ...rest }) => rest)
  return { ...event, agent, ...(entity ? { entity } : {}) }
}
