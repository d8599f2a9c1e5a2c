import type { Coding } from '@medplum/fhirtypes'

/** What AuditEvent.type, subtype and action are of one kind of record. */
export type AuditCode = { type: Coding; subtype: Coding; action: 'C' | 'R' | 'U' | 'D' | 'E' }

const DCM = 'http://dicom.nema.org/resources/ontology/DCM'
const EVENT_TYPE = 'http://terminology.hl7.org/CodeSystem/audit-event-type'
const RESTFUL = 'http://hl7.org/fhir/restful-interaction'
/** What no published code says. */
const OWN = 'http://fylgje.no/fhir/CodeSystem/audit-event'

const REST = { system: EVENT_TYPE, code: 'rest', display: 'RESTful Operation' }
const AUTHENTICATION = { system: DCM, code: '110114', display: 'User Authentication' }
const ACTIVITY = { system: DCM, code: '110100', display: 'Application Activity' }
const ALERT = { system: DCM, code: '110113', display: 'Security Alert' }
const EXPORT = { system: DCM, code: '110106', display: 'Export' }
const AUDIT_LOG = { system: DCM, code: '110101', display: 'Audit Log Used' }

const rest = (code: string, action: AuditCode['action']): AuditCode => ({
  type: REST,
  subtype: { system: RESTFUL, code, display: code },
  action,
})
const own = (type: Coding, code: string, display: string, action: AuditCode['action'] = 'E'): AuditCode => ({
  type,
  subtype: { system: OWN, code, display },
  action,
})

/**
 * Every kind of record, by its code. As in IHE BALP: a read is R, a search is E with its query, an operation is E.
 * https://profiles.ihe.net/ITI/BALP/content.html
 */
export const AUDIT_CODES = {
  read: rest('read', 'R'),
  vread: rest('vread', 'R'),
  'search-type': rest('search-type', 'E'),
  'search-system': rest('search-system', 'E'),
  'search-compartment': rest('search', 'E'),
  'history-instance': rest('history-instance', 'R'),
  'history-type': rest('history-type', 'R'),
  'history-system': rest('history-system', 'R'),
  create: rest('create', 'C'),
  update: rest('update', 'U'),
  patch: rest('patch', 'U'),
  delete: rest('delete', 'D'),
  transaction: rest('transaction', 'E'),
  operation: rest('operation', 'E'),
  /** A request that leads nowhere. */
  unknown: own(REST, 'unknown', 'Unknown request'),
  /** Keeps an AuditEvent of another system's; it is told as that, and its coming by a record of its own. */
  received: own(ACTIVITY, 'received', 'AuditEvent received', 'C'),
  export: own(EXPORT, 'export', 'Export of data'),
  'subscription-notice': own(EXPORT, 'subscription-notice', 'A subscriber was told of changes'),
  'audit-export': own(AUDIT_LOG, 'audit-export', 'Export of the audit'),
  /** A message about a patient goes to a national service. */
  sent: own(EXPORT, 'sent', 'Sent to another system'),
  'break-glass': own(ALERT, 'break-glass', 'Record opened outside of the care relation'),
  'open-restricted': own(ALERT, 'open-restricted', 'Restricted information opened'),
  login: { type: AUTHENTICATION, subtype: { system: DCM, code: '110122', display: 'Login' }, action: 'E' },
  logout: { type: AUTHENTICATION, subtype: { system: DCM, code: '110123', display: 'Logout' }, action: 'E' },
  launch: { type: ACTIVITY, subtype: { system: DCM, code: '110120', display: 'Application Start' }, action: 'E' },
  'token-issued': own(AUTHENTICATION, 'token-issued', 'Access token issued'),
  'token-refused': own(AUTHENTICATION, 'token-refused', 'Access token refused'),
  throttled: own(ALERT, 'throttled', 'Held up for asking too often'),
  'locked-out': own(ALERT, 'locked-out', 'Locked out for failing too often'),
  'token-revoked': own(AUTHENTICATION, 'token-revoked', 'Token revoked', 'D'),
  'app-allowed': own(AUTHENTICATION, 'app-allowed', 'A person has let an app in', 'C'),
  'app-refused': own(AUTHENTICATION, 'app-refused', 'A person has not let an app in'),
  'app-withdrawn': own(AUTHENTICATION, 'app-withdrawn', 'A person has shut an app out', 'D'),
  'client-registered': own(ALERT, 'client-registered', 'Client registered', 'C'),
  'client-changed': own(ALERT, 'client-changed', 'Client changed', 'U'),
  'client-removed': own(ALERT, 'client-removed', 'Client removed', 'D'),
  'keys-rotated': own(ALERT, 'keys-rotated', 'Signing keys made', 'C'),
  'log-read': own(AUDIT_LOG, 'log-read', 'A patient has seen who had looked', 'R'),
  seal: own(AUDIT_LOG, 'seal', 'Heads of the chains of the audit'),
  retention: own(AUDIT_LOG, 'retention', 'Month of the audit dropped', 'D'),
} satisfies Record<string, AuditCode>

export type AuditCodeName = keyof typeof AUDIT_CODES

/** The code of an interaction as the route table calls it. */
export const isAuditCode = (name: string): name is AuditCodeName => Object.hasOwn(AUDIT_CODES, name)
