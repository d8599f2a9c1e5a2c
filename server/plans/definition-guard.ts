import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { ENGINE_CLIENT_ID } from '../access/engine-access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Queryable } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { whyFrozen } from '../lifecycle/frozen.ts'
import { impedimentsInItself } from '../lifecycle/impediments.ts'
import { canonicalOf, isNamed, namedBy } from '../lifecycle/named-definitions.ts'
import type { Guard } from '../store/rooms.ts'

const NAMED_TYPES = ['ActivityDefinition', 'Questionnaire', 'Library']
const IN_FORCE = new Set<unknown>(['active', 'retired'])

/** What a system may store of a plan: drafts alone, which come into force by the acts, or what is in force elsewhere as well. */
export type PlansFromSystems = 'draft' | 'active'

/**
 * Keeps plans that are or were in force, and what they name, as they were approved, and lets none into force but by the acts. Our own
 * acts pass: the operations of the plan's life, and the pathways that come with a new release of the server.
 * @see docs/decisions/0064-one-gate-into-force.md
 */
export const definitionGuard = (fromSystems: PlansFromSystems): Guard => ({
  types: ['PlanDefinition', ...NAMED_TYPES],

  async admit(db, { access, before, after }) {
    if (isOurs(access)) return
    const maySayActive = fromSystems === 'active' && !isPerson(access)
    if (before.resourceType === 'PlanDefinition') return admitPlan(before, after, maySayActive)
    if (before.status !== 'active' || before.url === undefined) return
    const refusal = whyFrozen(before, after, 'is named by a plan in force')
    if (!refusal) return
    const plan = await findPlanNaming(db, before)
    if (plan)
      throw whyFrozen(
        before,
        after,
        `is named by ${canonicalOf(plan)} (PlanDefinition/${plan.id}), which is ${plan.status},`,
      )
  },

  admitNew(access, resource) {
    if (isOurs(access) || resource.resourceType !== 'PlanDefinition' || resource.status !== 'active') return
    if (isPerson(access) || fromSystems === 'draft') throw byActivationOnly(resource)
  },
})

const isOurs = ({ clientId }: Access): boolean => clientId === ENGINE_CLIENT_ID
const isPerson = ({ actor }: Access): boolean => !actor.startsWith('Client/')

/** @throws Refusal business-rule */
function admitPlan(before: Resource, after: Resource | undefined, mayReturn: boolean): void {
  if (IN_FORCE.has(before.status)) {
    const why = before.status === 'active' ? 'is active' : 'was in force'
    const refusal = whyFrozen(before, after, why, { mayReturn })
    if (refusal) throw refusal
  } else if (after?.status === 'active') {
    throw byActivationOnly(after)
  }
}

/** With what stands against the plan already, so that nobody meets it piece by piece. */
const byActivationOnly = (plan: Resource): Refusal =>
  new Refusal([
    {
      ...{ severity: 'error', code: 'business-rule', expression: ['PlanDefinition.status'] },
      diagnostics:
        'A plan becomes active by PlanDefinition/[id]/$activate, after a second person has approved it; store it as a draft.',
    },
    ...impedimentsInItself(plan as Resource & PlanDefinition),
  ])

/** A plan in force that names the definition. Plans are some hundreds at most, and such definitions are seldom changed. */
async function findPlanNaming(db: Queryable, definition: Resource): Promise<PlanDefinition | undefined> {
  const { rows } = await db.query<{ content: string }>(
    sql`SELECT content FROM resource
         WHERE type = 'PlanDefinition' AND NOT deleted AND strpos(content, ${String(definition.url)}) > 0`,
  )
  return rows
    .map(({ content }) => JSON.parse(content) as PlanDefinition)
    .find((plan) => IN_FORCE.has(plan.status) && namedBy(plan).some((canonical) => isNamed(canonical, definition)))
}
