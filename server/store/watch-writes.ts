import type { Store, StoreTransaction } from './store.ts'
import type { Version } from './version.ts'

/**
 * The store, with `after` awaited before a write of one of these types is answered: who stored a definition finds it in effect
 * with the next request.
 */
export function watchWrites(store: Store, types: ReadonlySet<string>, after: () => Promise<void>): Store {
  const concerns = (versions: Version[]) => versions.some(({ type }) => types.has(type))
  return {
    ...store,
    async write(...given) {
      const version = await store.write(...given)
      if (concerns([version])) await after()
      return version
    },
    async writeAll(...given) {
      const versions = await store.writeAll(...given)
      if (concerns(versions)) await after()
      return versions
    },
    async transact(work) {
      let concerned = false
      const told = (versions: Version[]) => {
        concerned ||= concerns(versions)
      }
      const result = await store.transact((inside) => work(listening(inside, told)))
      if (concerned) await after()
      return result
    },
  }
}

/** Inside a transaction nothing is in effect yet; what was written is told, and counts once it is committed. */
function listening(inside: StoreTransaction, told: (versions: Version[]) => void): StoreTransaction {
  return {
    ...inside,
    async write(...given) {
      const version = await inside.write(...given)
      told([version])
      return version
    },
    async writeAll(...given) {
      const versions = await inside.writeAll(...given)
      told(versions)
      return versions
    },
    async writeIn(...given) {
      const versions = await inside.writeIn(...given)
      told(versions)
      return versions
    },
  }
}
