import type { CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import { isRunning } from '../core/decide/planned-change/planned-change.ts'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { parseServerId } from '../store/resource-key.ts'
import { readDemanding } from './handover-basis.ts'

/** Versions that one statement reads; most that are looked for are among the newest. */
const PAGE_COUNT = 50

/**
 * What a CarePlan was when it last ran for the same patient and followed one of these plans, in a version that demands something before a
 * handover. What it was in between, a draft or without the plan, is no beginning.
 * @param stood as it is stored; undefined where it was deleted, or is new
 * @param stands as it would be
 * @param plans those that it would follow and that demand something
 */
export async function readLastInForce(
  db: Queryable,
  { stood, stands }: { stood: CarePlan | undefined; stands: CarePlan },
  plans: PlanDefinition[],
): Promise<CarePlan | undefined> {
  const urls = new Set(plans.map(({ url }) => url))
  for await (const page of versionsOf(db, stood, String((stood ?? stands).id))) {
    const running = page.filter((one) => isRunning(one) && one.subject?.reference === stands.subject.reference)
    const demanding = await readDemanding(db, running)
    const asked = new Set(demanding.flatMap(({ url, version }) => (urls.has(url) ? [url, `${url}|${version}`] : [])))
    const found = running.find(({ instantiatesCanonical = [] }) => instantiatesCanonical.some((one) => asked.has(one)))
    if (found) return found
  }
  return undefined
}

/** Every version, the newest first. */
async function* versionsOf(db: Queryable, stood: CarePlan | undefined, id: string): AsyncGenerator<CarePlan[]> {
  const key = parseServerId(id)
  if (stood) yield [stood]
  let before = 2 ** 31 - 1
  for (;;) {
    const { rows } = await db.query<{ version: number; content: string | null }>(
      prepared(sql`
        SELECT v.version, v.content
          FROM (VALUES ('CarePlan', ${id}::text, ${key?.bucket ?? null}::smallint, ${key?.rk ?? null}::bigint)) AS w(type, id, bucket, rk)
          LEFT JOIN placed_id p ON p.type = w.type AND p.id = w.id
          JOIN resource r ON r.bucket = coalesce(p.bucket, w.bucket) AND r.rk = coalesce(p.rk, w.rk)
          JOIN resource_version v ON v.bucket = r.bucket AND v.rk = r.rk
         WHERE r.type = w.type AND r.id = w.id AND r.deleted = ${stood === undefined} AND v.version < ${before}
         ORDER BY v.version DESC LIMIT ${PAGE_COUNT}`),
    )
    yield rows.flatMap(({ content }) => (content === null ? [] : [JSON.parse(content) as CarePlan]))
    const last = rows.at(-1)
    if (!last || rows.length < PAGE_COUNT) return
    before = last.version
  }
}
