import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { toOsloClock } from '../core/decide/time/oslo-time.ts'
import { type Issue, Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction, type Pool, type Tx } from '../db/pool.ts'
import { type AlarmRate, beyondBudget } from '../lifecycle/alarm-budget.ts'
import { alarmBudgetOf, shareOf, withShare } from '../lifecycle/extensions.ts'
import { impedimentsTo } from '../lifecycle/impediments.ts'
import { canonicalOf } from '../lifecycle/named-definitions.ts'
import type { ActivationAsked, ApprovalAsked, PlanLife } from '../lifecycle/plan-life.ts'
import { type ProposedPart, proposedParts } from '../lifecycle/proposed-parts.ts'
import type { Change, Store } from '../store/store.ts'
import { setActivation } from './activation-timer.ts'
import type { ProposeEnrolment } from './enrolment-move.ts'
import type { ReadKeptBook } from './kept-plan-book.ts'
import { readToMove, startMove, undoMoves } from './moves.ts'
import { onBehalfOf } from './on-behalf-of.ts'
import {
  findAct,
  type PlanAct,
  readAuthors,
  readReplaced,
  readScheduled,
  readShadow,
  toProvenance,
  writeAct,
} from './plan-acts.ts'
import {
  compileStored,
  readOthersInForce,
  readStoredPlan,
  type StoredPlan,
  type TestingRooms,
  testStored,
} from './stored-plan.ts'

/** `settle` and `readCql` are for the expressions of its cases. */
export type PlanLifeRooms = TestingRooms & {
  pool: Pool
  store: Pick<Store, 'writeIn' | 'newId'>
  now: () => Date
  readBook: ReadKeptBook
  /** Called after each act, when its events are there to be read. */
  onCommit: () => void
  /** What the plan costs, or would cost; undefined where nobody knows. */
  rateOf: (tx: Tx, plan: PlanDefinition, now: Date) => Promise<AlarmRate | undefined>
  /** What a version would have cost, played over what has happened of late; undefined where nobody was followed. */
  expectRate?: (plan: string) => Promise<AlarmRate | undefined>
  /** What a version asks for of whom is moved to it. */
  propose: ProposeEnrolment
  /** Before it is stored. @throws Refusal with every error found */
  validate: (resource: Resource) => Resource
}

export function createPlanLife(rooms: PlanLifeRooms): PlanLife {
  const act = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const done = await inTransaction(rooms.pool, work)
    rooms.onCommit()
    return done
  }
  return {
    submit: (access, id) => act((tx) => submit(rooms, tx, access, id)),
    approve: (access, id, asked) => act((tx) => approve(rooms, tx, access, id, asked)),
    async activate(access, id, asked) {
      // Before the transaction, for it takes some seconds; whether it counts is decided in it.
      const expected = asked.reason ? undefined : await expectRate(rooms, id)
      return act((tx) => activate(rooms, tx, access, id, asked, expected))
    },
    stage: (access, id, share) => act((tx) => stage(rooms, tx, access, id, share)),
    shadow: (access, id, asked) => act((tx) => shadow(rooms, tx, access, id, asked)),
    shadowSince: (id) => readShadow(rooms.pool, id),
    scheduled: (url, then) => readScheduled(rooms.pool, url, then),
    rollBack: (access, id, reason) => act((tx) => rollBack(rooms, tx, access, id, reason)),
  }
}

async function submit(rooms: PlanLifeRooms, tx: Tx, access: Access, id: string): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  mustBeDraft(stored)
  await mustBeUnimpeded(rooms, stored)
  return tell(rooms, tx, stored, { act: 'submit', actor: access.actor })
}

async function approve(
  rooms: PlanLifeRooms,
  tx: Tx,
  access: Access,
  id: string,
  { reason, proposals }: ApprovalAsked,
): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  mustBeDraft(stored)
  if (!(await findAct(tx, stored, 'submit'))) {
    throw refuse(
      'conflict',
      `${canonicalOf(stored.plan)} as it is now was not submitted; POST PlanDefinition/${id}/$submit.`,
    )
  }
  await mustBeSecondPerson(tx, stored, access.actor)
  const proposed = proposedParts(stored.plan, 'en')
  if (proposed.length > 0 && !proposals) throw new Refusal(proposed.map(unapproved))
  const detail = proposed.length > 0 ? { proposals: proposed.map(({ path }) => path) } : {}
  return tell(rooms, tx, stored, { act: 'approve', actor: access.actor, reason, detail })
}

