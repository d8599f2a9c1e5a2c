import type { PlanDefinition, Task } from '@medplum/fhirtypes'
import { OCCURRENCE_POLICY } from '../schedule/policy.ts'
import { engineTask } from '../task/engine-task.ts'
import { identifierOf } from '../task/finding-task.ts'
import { serviceLevelOf } from '../task/service-level.ts'
import { withExtensions } from '../task/task-extension.ts'
import { type EscalationStep, marksFrom, type Owner, withMarks } from '../task/task-marks.ts'
import { ALWAYS_OPEN } from '../time/opening-hours.ts'
import { taskInput } from '../words/coded-words.ts'
import { type Told, tell } from '../words/told.ts'
import { translated } from '../words/translated.ts'
import { eligibilityOf, type QuestionSet } from './eligibility.ts'
import { ELIGIBILITY, receiverOf } from './referral.ts'

type Asking = { plan: PlanDefinition; referral: Task; now: Date; newId: () => string }

/** The questions that the plan has for this referral and that nobody has been asked yet, as Tasks that are parts of it. */
export function questionsOf({ questions, ...asking }: Asking & { questions: Task[] }): Task[] {
  const asked = new Set(questions.map(identifierOf))
  return eligibilityOf(asking.plan).questions.flatMap((set) => {
    const name = nameOf(set, asking)
    if (asked.has(name)) return []
    asked.add(name)
    return [toQuestion(set, asking)]
  })
}

/** One form is asked once for one referral, whichever version of it. */
const nameOf = ({ questionnaire }: QuestionSet, { plan, referral }: Asking): string =>
  [plan.url, ELIGIBILITY + questionnaire.split('|')[0], referral.for?.reference, `Task/${referral.id}`].join('|')

function toQuestion(set: QuestionSet, asking: Asking): Task {
  const { plan, referral, now, newId } = asking
  const owner = whoAnswers(set, referral)
  const task = engineTask({
    ...{ id: newId(), name: nameOf(set, asking), code: 'answer-questionnaire', colour: 'grey', told: wordsOf(plan) },
    about: referral.focus?.reference ?? `Task/${referral.id}`,
    subject: referral.for,
    owner,
    plan: plan.version ? `${plan.url}|${plan.version}` : String(plan.url),
    input: [{ type: taskInput('questionnaire'), valueCanonical: set.questionnaire }],
    now,
  })
  const level = serviceLevelOf({ timingDuration: set.within }, undefined, 'grey', now)
  const marks = marksFrom({ ...level, escalation: remindersTo(owner, receiverOf(referral)) }, now, ALWAYS_OPEN)
  const marked = withExtensions(withMarks(task, marks), [OCCURRENCE_POLICY], [ESCALATED_BY_MARKS])
  return { ...marked, partOf: [{ reference: `Task/${referral.id}` }] }
}

/** A form that is asked for is also followed as an occurrence; that it is missing is told here by its marks, once. */
const ESCALATED_BY_MARKS = { url: OCCURRENCE_POLICY, extension: [{ url: 'missing', valueCode: 'none' }] }

/** A referral that does not say who refers is asked about by whoever received it: a question of nobody is silence. */
function whoAnswers({ to }: QuestionSet, referral: Task): Owner | undefined {
  if (to === 'patient') return referral.for as Owner | undefined
  return (to === 'referrer' ? (referral.requester as Owner | undefined) : undefined) ?? receiverOf(referral)
}

/** Half way whoever answers is reminded; at the deadline whoever waits for the answer is told. */
const remindersTo = (owner: Owner | undefined, receiver: Owner | undefined): EscalationStep[] => [
  { at: 'goal', act: 'notify', ...(owner ? { to: owner } : {}) },
  { at: 'deadline', act: 'notify', ...(receiver ? { to: receiver } : {}) },
]

function wordsOf(plan: PlanDefinition): Told {
  const title = tell((language) => translated(plan, 'title', language) ?? String(plan.url))
  return {
    nb: `Svar på spørsmålene før henvisningen vurderes: ${title.nb}`,
    nn: `Svar på spørsmåla før tilvisinga vert vurdert: ${title.nn}`,
    en: `Answer the questions before the referral is decided: ${title.en}`,
  }
}
