import type { CarePlan, PlanDefinitionAction, RelatedArtifact } from '@medplum/fhirtypes'
import { decide } from '../decide.ts'
import { compilePlan } from '../plan/compile-plan.ts'
import { TRANSLATION } from '../plan/vocabulary.ts'
import { explain } from './explanation.ts'
import type { Language } from './language.ts'

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
const saidOf = (group: string, rule: string): string => explained(group, rule).text.split('\n')[0] ?? ''

function explained(group: string, rule: string, language: Language = 'en', documentation: RelatedArtifact[] = []) {
  const action: PlanDefinitionAction[] = [
    {
      id: 'group',
      trigger: [
        { type: 'data-added', data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [WEIGHT] }] }] },
      ],
      condition: when(group),
      action: [{ id: 'rule', condition: when(rule), documentation }],
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
  return explain(facts, decide(facts), language)
}

test.each([
  ['the group and the rule hold', 'true', 'true', 'A task was made (Task/t1).'],
  ['the group alone holds', 'true', 'false', 'No task was made: none of the rules that were evaluated applied.'],
  ['the group does not hold', 'false', 'true', 'No task was made: none of the rules that were evaluated applied.'],
])('when %s', (_name, group, rule, said) => {
  expect(saidOf(group, rule)).toContain(said)
})

const translation = (lang: string, content: string) => ({
  url: TRANSLATION,
  extension: [
    { url: 'lang', valueCode: lang },
    { url: 'content', valueString: content },
  ],
})
const SOURCE = {
  ...{ type: 'documentation', label: 'G', url: 'https://example.org/g', display: 'Retningslinje: ukentlig' },
  _display: { extension: [translation('nn', 'Retningslinje: kvar veke'), translation('en', 'Guideline: weekly')] },
} as RelatedArtifact

test.each([
  ['nb', 'Retningslinje: ukentlig'],
  ['nn', 'Retningslinje: kvar veke'],
  ['en', 'Guideline: weekly'],
] as const)('what a rule rests on is told in %s, and in no other language', (language, display) => {
  const named = { type: 'citation', url: 'https://example.org/n' } as const
  const { rules } = explained('true', 'true', language, [SOURCE, named])
  expect(rules.find(({ id }) => id === 'rule')?.sources).toEqual([
    { type: 'documentation', label: 'G', url: 'https://example.org/g', display },
    named,
  ])
})