/** What has no source but its author's judgement needs that of a clinician who has looked at it. */
const unapproved = ({ kind, about, path, isAlone }: ProposedPart): Issue => ({
  severity: 'error',
  code: 'business-rule',
  diagnostics: `${kind} ${about}: rests on a proposal of its author’s${isAlone ? ' alone' : ' beside a source'}. Look at it, and approve with proposals = true, or change it.`,
  expression: [path],
})

/** @throws Refusal forbidden */
async function mustBeSecondPerson(tx: Tx, stored: StoredPlan, actor: string): Promise<void> {
  if (!/^(?:Practitioner|PractitionerRole|Person)\//.test(actor)) {
    throw refuse('forbidden', `A person approves a plan; ${actor} is none.`)
  }
  if ((await readAuthors(tx, stored)).has(actor)) {
    throw refuse('forbidden', `${actor} has written ${canonicalOf(stored.plan)}; a second person approves it.`)
  }
}

async function activate(
  rooms: PlanLifeRooms,
  tx: Tx,
  access: Access,
  id: string,
  asked: ActivationAsked,
  expected: AlarmRate | undefined,
): Promise<Resource> {
  const { at, share, reason } = asked
  // Asked before the checks, which take their time: a moment that has come meanwhile is still one that was asked for.
  const isLater = at !== undefined && at > rooms.now()
  const stored = await readStoredPlan(tx, id, { lock: true })
  mustBeDraft(stored)
  const approval = await mustBeApproved(tx, stored)
  await mustBeUnimpeded(rooms, stored)
  await mustBeWithinBudget(rooms, tx, stored, { reason, expected })
  if (isLater) {
    await setActivation(tx, id, { at, share, reason, actor: access.actor })
    return tell(rooms, tx, stored, {
      act: 'schedule',
      actor: access.actor,
      reason,
      detail: { at: at.toISOString(), share },
    })
  }
  return bringIntoForce(rooms, tx, stored, { approval, share, reason, actor: access.actor })
}

/** The moment has come that was asked for. Everything is looked at again: much may have changed since. @throws Refusal */
export async function activateScheduled(
  rooms: PlanLifeRooms,
  tx: Tx,
  id: string,
  { share, reason, actor }: { share: number; reason: string | undefined; actor: string },
): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  mustBeDraft(stored)
  const approval = await mustBeApproved(tx, stored)
  await mustBeUnimpeded(rooms, stored)
  return bringIntoForce(rooms, tx, stored, { approval, share, reason, actor })
}

type Bringing = { approval: PlanAct; share: number; reason: string | undefined; actor: string }

async function bringIntoForce(rooms: PlanLifeRooms, tx: Tx, stored: StoredPlan, given: Bringing): Promise<Resource> {
  const { approval, share, reason, actor } = given
  const others = await readOthersInForce(tx, stored.plan)
  if (others.some(({ version }) => version === stored.plan.version)) {
    throw refuse('conflict', `Another resource is ${canonicalOf(stored.plan)} and in force.`, 'PlanDefinition.version')
  }
  if (share < 100 && others.length === 0) {
    throw refuse(
      'business-rule',
      'The first version of a plan has nothing to be staged against; it is for all.',
      'share',
    )
  }
  if (others.some((other) => shareOf(other) < 100)) {
    throw refuse(
      'conflict',
      'Another version is in a staged start; end that first, by $stage or $roll-back.',
      'PlanDefinition',
    )
  }
  const now = rooms.now()
  const date = now.toISOString()
  const plan: PlanDefinition = {
    ...withShare(stored.plan, share),
    status: 'active',
    date,
    approvalDate: toOsloClock(approval.acted_at).date,
  }
  const drafts = [...new Set(stored.definitions.values())].filter(({ status }) => status === 'draft')
  await write(rooms, tx, actor, [
    plan,
    ...drafts.map((draft) => ({ ...draft, status: 'active', date })),
    ...(share < 100 ? [] : others.map((other) => ({ ...other, status: 'retired', date }))),
  ])
  const moved = share < 100 ? await moveUnversioned(rooms, tx, plan, { share, actor }) : {}
  const detail = { share, ...moved, ...replacing(share, others) }
  return tell(rooms, tx, stored, { act: 'activate', actor, reason, detail })
}

