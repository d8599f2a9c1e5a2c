import type { Task } from '@medplum/fhirtypes'
import type { Colour } from '../plan/vocabulary.ts'
import { ruleOf } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import { toOsloClock } from '../time/oslo-time.ts'
import { type Comparison, colourOfTask, evidenceOf, type Match } from './compare.ts'
import { type LeadTime, noteLeadTimes } from './lead-time.ts'
import { causeOf } from './real-work.ts'
import type { ConditionShown, SimulatedTask } from './simulated-tasks.ts'

/** How many Tasks would have been made, and how many were. */
export type Counts = { simulated: number; actual: number }

/** One Task that is there on one side only. */
export type Difference = {
  patient: string
  at: Date
  rule: string
  colour: Colour
  reason: string
  /** The measurement, answer or request that it is about. */
  focus?: string
  /** The real Task. */
  task?: string
  /** How the real Task ended. */
  status?: Task['status']
  /** What its rule asked, and how it came out. */
  conditions?: ConditionShown[]
  /** Of a red that was missed: what would have stood in its place. */
  instead?: { colour: Colour; at: Date; rule: string }
}

export type RuleCounts = Counts & {
  /** Made of the very same finding on both sides. */
  same: number
  missed: number
  fresh: number
  /** Of its real Tasks: how many are closed, and how many of those led to something. */
  closed: number
  actedOn: number
}

export type TeamLoad = Counts & { team: string; display?: string; roles: string; byColour: Map<Colour, Counts> }

/** How Tasks came out; of those that were missed, how many had led to something. */
export type Outcomes = { same: number; covered: number; missed: number; fresh: number; missedActedOn: number }
const NO_OUTCOMES: Outcomes = { same: 0, covered: 0, missed: 0, fresh: 0, missedActedOn: 0 }

/** When a Task came to a team. */
export type Arrival = { at: Date; side: keyof Counts; colour: Colour }

/** So many differences are told one by one; all of them are counted. */
const TOLD_MAX = 1_000

/** Adds up what was simulated for patient after patient; holds numbers, and the first thousand differences, whoever many they are. */
export class Tally {
  readonly byDay = new Map<string, Map<Colour, Counts>>()
  readonly byTeam = new Map<string, TeamLoad>()
  readonly byRule = new Map<string, RuleCounts>()
  readonly arrivals = new Map<string, Arrival[]>()
  readonly outcomes: Outcomes = { ...NO_OUTCOMES }
  readonly redOutcomes: Outcomes = { ...NO_OUTCOMES }
  readonly missedReds: Difference[] = []
  readonly newReds: Difference[] = []
  /** Those of other colours, where each is asked for. */
  readonly missedOthers: Difference[] = []
  readonly newOthers: Difference[] = []
  readonly total: Counts = { simulated: 0, actual: 0 }
  /** Of the simulated Tasks that people really had before them: how many are closed, and how many of those led to something. */
  readonly answered = { closed: 0, actedOn: 0 }
  readonly leadTimes = new Map<string, LeadTime>()
  deteriorationCount = 0
  private readonly urls: ReadonlySet<string>
  private readonly tellsAll: boolean

  /** @param tellsAll each difference is told, and not only the red ones */
  constructor(urls: ReadonlySet<string>, { tellsAll }: { tellsAll: boolean }) {
    this.urls = urls
    this.tellsAll = tellsAll
  }

  /** @param simulated and `comparison` of one patient, within the period alone */
  add(patient: string, simulated: SimulatedTask[], { matches, fresh }: Comparison): void {
    for (const one of simulated) this.count(one.made, one.at, 'simulated')
    for (const { real } of matches) this.count(real.made, real.at, 'actual')
    for (const match of matches) this.addMatch(patient, match)
    for (const one of fresh) this.addFresh(patient, one)
    for (const { counterpart, task } of simulated) {
      if (!counterpart || isOpen(task)) continue
      this.answered.closed += 1
      if (task.status === 'completed') this.answered.actedOn += 1
    }
  }

  /** @param marks when the patient became worse, in milliseconds */
  addDeteriorations(simulated: SimulatedTask[], { matches }: Comparison, marks: number[]): void {
    const warnings = [
      ...simulated.map(({ made, at }) => ({ at, rule: causeOf(made, this.urls), side: 'simulated' as const })),
      ...matches.map(({ real }) => ({ at: real.at, rule: causeOf(real.made, this.urls), side: 'actual' as const })),
    ]
    this.deteriorationCount += noteLeadTimes(this.leadTimes, warnings, marks)
  }

