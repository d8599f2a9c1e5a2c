import type { CarePlan } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { askWhetherOver, endsWhen, goalsOf } from '../enrolment/ends-when.ts'
import { closingOf } from '../enrolment/enrolment-turn.ts'
import type { ConditionTrace } from '../plan/condition.ts'
import { unhandledTask } from '../task/trouble-task.ts'
import type { Timer } from '../timer.ts'
import { sameInAll } from '../words/told.ts'
import type { Change } from './change.ts'
import { settleHere } from './play-ground.ts'
import type { PlayedPatient } from './played-patient.ts'

/**
 * An enrolment, or one of its Goals, has changed: the clock of its period, and its plan's own `ends-when`, as the keeper of enrolments has them
 * (`server/plans/enrolments.ts`).
 */
export async function keepEnd(patient: PlayedPatient, { type, id, depth, interaction }: Change): Promise<void> {
  for (const carePlan of patient.carePlans()) {
    const isIt = type === 'CarePlan' && carePlan.id === id
    if (isIt) keepClosing(patient, carePlan)
    if (isIt || (type === 'Goal' && carePlan.goal?.some(({ reference }) => reference === `Goal/${id}`))) {
      const outcome = await completeIfOver(patient, carePlan, depth)
      // That nothing is over when it begins, or when the plan itself moves on, shows little of when it is.
      const isByPeople = depth === 0 && !(isIt && interaction === 'create')
      if (outcome && isByPeople) patient.endings.push(outcome)
    }
  }
}

/** Its period may be over now, or have been made longer meanwhile. */
export function ringClosing(patient: PlayedPatient, timer: Timer): void {
  const carePlan = patient.carePlans().find(({ id }) => `CarePlan/${id}` === timer.about)
  const end = closingOf(carePlan)
  if (!carePlan || !end) return
  if (end > patient.now) keepClosing(patient, carePlan)
  else complete(patient, carePlan, 0)
}

function keepClosing(patient: PlayedPatient, carePlan: CarePlan): void {
  const timer = { kind: 'closing', about: `CarePlan/${carePlan.id}`, name: 'period' } as const
  const dueAt = closingOf(carePlan)
  patient.clocks.keep(dueAt ? { act: 'set', timer: { ...timer, dueAt } } : { act: 'drop', timer })
}

/** @returns what its plan's `ends-when` came to; undefined where it was not asked */
async function completeIfOver(
  patient: PlayedPatient,
  carePlan: CarePlan,
  depth: number,
): Promise<ConditionTrace['outcome'] | undefined> {
  const { ground, now, record } = patient
  const plan = carePlan.status === 'active' ? ground.planOf(carePlan) : undefined
  const condition = plan && endsWhen(plan)
  if (!condition) return undefined
  const goals = goalsOf(carePlan, new Map(patient.goals().map((goal) => [`Goal/${goal.id}`, goal])))
  const subject = record.get(ground.subject) ?? { resourceType: 'Patient', id: ground.subject.split('/')[1] }
  const { settle = settleHere } = ground
  const standing = { plan, carePlan, goals, subject }
  const trace = await settle((evaluate) => askWhetherOver(condition, standing, { now, evaluate }))
  if (trace.outcome === 'true') complete(patient, carePlan, depth)
  if (trace.outcome === 'unevaluable' && !trace.isEmpty) {
    const task = unhandledTask(patient.newId(), { carePlan, plan }, 'ends-when', trace.problem ?? sameInAll(''), now)
    patient.take({ tasks: [{ act: 'create', task }], timers: [] }, depth + 1)
  }
  return trace.isEmpty ? 'false' : trace.outcome
}

function complete(patient: PlayedPatient, carePlan: CarePlan, depth: number): void {
  const resource = { ...carePlan, status: 'completed' } as unknown as Resource
  patient.take({ tasks: [], requests: [{ act: 'update', resource }], timers: [] }, depth + 1)
}