async function stage(rooms: PlanLifeRooms, tx: Tx, access: Access, id: string, share: number): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  const { plan } = stored
  if (plan.status !== 'active' || shareOf(plan) >= 100) {
    throw refuse('business-rule', `${canonicalOf(plan)} is not in a staged start.`, 'PlanDefinition.status')
  }
  const others = share < 100 ? [] : await readOthersInForce(tx, plan)
  const date = rooms.now().toISOString()
  await write(rooms, tx, access.actor, [
    { ...withShare(plan, share), date },
    ...others.map((other) => ({ ...other, status: 'retired', date })),
  ])
  const moved = await moveUnversioned(rooms, tx, plan, { share, actor: access.actor })
  const detail = { share, ...moved, ...replacing(share, others) }
  return tell(rooms, tx, stored, { act: 'stage', actor: access.actor, detail })
}

/**
 * Enrolments that name the plan without a version have the newest that is in force for them. In a staged start they are moved as
 * `$migrate` moves: with the activities and Goals of the version, and so that going back takes all of it back.
 */
async function moveUnversioned(
  rooms: PlanLifeRooms,
  tx: Tx,
  plan: PlanDefinition,
  { share, actor }: { share: number; actor: string },
): Promise<{ task?: string | undefined }> {
  const move = { from: [String(plan.url)], to: canonicalOf(plan) }
  if ((await readToMove(tx, move, share)).length === 0) return {}
  const asked = { ...move, plan: String(plan.id), share, reason: undefined, actor }
  return { task: (await startMove(tx, rooms.store, asked, rooms.now())).id }
}

/** The plan itself is not changed: only that it runs so is kept, for exactly this content, and told as Provenance. */
async function shadow(
  rooms: PlanLifeRooms,
  tx: Tx,
  access: Access,
  id: string,
  { isOn, reason }: { isOn: boolean; reason: string | undefined },
): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  const since = await readShadow(tx, id)
  if (isOn) {
    mustBeDraft(stored)
    if (since) throw refuse('conflict', `${canonicalOf(stored.plan)} runs in shadow since ${since.toISOString()}.`)
    compileStored(stored)
    if ((await readOthersInForce(tx, stored.plan)).length === 0) {
      throw refuse('business-rule', `No version of ${stored.plan.url} is in force that it could run beside.`)
    }
  } else if (!since) throw refuse('conflict', `${canonicalOf(stored.plan)} does not run in shadow.`)
  return tell(rooms, tx, stored, { act: isOn ? 'shadow' : 'end-shadow', actor: access.actor, reason })
}

async function rollBack(rooms: PlanLifeRooms, tx: Tx, access: Access, id: string, reason: string): Promise<Resource> {
  const stored = await readStoredPlan(tx, id, { lock: true })
  const { plan } = stored
  if (plan.status !== 'active') {
    throw refuse('business-rule', `${canonicalOf(plan)} is not in force.`, 'PlanDefinition.status')
  }
  const inForce = await readOthersInForce(tx, plan)
  const before = inForce.length > 0 ? [] : await readRetired(tx, await readReplaced(tx, id))
  if (inForce.length === 0 && before.length === 0) {
    throw refuse(
      'business-rule',
      `${canonicalOf(plan)} has replaced no version that it could go back to.`,
      'PlanDefinition',
    )
  }
  const date = rooms.now().toISOString()
  await write(rooms, tx, access.actor, [
    { ...withShare(plan, 100), status: 'retired', date },
    ...before.map((one) => ({ ...one, status: 'active', date })),
  ])
  const detail = await takeBack(rooms, tx, plan, {
    to: (inForce[0] ?? before[0]) as PlanDefinition,
    reason,
    actor: access.actor,
  })
  return tell(rooms, tx, stored, { act: 'roll-back', actor: access.actor, reason, detail })
}

/** Everybody who was moved to the version goes back to where they were; who began with it goes to the one before. */
async function takeBack(
  rooms: PlanLifeRooms,
  tx: Tx,
  plan: PlanDefinition,
  { to, reason, actor }: { to: PlanDefinition; reason: string; actor: string },
): Promise<PlanAct['detail']> {
  const moves = await undoMoves(rooms, tx, canonicalOf(plan))
  const move = { from: [canonicalOf(plan)], to: canonicalOf(to) }
  if ((await readToMove(tx, move, 100)).length === 0) return { moves }
  const asked = { ...move, plan: String(to.id), share: 100, reason, actor }
  const task = await startMove(tx, rooms.store, asked, rooms.now())
  return { moves, task: task.id }
}

