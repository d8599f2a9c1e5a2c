import type { Access } from '../access/access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Change, ChangeRefusal } from './change.ts'
import type { Store } from './store.ts'

/** @param together all resources of the type that are written at the same time. @throws Refusal */
export type CheckWrite = (access: Access, resource: Resource, together: Resource[]) => Promise<void>

/** The store, with `check` awaited before anything of this type is written; for what takes its time, such as a translation. */
export function checkWrites<S extends Store>(store: S, type: string, check: CheckWrite): S {
  const resourceOf = (change: Change) =>
    change.interaction !== 'delete' && change.resource.resourceType === type ? change.resource : undefined
  const checkAll = async (access: Access, changes: Change[]) => {
    const together = changes.flatMap((change) => resourceOf(change) ?? [])
    for (const [i, change] of changes.entries()) {
      const resource = resourceOf(change)
      if (resource) await check(access, resource, together).catch((error: unknown) => refuseOf(i, error))
    }
  }
  return {
    ...store,
    async write(access, change, options) {
      const resource = resourceOf(change)
      if (resource) await check(access, resource, [resource])
      return store.write(access, change, options)
    },
    async writeAll(access, changes, options) {
      await checkAll(access, changes)
      return store.writeAll(access, changes, options)
    },
    async writeIn(tx, access, changes, options) {
      await checkAll(access, changes)
      return store.writeIn(tx, access, changes, options)
    },
    transact: (work) => store.transact((inside) => work(checkWrites(inside, type, check))),
  }
}

function refuseOf(changeIndex: number, error: unknown): never {
  throw error instanceof Refusal ? new ChangeRefusal(changeIndex, error.issues, error.status) : error
}
