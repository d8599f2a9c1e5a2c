import type { Query, Reach } from '../access/access.ts'
import type { Withholding } from '../access/address/withholding.ts'
import type { Filter } from './search-filter.ts'

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
  /** Addresses that are kept from the caller; absent for those from whom none are. */
  withholding?: Withholding | undefined
  /** For callers who do not reach all or one compartment. */
  reaching?: Reaching | undefined
}

/** What it takes to ask for what lies within a reach of several parts. */
export type Reaching = {
  /** Relations and restrictions are those of this moment. */
  now: () => Date
  /** Whether a resource of this type has its patient in the column `patient`. */
  hasPatient: (type: string) => boolean
  /** What the search parameters of a granular scope mean for a type; undefined where they cannot be met. */
  filtersOf: (type: string, query: Query) => Filter[] | undefined
}
