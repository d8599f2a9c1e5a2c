import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'

/** Our own hands, with the name of whoever asked: the guard of definitions lets them pass, and history says who it was. */
export const onBehalfOf = ({ actor }: Pick<Access, 'actor'>): Access => ({ ...engineAccess('plan-life'), actor })
