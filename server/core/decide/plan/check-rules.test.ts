import type { ActivityDefinition, PlanDefinitionAction, Questionnaire } from '@medplum/fhirtypes'
import { checkRules } from './check-rules.ts'
import { compilePlan } from './compile-plan.ts'

const MEASURE: ActivityDefinition = {
  ...{ resourceType: 'ActivityDefinition', id: 'measure', url: 'http://example.org/measure', status: 'active' },
  kind: 'ServiceRequest',
}
const MAPPED: ActivityDefinition = { ...MEASURE, url: 'http://example.org/mapped', transform: 'http://e.org/map' }
const FORM: Questionnaire = { resourceType: 'Questionnaire', url: 'http://example.org/form', status: 'active' }
const PLAN = { resourceType: 'PlanDefinition' as const, url: 'http://example.org/plan', status: 'active' as const }
const problemsOf = (...action: PlanDefinitionAction[]) =>
  checkRules(
    compilePlan({ ...PLAN, action }, (canonical) => [MEASURE, MAPPED, FORM].find(({ url }) => url === canonical)),
  ).map(({ expression }) => expression)

const trigger = [{ type: 'named-event' as const, name: 'now' }]
const measure = { definitionCanonical: MEASURE.url ?? '' }
const after = (actionId: string) => ({ relatedAction: [{ actionId, relationship: 'after' as const }] })
const before = (actionId: string) => ({ relatedAction: [{ actionId, relationship: 'before' as const }] })
const form = { definitionCanonical: FORM.url ?? '' }
const daily = { timingTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } } }
const no = { precheckBehavior: 'no' as const }
const at = (id: string, element: string) => `PlanDefinition.action.where(id = '${id}').${element}`

test.each<[string, PlanDefinitionAction[], string[]]>([
  ['an action to be transformed', [{ id: 'a', ...measure, transform: 'http://e.org/map' }], [at('a', 'transform')]],
  [
    'an activity to be transformed',
    [{ id: 'a', trigger, definitionCanonical: MAPPED.url ?? '' }],
    [at('a', 'definitionCanonical')],
  ],
  ['a rule that nobody chooses', [{ id: 'a', trigger, ...no }], [at('a', 'precheckBehavior')]],
  [
    'one of alternatives that nobody chooses',
    [{ id: 'g', trigger, selectionBehavior: 'exactly-one', action: [{ id: 'a', ...no }, { id: 'b' }] }],
    [at('a', 'precheckBehavior')],
  ],
  [
    'a Task for the team that is to wait',
    [
      { id: 'a', trigger, ...after('b') },
      { id: 'b', trigger },
    ],
    [at('a', 'relatedAction')],
  ],
  [
    'a Task for the team that another is to come before',
    [
      { id: 'a', trigger, ...measure, ...before('b') },
      { id: 'b', trigger },
    ],
    [at('b', 'relatedAction')],
  ],
  [
    'what the enrolment brings after what a trigger brings',
    [
      { id: 'a', ...measure, ...after('b') },
      { id: 'b', trigger, ...measure },
    ],
    [at('a', 'relatedAction')],
  ],
  ['a form that is to be answered again and again', [{ id: 'a', ...form, ...daily }], [at('a', 'timingTiming')]],
  ['the same, by a trigger', [{ id: 'a', trigger, ...form, ...daily }], [at('a', 'timingTiming')]],
])('is told: %s', (_which, action, expected) => expect(problemsOf(...action)).toEqual(expected))

test.each<[string, PlanDefinitionAction[]]>([
  ['what must be is done, usual or not', [{ id: 'a', trigger, ...no, requiredBehavior: 'must' }]],
  ['all are done, usual or not', [{ id: 'g', trigger, selectionBehavior: 'all', action: [{ id: 'a', ...no }] }]],
  [
    'a form is asked at a time, a request again and again',
    [
      { id: 'a', ...form, timingDateTime: '2026-12-01' },
      { id: 'b', ...measure, ...daily },
    ],
  ],
  ['at an enrolment somebody chooses', [{ id: 'a', ...no }]],
  [
    'a request waits for a Task',
    [
      { id: 'a', trigger, ...measure, ...after('b') },
      { id: 'b', trigger },
    ],
  ],
  [
    'a request waits for what the enrolment brought',
    [
      { id: 'a', trigger, ...measure, ...after('b') },
      { id: 'b', ...measure },
    ],
  ],
  [
    'what stops another waits for nothing',
    [
      { id: 'a', trigger, type: { coding: [{ code: 'remove' }] }, ...after('b') },
      { id: 'b', ...measure },
    ],
  ],
])('%s', (_which, action) => expect(problemsOf(...action)).toEqual([]))

test('of a StructureMap that is not run it says which, of which action, and what is expected instead', () => {
  const plan = { ...PLAN, action: [{ id: 'a', trigger, definitionCanonical: MAPPED.url ?? '' }] }
  expect(checkRules(compilePlan(plan, () => MAPPED)).map(({ diagnostics }) => diagnostics)).toEqual([
    'Action "a" is to be transformed by the StructureMap http://e.org/map, which is not run here; set by dynamicValue what it was to set.',
  ])
})
