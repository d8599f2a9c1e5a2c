import type { Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { FINDING } from '../plan/vocabulary.ts'
import { ELIGIBILITY } from '../referral/referral.ts'
import { answerForms, isAnswer } from './answer-form.ts'

const FORM = 'http://example.org/Questionnaire/diary'
const NOW = new Date('2026-11-10T09:00:00Z')
const ASKED: Task = {
  ...{ resourceType: 'Task', id: 't', status: 'requested', intent: 'order', authoredOn: '2026-11-10T08:00:00Z' },
  for: { reference: 'Patient/p' },
  input: [{ type: { text: 'form' }, valueCanonical: `${FORM}|1` }],
}
const ANSWER: Resource = {
  ...{ resourceType: 'QuestionnaireResponse', id: 'a', status: 'completed', meta: { versionId: '2' } },
  ...{ questionnaire: `${FORM}|1`, subject: { reference: 'Patient/p' }, authored: '2026-11-10T08:30:00Z' },
}

test('a form that was answered is done, with the answers as what came of it', () => {
  const taken: Task = {
    ...ASKED,
    id: 'u',
    status: 'in-progress',
    output: [{ type: { text: 'note' }, valueString: 'x' }],
  }
  const [one, other, ...more] = answerForms(ANSWER, [ASKED, taken], { now: NOW })
  expect(more).toEqual([])
  expect(one).toMatchObject({
    act: 'update',
    task: {
      ...{ id: 't', status: 'completed', lastModified: NOW.toISOString() },
      output: [{ valueReference: { reference: 'QuestionnaireResponse/a/_history/2' } }],
    },
  })
  expect(other?.task.output).toMatchObject([{ valueString: 'x' }, { type: { coding: [{ code: 'answers' }] } }])
})

test.each<[string, Partial<Task>, Partial<Resource>, boolean]>([
  ['another version of the form', {}, { questionnaire: `${FORM}|2` }, true],
  ['a form that is asked for by its id', { input: [], focus: { reference: 'Questionnaire/diary' } }, {}, true],
  [
    'a form whose stored id is another than its canonical ends with',
    { focus: { reference: 'Questionnaire/4711' } },
    {},
    true,
  ],
  ['answers that say their day alone', {}, { authored: '2026-11-10' }, true],
  ['a form of which nobody says when it was asked for', { authoredOn: undefined }, {}, true],
  ['answers of the day before', {}, { authored: '2026-11-09' }, false],
  ['answers from before it was asked', {}, { authored: '2026-11-10T07:59:59Z' }, false],
  [
    'answers from before it was asked, which name what asked',
    { basedOn: [{ reference: 'CarePlan/c' }, { reference: 'ServiceRequest/s' }] },
    { authored: '2026-11-10T07:59:59Z', basedOn: [{ reference: 'http://localhost/fhir/ServiceRequest/s/_history/2' }] },
    true,
  ],
  [
    'answers from before it was asked, which name the plan',
    { basedOn: [{ reference: 'CarePlan/c' }] },
    { authored: '2026-11-09T23:00:00Z', basedOn: [{ reference: 'CarePlan/c' }] },
    true,
  ],
  [
    'answers of the day before it was asked by Norwegian clocks, which name the plan',
    { basedOn: [{ reference: 'CarePlan/c' }] },
    { authored: '2026-11-09T22:59:59Z', basedOn: [{ reference: 'CarePlan/c' }] },
    false,
  ],
  [
    'answers of last week, which name the plan that the Task is about too',
    { basedOn: [{ reference: 'CarePlan/c' }], focus: { reference: 'CarePlan/c' } },
    { authored: '2026-11-03', basedOn: [{ reference: 'http://localhost/fhir/CarePlan/c' }] },
    false,
  ],
  [
    'answers from before it was asked, which name another request',
    { basedOn: [{ reference: 'ServiceRequest/s' }] },
    { authored: '2026-11-09', basedOn: [{ reference: 'ServiceRequest/other' }] },
    false,
  ],
  [
    'answers to another form, which name what asked',
    { basedOn: [{ reference: 'CarePlan/c' }] },
    { questionnaire: 'http://example.org/Questionnaire/other', basedOn: [{ reference: 'CarePlan/c' }] },
    false,
  ],
  ['another form', {}, { questionnaire: 'http://example.org/Questionnaire/other' }, false],
  ['answers to no form', {}, { questionnaire: undefined }, false],
  ['what is held back still', { status: 'draft' }, {}, false],
  ['what is closed already', { status: 'cancelled' }, {}, false],
  [
    'a question about a referral',
    {
      identifier: [{ system: FINDING, value: `http://example.org/plan|${ELIGIBILITY}${FORM}|Patient/p|Task/r` }],
      partOf: [{ reference: 'Task/r' }],
    },
    {},
    false,
  ],
])('%s: %#', (_what, task, answer, isDone) => {
  const done = answerForms({ ...ANSWER, ...answer } as Resource, [{ ...ASKED, ...task }], { now: NOW })
  expect(done.length > 0).toBe(isDone)
})

test('what was an answer before and is corrected now answers nothing that was asked since', () => {
  const basedOn = [{ reference: 'ServiceRequest/s' }]
  const old = { ...ANSWER, authored: '2026-11-01T08:00:00Z', basedOn } as Resource
  const answered = (previous?: Resource) => answerForms(old, [{ ...ASKED, basedOn }], { now: NOW, previous })
  expect(answered({ ...old, status: 'in-progress' })).toHaveLength(1)
  expect(answered(old)).toEqual([])
  expect(answerForms(old, [{ ...ASKED, authoredOn: undefined }], { now: NOW, previous: old })).toEqual([])
})

test.each([
  ['completed', true],
  ['amended', true],
  ['in-progress', false],
  ['stopped', false],
  ['entered-in-error', false],
])('answers that are %s count: %s', (status, expected) => expect(isAnswer({ ...ANSWER, status })).toBe(expected))

test('nothing else is an answer', () => {
  expect(isAnswer(undefined)).toBe(false)
  expect(isAnswer({ resourceType: 'Observation', status: 'final' })).toBe(false)
})
