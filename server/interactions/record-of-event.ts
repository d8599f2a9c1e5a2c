import { isPerson } from '../audit/agent.ts'
import { type AuditRecord, withoutNationalNumbers } from '../audit/record.ts'
import type { AuthorizationEvent, EventOrigin } from '../authorization-server/events.ts'

/**
 * What the audit has of something that the authorization server tells.
 * @param nameOf what a person is called now, by `Practitioner/kari`
 */
export async function recordOfEvent(
  event: AuthorizationEvent,
  origin: EventOrigin,
  nameOf: (reference: string) => Promise<string | undefined>,
): Promise<AuditRecord> {
  const { code, who, client, login, patient, scope, what, failed } = event
  const name = who && isPerson(who) ? await nameOf(who) : undefined
  return {
    code,
    agent: {
      who: who ?? (client ? `Client/${client}` : 'anonymous'),
      ...(name ? { name } : {}),
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
