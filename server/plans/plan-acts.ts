import type { Provenance } from '@medplum/fhirtypes'
import { FYLGJE } from '../core/decide/plan/vocabulary.ts'
import { provenanceAgent } from '../core/fhir/provenance-agent.ts'
import { prepared, type Queryable, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import type { ScheduledVersion } from '../lifecycle/plan-life.ts'
import type { StoredPlan } from './stored-plan.ts'

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

/** Which versions of a plan were to come into force after a moment, by what had been asked for by then. */
export async function readScheduled(db: Queryable, url: string, then: Date): Promise<ScheduledVersion[]> {
  const { rows } = await db.query<PlanAct>(
    sql`SELECT DISTINCT ON (plan) plan, canonical, act, actor, reason, detail FROM plan_act
         WHERE act IN ('schedule', 'activate') AND starts_with(canonical, ${`${url}|`}) AND acted_at <= ${then.toISOString()}
         ORDER BY plan, id DESC`,
  )
  return rows.flatMap(({ plan, canonical, act, actor, reason, detail: { at, share } }) =>
    act === 'schedule' && typeof at === 'string' && Date.parse(at) > then.getTime()
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
