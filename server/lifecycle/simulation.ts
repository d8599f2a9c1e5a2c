import type { CarePlan, Parameters } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import type { CompiledPlan } from '../core/decide/plan/compile-plan.ts'
import type { Colour } from '../core/decide/plan/vocabulary.ts'
import type { Deterioration } from '../core/decide/simulation/lead-time.ts'
import type { Tally } from '../core/decide/simulation/tally.ts'
import type { Staff } from '../core/decide/task/staff.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { AlarmRate } from './alarm-budget.ts'
import type { Alternative } from './alternative/alternative.ts'

/**
 * When a resource counts as having come. `stored`: when it was stored. `measured`: when it was measured, answered or begun, for a
 * history that was taken over from elsewhere. Left out: when it was stored, unless that was more than a week after it was measured.
 */
export type SimulationClock = 'stored' | 'measured'

export type SimulationAsked = {
  /** id of the PlanDefinition that is tried: a draft, or a version in force. */
  plan: string
  /** url of the plan in whose place it is tried; its own, if it is a version of the plan that people are enrolled in. */
  insteadOf?: string | undefined
  start: Date
  end: Date
  /** ids of Patients; undefined for everybody who was enrolled. */
  patients?: string[] | undefined
  /** Percent, the same patients as those for whom a staged version is in force. */
  share?: number | undefined
  clock?: SimulationClock | undefined
  /** Minutes that people take for a Task that nobody really had; otherwise what they really took for those of its colour. */
  minutesToDecision?: number | undefined
  /** Limits that are tried instead of what stood in Goals of the same ids, from the beginning on. */
  goals?: Resource[] | undefined
  /** What shows that somebody did become worse; lead times are told when there are any. */
  deteriorations?: Deterioration[] | undefined
  /** How long people take for a Task, in minutes: who is needed is told then. */
  minutesPerTask?: number | undefined
  /** For so many patients the load is told too. */
  forPatients?: number | undefined
  /** The plan is tried so, and not as it is stored. */
  alternative?: Alternative | undefined
  /** Each difference is told, and not only the red ones. */
  tellsAll?: boolean | undefined
  /** id of the CarePlan to which Goals are added that are tried and not yet its own. */
  carePlan?: string | undefined
}

/** How far a simulation is. */
export type SimulationProgress = {
  patientCount: number
  patientsDone: number
  /** Versions of measurements, answers and all else that came in the period, and in the two weeks before it. */
  happenedCount: number
  decisionCount: number
}

/** What came of a simulation. */
export type Simulated = SimulationProgress & {
  plan: CompiledPlan
  asked: SimulationAsked
  enrolments: CarePlan[]
  patientDays: number
  /** Of these, the days since a decision for the enrolment was first recorded: only then were there Tasks to compare with. */
  recordedDays: number
  staff: Staff
  tally: Tally
  /** Patients whose play could not be brought to its end, and why. */
  failures: { patient: string; problem: string }[]
  /** Minutes that a Task of each colour is taken to have waited that nobody really had. */
  minutesToDecision: Record<Colour, number>
}

/** A simulation as it is told. */
export type SimulationReport = {
  parameters: Parameters
  /** What the alarms would cost; undefined where nobody was followed for a day. */
  rate?: AlarmRate
}

/** A simulation that its caller does not wait for. */
export type SimulationJob = {
  id: string
  /** id of the PlanDefinition that is tried. */
  plan: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  requestedAt: Date
  finishedAt?: Date
  keptUntil?: Date
  /** Unknown before it has begun. */
  progress?: SimulationProgress
  /** Parameters as JSON when it is done; an OperationOutcome when it failed. */
  result?: string
}

/** Trying plans and limits on what has happened, without writing. */
export type Simulations = {
  /** How many enrolments a simulation would be about. @throws Refusal not-found, invalid */
  weigh(asked: SimulationAsked): Promise<number>
  /** Here and now. @throws Refusal not-found, invalid */
  run(asked: SimulationAsked): Promise<SimulationReport>
  /** Later, by whichever process has time. @returns id of the job */
  start(access: Access, asked: SimulationAsked): Promise<string>
  /** Only one that the caller has asked for. */
  find(access: Access, id: string): Promise<SimulationJob | undefined>
  /** As it is when it has ended, or when so much time has passed. */
  waitFor(access: Access, id: string, milliseconds: number): Promise<SimulationJob | undefined>
  /** @returns false when there is no such job of the caller's */
  cancel(access: Access, id: string): Promise<boolean>
}
