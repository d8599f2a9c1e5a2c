import type { PlanDefinition, QuestionnaireResponse, Task, TaskOutput } from '@medplum/fhirtypes'
import { hasCode } from '../../fhir/codeable-concept.ts'
import type { Resource } from '../../fhir/resource.ts'
import { versionedReference } from '../../fhir/versioned-reference.ts'
import type { Decisions } from '../decisions.ts'
import type { Evaluator } from '../evaluator.ts'
import { TASK_INPUT, TASK_OUTPUT } from '../plan/vocabulary.ts'
import { withdrawTasks } from '../task/finding-task.ts'
import { isOpen } from '../task/task-status.ts'
import { taskInput, taskOutput } from '../words/coded-words.ts'
import { type Told, toldAs } from '../words/told.ts'
import { answerTo } from './eligibility-answer.ts'
import { questionsOf } from './eligibility-question.ts'
import { judgeEligibility, type Proposal } from './judge-eligibility.ts'
import { isAwaiting } from './referral.ts'

export type ReferralFacts = {
  referral: Task
  /** What was asked for it before, closed ones too. */
  questions: Task[]
  /** By `QuestionnaireResponse/1`. */
  answers: ReadonlyMap<string, QuestionnaireResponse>
  /** What the patient is referred to; undefined when nobody knows it. */
  plan: PlanDefinition | undefined
  now: Date
  newId: () => string
  evaluate?: Evaluator | undefined
}

/**
 * What follows of a referral, or of an answer to one of its questions, as all of them stand now: questions that nobody has been asked yet, the
 * proposal that the answers speak for, or, once somebody has answered the referral, the end of what is still asked. Pure; told twice, it is
 * done once.
 */
export function followReferral(facts: ReferralFacts): Decisions['tasks'] {
  const { referral, questions, answers, plan, now } = facts
  const change = (task: Task) => ({ act: 'update' as const, task })
  if (!isAwaiting(referral)) {
    return referral.status === 'draft' ? [] : withdrawTasks(questions.filter(isOpen), ANSWERED, now).map(change)
  }
  if (!plan) return proposed(referral, { says: 'undecided', why: NO_PLAN }, [], now).map(change)
  const fresh = questionsOf({ ...facts, plan })
  const proposal = fresh.length > 0 ? undefined : judgeEligibility({ ...facts, plan })
  const asked = fresh.map((task) => ({ act: 'create' as const, task }))
  if (!proposal) return [...asked, ...unsaid(referral, now).map(change)]
  const grounds = questions.flatMap((question) => answerTo(question, answers) ?? [])
  return proposed(referral, proposal, grounds, now).map(change)
}

/** The referral with what the answers speak for, and the versions of the answers that say so; nothing where it says so already. */
function proposed(referral: Task, { says, why }: Proposal, grounds: QuestionnaireResponse[], now: Date): Task[] {
  if (proposalIn(referral) === says && proposalReasonIn(referral) === why.nb) return []
  const evidence = grounds.map((answer) => ({
    type: taskInput('evidence'),
    valueReference: { reference: versionedReference(answer as unknown as Resource) },
  }))
  const output = [
    { type: taskOutput('eligibility'), valueCode: says },
    { type: taskOutput('eligibility-reason'), ...toldAs('valueString', why) },
  ]
  return [withProposal(referral, { input: evidence, output }, now)]
}

/** The referral of which a question is open again, or was asked later: what was proposed before it holds no more. */
const unsaid = (referral: Task, now: Date): Task[] =>
  proposalIn(referral) === undefined ? [] : [withProposal(referral, { input: [], output: [] }, now)]

function withProposal(referral: Task, proposal: Required<Pick<Task, 'input' | 'output'>>, now: Date): Task {
  const { input: asked = [], output: given = [], ...rest } = referral
  const input = [...asked.filter(({ type }) => !hasCode(type, TASK_INPUT, 'evidence')), ...proposal.input]
  const output = [...given.filter((one) => !isProposal(one)), ...proposal.output]
  return {
    ...rest,
    lastModified: now.toISOString(),
    ...(input.length > 0 ? { input } : {}),
    ...(output.length > 0 ? { output } : {}),
  }
}

const CODES = ['eligibility', 'eligibility-reason'] as const
const isProposal = ({ type }: Pick<TaskOutput, 'type'>) => CODES.some((code) => hasCode(type, TASK_OUTPUT, code))

/** What the answers speak for and why, as it stands in the referral; nothing while a question is open. */
export const proposalOutputs = ({ output = [] }: Task): TaskOutput[] => output.filter(isProposal)
const outputOf = ({ output = [] }: Task, code: (typeof CODES)[number]) =>
  output.find(({ type }) => hasCode(type, TASK_OUTPUT, code))

/** What is proposed for a referral: accepted, rejected or undecided; nothing while a question is open. */
export const proposalIn = (referral: Task) =>
  outputOf(referral, 'eligibility')?.valueCode as Proposal['says'] | undefined
/** Why, in bokmål. */
export const proposalReasonIn = (referral: Task): string | undefined =>
  outputOf(referral, 'eligibility-reason')?.valueString

const ANSWERED: Told = {
  nb: 'Henvisningen er besvart.',
  nn: 'Tilvisinga er svart på.',
  en: 'The referral has been answered.',
}
const NO_PLAN: Told = {
  nb: 'Planen som det henvises til, finnes ikke her.',
  nn: 'Planen som det vert vist til, finst ikkje her.',
  en: 'The plan that it refers to is not here.',
}
