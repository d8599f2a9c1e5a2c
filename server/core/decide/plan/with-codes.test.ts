import type { ActivityDefinition, CarePlan, PlanDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { decide } from '../decide.ts'
import { compilePlan, keysOf } from './compile-plan.ts'
import { valueSetsOf } from './with-codes.ts'

const SYSTEM = 'http://example.org/codes'
const LUNGS = 'http://example.org/ValueSet/lungs'
const NOW = new Date('2026-11-22T12:00:00Z')
const lungs = { type: 'Condition' as const, codeFilter: [{ path: 'code', valueSet: LUNGS, code: [{ code: 'cough' }] }] }
const PLAN: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', url: 'http://example.org/plan', status: 'active' },
  action: [
    {
      id: 'group',
      action: [{ id: 'new-lung-disease', trigger: [{ type: 'data-added', data: [lungs] }] }],
      input: [{ id: 'lungs', ...lungs }],
    },
  ],
}
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
}
const condition = (code: string, system?: string): Resource => ({
  ...{ resourceType: 'Condition', id: 'd', code: { coding: [{ ...(system ? { system } : {}), code }] } },
})

function codesOfTasks(
  current: Resource,
  codes: ReadonlySet<string> | undefined,
  definition = PLAN,
): (string | undefined)[] {
  const plan = compilePlan(
    definition,
    () => undefined as ActivityDefinition | undefined,
    () => codes,
  )
  const { tasks } = decide({
    ...{ plan, carePlan: CARE_PLAN, goals: [], history: [], openTasks: [], now: NOW, newId: () => 't' },
    happening: { kind: 'data', interaction: 'create', current },
  })
  return tasks.map(({ task }) => task.code?.coding?.[0]?.code)
}

const KNOWN = new Set([`${SYSTEM}|copd`, `${SYSTEM}|asthma`])

test.each<[string, Resource, ReadonlySet<string> | undefined, string[]]>([
  ['a code of the value set', condition('copd', SYSTEM), KNOWN, ['assess-measurement']],
  ['a code beside the value set', condition('cough'), KNOWN, ['assess-measurement']],
  ['a code that the filter names without a system, of any', condition('cough', SYSTEM), KNOWN, ['assess-measurement']],
  ['the same code of another system', condition('copd', 'http://other.org'), KNOWN, []],
  ['another code', condition('leg', SYSTEM), KNOWN, []],
  ['any code, of an empty value set', condition('copd', SYSTEM), new Set(), []],
  ['any code, of a value set that is not known: the team is told', condition('leg'), undefined, ['rule-unevaluable']],
])('a trigger by value set: %s', (_case, current, codes, tasks) => {
  expect(codesOfTasks(current, codes)).toEqual(tasks)
})

test('the plan listens for the codes alone, so that other Conditions cost it nothing', () => {
  const { listeners } = compilePlan(
    PLAN,
    () => undefined,
    () => KNOWN,
  )
  const isHeard = (resource: Resource) => listeners.some(({ keys }) => keysOf(resource).some((key) => keys.has(key)))
  expect(isHeard(condition('asthma', SYSTEM))).toBe(true)
  expect(isHeard(condition('cough', SYSTEM))).toBe(true)
  expect(isHeard(condition('leg', SYSTEM))).toBe(false)
})

test('value sets are found in triggers and inputs at any depth', () => {
  expect(new Set(valueSetsOf(PLAN.action))).toEqual(new Set([LUNGS]))
})

const ofCondition = (codeFilter: object[]): PlanDefinition => ({
  ...PLAN,
  action: [{ id: 'a', trigger: [{ type: 'data-added', data: [{ type: 'Condition', codeFilter }] }] }],
})

test.each([
  ['R4’s name', 'clinical-status', ['assess-measurement']],
  ['no parameter of the type: the team is told', 'clinicalStatus', ['rule-unevaluable']],
])('a trigger by search parameter: %s', (_case, searchParam, tasks) => {
  const active = { ...condition('copd', SYSTEM), clinicalStatus: { coding: [{ code: 'active' }] } }
  const plan = ofCondition([{ searchParam, code: [{ code: 'active' }] }])
  expect(codesOfTasks(active, undefined, plan)).toEqual(tasks)
})

test('the plan listens for the codes of a search parameter that looks at `code` alone', () => {
  const keysFor = (searchParam: string, type: 'AllergyIntolerance' | 'Condition') => {
    const data = [{ type, codeFilter: [{ searchParam, code: [{ system: SYSTEM, code: 'x' }] }] }]
    const action = [{ id: 'a', trigger: [{ type: 'data-added' as const, data }] }]
    return compilePlan({ ...PLAN, action }, () => undefined).listeners.flatMap(({ keys }) => [...keys])
  }
  expect(keysFor('code', 'Condition')).toEqual([`Condition ${SYSTEM}|x`])
  // It looks at the reactions too, which no key stands for.
  expect(keysFor('code', 'AllergyIntolerance')).toEqual(['AllergyIntolerance *'])
})
