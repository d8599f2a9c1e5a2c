import type { Access } from '../access/access.ts'
import { shownClientName } from '../access/client-name.ts'
import type { Agent } from './record.ts'

/** Who acts with this access, as it is written down. An Access is a value, so this is worked out once for each. */
export function agentOf(access: Access): Agent {
  const known = agents.get(access)
  if (known) return known
  const { actor, clientId, clientName, standing, login } = access
  const { name, roles = [], practitionerRoles = [], pointOfCare, legalEntity, policyVersion } = standing?.attest ?? {}
  const agent: Agent = {
    who: actor,
    ...(name ? { name } : {}),
    ...(clientId ? { client: clientId } : {}),
    ...(clientName ? { clientName: shownClientName(clientName) } : {}),
    ...(roles.length > 0 ? { roles } : {}),
    ...(practitionerRoles.length > 0 ? { practitionerRoles } : {}),
    ...(pointOfCare ? { pointOfCare } : {}),
    ...(legalEntity ? { legalEntity } : {}),
    ...(policyVersion ? { policyVersion } : {}),
    ...(login && Object.keys(login).length > 0 ? { login } : {}),
  }
  agents.set(access, agent)
  return agent
}

const agents = new WeakMap<Access, Agent>()

/** Whether who acted is a human being, by `Practitioner/kari`; the others are clients, devices and ourselves. */
export const isPerson = (who: string): boolean => /^(?:Practitioner|PractitionerRole|Patient|RelatedPerson)\//.test(who)

/** Somebody whom we do not know, or not yet. */
export const ANONYMOUS: Agent = { who: 'anonymous' }

/** Why this access is used, as v3-ActReason has it, where nothing more is said. */
export function purposeOf({ who, roles = [] }: Agent): string | undefined {
  if (who.startsWith('Patient/')) return 'PATRQT'
  if (who.startsWith('RelatedPerson/')) return 'FAMRQT'
  if (who.startsWith('Device/')) return 'TREAT'
  if (roles.some((role) => CLINICAL.has(role))) return 'TREAT'
  return roles.length > 0 || who.startsWith('Client/') ? 'HOPERAT' : undefined
}

const CLINICAL = new Set(['nurse', 'doctor', 'responder'])
