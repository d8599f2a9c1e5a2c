import type { Access } from './access.ts'
import { parseScopes } from './scopes.ts'

/** The client that stands for this server itself, to which everything is open. No client that a token or a browser can name is called so. */
export const ENGINE_CLIENT_ID = 'fylgje'

const EVERYTHING = parseScopes('system/*.cruds')

/**
 * What our own workers act with. No token leads here: tokens name a client or a person, never a Device.
 * @param name who acted, for events and Provenance: `plan-engine` becomes `Device/plan-engine`
 */
export function engineAccess(name: string): Access {
  return { actor: `Device/${name}`, clientId: ENGINE_CLIENT_ID, scopes: EVERYTHING }
}
