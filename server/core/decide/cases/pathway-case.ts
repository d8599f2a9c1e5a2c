import type { CarePlan, Task, TimingRepeat } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'

/** A pathway's case, as a clinician writes it: what the patient is like, what happens, what there is afterwards. */
export type PathwayCase = {
  title: string
  /** What is the person's own; everything else is the plan's. */
  patient: CasePatient
  events: CaseEvent[]
  /** The clock runs on until then, so that timers can ring. */
  until?: string
  /**
   * Clocks of Tasks that run as well: `deadlines` (urgency rises, escalation) and `silences` (nobody opens, nobody decides). Without
   * them a case is about what the plan's rules and schedules say alone.
   */
  clocks?: CaseClock[]
  /** In the order in which they were made. Only what is written is compared. */
  tasks: CaseTask[]
  /** What came to be beside Tasks, in the order in which it was first written; compared where a case says anything about it. */
  requests?: CaseRequest[]
  /** The ids of the stages that the patient was in, in order; compared where a case says them. */
  stages?: string[]
  /** How the enrolment stands at the end: `completed` by its period or its plan's `ends-when`; compared where a case says it. */
  enrolment?: CarePlan['status']
  /** Of somebody who is referred: what the answers speak for at the end, or that nothing is proposed; compared where a case says it. */
  eligibility?: CaseEligibility
  /** The rule, by its action's id, that the case is just short of or just within, where no number of a limit tells so. */
  borderline?: string
}

export type CaseClock = 'deadlines' | 'silences'

export type CasePatient = {
  limits?: CaseLimit[]
  baseline?: CaseMeasure
  /** What the person is to measure or answer, beside what the plan itself asks for by its rules. */
  asked?: CaseAsked[]
  /** What is known of the person before anything happens, as FHIR: Conditions, MedicationRequests … about Patient/case. */
  facts?: Resource[]
  /** Until when the plan runs; left out, without end. */
  enrolledUntil?: string
  /** `false`: nobody follows the patient yet, as of somebody who is referred. */
  enrolled?: false
}
export type CaseMeasure = { code: string; value: number; unit: string }
export type CaseLimit = CaseMeasure & {
  zone: string
  side: string
  comparator?: '<' | '<=' | '>=' | '>'
  relativeTo?: 'baseline' | 'baseline-percent'
  trend?: 'slope' | 'change'
  /** How far back the trend looks. */
  windowDays?: number
  /** By Norwegian clocks, `22:00:00`. */
  from?: string
  to?: string
}
export type CaseAsked = {
  id: string
  /** LOINC code of what is measured; or the Questionnaire. */
  code?: string
  questionnaire?: string
  repeat: TimingRepeat
  /** Minutes before it is due, or after it was. */
  reminder?: number
  nudge?: number
  early?: number
  grace?: number
  missing?: 'task' | 'event' | 'none'
}

/** Something that happens at a moment; exactly one thing. A resource of an id that came before is its next version: a correction. */
export type CaseEvent = { at: string } & (
  | { measured: Partial<CaseMeasure> & { id: string; code: string; status?: string; measuredAt?: string } }
  /** `basedOn` what asked, such as `CarePlan/case`, where the answers say so themselves. */
  | {
      answered: Record<string, string | number | boolean>
      id: string
      questionnaire: string
      basedOn?: string
      /** A server refuses these answers, such as a total that is not that of its items: no rule ever sees them. */
      refused?: true
    }
  /** Any other resource of the patient's, as FHIR. */
  | { resource: Resource }
  /** `Observation/m1` is deleted. */
  | { removed: string }
  /** Somebody, such as `Practitioner/gp`, is given `Observation/m1`. */
  | { accessed: string; by?: string }
  /** A named event, such as `discharged`. */
  | { event: string; about?: string }
  /** The person's own limits from now on, in place of those before. */
  | { limits: CaseLimit[] }
  | { carePlan: CarePlan['status'] }
  /** Somebody moves the patient on to a stage of the plan. */
  | { stage: string; reason: string }
  /** Somebody moves the open Tasks of a rule, by its action's id; completed with `QuestionnaireResponse/a1` as the answer. */
  | { taskBecomes: Task['status']; rule: string; answer?: string }
  /** Whoever sends messages has sent the one of a rule, or could not. */
  | { messageSent: string }
  | { messageFailed: string }
  /** Somebody, `Practitioner/gp`, asks the team to take the patient into the plan. */
  | { referredBy: string }
  | { snoozed: string; until: string; reason: string }
  | { woken: string }
  | { claimed: string; by: string }
)

export type CaseTask = {
  /** The action's id; of a Task that no rule made, such as one about what was missed, the code of the Task. */
  rule: string
  colour?: string
  priority?: string
  status?: string
  reason?: string
  evidence?: string[]
  /** The code of the Task. */
  code?: string
  owner?: string
  /** ISO instant. */
  deadline?: string
  /** How often the finding came, this time included. */
  count?: number
  /** Of these, while the Task was put aside. */
  suppressed?: number
  /** The latest note. */
  note?: string
  /** Codes of the roles that may take it. */
  roles?: string[]
}

export type CaseEligibility = { says: 'accepted' | 'rejected' | 'undecided' | 'nothing'; why?: string }

export type CaseRequest = {
  type: string
  status?: string
  code?: string
  /** Of a message: its words, and to whom it goes, `Patient/case`. */
  text?: string
  to?: string
  /** The rule that made it. */
  rule?: string
  /** ISO instant at which it was decided. */
  at?: string
}
