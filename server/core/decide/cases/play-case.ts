import type { CarePlan, Task } from '@medplum/fhirtypes'
import { Refusal } from '../../fhir/outcome.ts'
import type { Resource } from '../../fhir/resource.ts'
import { decide } from '../decide.ts'
import type { Decisions, RuleTrace } from '../decisions.ts'
import type { Facts } from '../facts.ts'
import type { CompiledPlan } from '../plan/compile-plan.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { madeBy } from '../plan/steer.ts'
import { proposalIn, proposalReasonIn } from '../referral/follow-referral.ts'
import { isReferral } from '../referral/referral.ts'
import { Play } from '../simulation/play.ts'
import type { SettleInPlay } from '../simulation/play-ground.ts'
import { stageMove } from '../stages/move-stage.ts'
import { movedTo, statesOf } from '../stages/stage-state.ts'
import { claimTask } from '../task/claim.ts'
import { ruleOf } from '../task/finding-task.ts'
import { snoozeTask, wakeTask } from '../task/snooze.ts'
import { NOBODY } from '../task/staff.ts'
import { isOpen, mayBecome } from '../task/task-status.ts'
import type { TimerKind } from '../timer.ts'
import { taskOutput } from '../words/coded-words.ts'
import {
  accessOf,
  carePlanOf,
  communicationOf,
  goalOf,
  namedEventOf,
  observationOf,
  referralTaskOf,
  requestsOf,
  responseOf,
  SUBJECT,
} from './case-resources.ts'
import type { CaseEligibility, CaseEvent, PathwayCase } from './pathway-case.ts'

/** What a case did. */
export type PlayedCase = {
  /** As they stand at its end, in order of making. */
  tasks: Task[]
  /** What came to be beside them, as it stands at the end. */
  requests: Resource[]
  /** The stages that the patient was in. */
  stages: string[]
  /** How the enrolment stands; undefined of whom nobody follows. */
  enrolment?: CarePlan['status']
  /** What the answers about a referral speak for; undefined where nobody is referred. */
  eligibility?: CaseEligibility
  /** What each rule came to on the way: for coverage. */
  trace: RuleTrace[]
  /** And what the plan's `ends-when` came to, each time people changed what it looks at. */
  endings: readonly ConditionTrace['outcome'][]
}

/** Decides; whoever must not trust the plan's expressions, or has CQL, says who evaluates them. */
export type Judge = (facts: Facts) => Promise<Decisions>
const judgeHere: Judge = async (facts) => decide(facts)

/** A case that would ring for years, or for ever, is a mistake in the case. */
const DECISION_COUNT_MAX = 20_000
/** Nobody does anything in a case but what it tells. */
const NEVER = 1_000 * 365 * 86_400_000

/**
 * Plays a case through the pure core as the engine does: rules, clocks, schedules, joining, and what its events do to Tasks.
 * @param settle who evaluates what `judge` does not: whom the plan is for
 * @throws Error for what cannot be played: an event that is none, a move that no Task may make, a case without end
 */
export async function playCase(
  plan: CompiledPlan,
  given: PathwayCase,
  judge: Judge = judgeHere,
  settle?: SettleInPlay,
): Promise<PlayedCase> {
  const world = new World(plan, given, { judge, settle })
  await world.begin()
  for (const event of given.events) await world.happen(event)
  if (given.until) await world.ringUntil(momentOf(given.until))
  return world.played()
}

/** The Tasks that stand at the end of a case. */
export const runCase = async (plan: CompiledPlan, given: PathwayCase): Promise<Task[]> =>
  (await playCase(plan, given)).tasks

type Evaluating = { judge: Judge; settle: SettleInPlay | undefined }

class World {
  private readonly play: Play
  private readonly trace: RuleTrace[] = []
  private readonly given: PathwayCase
  private readonly versions = new Map<string, number>()
  private readonly plan: CompiledPlan
  private eventCount = 0
  private decisionCount = 0