  private addMatch(patient: string, match: Match): void {
    const { real, outcome, simulated } = match
    const rule = this.ruleOf(real.made)
    this.outcomes[outcome] += 1
    if (outcome !== 'covered') rule[outcome] += 1
    if (!isOpen(real.task)) {
      rule.closed += 1
      if (real.task.status === 'completed') rule.actedOn += 1
    }
    const isRed = colourOfTask(real.made) === 'red'
    if (isRed) this.redOutcomes[outcome] += 1
    if (outcome === 'missed' && real.task.status === 'completed') {
      this.outcomes.missedActedOn += 1
      if (isRed) this.redOutcomes.missedActedOn += 1
    }
    const told = isRed ? this.missedReds : this.missedOthers
    if (outcome !== 'missed' || !(isRed || this.tellsAll) || told.length >= TOLD_MAX) return
    told.push({
      ...this.toDifference(patient, real.made, real.at),
      task: String(real.task.id),
      status: real.task.status,
      ...(match.conditions ? { conditions: match.conditions } : {}),
      ...(simulated ? { instead: insteadOf(simulated, this.urls) } : {}),
    })
  }

  private addFresh(patient: string, one: SimulatedTask): void {
    this.ruleOf(one.made).fresh += 1
    this.outcomes.fresh += 1
    const isRed = colourOfTask(one.made) === 'red'
    if (isRed) this.redOutcomes.fresh += 1
    const told = isRed ? this.newReds : this.newOthers
    if (!(isRed || this.tellsAll) || told.length >= TOLD_MAX) return
    const { conditions } = one
    told.push({ ...this.toDifference(patient, one.made, one.at), ...(conditions ? { conditions } : {}) })
  }

  private count(task: Task, at: Date, side: keyof Counts): void {
    const colour = colourOfTask(task)
    const { date } = toOsloClock(at)
    const day = this.byDay.get(date) ?? new Map<Colour, Counts>()
    this.byDay.set(date, day)
    countIn(day, colour, side)
    this.total[side] += 1
    this.ruleOf(task)[side] += 1
    const team = this.teamOf(task)
    team[side] += 1
    countIn(team.byColour, colour, side)
    const arrivals = this.arrivals.get(team.team) ?? []
    this.arrivals.set(team.team, arrivals)
    arrivals.push({ at, side, colour })
  }

  private ruleOf(task: Task): RuleCounts {
    const rule = causeOf(task, this.urls)
    const known = this.byRule.get(rule) ?? { ...NO_COUNTS, same: 0, missed: 0, fresh: 0, closed: 0, actedOn: 0 }
    this.byRule.set(rule, known)
    return known
  }

  private teamOf({ owner, performerType = [] }: Task): TeamLoad {
    const team = owner?.reference ?? ''
    const roles = performerType.map(({ coding, text }) => coding?.[0]?.code ?? text ?? '').join(' ')
    const key = `${team} ${roles}`
    const display = owner?.display
    const known = this.byTeam.get(key) ?? {
      ...{ ...NO_COUNTS, team, roles, byColour: new Map<Colour, Counts>() },
      ...(display ? { display } : {}),
    }
    this.byTeam.set(key, known)
    return known
  }

  private toDifference(patient: string, task: Task, at: Date): Difference {
    const focus = evidenceOf(task)[0] ?? task.focus?.reference
    return {
      ...{ patient, at, rule: ruleOf(task)?.actionId ?? '', colour: colourOfTask(task) },
      reason: task.reasonCode?.text ?? '',
      ...(focus ? { focus } : {}),
    }
  }
}

const NO_COUNTS: Counts = { simulated: 0, actual: 0 }

function countIn(counts: Map<Colour, Counts>, colour: Colour, side: keyof Counts): void {
  const known = counts.get(colour) ?? { ...NO_COUNTS }
  known[side] += 1
  counts.set(colour, known)
}

const insteadOf = ({ made, at }: SimulatedTask, urls: ReadonlySet<string>) => ({
  ...{ colour: colourOfTask(made), at, rule: causeOf(made, urls) },
})
