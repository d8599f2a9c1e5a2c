import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { PlanDefinition, Questionnaire, QuestionnaireResponse, Task } from '@medplum/fhirtypes'
import type { Entry } from '../sending/entry.ts'
import { coursesOf, readCount } from './lessons.ts'
import { isReading } from './reading.ts'

const read = <T>(path: string): T =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../plandefinitions', path), 'utf8')) as T
const MODULES = ['understand', 'activity', 'thoughts', 'approach', 'ahead']
const programme = read<PlanDefinition>('mental-health/plan-definition.json')
const modules = MODULES.map((name) => read<Questionnaire>(`mental-health/questionnaire-module-${name}.json`))
const copd = read<PlanDefinition>('copd/plan-definition.json')
const education = read<Questionnaire>('copd/questionnaire-education.json')
const diary = read<Questionnaire>('copd/questionnaire.json')

const nothing = { tasks: [], requests: [], answers: [] }
const answered = ({ url, version }: Questionnaire) =>
  ({ resourceType: 'QuestionnaireResponse', questionnaire: `${url}|${version}` }) as QuestionnaireResponse
const asking = (id: string, { url, version }: Questionnaire) =>
  ({ resourceType: 'Task', id, input: [{ valueCanonical: `${url}|${version}` }] }) as unknown as Task
const statesOf = (known: object, entries: Entry[] = []) => {
  const courses = coursesOf({ ...nothing, plans: [programme], questionnaires: modules, ...known }, entries)
  return courses[0]?.lessons.map(({ state }) => state)
}

test.each([
  [education, true],
  ...modules.map((one) => [one, true] as const),
  [diary, false],
  [read<Questionnaire>('mental-health/questionnaire-phq-9.json'), false],
  [read<Questionnaire>('copd/questionnaire-medicines.json'), false],
] as const)('%#: what teaches is told from what only asks', (form, teaches) => expect(isReading(form)).toBe(teaches))

test('modules of a programme open one by one, as the plan asks for them', () => {
  const [first, second] = modules as [Questionnaire, Questionnaire]
  expect(statesOf({})).toEqual(['later', 'later', 'later', 'later', 'later'])
  expect(statesOf({ tasks: [asking('1', first)] })).toEqual(['open', 'later', 'later', 'later', 'later'])
  expect(statesOf({ answers: [answered(first)], tasks: [asking('2', second)] })).toEqual([
    ...['read', 'open', 'later', 'later', 'later'],
  ])
})

test('what was read without a net is read; what the server refused is not', () => {
  const entry = (state: Entry['state']) => ({ state, resource: answered(education) }) as Entry
  const plans = { plans: [copd], questionnaires: [education, diary] }
  expect(statesOf(plans)).toEqual(['open'])
  expect(statesOf(plans, [entry('waiting')])).toEqual(['read'])
  expect(statesOf(plans, [entry('refused')])).toEqual(['open'])
})

test('what was read long ago is still read, and no module of a programme closes again', () => {
  const readBefore = modules.slice(0, 1).map(answered)
  expect(statesOf({ readBefore })).toEqual(['read', 'later', 'later', 'later', 'later'])
})

test('how far somebody is, and what asks', () => {
  const [course] = coursesOf(
    { ...nothing, plans: [copd], questionnaires: [education], tasks: [asking('7', education)] },
    [],
  )
  expect(course?.lessons[0]?.about).toBe('Task/7')
  expect(readCount(course as NonNullable<typeof course>)).toBe(0)
})

test('what a plan asks for in a stage and outside of any is one lesson, and open from the beginning', () => {
  const canonical = `${education.url}|${education.version}`
  const [stage] = (programme.action ?? []).filter(({ extension }) => extension?.length)
  const plan = {
    ...copd,
    action: [{ ...stage, action: [{ definitionCanonical: canonical }] }, { definitionCanonical: canonical }],
  } as PlanDefinition
  const [course] = coursesOf({ ...nothing, plans: [plan], questionnaires: [education] }, [])
  expect(course?.lessons.map((lesson) => [lesson.canonical, lesson.state])).toEqual([[canonical, 'open']])
  const staged = { ...plan, action: plan.action?.slice(0, 1) } as PlanDefinition
  expect(statesOf({ plans: [staged], questionnaires: [education] })).toEqual(['later'])
})

test('a plan that teaches nothing is no course', () => {
  expect(coursesOf({ ...nothing, plans: [copd], questionnaires: [diary] }, [])).toEqual([])
})
