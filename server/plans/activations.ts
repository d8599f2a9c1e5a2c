import type { PlanDefinition, Task } from '@medplum/fhirtypes'
import { ownedBy } from '../core/decide/silence/silence-owner.ts'
import { engineTask } from '../core/decide/task/engine-task.ts'
import { sameInAll } from '../core/decide/words/told.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction } from '../db/pool.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import { scheduledBy } from './activation-timer.ts'
import type { KeeperRooms } from './keeper.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import { claimPlanClock, dropPlanClock } from './plan-clock.ts'
import { activateScheduled } from './plan-life.ts'
import { findPlan } from './stored-plan.ts'
import type { PlacedTimer } from './timers.ts'

/** Brings one plan into force whose time has come. @returns whether there was one */
export async function keepActivations(rooms: KeeperRooms): Promise<boolean> {
  let rang: PlacedTimer | undefined
  try {
    await inTransaction(rooms.pool, async (tx) => {
      rang = await claimPlanClock(tx, 'activation', rooms.now())
      if (!rang) return
      const { plan, share, reason, actor } = scheduledBy(rang)
      await activateScheduled(rooms, tx, plan, { share, reason, actor })
      await dropPlanClock(tx, rang)
    })
  } catch (error) {
    if (!rang || !(error instanceof Refusal)) throw error
    await tellRefusal(rooms, rang, error)
  }
  if (rang) rooms.onCommit()
  return rang !== undefined
}

/** A plan that should have come into force and did not is nobody's silence: a Task tells it, with all that stood against it. */
async function tellRefusal(rooms: KeeperRooms, timer: PlacedTimer, refusal: Refusal): Promise<void> {
  await inTransaction(rooms.pool, async (tx) => {
    // Somebody else may have been at it meanwhile, and have told it.
    const still = await claimPlanClock(tx, 'activation', rooms.now())
    if (still?.about !== timer.about) return
    const { plan: id, actor } = scheduledBy(timer)
    const plan = await findPlan(tx, id)
    const task = refusalTask(timer, plan, refusal, rooms.now())
    await rooms.store.writeIn(tx, onBehalfOf({ actor }), [
      { interaction: 'create', resource: task as unknown as Resource },
    ])
    await dropPlanClock(tx, timer)
  })
}

function refusalTask(timer: PlacedTimer, plan: PlanDefinition | undefined, refusal: Refusal, now: Date): Task {
  const name = plan ? canonicalOf(plan) : timer.about
  const at = timer.dueAt.toISOString()
  return engineTask({
    ...{ code: 'plan-not-activated', colour: 'yellow', about: timer.about, now },
    name: `${name}|*activation|${timer.about}|${at}`,
    told: {
      nb: `${name} skulle tre i kraft ${at} og gjorde det ikke.`,
      nn: `${name} skulle tre i kraft ${at} og gjorde det ikkje.`,
      en: `${name} was to come into force ${at} and did not.`,
    },
    reason: sameInAll(refusal.issues.map(({ diagnostics }) => diagnostics).join(' ')),
    // Whoever owns what is not evaluated owns a plan that does not come into force.
    ...(plan ? ownedBy(plan, 'not-evaluated') : {}),
  })
}
