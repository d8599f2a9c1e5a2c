import type { Reach } from '../access/access.ts'

/** What a search may see, and where ids lie; handed down by the store, for the searched type and all that a chain leads to. */
export type SearchScope = {
  reachOf: (type: string) => Reach
  /** The key in an id that this server gave; undefined for an id that a client chose. */
  locate: (id: string) => { bucket: number; rk: string } | undefined
  /**
   * Whether so many resources have a token that the newest of them are soon met. Absent where it is not known, as in a database
   * that is too young for statistics.
   */
  isCommon?: ((hash: string) => boolean) | undefined
  /** Absolute references below it are to this server. */
  baseUrl?: string
}
