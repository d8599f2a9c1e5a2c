import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CarePlan, PlanDefinition, PlanDefinitionAction, RequestGroup } from '@medplum/fhirtypes'
import { loadDefinitions } from '../../definitions/definitions.ts'
import { loadPathways } from '../../plans/load-pathways.ts'
import { createValidator } from '../../validation/validator.ts'
import { Refusal } from '../fhir/outcome.ts'
import type { Resource } from '../fhir/resource.ts'
import { compileFhirPath } from '../fhirpath/evaluate.ts'
import { type ApplyFacts, applyPlan } from './apply.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const SUBJECT: Resource = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Danser' }], birthDate: '1969-11-13' }

function factsOf(plan: PlanDefinition, definitions: Resource[] = [], data: Resource[] = []): ApplyFacts {
  const find = (canonical: string) =>
    definitions.find(({ url, version }) => canonical === url || canonical === `${url}|${version}`)
  return { plan, subject: SUBJECT, context: {}, variables: {}, data, find, now: NOW }
}

const planOf = (...action: PlanDefinitionAction[]): PlanDefinition => ({
  resourceType: 'PlanDefinition',
  url: 'http://example.org/PlanDefinition/plan',
  status: 'active',
  action,
})
const condition = (expression: string, language: 'text/fhirpath' | 'application/x-fhir-query' = 'text/fhirpath') => [
  { kind: 'applicability' as const, expression: { language, expression } },
]

const containedOf = (carePlan: CarePlan, type: string) =>
  ((carePlan.contained ?? []) as Resource[]).filter(({ resourceType }) => resourceType === type)
const groupOf = (carePlan: CarePlan) => containedOf(carePlan, 'RequestGroup')[0] as unknown as RequestGroup
const idsOf = (carePlan: CarePlan) => (groupOf(carePlan).action ?? []).map(({ id }) => id)

const ACTIVITY: Resource = {
  resourceType: 'ActivityDefinition',
  url: 'http://example.org/ActivityDefinition/call',
  version: '1.0.0',
  status: 'active',
  kind: 'Task',
  priority: 'routine',
  description: 'Call',
}

test('a CarePlan that proposes: draft, with the RequestGroup in it and the requests as options', () => {
  const carePlan = applyPlan(factsOf(planOf({ id: 'a', definitionCanonical: `${ACTIVITY.url}|1.0.0` }), [ACTIVITY]))
  expect(carePlan).toMatchObject({ status: 'draft', intent: 'proposal', subject: { reference: 'Patient/p1' } })
  const group = groupOf(carePlan)
  expect(carePlan.activity).toEqual([{ reference: { reference: `#${group.id}` } }])
  const [task] = containedOf(carePlan, 'Task')
  expect(group.action).toMatchObject([{ id: 'a', resource: { reference: `#${task?.id}` } }])
  expect(task).toMatchObject({
    status: 'draft',
    intent: 'option',
    for: { reference: 'Patient/p1' },
    basedOn: [{ reference: `#${group.id}` }],
  })
})

test.each([
  ['true', 'a'],
  ['false', undefined],
  ['{}', undefined],
  ['true | false', undefined],
  ["'yes'", undefined],
  ['%subject.birthDate < today() - 50 years', 'a'],
])('an action with the condition %s gives %s', (expression, id) => {
  expect(idsOf(applyPlan(factsOf(planOf({ id: 'a', condition: condition(expression) }))))).toEqual(id ? [id] : [])
})

test('a condition that fails is told with its action, and the siblings go on', () => {
  const carePlan = applyPlan(factsOf(planOf({ id: 'bad', condition: condition('%nothing.exists()') }, { id: 'good' })))
  expect(idsOf(carePlan)).toEqual(['good'])
  expect(containedOf(carePlan, 'OperationOutcome')[0]).toMatchObject({
    issue: [
      { diagnostics: expect.stringContaining("Action 'bad'"), expression: ['PlanDefinition.action[0].condition[0]'] },
    ],
  })
})

test('a condition in another language is refused, and the action is named', () => {
  const plan = planOf({ id: 'ok' }, { id: 'other', condition: condition('Is Sick', 'application/x-fhir-query') })
  expect(() => applyPlan(factsOf(plan))).toThrow(Refusal)
  try {
    applyPlan(factsOf(plan))
  } catch (error) {
    expect((error as Refusal).issues[0]).toMatchObject({
      code: 'not-supported',
      diagnostics: expect.stringContaining("Action 'other'"),
      expression: ['PlanDefinition.action[1].condition[0].expression'],
    })
  }
})

test.each([
  ["'draft'", ['draft']],
  ['true', ['true']],
])('a literal of CQL, %s, means what it means in FHIRPath', (expression, [description]) => {
  const dynamicValue = [{ path: 'description', expression: { language: 'text/cql' as const, expression } }]
  const carePlan = applyPlan(factsOf(planOf({ id: 'a', dynamicValue }), []))
  expect(String(groupOf(carePlan).action?.[0]?.description)).toBe(description)
})

