import type { CarePlan, DataRequirement, PlanDefinition, TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { DataHappening } from '../happening.ts'
import { compilePlan } from './compile-plan.ts'
import { inputsAsked } from './inputs-asked.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const PULSE = { system: 'http://loinc.org', code: '8867-4' }
const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
const of = (coding: object): DataRequirement => ({
  type: 'Observation',
  codeFilter: [{ path: 'code', code: [coding] }],
})
const on = (data: DataRequirement[], expression?: string): TriggerDefinition => ({
  ...{ type: 'data-changed', data },
  ...(expression ? { condition: { language: 'text/fhirpath', expression } } : {}),
})
const BELOW = '(%current | %previous).exists(value.value < 92)'
const INPUT = { id: 'pulses', ...of(PULSE) }
const planOf = (trigger: TriggerDefinition[], more: object = {}) =>
  compilePlan(
    {
      ...{ resourceType: 'PlanDefinition', status: 'active', url: 'http://example.org/p' },
      action: [{ id: 'looks-back', trigger, input: [INPUT], ...more }],
    } as PlanDefinition,
    () => undefined,
  )

const spo2 = (value: number, more: object = {}): Resource => ({
  ...{ resourceType: 'Observation', id: 'o', status: 'final', code: { coding: [SPO2] } },
  ...{ effectiveDateTime: NOW.toISOString(), valueQuantity: { value, unit: '%' }, ...more },
})
const came = (current: Resource): DataHappening => ({ kind: 'data', interaction: 'create', current })
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
}

test.each<[string, TriggerDefinition[], DataHappening, string[]]>([
  ['a trigger without a condition asks', [on([of(SPO2)])], came(spo2(97)), ['pulses']],
  ['one whose condition is true asks', [on([of(SPO2)], BELOW)], came(spo2(91)), ['pulses']],
  ['one whose condition is false does not', [on([of(SPO2)], BELOW)], came(spo2(97)), []],
  ['nor where it has no value', [on([of(SPO2)], '%previous.value.value < 92')], came(spo2(80)), []],
  ['one of several is enough', [on([of(SPO2)], BELOW), on([of(SPO2)])], came(spo2(97)), ['pulses']],
  ['what another trigger listens to does not count', [on([of(SPO2)], BELOW), on([of(PULSE)])], came(spo2(97)), []],
  ['what was entered in error wakes nothing', [on([of(SPO2)])], came(spo2(80, { status: 'entered-in-error' })), []],
  [
    'what it cannot judge in place may be met',
    [on([of(SPO2)], "%current.id.matches('x')")],
    came(spo2(97)),
    ['pulses'],
  ],
  ['what cannot be evaluated may be met', [on([of(SPO2)], '%nobody.exists()')], came(spo2(97)), ['pulses']],
  ['one that asks for several things is told by what is read', [on([of(SPO2), of(PULSE)])], came(spo2(97)), ['pulses']],
  [
    'the version before counts too',
    [on([of(SPO2)], '%previous.value.value < 92')],
    { kind: 'data', interaction: 'update', current: spo2(97), previous: spo2(88) },
    ['pulses'],
  ],
])('%s', (_name, trigger, happening, expected) => {
  const asked = inputsAsked(planOf(trigger), { happening, carePlan: CARE_PLAN, subject: undefined, now: NOW })
  expect([...new Set(asked.flatMap(({ id }) => id ?? []))]).toEqual(expected)
})

test.each([
  [
    'what starts or stops by conditions',
    { condition: [{ kind: 'stop', expression: { language: 'text/fhirpath', expression: 'true' } }] },
  ],
  ['what waits for another action', { relatedAction: [{ actionId: 'other', relationship: 'after-end' }] }],
])('%s asks for its inputs whatever its trigger says', (_name, more) => {
  const asking = { happening: came(spo2(97)), carePlan: CARE_PLAN, subject: undefined, now: NOW }
  expect(inputsAsked(planOf([on([of(SPO2)], BELOW)], more), asking)).not.toEqual([])
})

test('the CarePlan is seen as it is given', () => {
  const plan = planOf([on([of(SPO2)], '%careplan.goal.exists()')])
  const asking = { happening: came(spo2(97)), subject: undefined, now: NOW }
  expect(inputsAsked(plan, { ...asking, carePlan: CARE_PLAN })).toEqual([])
  expect(inputsAsked(plan, { ...asking, carePlan: { ...CARE_PLAN, goal: [{ reference: 'Goal/g' }] } })).toHaveLength(1)
})