/** What goes out of force with a version that comes into it for all, so that going back finds it. */
const replacing = (share: number, others: PlanDefinition[]): { replaced?: string[] } =>
  share < 100 ? {} : { replaced: others.map(({ id }) => String(id)) }

async function readRetired(tx: Tx, ids: string[]): Promise<PlanDefinition[]> {
  const read = await Promise.all(ids.map((id) => readStoredPlan(tx, id, { lock: true })))
  return read.flatMap(({ plan }) => (plan.status === 'retired' ? [plan] : []))
}

/** @throws Refusal conflict */
function mustBeDraft({ plan }: StoredPlan): void {
  if (plan.status === 'draft') return
  throw refuse(
    'conflict',
    `${canonicalOf(plan)} is ${plan.status}; only a draft comes into force.`,
    'PlanDefinition.status',
  )
}

/** @throws Refusal business-rule, with everything at once */
async function mustBeUnimpeded(rooms: PlanLifeRooms, stored: StoredPlan): Promise<void> {
  const issues = impedimentsTo({ ...stored, report: await testStored(stored, rooms) })
  if (issues.length > 0) throw new Refusal(issues)
}

/** @throws Refusal business-rule */
async function mustBeApproved(tx: Tx, stored: StoredPlan): Promise<PlanAct> {
  const approval = await findAct(tx, stored, 'approve')
  if (!approval || (await readAuthors(tx, stored)).has(approval.actor)) {
    throw refuse(
      'business-rule',
      `${canonicalOf(stored.plan)} as it is now was not approved by a second person; POST PlanDefinition/${stored.plan.id}/$approve.`,
      'PlanDefinition.approvalDate',
    )
  }
  // As of an approval that was given before proposals had to be looked at.
  if (approval.detail.proposals === undefined && proposedParts(stored.plan, 'en').length > 0) {
    throw refuse(
      'business-rule',
      `The approval of ${canonicalOf(stored.plan)} does not say that its proposals were looked at; approve it with proposals = true.`,
      'PlanDefinition.approvalDate',
    )
  }
  return approval
}

/** A version that cannot be played is refused by the checks, with all that stands against it. */
async function expectRate({ pool, expectRate: expect }: PlanLifeRooms, id: string): Promise<AlarmRate | undefined> {
  try {
    const { plan } = await readStoredPlan(pool, id, { lock: false })
    return plan.status === 'draft' && alarmBudgetOf(plan) ? await expect?.(id) : undefined
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/**
 * Beyond its own budget a plan comes into force only with a reason, which is kept. What the new version would have cost counts; where that
 * is not known, what its versions have cost. @throws Refusal business-rule
 */
async function mustBeWithinBudget(
  rooms: PlanLifeRooms,
  tx: Tx,
  { plan }: StoredPlan,
  { reason, expected }: { reason: string | undefined; expected: AlarmRate | undefined },
): Promise<void> {
  const budget = alarmBudgetOf(plan)
  const rate = budget && !reason ? (expected ?? (await rooms.rateOf(tx, plan, rooms.now()))) : undefined
  const beyond = budget && rate ? beyondBudget(budget, rate) : []
  if (beyond.length === 0) return
  const how = expected ? 'played over the last 30 days with this version' : 'as they were in the last 90 days'
  throw refuse(
    'business-rule',
    `The alarms, ${how}, are beyond the plan's budget: ${beyond.join('; ')}. Say why it shall come into force all the same, as reason.`,
    'reason',
  )
}

/** Keeps the act and tells it as Provenance. @returns the plan as it then is */
async function tell(
  rooms: PlanLifeRooms,
  tx: Tx,
  stored: StoredPlan,
  given: Pick<PlanAct, 'act' | 'actor'> & { reason?: string | undefined; detail?: PlanAct['detail'] },
): Promise<Resource> {
  const at = rooms.now()
  const after = await readStoredPlan(tx, stored.plan.id, { lock: false })
  await writeAct(tx, stored, { ...given, at })
  const provenance = toProvenance(after, { ...given, at }) as unknown as Resource
  await rooms.store.writeIn(tx, onBehalfOf(given), [{ interaction: 'create', resource: provenance }])
  return after.plan as unknown as Resource
}

async function write(rooms: PlanLifeRooms, tx: Tx, actor: string, resources: object[]): Promise<void> {
  const changes = resources.map((one): Change => {
    const resource = one as Resource
    return { interaction: 'update', resource, id: String(resource.id) }
  })
  await rooms.store.writeIn(tx, onBehalfOf({ actor }), changes)
}
