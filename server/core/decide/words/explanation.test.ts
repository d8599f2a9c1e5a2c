import type { CarePlan, PlanDefinitionAction } from '@medplum/fhirtypes'
import { decide } from '../decide.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { explain } from './explanation.ts'

const WEIGHT = { system: 'http://loinc.org', code: '29463-7' }
const CARE_PLAN: CarePlan = {
  resourceType: 'CarePlan',
  id: 'c',
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/p' },
}

const when = (expression: string): PlanDefinitionAction['condition'] => [
  { kind: 'applicability', expression: { language: 'text/fhirpath', expression } },
]

/** What is said of a weight of 80 kg by a plan of one group with one rule. */
function saidOf(group: string, rule: string): string {
  const action: PlanDefinitionAction[] = [
    {
      id: 'group',
      trigger: [
        { type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [WEIGHT] }] }] },
      ],
      condition: when(group),
      action: [{ id: 'rule', condition: when(rule) }],
    },
  ]
  const current = {
    resourceType: 'Observation' as const,
    id: 'w',
    status: 'final' as const,
    code: { coding: [WEIGHT] },
    valueQuantity: { value: 80, unit: 'kg' },
  }
  const plan = compilePlan(
    { resourceType: 'PlanDefinition', url: 'http://example.org/plan', status: 'active', action },
    () => undefined,
  )
  let count = 0
  const facts = {
    plan,
    carePlan: CARE_PLAN,
    goals: [],
    happening: { kind: 'data' as const, interaction: 'create' as const, current },
    now: new Date('2026-11-22T12:00:00Z'),
    history: [],
    openTasks: [],
    newId: () => `t${++count}`,
  }
  return explain(facts, decide(facts), 'en').text.split('\n')[0] ?? ''
}

test.each([
  ['the group and the rule hold', 'true', 'true', 'A task was made (Task/t1).'],
  ['the group alone holds', 'true', 'false', 'No task was made: none of the rules that were evaluated applied.'],
  ['the group does not hold', 'false', 'true', 'No task was made: none of the rules that were evaluated applied.'],
])('when %s', (_name, group, rule, said) => {
  expect(saidOf(group, rule)).toContain(said)
})