test('without a definition, $this builds the whole request; one that lacks something is told', () => {
  const build = (id: string, expression: string) => ({
    id,
    dynamicValue: [{ path: '$this', expression: { language: 'text/fhirpath' as const, expression } }],
  })
  const carePlan = applyPlan({
    ...factsOf(
      planOf(
        build('whole', '%data.entry.resource.ofType(Task)'),
        build('bare', '%data.entry.resource.ofType(ServiceRequest)'),
      ),
    ),
    data: [
      { resourceType: 'Task', status: 'draft', intent: 'proposal' },
      { resourceType: 'ServiceRequest', status: 'draft', intent: 'proposal' },
    ],
  })
  expect(containedOf(carePlan, 'Task')).toMatchObject([{ status: 'draft', intent: 'proposal' }])
  expect(containedOf(carePlan, 'ServiceRequest')).toEqual([])
  expect(containedOf(carePlan, 'OperationOutcome')[0]).toMatchObject({
    issue: [
      { diagnostics: expect.stringContaining("Action 'bare'"), expression: ['PlanDefinition.action[1].definition'] },
    ],
  })
})

test('a plan that contains itself is refused', () => {
  const plan = { ...planOf({ definitionCanonical: 'http://example.org/PlanDefinition/plan' }) }
  expect(() => applyPlan(factsOf(plan, [plan as unknown as Resource]))).toThrow(/contains itself/)
})

test('a definition that nobody knows, or of another version, leaves the action and says so', () => {
  const plan = planOf(
    { id: 'a', definitionCanonical: `${ACTIVITY.url}|9.9.9` },
    { id: 'b', definitionCanonical: String(ACTIVITY.url) },
  )
  const carePlan = applyPlan(factsOf(plan, [ACTIVITY]))
  expect(idsOf(carePlan)).toEqual(['a', 'b'])
  expect(containedOf(carePlan, 'Task')).toHaveLength(1)
  expect(containedOf(carePlan, 'OperationOutcome')).toHaveLength(1)
})

test('the COPD pathway, applied, is valid R4: goals with limits, a daily measurement, a monthly weight, a diary and what is to be learnt', () => {
  const pathways = loadPathways()
  const plan = pathways.find(({ id }) => id === 'copd') as unknown as PlanDefinition
  const carePlan = applyPlan(factsOf(plan, pathways))
  const validator = createValidator(loadDefinitions())
  const errors = validator.validate(carePlan, 'CarePlan').filter(({ severity }) => severity === 'error')
  expect(errors).toEqual([])
  expect(containedOf(carePlan, 'OperationOutcome')).toEqual([])
  expect(containedOf(carePlan, 'Goal')).toHaveLength(3)
  expect(containedOf(carePlan, 'ServiceRequest')).toMatchObject([
    { occurrenceTiming: { repeat: { period: 1, periodUnit: 'd' } } },
    { occurrenceTiming: { repeat: { period: 1, periodUnit: 'wk', dayOfWeek: ['mon', 'wed', 'fri'] } } },
    { occurrenceTiming: { repeat: { period: 1, periodUnit: 'mo' } } },
    { occurrenceTiming: { repeat: { period: 1, periodUnit: 'mo' } } },
  ])
  expect(containedOf(carePlan, 'Task')).toMatchObject([
    { focus: { reference: 'Questionnaire/copd-education' } },
    {
      focus: { reference: 'Questionnaire/copd-diary' },
      description: 'Symptomdagbok for KOLS',
      _description: { extension: [{ extension: [{ valueCode: 'nn' }, {}] }, { extension: [{ valueCode: 'en' }, {}] }] },
    },
  ])
})

/** Public cases that lie beside the checkout of those who have them; what needs CQL is of a later time. */
const CASES = join(import.meta.dirname, '../../../../shared/conformance/apply')

if (existsSync(CASES)) {
  const names = readdirSync(CASES).filter((name) => existsSync(join(CASES, name, 'request.json')))
  const cases = names.map(readCase).filter(({ operation, isCql }) => operation === 'PlanDefinition/$apply' && !isCql)
  test.each(cases.map((one) => [one.name, one] as const))('public case %s', (_name, { facts, expected }) => {
    if (expected.outcome === 'error') {
      expect(() => applyPlan(facts())).toThrow()
      return
    }
    let carePlan: CarePlan
    try {
      carePlan = applyPlan(facts())
    } catch (error) {
      if (expected.outcome !== 'ok-or-error') throw error
      return
    }
    const bundle = toNormalForm(carePlan)
    for (const { expr, equals } of expected.assertions ?? []) {
      expect([expr, compileFhirPath(expr)(bundle, {})]).toEqual([expr, equals])
    }
  })
}

