import type { CarePlan, Goal, Observation, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import type { CompiledPlan } from './compile-plan.ts'
import { type Decisions, decide, type Happening, type RuleTrace } from './decide.ts'
import type { Evaluator } from './evaluator.ts'
import { ruleOf } from './finding-task.ts'
import { isOpen } from './task-status.ts'
import { type Timer, type TimerDecision, timerId } from './timer.ts'
import { LIMIT } from './vocabulary.ts'

/** A pathway's case, as a clinician writes it: what the patient is like, what happens, which Tasks there are afterwards. */
export type PathwayCase = {
  title: string
  /** What is the person's own; everything else is the plan's. */
  patient: { limits?: CaseLimit[]; baseline?: CaseMeasure }
  events: CaseEvent[]
  /** The clock runs on until then, so that timers can ring. */
  until?: string
  /** In the order in which they were made. Only what is written is compared. */
  tasks: CaseTask[]
}
type CaseMeasure = { code: string; value: number; unit: string }
type CaseLimit = CaseMeasure & { zone: string; side: string; comparator?: '<' | '<=' | '>=' | '>' }
export type CaseEvent = { at: string } & (
  | { measured: Partial<CaseMeasure> & { id: string; code: string; status?: string; measuredAt?: string } }
  | { answered: Record<string, string | number | boolean>; id: string; questionnaire: string }
  | { carePlan: CarePlan['status'] }
  | { taskBecomes: Task['status']; rule: string }
)
export type CaseTask = {
  rule: string
  colour?: string
  priority?: string
  status?: string
  reason?: string
  evidence?: string[]
}

const SUBJECT = { reference: 'Patient/case' }
const quantity = ({ value, unit }: Partial<CaseMeasure>) => ({
  value,
  unit,
  code: unit,
  system: 'http://unitsofmeasure.org',
})
const loinc = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })

/** Plays a case through the pure core, timers included, and gives the Tasks that stand at its end, in order of making. */
export function runCase(plan: CompiledPlan, given: PathwayCase): Task[] {
  return playCase(plan, given).tasks
}

/** The same, with what each rule came to on the way: for coverage. */
export function playCase(
  plan: CompiledPlan,
  given: PathwayCase,
  evaluate?: Evaluator,
): { tasks: Task[]; trace: RuleTrace[] } {
  const world = new World(plan, given, evaluate)
  for (const event of given.events) {
    world.ringUntil(new Date(event.at))
    world.happen(event)
  }
  if (given.until) world.ringUntil(new Date(given.until))
  return world
}

/** A case that would ring for years, or for ever, is a mistake in the case. */
const DECISION_COUNT_MAX = 20_000

/** What a case writes of a Task. */
export function summarise(task: Task): Required<CaseTask> {
  return {
    rule: ruleOf(task)?.actionId ?? '',
    colour: task.businessStatus?.coding?.[0]?.code ?? '',
    priority: task.priority ?? '',
    status: task.status,
    reason: task.reasonCode?.text ?? '',
    evidence: (task.input ?? []).flatMap((input) => input.valueReference?.reference ?? []),
  }
}

class World {
  readonly tasks: Task[] = []
  readonly trace: RuleTrace[] = []
  private decisionCount = 0
  private readonly plan: CompiledPlan
  private readonly evaluate: Evaluator | undefined
  private readonly goals: Goal[]
  private readonly resources = new Map<string, Resource>()
  private readonly timers = new Map<string, Timer>()
  private carePlan: CarePlan

  constructor(plan: CompiledPlan, { patient, events }: PathwayCase, evaluate?: Evaluator) {
    this.plan = plan
    this.evaluate = evaluate
    this.goals = [goalOf(patient)]
    const start = events[0]?.at
    this.carePlan = {
      resourceType: 'CarePlan',
      id: 'case',
      status: 'active',
      intent: 'plan',
      subject: SUBJECT,
      instantiatesCanonical: [plan.canonical],
      period: { start },
      goal: [{ reference: 'Goal/case' }],
      careTeam: [{ reference: 'CareTeam/case' }],
    }
    if (start) this.decide({ kind: 'enrolment' }, new Date(start))
  }

