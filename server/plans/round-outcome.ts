import type { Task } from '@medplum/fhirtypes'
import type { DecisionRow } from '../core/decide/decision-record.ts'
import type { Decisions, RequestDecision } from '../core/decide/decisions.ts'
import { isForPatient, languageOf, messageIn } from '../core/decide/message/message-language.ts'
import { followOwnChange, timersOf } from '../core/decide/task/follow-task.ts'
import type { TimerDecision, TimerKey } from '../core/decide/timer.ts'
import type { Language } from '../core/decide/words/language.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { type Tx, together } from '../db/pool.ts'
import type { Store } from '../store/store.ts'
import { partitionOf } from './cursor.ts'
import { writeDecisions } from './decision-table.ts'
import { readAbout } from './facts.ts'
import { Noted, type Written } from './noted.ts'
import { type Occurrence, patientOf } from './occurrence.ts'
import type { RoundFacts } from './round-facts.ts'
import { isNoted, noTimerChanges, noteTimer, type PlacedTimer, writeTimers } from './timers.ts'

export type RoundWritten = { decisionCount: number; taskCount: number; written: Written[] }

/** What a round has decided: collected while it decides, with what follows from each decision, and written together at its end. */
export class RoundOutcome {
  private readonly facts: RoundFacts
  private readonly now: Date
  private readonly noted = new Noted()
  private readonly timers = noTimerChanges()
  private readonly decisions: DecisionRow[] = []

  constructor(facts: RoundFacts, now: Date) {
    this.facts = facts
    this.now = now
  }

  async take(decisions: Omit<Decisions, 'trace'>, from: Occurrence): Promise<void> {
    const depth = depthAfter(from)
    for (const decided of decisions.tasks) {
      const before = this.standing(decided.task, patientOf(from))
      this.noteTask(decided, patientOf(from), depth)
      await this.followDecided(decided, before, from)
    }
    for (const decided of decisions.requests ?? []) this.noteRequest(decided, patientOf(from), depth)
    for (const timer of decisions.timers) this.noteTimer(timer, from)
    if (decisions.triage) {
      const { act, impression } = decisions.triage
      this.noteResource(act, impression as unknown as Resource, depth)
      this.facts.noteTriage(impression)
    }
  }

  /** What the engine has made gets its timers, and so does what it has moved; a silence that has ended with that is told no more. */
  private async followDecided(
    { act, task }: Decisions['tasks'][number],
    before: Task | undefined,
    from: Occurrence,
  ): Promise<void> {
    const patient = patientOf(from)
    const hours = await this.facts.hoursOf(task, patient)
    if (act === 'create') {
      for (const timer of timersOf(task, this.now, hours)) if (timer.act !== 'drop') this.noteTimer(timer, from)
      return
    }
    const facts = { openTasks: this.facts.of(patient).tasks, hours, now: this.now }
    const followed = followOwnChange(before, task, facts)
    for (const timer of followed.timers) this.noteTimer(timer, from)
    for (const ended of followed.tasks) this.noteTask(ended, patient, depthAfter(from))
  }

  /** The Task as the round has left it so far. One that is about no patient is known where a timer is about it. */
  private standing({ id }: Task, patient: string): Task | undefined {
    const known = this.facts.of(patient).tasks.find((one) => one.id === id)
    return known ?? (this.facts.aboutOf({ about: `Task/${id}` }) as Task | undefined)
  }

  noteTimer(decision: TimerDecision, from: Occurrence): void {
    const partition = from.kind === 'timer' ? from.timer.partition : partitionOf(from.event.bucket)
    noteTimer(this.timers, decision, { patient: patientOf(from) || undefined, partition })
  }

  /** A timer that rang and was not set again is done: its enrolment has ended, or it was for one moment only. */
  forget(timer: PlacedTimer): void {
    if (!this.isNoted(timer)) noteTimer(this.timers, { act: 'drop', timer }, timer)
  }

  /** Whether the round has said what becomes of this timer. */
  isNoted(timer: TimerKey): boolean {
    return isNoted(this.timers, timer)
  }

  /** A Task that is made and joined within one round is written once, as it is at its end. */
  noteTask({ act, task }: Decisions['tasks'][number], patient: string, depth: number): void {
    this.noteResource(act, task as unknown as Resource, depth)
    this.facts.noteTask(task, patient)
  }

  private noteRequest({ act, resource }: RequestDecision, patient: string, depth: number): void {
    this.noteResource(act, resource, depth)
    this.facts.noteRequest(resource, patient)
  }

  noteResource(act: 'create' | 'update', resource: Resource, depth: number): void {
    this.noted.note(act, resource, depth)
  }

  noteDecision(row: DecisionRow): void {
    this.decisions.push(row)
  }

  /** Whether the round has changed it, so that it is no longer the version that it says. */
  has(resource: Resource): boolean {
    return this.noted.has(resource)
  }

  /** A message leaves in the language of the patient who is to read it. */
  private async tellInOwnLanguage(tx: Tx): Promise<void> {
    const messages = this.noted.made().filter(isForPatient)
    if (messages.length === 0) return
    const languages = await readLanguages(tx, messages.flatMap(subjectOf))
    for (const message of messages) {
      const [patient = ''] = subjectOf(message)
      this.noted.rewrite(messageIn(message, languages.get(patient) ?? 'nb'))
    }
  }

  /** @returns how much was decided, and what was written */
  async write(store: Pick<Store, 'writeIn'>, tx: Tx): Promise<RoundWritten> {
    await this.tellInOwnLanguage(tx)
    // The clocks first, as everybody who locks clocks and resources does: neither waits for the other while that one waits for it.
    const [, written] = await together(tx, () => [
      writeTimers(tx, this.timers),
      this.noted.write(store, tx),
      writeDecisions(tx, this.decisions),
    ])
    const taskCount = written.filter(({ resource }) => resource.resourceType === 'Task').length
    return { decisionCount: this.decisions.length, taskCount, written }
  }
}

const depthAfter = (from: Occurrence): number => (from.kind === 'event' ? from.event.depth + 1 : 1)

const subjectOf = ({ subject }: Resource): string[] =>
  /(?:^|\/)Patient\/([^/]+)$/.exec((subject as { reference?: string } | undefined)?.reference ?? '')?.slice(1) ?? []

async function readLanguages(tx: Tx, patients: string[]): Promise<Map<string, Language>> {
  const read = await readAbout(
    tx,
    [...new Set(patients)].map((id) => `Patient/${id}`),
  )
  return new Map([...read.values()].map((patient) => [String(patient.id), languageOf(patient)]))
}
