import { SHARED_TYPES } from '../shared-types.ts'
import type { Policy } from './policy.ts'
import { TYPE_GROUPS } from './type-groups.ts'

/**
 * A version of the policy as it is kept and told: all of its rules, and every name of several types with the types that it stands for.
 * Of versions that were in force before an element was part of the policy, it is not there.
 */
export type KeptPolicy = Omit<Policy, 'addresses' | 'acts' | 'family' | 'openings'> &
  Partial<Pick<Policy, 'addresses' | 'family' | 'openings'>> & {
    acts?: readonly { act: string; roles: readonly string[] }[]
    groups: readonly { name: string; types: readonly string[] }[]
  }

/** What is of no patient by its type, which a `patient/` scope may read too. It is no name that a rule has, and is told beside them. */
const SHARED = 'shared'

/** @param resourceTypes those of R4 */
export const toKept = (policy: Policy, resourceTypes: Iterable<string>): KeptPolicy => {
  const types = [...resourceTypes].sort()
  const groups = Object.entries({ ...TYPE_GROUPS, [SHARED]: (type: string) => SHARED_TYPES.has(type) })
  return { ...policy, groups: groups.map(([name, isIn]) => ({ name, types: types.filter(isIn) })) }
}
