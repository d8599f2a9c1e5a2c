import type { PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import type { PathwayCase } from '../core/decide/cases/pathway-case.ts'
import { ENDS_WHEN } from '../core/decide/enrolment/ends-when.ts'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { MOVE_TO_STAGE, STAGE } from '../core/decide/stages/stage.ts'
import { testPlan } from './plan-report.ts'

const when = (expression: string) => [
  { kind: 'applicability' as const, expression: { language: 'text/fhirpath' as const, expression } },
]
const PLAN: PlanDefinition = {
  resourceType: 'PlanDefinition',
  id: 'p',
  url: 'http://x/PlanDefinition/p',
  version: '1',
  status: 'draft',
  action: [
    { id: 'advice', title: 'Nothing wakes this one' },
    {
      id: 'spo2',
      trigger: [
        {
          type: 'data-changed',
          data: [
            { type: 'Observation', codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: '1' }] }] },
          ],
        },
      ],
      action: [
        { id: 'low', condition: when('%current.value.value < 88') },
        { id: 'high', condition: when('%current.value.value > 99') },
      ],
    },
  ],
}
const plan = compilePlan(PLAN, () => undefined)
const measured = (value: number, ...tasks: PathwayCase['tasks']): PathwayCase => ({
  title: `${value} %`,
  patient: {},
  events: [{ at: '2026-11-10T08:00:00+01:00', measured: { id: 'm', code: '1', value, unit: '%' } }],
  tasks,
})
const testBy = (...cases: PathwayCase[]) =>
  testPlan(
    plan,
    cases.map((given, i) => ({ name: `c${i}`, given })),
  )

test('a plan has passed when each case comes as written, and covers the rules that it shows', async () => {
  const report = await testBy(measured(84, { rule: 'low' }), measured(95))
  expect(report.passed).toBe(true)
  expect(report.coverage).toEqual([
    { actionId: 'low', fires: true, spares: true },
    { actionId: 'high', fires: false, spares: true },
  ])
})

test.each([
  ['a Task that is missing', measured(95, { rule: 'low' }), 'tasks[0]: expected a Task of low'],
  ['a Task too many', measured(84), 'tasks[0]: a Task of low'],
  ['another colour', measured(84, { rule: 'low', colour: 'red' }), 'tasks[0].colour: expected "red", is "yellow"'],
])('%s fails its case, and is told', async (_what, given, told) => {
  const { passed, cases } = await testBy(measured(95), given)
  expect([passed, cases.map((one) => one.passed)]).toEqual([false, [true, false]])
  expect(cases[1]?.differences[0]).toContain(told)
})

test('what cannot be played fails with the reason, and a plan without cases has not passed', async () => {
  const { cases } = await testBy({ ...measured(84), events: [{ at: '2026-11-10T08:00:00Z', danced: true } as never] })
  expect(cases[0]?.differences[0]).toContain('cannot be played')
  expect((await testBy()).passed).toBe(false)
})

test.each([
  ['moves the patient on', { extension: [{ url: MOVE_TO_STAGE, valueId: 'later' }] }],
  ['lets an event happen', { type: { coding: [{ code: 'fire-event' }] }, code: [{ text: 'said' }] }],
])(
  'a rule that %s makes no Task, and is at work where it applies',
  async (_what, does: Partial<PlanDefinitionAction>) => {
    const [, spo2] = PLAN.action ?? []
    const rule = { id: 'other', ...does, trigger: spo2?.trigger, condition: when('%current.value.value < 88') }
    const stages = ['first', 'later'].map((id) => ({ id, extension: [{ url: STAGE, extension: [] }] }))
    const other = compilePlan({ ...PLAN, action: [...stages, rule] }, () => undefined)
    const coverageBy = async (value: number) =>
      (await testPlan(other, [{ name: 'c', given: measured(value) }])).coverage.find(
        ({ actionId }) => actionId === 'other',
      )
    expect(await coverageBy(84)).toEqual({ actionId: 'other', fires: true, spares: false })
    expect(await coverageBy(95)).toEqual({ actionId: 'other', fires: false, spares: true })
  },
)

describe('when an enrolment is over is covered as a rule is', () => {
  const expression = "%goals.achievementStatus.coding.exists(code = 'achieved')"
  const extension = [{ url: ENDS_WHEN, valueExpression: { language: 'text/fhirpath' as const, expression } }]
  const ending = compilePlan({ ...PLAN, extension }, () => undefined)
  const goal = { resourceType: 'Goal', id: 'case', lifecycleStatus: 'active', description: { text: 'Gå 5 km' } }
  const judged = (code: string, enrolment: PathwayCase['enrolment']): PathwayCase => {
    const resource = { ...goal, subject: { reference: 'Patient/case' }, achievementStatus: { coding: [{ code }] } }
    return { title: code, patient: {}, events: [{ at: '2026-11-10T08:00:00+01:00', resource }], enrolment, tasks: [] }
  }
  const coverageBy = async (given: PathwayCase) => {
    const { passed, coverage } = await testPlan(ending, [{ name: 'c', given }])
    return { passed, ...coverage.find(({ actionId }) => actionId === 'ends-when') }
  }

  test.each([
    ['a goal that is reached ends it', judged('achieved', 'completed'), { fires: true, spares: false }],
    ['a goal that is not lets it go on', judged('not-achieved', 'active'), { fires: false, spares: true }],
    ['that it began shows neither', measured(95), { fires: false, spares: false }],
  ])('%s', async (_what, given, shows) => {
    expect(await coverageBy(given)).toEqual({ passed: true, actionId: 'ends-when', ...shows })
  })

  test('a plan that says nothing of it has nothing to cover', async () => {
    const { coverage } = await testPlan(plan, [{ name: 'c', given: judged('achieved', 'active') }])
    expect(coverage.map(({ actionId }) => actionId)).toEqual(['low', 'high'])
  })
})
