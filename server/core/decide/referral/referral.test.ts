import type { Extension, PlanDefinition, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import { ELIGIBILITY_QUESTIONS, ELIGIBLE_WHEN } from '../plan/vocabulary.ts'
import { marksOf } from '../task/task-marks.ts'
import { taskCode } from '../words/coded-words.ts'
import { checkEligibility } from './eligibility.ts'
import { followReferral, proposalIn, type ReferralFacts } from './follow-referral.ts'

const NOW = new Date('2026-11-23T08:00:00Z')
const CRITERIA = 'http://example.org/Questionnaire/criteria'
const HOME = 'http://example.org/Questionnaire/home'

const asks = (questionnaire: string, to?: string, hours?: number): Extension => ({
  url: ELIGIBILITY_QUESTIONS,
  extension: [
    { url: 'questionnaire', valueCanonical: questionnaire },
    ...(to ? [{ url: 'to', valueCode: to }] : []),
    ...(hours ? [{ url: 'within', valueDuration: { value: hours, unit: 'h', code: 'h' } }] : []),
  ],
})
const when = (expression: string, language = 'text/fhirpath'): Extension => ({
  url: ELIGIBLE_WHEN,
  valueExpression: { language: language as 'text/fhirpath', expression },
})
const SCORE = "%answers.item.where(linkId = 'score').answer.valueInteger >= 10"

const planWith = (...extension: Extension[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active', url: 'http://example.org/plan', version: '1.0.0' },
  ...{ title: 'KOLS hjemme', extension },
})

const referral: Task = {
  ...{ resourceType: 'Task', id: 'referral', status: 'requested', intent: 'order', code: taskCode('referral') },
  instantiatesCanonical: 'http://example.org/plan',
  focus: { reference: 'ServiceRequest/sr' },
  for: { reference: 'Patient/p' },
  requester: { reference: 'Practitioner/gp' },
  owner: { reference: 'CareTeam/centre' },
}

const follow = (facts: Partial<ReferralFacts>) => {
  let count = 0
  const newId = () => `q${count++}`
  return followReferral({
    ...{ referral, questions: [], answers: new Map(), plan: undefined, now: NOW, newId },
    ...facts,
  })
}
const tasksOf = (facts: Partial<ReferralFacts>) => follow(facts).map(({ task }) => task)

const plan = planWith(asks(CRITERIA, 'referrer', 24), when(SCORE))

const answer = (score: number, rest: Partial<QuestionnaireResponse> = {}): QuestionnaireResponse => ({
  ...{ resourceType: 'QuestionnaireResponse', id: 'a', meta: { versionId: '1' }, status: 'completed' },
  ...{ questionnaire: CRITERIA, subject: { reference: 'Patient/p' } },
  item: [{ linkId: 'score', answer: [{ valueInteger: score }] }],
  ...rest,
})
/** The question as it was asked, closed with an answer. */
const answered = (by: PlanDefinition = plan, rest: Partial<Task> = {}): Task[] =>
  tasksOf({ plan: by }).map((task) => ({
    ...task,
    status: 'completed',
    output: [{ type: { text: 'Svar' }, valueReference: { reference: 'QuestionnaireResponse/a/_history/1' } }],
    ...rest,
  }))
const judged = (response: QuestionnaireResponse, by = plan, questions = answered(by)) =>
  tasksOf({ plan: by, questions, answers: new Map([['QuestionnaireResponse/a', response]]) })

describe('a referral', () => {
  test('becomes a Task for each set of questions, part of it, of whom the plan says, each asked once', () => {
    const three = planWith(
      asks(CRITERIA),
      asks(`${HOME}|2`, 'patient'),
      asks('http://example.org/Questionnaire/t', 'team'),
    )
    const questions = tasksOf({ plan: three })
    expect(questions).toMatchObject([
      { owner: { reference: 'Practitioner/gp' }, input: [{ valueCanonical: CRITERIA }] },
      { owner: { reference: 'Patient/p' }, input: [{ valueCanonical: `${HOME}|2` }] },
      { owner: { reference: 'CareTeam/centre' } },
    ])
    for (const question of questions) {
      expect(question).toMatchObject({
        ...{ partOf: [{ reference: 'Task/referral' }], status: 'requested', for: { reference: 'Patient/p' } },
        focus: { reference: 'ServiceRequest/sr' },
      })
    }
    expect(tasksOf({ plan: three, questions })).toEqual([])
    expect(tasksOf({ plan: three, questions: questions.slice(1) })).toHaveLength(1)
  })

  test('has questions that are late: half way whoever answers is reminded, at the deadline whoever waits is told', () => {
    const [question] = tasksOf({ plan })
    const marks = marksOf(question as Task).map(({ kind, at, steps }) => [
      kind,
      at.toISOString(),
      steps[0]?.to?.reference,
    ])
    expect(marks.slice(0, 2)).toEqual([
      ['goal', '2026-11-23T20:00:00.000Z', 'Practitioner/gp'],
      ['deadline', '2026-11-24T08:00:00.000Z', 'CareTeam/centre'],
    ])
  })

  test('that does not say who refers is asked about by whoever received it, in the queue that it came to', () => {
    const { requester: _nobody, ...rest } = referral
    const queue = { url: 'http://fylgje.no/fhir/StructureDefinition/queue', valueReference: referral.owner }
    const claimed = { ...rest, owner: { reference: 'Practitioner/nurse' }, extension: [queue] } as Task
    expect(tasksOf({ plan, referral: claimed })).toMatchObject([{ owner: { reference: 'CareTeam/centre' } }])
  })

  test.each([
    [10, 'accepted'],
    [9, 'rejected'],
  ] as const)('with a score of %d is proposed as %s, with the version of the answer that says so', (score, says) => {
    const [task] = judged(answer(score)) as [Task]
    expect(proposalIn(task)).toBe(says)
    expect(task).toMatchObject({
      status: 'requested',
      input: [{ valueReference: { reference: 'QuestionnaireResponse/a/_history/1' } }],
    })
    // Told twice, it is done once.
    const again = {
      plan,
      referral: task,
      questions: answered(),
      answers: new Map([['QuestionnaireResponse/a', answer(score)]]),
    }
    expect(tasksOf(again)).toEqual([])
  })

  test.each<[string, Task[], string]>([
    ['a condition without a value', judged(answer(1, { item: [] })), 'ga ingen verdi'],
    ['an answer about somebody else', judged(answer(12, { subject: { reference: 'Patient/x' } })), CRITERIA],
    ['an answer to another form', judged(answer(12, { questionnaire: HOME })), CRITERIA],
    ['an answer that is not finished', judged(answer(12, { status: 'in-progress' })), CRITERIA],
    ['a question that was refused', judged(answer(12), plan, answered(plan, { status: 'rejected' })), CRITERIA],
    ['CQL', judged(answer(12), planWith(asks(CRITERIA), when('Eligible', 'text/cql'))), 'text/cql'],
    ['a plan that says nothing', judged(answer(12), planWith(asks(CRITERIA))), 'Planen sier ikke'],
    ['a plan that is not here', tasksOf({}), 'finnes ikke her'],
  ])('with %s is undecided, and says why', (_what, tasks, why) => {
    const [task] = tasks as [Task]
    expect(proposalIn(task)).toBe('undecided')
    expect(task.output?.at(-1)?.valueString).toContain(why)
  })

  test('says nothing any more when a question is asked that the plan did not have before', () => {
    const [said] = judged(answer(10)) as [Task]
    const more = planWith(asks(CRITERIA), asks(HOME, 'patient'), when(SCORE))
    const answers = new Map([['QuestionnaireResponse/a', answer(10)]])
    const [asked, referred, ...others] = tasksOf({ plan: more, referral: said, questions: answered(), answers })
    expect(others).toEqual([])
    expect(asked).toMatchObject({ owner: { reference: 'Patient/p' } })
    expect(referred).toMatchObject({ id: 'referral', status: 'requested' })
    expect([referred?.output, referred?.input]).toEqual([undefined, undefined])
  })

  test('to a plan that asks nothing is answered without a proposal; one that was made before goes', () => {
    expect(tasksOf({ plan: planWith() })).toEqual([])
    const [said] = judged(answer(10)) as [Task]
    const [referred] = tasksOf({ plan: planWith(), referral: said }) as [Task]
    expect(proposalIn(said)).toBe('accepted')
    expect(referred.output).toBeUndefined()
  })

  test('is asked the same form once, though the plan names it twice', () => {
    const twice = planWith(asks(CRITERIA), asks(`${CRITERIA}|2`, 'patient'), asks(CRITERIA), when(SCORE))
    expect(tasksOf({ plan: twice })).toMatchObject([
      { owner: { reference: 'Practitioner/gp' }, input: [{ valueCanonical: CRITERIA }] },
    ])
  })

  test('waits for its last answer', () => {
    const two = planWith(asks(CRITERIA), asks(HOME, 'patient'), when('true'))
    const [first, second] = tasksOf({ plan: two }) as [Task, Task]
    const questions: Task[] = [{ ...first, status: 'completed' }, second]
    expect(tasksOf({ plan: two, questions })).toEqual([])
  })

  test('once answered asks no more; what somebody has begun to answer is told', () => {
    const [open] = tasksOf({ plan }) as [Task]
    const questions: Task[] = [open, { ...open, id: 'begun', status: 'in-progress' }]
    const after = tasksOf({ plan, questions, referral: { ...referral, status: 'accepted' } })
    expect(after).toMatchObject([
      { status: 'cancelled', statusReason: { text: 'Henvisningen er besvart.' } },
      { id: 'begun', status: 'in-progress', note: [{ text: 'Henvisningen er besvart.' }] },
    ])
    expect(tasksOf({ plan, referral: { ...referral, status: 'draft' } })).toEqual([])
  })
})

test.each<[string, PlanDefinition, string[]]>([
  ['whole', plan, []],
  ['for somebody unknown', planWith(asks(CRITERIA, 'gp'), when('true')), ['PlanDefinition.extension[0]']],
  ['without a condition', planWith(asks(CRITERIA)), ['PlanDefinition.extension[0]']],
  ['without a form', planWith({ url: ELIGIBILITY_QUESTIONS, extension: [] }), ['PlanDefinition.extension[0]']],
  ['of one form twice', planWith(asks(CRITERIA), when('true'), asks(`${CRITERIA}|2`)), ['PlanDefinition.extension[2]']],
  ['in CQL', planWith(asks(CRITERIA), when('X', 'text/cql')), ['PlanDefinition.extension[1].value.language']],
])('questions %s: what keeps the plan from coming into force', (_what, asked, expected) => {
  expect(checkEligibility(asked).map(({ expression }) => expression)).toEqual(expected)
})
