import { engineAccess } from '../access/engine-access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool, prepared, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import type { Definitions } from '../definitions/definitions.ts'
import { parseSearch } from '../search/search-query.ts'
import type { Store, Version } from '../store/store.ts'
import type { Subscription } from './asked.ts'
import { failureTask } from './failure-task.ts'
import { type SubscriptionRow, tellOthers } from './rows.ts'

export type LifeRooms = {
  pool: Pool
  store: Pick<Store, 'writeIn'>
  definitions: () => Definitions
  now: () => Date
  /** Who is told of what stands still: a Reference of a team; administrators, where none is named. */
  operator?: string | undefined
}

/** What becomes of a Subscription: in its row, and in the resource as a next version, in one transaction. */
export type Life = {
  /** It is told from now on. */
  activate(row: SubscriptionRow, heartbeatSeconds: number | undefined): Promise<void>
  /** It has failed too often, and waits to be asked for again; its events go on being numbered. */
  fail(row: SubscriptionRow, reason: string): Promise<void>
  /** It is over. @param isTold whether the operator is told too */
  end(row: SubscriptionRow, reason: string, told?: { isTold: boolean }): Promise<void>
}

const WRITER = engineAccess('subscriptions')

export function createLife({ pool, store, definitions, now, operator }: LifeRooms): Life {
  /** @returns undefined where the owner has written it meanwhile: what they have asked for comes next */
  async function become(
    row: SubscriptionRow,
    { status, reason }: { status: SubscriptionRow['status']; reason?: string },
    beside: (tx: Tx, written: Version) => Promise<void>,
  ): Promise<Version | undefined> {
    const { error: _, ...subscription } = JSON.parse(row.content) as Resource & Subscription
    const resource = { ...subscription, status, ...(reason ? { error: reason } : {}) } as Resource
    try {
      return await inTransaction(pool, async (tx) => {
        const change = { interaction: 'update' as const, resource, id: row.id, ifMatch: row.version }
        const [written] = await store.writeIn(tx, WRITER, [change])
        if (!written) return undefined
        await beside(tx, written)
        return written
      })
    } catch (error) {
      if (error instanceof Refusal) return undefined
      throw error
    }
  }

  const moved = (tx: Tx, row: SubscriptionRow, to: { status: string; reason: string | null }, written: Version) =>
    tx.query(
      prepared(sql`
        UPDATE subscription SET status = ${to.status}, reason = ${to.reason}, version = ${written.versionId},
               content = ${written.text}, claimed_until = NULL, failures = 0
         WHERE id = ${row.id} AND version = ${row.version}`),
    )

  async function stop(row: SubscriptionRow, to: { status: 'error' | 'off'; reason: string }, isTold: boolean) {
    const done = await become(row, to, async (tx, written) => {
      await moved(tx, row, to, written)
      if (!isTold) return
      const task = failureTask({ row, reason: to.reason, now: now(), operator })
      const [identifier] = task.identifier ?? []
      const open = new URLSearchParams({
        identifier: `${identifier?.system}|${identifier?.value}`,
        status: 'requested,accepted,in-progress',
      })
      const unless = parseSearch(definitions(), 'Task', open)
      await store.writeIn(tx, WRITER, [{ interaction: 'create', resource: task as unknown as Resource, unless }])
    })
    if (done) await tellOthers(pool)
  }

  return {
    async activate(row, heartbeatSeconds) {
      const done = await become(row, { status: 'active' }, async (tx, written) => {
        await moved(tx, row, { status: 'active', reason: null }, written)
        await tx.query(
          prepared(sql`
            UPDATE subscription SET activated = true, due_at = CASE
                     WHEN channel = 'websocket' THEN 'infinity' WHEN last_number > delivered_number THEN now()
                     ELSE coalesce(now() + make_interval(secs => ${heartbeatSeconds ?? null}::int), 'infinity') END
             WHERE id = ${row.id} AND version = ${written.versionId}`),
        )
      })
      if (done) await tellOthers(pool)
    },
    fail: (row, reason) => stop(row, { status: 'error', reason }, true),
    end: (row, reason, { isTold } = { isTold: false }) => stop(row, { status: 'off', reason }, isTold),
  }
}