  constructor(plan: CompiledPlan, given: PathwayCase, { judge, settle }: Evaluating) {
    const start = given.events[0]?.at ?? given.until
    if (!start) throw new Error('a case needs an event, or a moment until which it runs')
    this.given = given
    this.plan = plan
    const carePlan = carePlanOf(given.patient, plan.canonical, start)
    const { limits, baseline, facts = [] } = given.patient
    const ground = {
      ...{ subject: SUBJECT.reference, urls: new Set([plan.url]), staff: NOBODY, answeredAfter: () => NEVER },
      planOf: () => plan,
      judge: (asked: Facts) => this.judged(asked, judge),
      clocks: clocksOf(given),
      referredTo: plan.definition,
      endsByItself: true,
      ...(settle ? { settle } : {}),
    }
    const standing = [
      { resourceType: 'Patient', id: 'case' },
      ...facts,
      goalOf(limits, baseline),
      ...(given.patient.enrolled === false ? [] : [carePlan]),
      ...requestsOf(given.patient, start),
    ]
    this.play = new Play(
      ground,
      momentOf(start),
      standing.map((one) => this.nextVersion(one as unknown as Resource)),
      [],
    )
  }

  /** As it stands now, with what the plan itself has made of it. */
  private get carePlan(): CarePlan {
    return this.play.carePlan()
  }

  begin(): Promise<void> {
    return this.play.begin()
  }

  ringUntil(until: Date): Promise<void> {
    return this.play.ringUntil(until)
  }

  async happen(event: CaseEvent): Promise<void> {
    const at = momentOf(event.at)
    // What somebody does with a Task is done with the Task as it is then.
    await this.ringUntil(at)
    if ('answered' in event && event.refused) return
    if ('removed' in event) {
      const [type = '', id = ''] = event.removed.split('/')
      await this.play.happen([{ type, id, at, byEngine: false }])
      return
    }
    const changed = this.resourcesOf(event, at)
    for (const resource of changed) {
      const { resourceType: type, id } = resource
      const tellsAccess = 'accessed' in event
      await this.play.happen([{ type, id: String(id), at, resource, byEngine: false, tellsAccess }])
    }
  }

  played(): PlayedCase {
    const tasks = [...this.play.made.values()].map(({ task }) => task)
    // A case names a Task by when it was made: the first is t1.
    const names = new Map(tasks.map(({ id }, i) => [id, `t${i + 1}`]))
    const named = <T>(all: T[]): T[] =>
      JSON.parse(JSON.stringify(all).replace(/simulated-\d+/g, (id) => names.get(id) ?? id)) as T[]
    return {
      tasks: named(tasks),
      requests: named(this.play.written()),
      stages: this.play.isEnrolled ? statesOf(this.carePlan).map(({ stage }) => stage) : [],
      ...(this.play.isEnrolled ? { enrolment: this.carePlan.status } : {}),
      ...this.eligibility(),
      trace: this.trace,
      endings: this.play.endings,
    }
  }

  private eligibility(): Pick<PlayedCase, 'eligibility'> {
    const referral = this.play.otherTasks.find(isReferral)
    if (!referral) return {}
    const proposal = proposalIn(referral)
    return { eligibility: proposal ? { says: proposal, why: proposalReasonIn(referral) ?? '' } : { says: 'nothing' } }
  }

  private resourcesOf(event: CaseEvent, now: Date): Resource[] {
    const version = (resource: object) => [this.nextVersion(resource as unknown as Resource)]
    if ('measured' in event) return version(observationOf(event))
    if ('answered' in event) return version(responseOf(event))
    if ('resource' in event) return version(event.resource)
    if ('limits' in event) return version(goalOf(event.limits, this.given.patient.baseline))
    if ('accessed' in event) {
      this.eventCount += 1
      return version(accessOf(event, this.eventCount))
    }
    if ('event' in event) {
      this.eventCount += 1
      return version(namedEventOf(event, this.eventCount))
    }
    if ('carePlan' in event) return version({ ...this.carePlan, status: event.carePlan })
    if ('stage' in event) return version(this.inStage(event, now))
    const by = { display: 'Case' }
    if ('referredBy' in event) return version(referralTaskOf(event, this.plan.canonical))
    if ('messageSent' in event) return version(communicationOf(event.at, true, this.messagesOf(event.messageSent)))
    if ('messageFailed' in event) return version(communicationOf(event.at, false, this.messagesOf(event.messageFailed)))
    if ('taskBecomes' in event) return this.moved(event.rule, (task) => moved(task, event))
    if ('snoozed' in event) {
      const { reason } = event
      return this.moved(event.snoozed, (task) => snoozeTask(task, { reason, until: momentOf(event.until), by, now }))
    }
    if ('woken' in event) return this.moved(event.woken, (task) => wakeTask(task, now))
    if ('claimed' in event) return this.moved(event.claimed, (task) => claimTask(task, { reference: event.by }, now))
    throw new Error(`"${Object.keys(event).join(', ')}" is nothing that can happen in a case`)
  }

