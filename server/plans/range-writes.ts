import { withRanges } from '../core/decide/limits/ranges.ts'
import type { Change } from '../store/change.ts'
import type { Store, StoreTransaction } from '../store/store.ts'
import type { FollowedLimits } from './followed-limits.ts'

/**
 * The store, with the ranges that apply written into each measurement of somebody whom a plan follows, before it is stored: so it is
 * one version and one event, and the sender's next If-Match holds. See docs/decisions/0025-triage-and-limits.md
 */
export function rangeWrites(store: Store, limits: FollowedLimits, now: () => Date): Store {
  const ranged = (change: Change): Change | Promise<Change> => {
    if (change.interaction === 'delete' || change.resource.resourceType !== 'Observation') return change
    const patient = patientOf(change.resource.subject)
    const known = patient === undefined ? undefined : limits.of(patient)
    if (!known) return change
    return known.then(
      (enrolments) => ({ ...change, resource: withRanges(change.resource, enrolments, now()) }),
      // A measurement is never lost for want of its ranges; the triage says by which limits it was judged.
      () => change,
    )
  }
  const all = (changes: Change[]) => Promise.all(changes.map(ranged))
  const within = (inside: StoreTransaction): StoreTransaction => ({
    ...inside,
    write: async (access, change, options) => inside.write(access, await ranged(change), options),
    writeAll: async (access, changes, options) => inside.writeAll(access, await all(changes), options),
    writeIn: async (tx, access, changes, options) => inside.writeIn(tx, access, await all(changes), options),
  })
  return {
    ...store,
    write: async (access, change, options) => store.write(access, await ranged(change), options),
    writeAll: async (access, changes, options) => store.writeAll(access, await all(changes), options),
    transact: (work) => store.transact((inside) => work(within(inside))),
  }
}

const patientOf = (subject: unknown): string | undefined => {
  const { reference } = (subject ?? {}) as { reference?: string }
  return /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference ?? '')?.[1]
}
