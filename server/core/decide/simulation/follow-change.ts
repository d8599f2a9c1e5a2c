import type { CarePlan, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { carePlansOf } from '../../requests/same-activity.ts'
import { ACTIVITY_TYPES, type Activity, followTurn, turnOf } from '../enrolment/enrolment-turn.ts'
import { answeredMessages, followMessage } from '../message/message-life.ts'
import { followReferral } from '../referral/follow-referral.ts'
import { referralOf } from '../referral/referral.ts'
import { answerForms, isAnswer } from '../schedule/answer-form.ts'
import { followUnsent } from '../silence/not-sent.ts'
import { tellsOfUnsent } from '../silence/sync-status.ts'
import { followTask, isFollowed } from '../task/follow-task.ts'
import type { Change } from './change.ts'
import { keepEnd } from './keep-end.ts'
import { settleHere } from './play-ground.ts'
import type { PlayedPatient } from './played-patient.ts'

/**
 * What follows from a change whatever the rules of a plan say, in the order in which the engine's round takes it: schedules, the clocks of
 * Tasks, referrals, messages, forms that were asked for, devices that hold something back, what hangs on an enrolment.
 */
export async function followChange(patient: PlayedPatient, change: Change): Promise<void> {
  const { type, current, previous, depth } = change
  const { tasks, now } = patient
  patient.take(patient.schedule.after(change, now), depth)
  if (type === 'Task' && depth === 0 && current && isFollowed(current as unknown as Task)) {
    const task = current as unknown as Task
    const facts = { task, openTasks: tasks.open(), carePlans: patient.carePlans(), hours: patient.hoursOf(task) }
    patient.take(followTask({ ...facts, at: now, now }), depth)
    await followOneReferral(patient, task, depth)
  }
  for (const about of answeredMessages(current)) followOneMessage(patient, change, about)
  if (isAnswer(current)) {
    patient.take({ tasks: answerForms(current, tasks.open(), { now, previous }), timers: [] }, depth)
  }
  if ([current, previous].some((one) => one && tellsOfUnsent(one))) followDevice(patient, change)
  if (type === 'CarePlan') followEnrolment(patient, change)
  if (patient.ground.endsByItself) await keepEnd(patient, change)
}

/** A referral, or an answer to one of its questions: as all of them stand now. */
async function followOneReferral(patient: PlayedPatient, task: Task, depth: number): Promise<void> {
  const { tasks, record, ground, now, newId } = patient
  const reference = referralOf(task)
  const referral = [...tasks.others.values()].find(({ id }) => `Task/${id}` === reference)
  if (!referral) return
  const questions = [...tasks.made.values()].map((one) => one.task).filter((one) => referralOf(one) === reference)
  const answers = new Map(record.ofType('QuestionnaireResponse').map((one) => [`${one.resourceType}/${one.id}`, one]))
  const facts = {
    ...{ referral, questions, plan: ground.referredTo, now, newId },
    answers: answers as unknown as ReadonlyMap<string, QuestionnaireResponse>,
  }
  const { settle = settleHere } = ground
  const followed = await settle((evaluate) => followReferral({ ...facts, evaluate }))
  patient.take({ tasks: followed, timers: [] }, depth + 1)
}

/** Somebody tells how it went with a message. */
function followOneMessage(patient: PlayedPatient, { current, depth }: Change, about: string): void {
  const request = patient.record.get(about)
  if (!current || !request) return
  const facts = { request, carePlans: patient.carePlans(), now: patient.now, newId: patient.newId }
  patient.take(followMessage(current, facts), depth + 1)
}

function followDevice(patient: PlayedPatient, { current, previous, depth }: Change): void {
  const changed = current ?? previous
  if (!changed) return
  const enrolled = patient.enrolments().map(({ carePlan, plan }) => ({ carePlan, plan: plan.definition }))
  const facts = { enrolled, openTasks: patient.tasks.open(), now: patient.now }
  patient.take(followUnsent(changed, current !== undefined, facts), depth)
}

/** What rests, goes on or ends with an enrolment. */
function followEnrolment(patient: PlayedPatient, { id, current, previous, depth }: Change): void {
  const [before, after] = [previous, current] as unknown as (CarePlan | undefined)[]
  const turn = turnOf(before, after)
  if (!turn || !before) return
  const isBasedOn = (one: Resource | Task) => carePlansOf(one as Resource).includes(`CarePlan/${id}`)
  const { record, tasks, now } = patient
  const changed = followTurn(turn, {
    carePlan: after ?? { ...before, status: 'revoked' },
    activities: ACTIVITY_TYPES.flatMap((type) => record.ofType(type)).filter(isBasedOn) as unknown as Activity[],
    openTasks: tasks.open().filter(isBasedOn),
    others: patient.carePlans(),
    now,
  })
  patient.take(
    {
      tasks: changed.filter(isTask).map((task) => ({ act: 'update', task })),
      requests: changed
        .filter((one) => !isTask(one) && (after !== undefined || one.resourceType !== 'CarePlan'))
        .map((one) => ({ act: 'update', resource: one as unknown as Resource })),
      timers: [],
    },
    depth + 1,
  )
}

const isTask = (one: object): one is Task => (one as Resource).resourceType === 'Task'
