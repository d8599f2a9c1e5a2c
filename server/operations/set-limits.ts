import type { CarePlan, Goal, Task } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { checkLimits } from '../core/decide/limits/check-limits.ts'
import { limitsOfCarePlan, namedGoals } from '../core/decide/limits/limits.ts'
import { limitsProvenance } from '../core/decide/limits/limits-provenance.ts'
import { NEW_GOAL } from '../core/decide/limits-review/review.ts'
import { isLimit } from '../core/decide/plan/vocabulary.ts'
import { isOpen } from '../core/decide/task/task-status.ts'
import { parseIfMatch } from '../core/fhir/etag.ts'
import { parseJson } from '../core/fhir/json.ts'
import { Refusal, refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { mustBeAt } from '../store/refusals.ts'
import type { StoreTransaction, Version } from '../store/store.ts'
import { type Given, readGiven } from './given-parameters.ts'
import type { Operation } from './operation.ts'

/**
 * CarePlan/{id}/$set-limits: a person's own limits, as a Goal with its targets, with who set them, when and why. Goal, CarePlan and
 * Provenance are one transaction. What was measured last is then judged by the new limits (decide/limits-changed.ts).
 * Which version of the Goal was seen (`versionId`), and If-Match for the CarePlan, are obeyed: nobody else's change is lost.
 * @throws Refusal conflict (412: another version stands), required (no reason), value (a Goal of somebody else; a versionId that is none), not-found, business-rule (the CarePlan has ended; the Goal
 *   is not of this CarePlan; limits that contradict each other, with the element of each)
 * @see docs/plans.md
 */
export const setLimits: Operation = {
  code: 'set-limits',
  title: 'Set limits',
  description:
    'Sets the limits of one Goal of a CarePlan as a whole, and records who did it and why. A Goal with an id replaces that one; without, it is a new one of the CarePlan.',
  resource: ['CarePlan'],
  on: ['instance'],
  affectsState: true,
  letter: 'u',
  isOwn: true,
  in: [
    {
      name: 'goal',
      type: 'Goal',
      min: 0,
      max: '1',
      documentation: 'The Goal with all of its targets; left out, the Goals of the proposal are taken as they are.',
    },
    {
      name: 'versionId',
      type: 'id',
      min: 0,
      max: '1',
      documentation: 'Which version of the Goal was seen; where another stands, nothing is changed (412).',
    },
    {
      name: 'proposal',
      type: 'Reference',
      min: 0,
      max: '1',
      documentation: 'The Task in which the limits were proposed: it is answered, and completed.',
    },
    {
      name: 'reason',
      type: 'string',
      min: 1,
      max: '1',
      documentation: 'Why the limits are set so, for colleagues and the patient.',
    },
  ],
  out: [
    { name: 'goal', type: 'Goal', min: 1, max: '*', documentation: 'As it is stored.' },
    { name: 'provenance', type: 'Provenance', min: 1, max: '*', documentation: 'Who, when and why.' },
  ],
  async handler(exchange, rooms) {
    const given = readGiven(exchange, setLimits)
    const reason = given.text('reason')?.trim()
    if (!reason) throw refuse('required', 'A change of limits needs its reason.', 'reason')
    const seen = seenIn(given)
    const written = await rooms.store.transact((inside) => writeAll(exchange, rooms, inside, { given, reason, seen }))
    const parts = written.flatMap(({ goal, provenance }) => [
      `{"name":"goal","resource":${goal.text}}`,
      `{"name":"provenance","resource":${provenance.text}}`,
    ])
    return { status: 200, text: `{"resourceType":"Parameters","parameter":[${parts.join(',')}]}` }
  },
}

/** The version of the Goal that the caller knows. @throws Refusal value: what is no version would guard nothing */
function seenIn(given: Given): number | undefined {
  const versionId = given.text('versionId')
  if (versionId === undefined) return undefined
  if (!/^[1-9]\d{0,8}$/.test(versionId))
    throw refuse('value', `versionId is the number of a version, such as 3, not ${versionId}.`, 'versionId')
  return Number(versionId)
}

type Asked = { given: Given; reason: string; seen: number | undefined }

/** @throws Refusal required, where neither a Goal nor a proposal says which limits */
async function writeAll(exchange: Exchange, rooms: Rooms, inside: StoreTransaction, { given, reason, seen }: Asked) {
  const asked = given.text('proposal')
  const proposal = asked === undefined ? undefined : await readProposal(exchange, inside, asked)
  const goals = given.has('goal') ? [given.resource('goal', 'Goal') as unknown as Goal] : proposedGoals(proposal)
  if (goals.length === 0) throw refuse('required', 'Which limits? Send a goal, or the proposal to be taken.', 'goal')
  await mustBeAsSeen(exchange, inside)
  const written = []
  for (const goal of goals) written.push(await write(exchange, rooms, inside, { given: goal, reason, seen }))
  if (proposal) {
    const lastModified = rooms.now().toISOString()
    const end = { ...proposal.executionPeriod, end: lastModified }
    const done = { ...proposal, status: 'completed', lastModified, executionPeriod: end } as unknown as Resource
    await inside.write(exchange.access, { interaction: 'update', resource: done, id: String(proposal.id) })
  }
  return written
}

/** What is asked for once is looked at once: each Goal that is new makes another version of the CarePlan. */
async function mustBeAsSeen({ access, id, headers }: Exchange, inside: StoreTransaction): Promise<void> {
  const seen = parseIfMatch(headers.ifMatch)
  if (seen === undefined) return
  mustBeAt(await inside.readForChange(access, 'CarePlan', id), seen)
}

/** @throws Refusal value (no such Task), business-rule (of another CarePlan, or answered already) */
async function readProposal({ access, id }: Exchange, inside: StoreTransaction, reference: string): Promise<Task> {
  const [type, taskId] = reference.split('/')
  if (type !== 'Task' || !taskId)
    throw refuse('value', `proposal must be such as Task/1, not ${reference}.`, 'proposal')
  const task = parsed<Task>(await inside.readForChange(access, 'Task', taskId))
  if (task.intent !== 'proposal' || task.focus?.reference !== `CarePlan/${id}`) {
    throw refuse('business-rule', `${reference} proposes no limits for CarePlan/${id}.`, 'proposal')
  }
  if (!isOpen(task)) throw refuse('business-rule', `${reference} is ${task.status}: it was answered.`, 'proposal')
  return task
}

/** Those that the engine has proposed; one that stands for no stored Goal is a new one. */
const proposedGoals = (proposal: Task | undefined): Goal[] =>
  (proposal?.contained ?? [])
    .filter((one): one is Goal => one.resourceType === 'Goal')
    .map(({ id, ...goal }) => (id?.startsWith(NEW_GOAL) ? goal : { ...goal, id }))

type Wanted = { given: Goal; reason: string; seen: number | undefined }

/** @param seen the version of the Goal that the caller knows; another that stands is refused */
async function write(
  { access, id }: Exchange,
  rooms: Rooms,
  inside: StoreTransaction,
  { given, reason, seen }: Wanted,
) {
  const carePlan = parsed<CarePlan>(await inside.readForChange(access, 'CarePlan', id))
  if (ENDED.has(carePlan.status)) {
    throw refuse(
      'business-rule',
      `CarePlan/${id} is ${carePlan.status}; limits count only in a plan that goes on.`,
      'CarePlan.status',
    )
  }
  const goal = goalOf(given, carePlan)
  const before = goal.id ? parsed<Goal>(await inside.readForChange(access, 'Goal', goal.id)) : undefined
  await refuseNonsense({ access, inside, carePlan, goal })

  const { resource } = rooms.validate(goal, 'Goal')
  const written = await inside.write(
    access,
    before
      ? { interaction: 'update', resource, id: String(goal.id), ifMatch: seen }
      : { interaction: 'create', resource },
  )
  if (!before) {
    const goals = [...(carePlan.goal ?? []), { reference: `Goal/${written.id}` }]
    const changed = { ...carePlan, goal: goals } as unknown as Resource
    await inside.write(access, { interaction: 'update', resource: changed, id })
  }
  const provenance = limitsProvenance({
    goal: `Goal/${written.id}/_history/${written.versionId}`,
    subject: carePlan.subject.reference,
    ...(before ? { before: `Goal/${before.id}/_history/${before.meta?.versionId}` } : {}),
    ...{ actor: access.actor, reason, at: rooms.now() },
  }) as unknown as Resource
  return { goal: written, provenance: await inside.write(access, { interaction: 'create', resource: provenance }) }
}

const ENDED = new Set(['completed', 'revoked', 'entered-in-error'])

function goalOf(given: Goal, carePlan: CarePlan): Goal {
  // Whoever sets limits that were proposed has accepted them.
  const goal: Goal = given.lifecycleStatus === 'proposed' ? { ...given, lifecycleStatus: 'active' } : given
  const named = (carePlan.goal ?? []).some(
    ({ reference }) => reference?.split('/').slice(-2).join('/') === `Goal/${goal.id}`,
  )
  if (goal.id && !named) {
    throw refuse(
      'business-rule',
      `Goal/${goal.id} is not a Goal of CarePlan/${carePlan.id}; leave the id out to add one.`,
      'Goal.id',
    )
  }
  if (goal.subject?.reference !== carePlan.subject.reference) {
    throw refuse('value', `The Goal must be of ${carePlan.subject.reference}, as the CarePlan is.`, 'Goal.subject')
  }
  if (!goal.target?.some(({ extension }) => extension?.some(isLimit))) {
    throw refuse('required', 'The Goal sets no limit: some target needs the extension limit.', 'Goal.target')
  }
  return goal
}

type ToCheck = { access: Access; inside: StoreTransaction; carePlan: CarePlan; goal: Goal }

/** Against the person's other limits of this CarePlan too. */
async function refuseNonsense({ access, inside, carePlan, goal }: ToCheck): Promise<void> {
  const ids = (carePlan.goal ?? []).flatMap(
    ({ reference }) => /(?:^|\/)Goal\/([^/]+)$/.exec(reference ?? '')?.[1] ?? [],
  )
  const others = await Promise.all(
    ids.filter((id) => id !== goal.id).map((id) => inside.read(access, 'Goal', id).then(parsed<Goal>, ignoreMissing)),
  )
  const standing = others.filter((one) => one !== undefined)
  const beside = limitsOfCarePlan(carePlan, namedGoals(carePlan, standing))
  const problems = checkLimits(goal.target ?? [], beside)
  if (problems.length === 0) return
  throw new Refusal(
    problems.map(({ target, path, diagnostics }) => ({
      ...{ severity: 'error' as const, code: 'business-rule' as const, diagnostics },
      expression: [`Goal.target[${target}].${path}`],
    })),
  )
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Refusal) return undefined
  throw error
}

const parsed = <T>(version: Version): T => parseJson(version.text ?? '{}') as T
