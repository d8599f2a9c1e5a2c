import { type AuditRecord, withoutNationalNumbers } from '../audit/record.ts'
import type { AuthorizationEvent, EventOrigin } from '../authorization-server/events.ts'

/** What the audit has of something that the authorization server tells. */
export function recordOfEvent(event: AuthorizationEvent, origin: EventOrigin): AuditRecord {
  const { code, who, client, login, patient, scope, what, failed } = event
  return {
    code,
    agent: {
      who: who ?? (client ? `Client/${client}` : 'anonymous'),
      ...(client ? { client } : {}),
      ...(login && Object.keys(login).length > 0 ? { login: { ...login } } : {}),
    },
    ...origin,
    ...(failed === undefined ? {} : { outcome: '4' as const, reason: withoutNationalNumbers(failed) }),
    ...(what === undefined ? {} : { what: [what] }),
    ...(patient === undefined ? {} : { patients: [patient] }),
    ...(scope === undefined ? {} : { query: `scope=${scope}` }),
  }
}
