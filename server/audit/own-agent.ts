import { engineAccess } from '../access/engine-access.ts'
import { agentOf } from './agent.ts'

/** What this server does to its own audit. */
export const OWN_AGENT = agentOf(engineAccess('audit'))