  happen(event: CaseEvent): void {
    const now = new Date(event.at)
    if ('carePlan' in event) {
      this.carePlan = { ...this.carePlan, status: event.carePlan }
      this.decide({ kind: 'enrolment' }, now)
      return
    }
    if ('taskBecomes' in event) {
      this.replaceWhere(
        (task) => isOpen(task) && ruleOf(task)?.actionId === event.rule,
        (task) => ({ ...task, status: event.taskBecomes }),
      )
      return
    }
    const resource = 'measured' in event ? observationOf(event) : responseOf(event)
    const key = `${resource.resourceType}/${resource.id}`
    const previous = this.resources.get(key)
    const version = Number(previous?.meta?.versionId ?? 0) + 1
    const current = { ...resource, meta: { versionId: String(version) } } as Resource
    this.resources.set(key, current)
    this.decide({ kind: 'data', interaction: previous ? 'update' : 'create', current, previous }, now)
  }

  /** Lets every timer ring that is due before `until`, oldest first. */
  ringUntil(until: Date): void {
    for (;;) {
      const due = [...this.timers.values()]
        .filter(({ dueAt }) => dueAt <= until)
        .sort((one, other) => +one.dueAt - +other.dueAt)[0]
      if (!due) return
      this.timers.delete(timerId(due))
      this.decide({ kind: 'timer', timer: due }, due.dueAt)
    }
  }

  private decide(happening: Happening, now: Date): void {
    const { plan, carePlan, goals, evaluate } = this
    this.decisionCount += 1
    if (this.decisionCount > DECISION_COUNT_MAX) {
      throw new Error(`the case needs more than ${DECISION_COUNT_MAX} decisions; let it end earlier`)
    }
    const facts = { plan, carePlan, goals, happening, evaluate, now, newId: () => `t${this.tasks.length + 1}` }
    const history = [...this.resources.values()]
    const decisions = decide({ ...facts, history, openTasks: this.tasks.filter(isOpen) })
    this.trace.push(...decisions.trace)
    this.commit(decisions)
  }

  private commit(decisions: Decisions): void {
    for (const { act, task } of decisions.tasks) {
      if (act === 'create') this.tasks.push(task)
      else
        this.replaceWhere(
          ({ id }) => id === task.id,
          () => task,
        )
    }
    for (const timer of decisions.timers) this.keepTime(timer)
  }

  private keepTime(decision: TimerDecision): void {
    switch (decision.act) {
      case 'clear':
        for (const [id, { kind, about }] of this.timers) {
          if (kind === decision.kind && about === decision.about) this.timers.delete(id)
        }
        return
      case 'drop':
        this.timers.delete(timerId(decision.timer))
        return
      case 'start':
        if (!this.timers.has(timerId(decision.timer))) this.timers.set(timerId(decision.timer), decision.timer)
        return
      case 'set':
        this.timers.set(timerId(decision.timer), decision.timer)
    }
  }

  private replaceWhere(isWanted: (task: Task) => boolean, change: (task: Task) => Task): void {
    this.tasks.forEach((task, i) => {
      if (isWanted(task)) this.tasks[i] = change(task)
    })
  }
}

function goalOf({ limits = [], baseline }: PathwayCase['patient']): Goal {
  const parts = (given: Record<string, string>) => [
    { url: LIMIT, extension: Object.entries(given).map(([url, valueCode]) => ({ url, valueCode })) },
  ]
  return {
    resourceType: 'Goal',
    id: 'case',
    lifecycleStatus: 'active',
    description: { text: 'Egne grenser' },
    subject: SUBJECT,
    target: [
      ...limits.map((limit) => ({
        extension: parts({ zone: limit.zone, side: limit.side }),
        measure: loinc(limit.code),
        detailQuantity: { ...quantity(limit), comparator: limit.comparator },
      })),
      ...(baseline
        ? [
            {
              extension: parts({ zone: 'baseline' }),
              measure: loinc(baseline.code),
              detailQuantity: quantity(baseline),
            },
          ]
        : []),
    ],
  }
}

function observationOf({ at, measured }: Extract<CaseEvent, { measured: unknown }>): Observation {
  return {
    resourceType: 'Observation',
    id: measured.id,
    status: (measured.status ?? 'final') as Observation['status'],
    code: loinc(measured.code),
    subject: SUBJECT,
    effectiveDateTime: measured.measuredAt ?? at,
    ...(measured.value === undefined ? {} : { valueQuantity: quantity(measured) }),
  }
}

function responseOf({
  at,
  answered,
  id,
  questionnaire,
}: Extract<CaseEvent, { answered: unknown }>): QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire,
    subject: SUBJECT,
    authored: at,
    item: Object.entries(answered).map(([linkId, value]) => ({
      linkId,
      answer: [
        typeof value === 'boolean'
          ? { valueBoolean: value }
          : typeof value === 'number'
            ? { valueInteger: value }
            : { valueCoding: { code: value } },
      ],
    })),
  }
}
