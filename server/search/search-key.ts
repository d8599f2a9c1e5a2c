import { hash } from 'node:crypto'
import type { Leaf } from './path-walk.ts'

/** How values are compared; the search parameter types of R4 that are indexed. */
export type Kind = 'token' | 'reference' | 'uri' | 'string' | 'date' | 'number' | 'quantity'

/**
 * One entry of the index for each path that is searched in one way. Parameters share keys: `code`, `combo-code` and
 * `clinical-code` all look at `Observation.code`, which is indexed once.
 */
export type SearchKey = {
  kind: Kind
  /** The branch as `writeBranch` writes it; the first part of this key's tokens. */
  path: string
  /** Names the path in the side tables. Made from the text, so that it is the same in every process and after every upgrade. */
  id: number
  leaves: Leaf[]
  /** The expression itself, where it is more than property walks. */
  expression?: string
  /** Every valid resource of the type has a value, so presence is not indexed. */
  always: boolean
  /** Some of its values can have a system and some cannot, so that those that have none need a token that says so. */
  mixed: boolean
  /** Part of a composite below a repeating element, whose number its entries bear. */
  parted: boolean
  /** The values stand in columns of `resource` itself. */
  column?: 'patient' | 'date'
}

/**
 * Every measurement has a profile and hardly anyone asks for `_profile:below`: it has tokens and no rows in search_uri,
 * which would cost each write what this costs that one search.
 */
export const PROFILE_PATH = 'Resource.meta.profile'

/** Signed 32 bits of SHA-256. A test sees that no two paths of R4 collide. */
export function keyId(path: string): number {
  return hash('sha256', path, 'buffer').readInt32BE(0)
}
