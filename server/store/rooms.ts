import type { Access, Reach } from '../access/access.ts'
import type { ScopeLetter } from '../access/scopes.ts'
import type { Audit } from '../audit/audit.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Lanes } from '../db/lanes.ts'
import type { Pool, Queryable } from '../db/pool.ts'
import type { IndexRow } from '../search/index-row.ts'
import type { TermsAsked, TokenValue } from '../search/search-filter.ts'
import type { Reaching } from '../search/search-scope.ts'
import type { AccessRows } from './relations/relation-row.ts'
import type { Store } from './store.ts'

/** Stands at every change of some types, whichever way it comes: by update, patch, delete, in a Bundle, or by an operation. */
export type Guard = {
  types: readonly string[]
  /**
   * Judges what is stored against what it would become, while the row is locked.
   * @param db    the connection that will write
   * @param after undefined for a deletion
   * @throws Refusal
   */
  admit(db: Queryable, change: { access: Access; before: Resource; after: Resource | undefined }): Promise<void>
  /** Judges what is new. @throws Refusal */
  admitNew(access: Access, resource: Resource): void
  /**
   * The same, of what is judged by what else is stored.
   * @returns undefined where there is nothing to ask, so that nobody waits for it
   */
  admitBeside?(db: Queryable, access: Access, resource: Resource): Promise<void> | undefined
}

/** What the store needs from the rooms beside it, handed down by `wiring.ts`. */
export type StoreRooms = {
  pool: Pool
  /** For short statements that stand alone; without them the pool serves these too. */
  lanes?: Lanes | undefined
  index: (resource: Resource) => IndexRow
  /** What this caller may touch of this type by this kind of interaction. */
  reachOf: (access: Access, type: string, letter: ScopeLetter) => Reach
  /** What a resource says of who has to do with whom, and of what is closed to whom. */
  accessRows?: (resource: Resource) => AccessRows | undefined
  /** How relations, restrictions and granular scopes are asked for. Without it nobody may come whose reach has several parts. */
  reaching?: Reaching
  /**
   * The codes that a token modifier such as `:in` means, as this caller sees terminology. Without it they are refused.
   * @param search finds what is stored: inside a transaction by its own connection, which waits for no other
   */
  codesAsked?: (access: Access, asked: TermsAsked, search: Store['search']) => Promise<TokenValue[]>
  /** By type: refuses what a resource may not become, whichever way the change comes in. `before` is what is stored now. */
  changeRules?: ReadonlyMap<string, (before: Resource, after: Resource) => void>
  /** What must not be changed at all, or not by everyone. */
  guard?: Guard
  /** Every write is written down in the statement that makes it. Without it nothing is; for tests of other things. */
  audit?: Audit | undefined
  /** Called after each commit, when the events are there to be read. */
  onCommit: () => void
  now: () => Date
  /** What is known of common tokens, for plans; see common-tokens.ts. */
  commonTokens?: () => ((hash: string) => boolean) | undefined
  /** Of the FHIR base: absolute references below it are to this server. */
  baseUrl: string
  /** 0–1023, another for each process. */
  slot: number
}

/** What reading needs of it: it may as well go on inside a transaction. */
export type ReaderRooms = Omit<StoreRooms, 'pool'> & { pool: Queryable }
