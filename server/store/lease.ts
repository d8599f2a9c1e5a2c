import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { refuse } from '../core/fhir/outcome.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'

/**
 * Lets what bears one name be done by one after the other, in all processes. No connection is held meanwhile, so that whoever has the
 * lease can always ask for more, however many wait.
 * @returns ends it; never fails, for a lease that cannot be ended ends by itself
 * @throws Refusal transient, when others have had it for too long
 */
export type TakeLease = (name: string) => Promise<() => Promise<void>>

export type LeaseTimes = {
  /** After this time others may have it, for whoever took it has been killed. */
  leaseMillis: number
  waitMillisMax: number
}

const TIMES: LeaseTimes = { leaseMillis: 30_000, waitMillisMax: 10_000 }
/** Between two looks; not the same for all, or they would always meet. */
const LOOK_MILLIS = { least: 5, more: 20 }

export function createLeases(db: Queryable, { leaseMillis, waitMillisMax }: LeaseTimes = TIMES): TakeLease {
  /** @returns whether it is ours now */
  async function take(name: string, holder: string): Promise<boolean> {
    const { rowCount } = await db.query(sql`
      INSERT INTO lease (name, holder, until)
      VALUES (hashtextextended(${name}::text, 0), ${holder}::uuid, now() + make_interval(secs => ${leaseMillis}::float8 / 1000))
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE lease.until < now()`)
    return rowCount === 1
  }

  return async (name) => {
    const holder = randomUUID()
    const deadline = Date.now() + waitMillisMax
    while (!(await take(name, holder))) {
      if (Date.now() > deadline) throw refuse('transient', 'Others are doing just this at the moment; try again.')
      await sleep(LOOK_MILLIS.least + Math.random() * LOOK_MILLIS.more)
    }
    return async () => {
      await db
        .query(sql`DELETE FROM lease WHERE name = hashtextextended(${name}::text, 0) AND holder = ${holder}::uuid`)
        .catch(() => {})
    }
  }
}