function readCase(name: string) {
  const folder = join(CASES, name)
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
  // Copied: an array that Node made is of another realm than the test's, and fhirpath.js takes it for one value.
  const all = (inner: string): Resource[] =>
    existsSync(join(folder, inner))
      ? [...readdirSync(join(folder, inner))].map((file) => read(join(folder, inner, file)))
      : []
  const request = read(join(folder, 'request.json'))
  const common = (request.common ?? []).map((file: string) => read(join(CASES, '_common/definitions', `${file}.json`)))
  const definitions = [...all('definitions'), ...common]
  const data = all('data')
  const parameter = (wanted: string) =>
    request.parameters?.parameter?.find(({ name: given }: { name: string }) => given === wanted)
  const find = (canonical: string) =>
    definitions.find(({ url, version, resourceType, id }) =>
      [url, `${url}|${version}`, `${resourceType}/${id}`].includes(canonical),
    )
  const named = (wanted: string): string | undefined =>
    parameter(wanted)?.valueString ?? parameter(wanted)?.valueReference?.reference
  const resourceOf = (reference: string | undefined) =>
    data.find(({ resourceType, id }) => `${resourceType}/${id}` === reference)
  return {
    name,
    operation: request.operation as string,
    isCql: JSON.stringify(definitions).includes('text/cql'),
    expected: read(join(folder, 'expected.json')),
    facts: (): ApplyFacts => {
      const subject = named('subject')
      // The operation refuses this before it comes here; see operations/apply-parameters.test.ts.
      if (!subject) throw new Error('no subject')
      const [resourceType = '', id = ''] = subject.split('/')
      const mine = data.filter((one) =>
        [one.subject, one.patient, one.for].some(
          (to) => (to as { reference?: string } | undefined)?.reference === subject,
        ),
      )
      const context = {
        encounter: named('encounter'),
        practitioner: named('practitioner'),
        organization: named('organization'),
      }
      return {
        plan: find(request.definition) as unknown as PlanDefinition,
        subject: resourceOf(subject) ?? { resourceType, id },
        context,
        variables: Object.fromEntries(Object.entries(context).map(([key, to]) => [key, resourceOf(to) ?? []])),
        data: mine,
        bundle: parameter('data')?.resource,
        find,
        codesOf: (url) => listed(find(url)),
        now: new Date(request.now),
      }
    },
  }
}

/** The cases list their codes. */
function listed(valueSet: Resource | undefined): ReadonlySet<string> | undefined {
  const { include = [] } = (valueSet?.compose ?? {}) as { include?: { system: string; concept?: { code: string }[] }[] }
  return (
    valueSet &&
    new Set(include.flatMap(({ system, concept }) => (concept ?? []).map(({ code }) => `${system}|${code}`)))
  )
}

/** One Bundle of everything that was proposed, with what was contained lifted out. */
function toNormalForm(carePlan: CarePlan): unknown {
  const resources: Resource[] = []
  const lift = ({ contained, ...resource }: Resource) => {
    resources.push(resource as Resource)
    for (const inner of (contained ?? []) as Resource[]) lift(inner)
  }
  lift(JSON.parse(JSON.stringify(carePlan)))
  const text = JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: resources.map((resource) => ({ resource })),
  })
  const typeOf = new Map(resources.map(({ id, resourceType }) => [id, resourceType]))
  return JSON.parse(text.replace(/"reference":"#([^"]+)"/g, (_all, id) => `"reference":"${typeOf.get(id)}/${id}"`))
}

test('what is to be done at an age is timed by this subject’s birthday; a time that cannot be worked out is told', () => {
  const definitionCanonical = `${ACTIVITY.url}|1.0.0`
  const carePlan = applyPlan(
    factsOf(
      planOf(
        { id: 'at-sixty', definitionCanonical, timingAge: { value: 60, code: 'a' } },
        { id: 'heavy', definitionCanonical, timingAge: { value: 60, code: 'kg' } },
        { id: 'backwards', timingRange: { low: { value: 9, code: 'd' }, high: { value: 7, code: 'd' } } },
        { id: 'in-a-week', definitionCanonical, timingRange: { low: { value: 7, code: 'd' } } },
      ),
      [ACTIVITY],
    ),
  )
  expect(idsOf(carePlan)).toEqual(['at-sixty', 'in-a-week'])
  const [first, second] = groupOf(carePlan).action ?? []
  expect(first).toMatchObject({ timingPeriod: { start: '2029-11-13T00:00:00+01:00' } })
  expect(first?.timingAge).toBeUndefined()
  expect(second?.timingRange).toEqual({ low: { value: 7, code: 'd' } })
  const [outcome] = containedOf(carePlan, 'OperationOutcome') as { issue?: { expression: string[]; code: string }[] }[]
  expect(outcome?.issue?.map(({ code, expression }) => [code, expression])).toEqual([
    ['processing', ['PlanDefinition.action[1].timing']],
    ['processing', ['PlanDefinition.action[2].timing']],
  ])
})
