import type { PlanDefinition, Provenance } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { provenanceAgent } from '../core/fhir/provenance-agent.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import type { ScheduledVersion } from '../lifecycle/plan-life.ts'
import { digestOf, type StoredPlan } from './stored-plan.ts'

export type Act =
  | 'submit'
  | 'approve'
  | 'schedule'
  | 'activate'
  | 'stage'
  | 'roll-back'
  | 'retire'
  | 'migrate'
  | 'undo-migration'
  | 'shadow'
  | 'end-shadow'

/** One act with a version of a plan, as it is kept. */
export type PlanAct = {
  plan: string
  canonical: string
  act: Act
  actor: string
  digest: string
  acted_at: Date
  reason: string | null
  detail: { [name: string]: unknown }
}

type ActGiven = Pick<PlanAct, 'act' | 'actor'> & { at: Date; reason?: string | undefined; detail?: PlanAct['detail'] }

export async function writeAct(tx: Tx, { plan, digest }: StoredPlan, given: ActGiven): Promise<void> {
  const { act, actor, at, reason = null, detail = {} } = given
  await tx.query(
    prepared(sql`
      INSERT INTO plan_act (plan, canonical, act, actor, digest, acted_at, reason, detail)
      VALUES (${plan.id}, ${canonicalOf(plan)}, ${act}, ${actor}, ${digest}, ${at.toISOString()}, ${reason},
              ${JSON.stringify(detail)}::jsonb)`),
  )
}

/** The last act of this kind with exactly this content. */
export async function findAct(db: Queryable, { plan, digest }: StoredPlan, act: Act): Promise<PlanAct | undefined> {
  const { rows } = await db.query<PlanAct>(
    sql`SELECT plan, canonical, act, actor, digest, acted_at, reason, detail FROM plan_act
         WHERE plan = ${plan.id} AND act = ${act} AND digest = ${digest} ORDER BY id DESC LIMIT 1`,
  )
  return rows[0]
}

/** Since when a version runs in shadow; undefined for one that does not, or has come into force since. */
export async function readShadow(db: Queryable, plan: string): Promise<Date | undefined> {
  const { rows } = await db.query<Pick<PlanAct, 'act' | 'acted_at'>>(
    sql`SELECT act, acted_at FROM plan_act
         WHERE plan = ${plan} AND act IN ('shadow', 'end-shadow', 'activate') ORDER BY id DESC LIMIT 1`,
  )
  return rows[0]?.act === 'shadow' ? rows[0].acted_at : undefined
}

/**
 * Which versions of a plan were to come into force after a moment, by what had been asked for by then and was there still: a draft that had
 * been removed, or changed since, would not have come into force any more.
 */
export async function readScheduled(db: Queryable, url: string, then: Date): Promise<ScheduledVersion[]> {
  const { rows } = await db.query<PlanAct>(
    sql`SELECT DISTINCT ON (plan) plan, canonical, act, actor, acted_at, reason, detail FROM plan_act
         WHERE act IN ('schedule', 'activate') AND starts_with(canonical, ${`${url}|`}) AND acted_at <= ${then.toISOString()}
         ORDER BY plan, id DESC`,
  )
  const stood = await Promise.all(rows.map(async (one) => one.act === 'schedule' && (await isUnchanged(db, one, then))))
  return rows.flatMap(({ plan, canonical, actor, reason, detail: { at, share } }, i) =>
    stood[i] && typeof at === 'string' && Date.parse(at) > then.getTime()
      ? [
          {
            ...{
              of: `PlanDefinition/${plan}`,
              at,
              version: canonical.slice(url.length + 1),
              share: Number(share ?? 100),
            },
            ...(reason ? { reason } : {}),
            ...(actor.startsWith('Client/') ? {} : { by: actor }),
          },
        ]
      : [],
  )
}

/** Whether a draft was at a moment what it was when it was scheduled. */
async function isUnchanged(db: Queryable, { plan, acted_at }: Pick<PlanAct, 'plan' | 'acted_at'>, then: Date) {
  const [scheduled, stood] = await Promise.all([planAsOf(db, plan, acted_at), planAsOf(db, plan, then)])
  if (!scheduled || stood?.status !== 'draft') return false
  return digestOf(scheduled, NOTHING_NAMED) === digestOf(stood, NOTHING_NAMED)
}

const NOTHING_NAMED: ReadonlyMap<string, Resource> = new Map()

/** The version of a plan that was current at a moment; undefined where there was none, or it had been removed. */
async function planAsOf(db: Queryable, id: string, at: Date): Promise<PlanDefinition | undefined> {
  const { rows } = await db.query<{ content: string | null }>(
    prepared(sql`
      WITH now AS (SELECT bucket, rk, version, last_updated, content FROM resource WHERE type = 'PlanDefinition' AND id = ${id})
      SELECT content FROM (
        SELECT version, last_updated, content FROM now UNION ALL
        SELECT v.version, v.last_updated, v.content FROM resource_version v JOIN now USING (bucket, rk)) all_versions
       WHERE last_updated <= ${at.toISOString()}::timestamptz ORDER BY version DESC LIMIT 1`),
  )
  const content = rows[0]?.content
  return content ? (JSON.parse(content) as PlanDefinition) : undefined
}

/** Ids of the versions that were retired when this one came into force for all. */
export async function readReplaced(db: Queryable, plan: string): Promise<string[]> {
  const { rows } = await db.query<{ replaced: string[] }>(
    sql`SELECT detail -> 'replaced' AS replaced FROM plan_act
         WHERE plan = ${plan} AND act IN ('activate', 'stage') AND detail ? 'replaced' ORDER BY id DESC LIMIT 1`,
  )
  return rows[0]?.replaced ?? []
}

/**
 * Everybody who has written a version of the plan, or of what is drafted with it, and who has submitted it. Taken from the change
 * feed, where the store itself says who did it, not from what a resource says of its author.
 */
export async function readAuthors(db: Queryable, { plan, definitions }: StoredPlan): Promise<Set<string>> {
  const drafts = [...definitions.values()].filter(({ status }) => status !== 'active')
  const written = [plan, ...drafts].map(({ resourceType, id }) => ({ type: resourceType, id: String(id) }))
  const { rows } = await db.query<{ actor: string }>(
    sql`SELECT actor FROM event JOIN unnest(${written.map(({ type }) => type)}::text[], ${written.map(({ id }) => id)}::text[])
               AS w(type, id) USING (type, id)
        UNION SELECT actor FROM plan_act WHERE plan = ${plan.id} AND act = 'submit'`,
  )
  return new Set(rows.map(({ actor }) => actor))
}

/** An act as others read it. https://hl7.org/fhir/R4/provenance.html */
export function toProvenance({ plan, versionId, digest }: StoredPlan, given: ActGiven): Provenance {
  const { act, actor, at, reason } = given
  return {
    resourceType: 'Provenance',
    target: [{ reference: `PlanDefinition/${plan.id}/_history/${versionId}` }],
    recorded: at.toISOString(),
    activity: { coding: [{ system: `${FYLGJE}/CodeSystem/plan-act`, code: act }] },
    ...(reason ? { reason: [{ text: reason }] } : {}),
    agent: [provenanceAgent(actor, act === 'approve' ? 'verifier' : 'author')],
    // What was approved can be recognised again.
    entity: [{ role: 'source', what: { identifier: { system: 'urn:fylgje:sha256', value: digest } } }],
  }
}
