import { engineAccess } from '../access/engine-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Tx } from '../db/pool.ts'
import type { Change, Store } from '../store/store.ts'

const ACCESS = engineAccess('plan-engine')

/** A resource and the version that it has become. */
export type Written = { resource: Resource; version: number }

type Note = { act: 'create' | 'update'; resource: Resource; loaded: number | undefined; depth: number }

/** What a round will write: each resource once, as it is at the round's end, however often it was decided about. */
export class Noted {
  private readonly notes = new Map<string, Note>()

  note(act: 'create' | 'update', resource: Resource, depth: number): void {
    const key = keyOf(resource)
    const known = this.notes.get(key)
    this.notes.set(key, {
      act: known?.act ?? act,
      resource,
      loaded: known ? known.loaded : Number(resource.meta?.versionId) || undefined,
      depth: Math.max(depth, known?.depth ?? 0),
    })
  }

  /** Whether the round has changed it, so that it is no longer the version that it says. */
  has(resource: Resource): boolean {
    return this.notes.has(keyOf(resource))
  }

  /** What was not there before, as it will be written. */
  made(): Resource[] {
    return [...this.notes.values()].flatMap(({ act, resource }) => (act === 'create' ? [resource] : []))
  }

  /** The same resource as it is better written; nothing is decided by it. */
  rewrite(resource: Resource): void {
    const known = this.notes.get(keyOf(resource))
    if (known) this.notes.set(keyOf(resource), { ...known, resource })
  }

  /** @returns what was written, with the version that each now is */
  async write(store: Pick<Store, 'writeIn'>, tx: Tx): Promise<Written[]> {
    const written: Written[] = []
    for (const [depth, notes] of Map.groupBy(this.notes.values(), (note) => note.depth)) {
      const versions = await store.writeIn(tx, ACCESS, notes.map(toChange), { depth })
      written.push(...notes.map(({ resource }, i) => ({ resource, version: versions[i]?.versionId ?? 0 })))
    }
    return written
  }
}

const keyOf = ({ resourceType, id }: Resource) => `${resourceType}/${id}`

/** Updates name the version that was read: what a person wrote meanwhile is never overwritten, the round is done again. */
function toChange({ act, resource, loaded }: Note): Change {
  const id = String(resource.id)
  return act === 'create'
    ? { interaction: 'create', resource, id }
    : { interaction: 'update', resource, id, ifMatch: loaded }
}
