import type { PlanDefinition } from '@medplum/fhirtypes'
import { prepared, type Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { compareVersions } from '../lifecycle/semver.ts'
import { codeToken, tokenHash } from '../search/token-hash.ts'

/** The version that each canonical names, else the newest active one. */
export async function readPlansNamed(db: Queryable, canonicals: string[]): Promise<PlanDefinition[]> {
  const urls = canonicals.map((canonical) => canonical.split('|')[0] ?? '')
  const hashes = urls.map((url) => tokenHash(codeToken('PlanDefinition.url', url)))
  const { rows } = await db.query<{ content: string }>(
    prepared(sql`
      SELECT content FROM resource WHERE type = 'PlanDefinition' AND NOT deleted AND tokens && ${hashes}::bigint[]`),
  )
  const plans = rows
    .map(({ content }) => JSON.parse(content) as PlanDefinition)
    .sort((one, other) => compareVersions(other.version, one.version))
  return canonicals.flatMap((canonical) => {
    const [url, version] = canonical.split('|')
    const named = plans.filter((plan) => plan.url === url)
    return named.find((plan) => (version ? plan.version === version : plan.status === 'active')) ?? []
  })
}