  /** @throws Error for a stage that the plan does not have, or that does not come after the one before */
  private inStage({ stage, reason }: Extract<CaseEvent, { stage: string }>, now: Date): CarePlan {
    const { definition, url } = this.plan
    const moving = stageMove(definition, url, this.carePlan, stage)
    if ('problem' in moving) throw new Error(moving.problem.en)
    if ('isThere' in moving) throw new Error(`the patient is in the stage "${stage}" already`)
    return movedTo(this.carePlan, url, moving.stage, { now, reason })
  }

  /** The messages of a rule that wait to be sent. @throws Error where there is none */
  private messagesOf(rule: string): string[] {
    const waiting = this.play
      .written()
      .filter((one) => one.resourceType === 'CommunicationRequest' && one.status === 'active')
    const own = waiting.filter((one) => madeBy(one)?.actionId === rule)
    if (own.length === 0) throw new Error(`no message of "${rule}" waits to be sent`)
    return own.map(({ id }) => `CommunicationRequest/${id}`)
  }

  /** The open Tasks of a rule, after somebody has done something with each. */
  private moved(rule: string, move: (task: Task) => Task): Resource[] {
    const all = [...[...this.play.made.values()].map(({ task }) => task), ...this.play.otherTasks]
    const open = all.filter((task) => isOpen(task) && nameOf(task) === rule)
    return open.map((task) => {
      try {
        return move(task) as unknown as Resource
      } catch (error) {
        throw error instanceof Refusal ? new Error(`${rule}: ${error.message}`) : error
      }
    })
  }

  private nextVersion(resource: Resource): Resource {
    const name = `${resource.resourceType}/${resource.id}`
    const version = (this.versions.get(name) ?? 0) + 1
    this.versions.set(name, version)
    return { ...resource, meta: { ...resource.meta, versionId: String(version) } }
  }

  private async judged(facts: Facts, judge: Judge): Promise<Decisions> {
    this.decisionCount += 1
    if (this.decisionCount > DECISION_COUNT_MAX) {
      throw new Error(`the case needs more than ${DECISION_COUNT_MAX} decisions; let it end earlier`)
    }
    const decisions = await judge(facts)
    this.trace.push(...decisions.trace)
    return decisions
  }
}

const nameOf = (task: Task): string => ruleOf(task)?.actionId ?? task.code?.coding?.[0]?.code ?? ''

type Moving = Extract<CaseEvent, { taskBecomes: unknown }>

function moved(task: Task, { taskBecomes: status, answer }: Moving): Task {
  if (!mayBecome(task.status, status)) throw new Error(`a Task that is ${task.status} cannot become ${status}`)
  const output = answer ? [{ type: taskOutput('answers'), valueReference: { reference: answer } }] : []
  return { ...task, status, ...(answer ? { output: [...(task.output ?? []), ...output] } : {}) }
}

function clocksOf({ clocks = [] }: PathwayCase): ReadonlySet<TimerKind> {
  const ofTasks: TimerKind[] = [
    ...(clocks.includes('deadlines') ? (['task-mark'] as const) : []),
    ...(clocks.includes('silences') ? (['silence'] as const) : []),
  ]
  return new Set(['rule', 'occurrence', 'snooze', 'stage', 'closing', ...ofTasks])
}

function momentOf(text: string): Date {
  const moment = new Date(text)
  if (Number.isNaN(moment.getTime())) throw new Error(`"${text}" is no moment; expected 2026-11-10T08:00:00+01:00`)
  return moment
}
