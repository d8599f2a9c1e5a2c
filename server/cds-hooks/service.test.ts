import type { DataRequirement, PlanDefinition } from '@medplum/fhirtypes'
import { callOf } from './hook-request.ts'
import { hookedPlan, hooksOf } from './hooked-plan.ts'
import { findHook, type Hook } from './hooks.ts'
import { prefetchOf } from './prefetch.ts'
import { servicesOf } from './service.ts'

const PATIENT_VIEW = findHook('patient-view') as Hook
const on = (...names: string[]) => names.map((name) => ({ type: 'named-event' as const, name }))
const spo2: DataRequirement = {
  ...{ id: 'spo2', type: 'Observation' },
  codeFilter: [{ path: 'code', code: [{ system: 'http://loinc.org', code: '59408-5' }] }],
}

const plan: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', url: 'http://x/PlanDefinition/copd', title: 'KOLS', status: 'active' },
  ...{ description: 'Oppfølging ved KOLS', usage: 'Krever SpO2 hjemme' },
  action: [
    { id: 'view', title: 'Åpnet', trigger: on('patient-view'), input: [spo2] },
    { id: 'own', title: 'Egen hendelse', trigger: on('discharged') },
    {
      ...{ id: 'group', title: 'Gruppe', definitionCanonical: 'http://x/own-work' },
      action: [{ id: 'sign', title: 'Signeres', trigger: on('order-sign', 'order-select') }],
    },
  ],
}

test('a plan is a service for each hook that it answers to; other named events are its own', () => {
  expect(hooksOf(plan).map(({ name }) => name)).toEqual(['patient-view', 'order-sign', 'order-select'])
  expect(servicesOf(plan)).toMatchObject([
    {
      ...{ id: 'copd-patient-view', hook: 'patient-view', title: 'KOLS', description: 'Oppfølging ved KOLS' },
      usageRequirements: 'Krever SpO2 hjemme',
      prefetch: {
        patient: 'Patient/{{context.patientId}}',
        observation: 'Observation?patient={{context.patientId}}&code=http://loinc.org|59408-5',
      },
    },
    { id: 'copd-order-sign', prefetch: { patient: 'Patient/{{context.patientId}}' } },
    { id: 'copd-order-select' },
  ])
  expect(servicesOf({ ...plan, action: [{ title: 'Ett', trigger: on('encounter-start') }] })).toMatchObject([
    { id: 'copd' },
  ])
  expect(servicesOf({ ...plan, action: [{ title: 'Ingen' }] })).toEqual([])
})

test('by a hook only what it wakes is applied; a group around it keeps its words and does nothing of its own', () => {
  expect(hookedPlan(plan, PATIENT_VIEW).action).toEqual([plan.action?.[0]])
  const [group, ...others] = hookedPlan(plan, findHook('order-sign') as Hook).action ?? []
  expect(others).toEqual([])
  expect(group).toEqual({ id: 'group', title: 'Gruppe', action: [plan.action?.[2]?.action?.[0]] })
})

test('a child without a trigger has that of its parent', () => {
  const child = { id: 'child', title: 'Barn' }
  const parent = {
    id: 'parent',
    trigger: on('patient-view'),
    action: [child, { id: 'else', trigger: on('order-sign') }],
  }
  const action = hookedPlan({ ...plan, action: [parent] }, PATIENT_VIEW).action
  expect(action).toEqual([{ ...parent, action: [child] }])
})

describe('prefetch', () => {
  const templates = (...requirements: DataRequirement[]) => {
    const { patient: _patient, ...others } = prefetchOf(requirements, PATIENT_VIEW)
    return Object.values(others)
  }
  const ago = { value: 3, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' }
  const newest = [{ path: 'effective', direction: 'descending' as const }]
  const oldest = [{ path: 'effective', direction: 'ascending' as const }]
  const base = 'Observation?patient={{context.patientId}}'

  test.each<[string, Partial<DataRequirement>, string]>([
    ['type alone', {}, base],
    [
      'a value set',
      { codeFilter: [{ path: 'code', valueSet: 'http://x/vs|1' }] },
      `${base}&code:in=http%3A%2F%2Fx%2Fvs%7C1`,
    ],
    [
      'a search parameter',
      { codeFilter: [{ searchParam: 'category', code: [{ code: 'vital-signs' }] }] },
      `${base}&category=vital-signs`,
    ],
    [
      'several codes',
      { codeFilter: [{ path: 'code', code: [{ code: 'a' }, { system: 's', code: 'b,c' }] }] },
      `${base}&code=a,s|b\\,c`,
    ],
    [
      'a value set and a code, which add up',
      { codeFilter: [{ path: 'code', valueSet: 'v', code: [{ code: 'a' }] }] },
      base,
    ],
    [
      'a period',
      { dateFilter: [{ path: 'effective', valuePeriod: { start: '2026-01-01', end: '2026-02-01' } }] },
      `${base}&date=ge2026-01-01&date=le2026-02-01`,
    ],
    ['a day', { dateFilter: [{ searchParam: 'date', valueDateTime: '2026-01-01' }] }, `${base}&date=2026-01-01`],
    ['a window that moves', { dateFilter: [{ path: 'effective', valueDuration: ago }] }, base],
    ['the newest three', { sort: newest, limit: 3 }, `${base}&_sort=-date&_count=3`],
    [
      'the newest three of a window',
      { sort: newest, limit: 3, dateFilter: [{ path: 'effective', valueDuration: ago }] },
      `${base}&_sort=-date&_count=3`,
    ],
    // The oldest three of all are not the oldest three of the window.
    [
      'the oldest three of a window',
      { sort: oldest, limit: 3, dateFilter: [{ path: 'effective', valueDuration: ago }] },
      base,
    ],
    [
      'three of a wider filter',
      { sort: newest, limit: 3, codeFilter: [{ path: 'code', valueSet: 'v', code: [{ code: 'a' }] }] },
      base,
    ],
  ])('%s', (_what, given, expected) => {
    expect(templates({ type: 'Observation', ...given })).toEqual([expected])
  })

  test('the same query is asked once, several of a type have a number, and the patient stands by itself', () => {
    const condition: DataRequirement = { type: 'Condition' }
    expect(
      prefetchOf(
        [spo2, condition, { ...spo2, id: 'again' }, { type: 'Observation' }, { type: 'Patient' }],
        PATIENT_VIEW,
      ),
    ).toEqual({
      patient: 'Patient/{{context.patientId}}',
      observation: `${base}&code=http://loinc.org|59408-5`,
      condition: 'Condition?patient={{context.patientId}}',
      'observation-2': base,
    })
  })
})

describe('a hook’s request', () => {
  const context = { patientId: 'p1', userId: 'Practitioner/n1', encounterId: 'e1' }
  const patient = { resourceType: 'Patient', id: 'p1' }
  const call = (given: object, hook = PATIENT_VIEW) =>
    callOf({ hook: hook.name, hookInstance: '1', context, ...given }, hook, ['patient', 'observation'])

  test('is a call of $apply: subject, encounter, practitioner, and what was sent along', () => {
    const bundle = { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Observation', id: 'o1' } }, {}] }
    expect(call({ prefetch: { patient, observation: bundle } })).toEqual({
      ...{ subject: 'Patient/p1', encounter: 'Encounter/e1', practitioner: 'Practitioner/n1', missing: [] },
      data: [patient, { resourceType: 'Observation', id: 'o1' }],
    })
  })

  test('what was not sent, or is null or a failure, is told or left out', () => {
    expect(call({ prefetch: { patient: null } })).toMatchObject({ data: [], missing: ['patient', 'observation'] })
    expect(call({ prefetch: { patient: { resourceType: 'OperationOutcome' } } })).toMatchObject({ data: [] })
    expect(call({ context: { patientId: 'p1', userId: 'Patient/p1' } })).not.toHaveProperty('practitioner')
  })

  test('of an order hook the drafts are facts as well', () => {
    const draft = { resourceType: 'ServiceRequest', status: 'draft' }
    const draftOrders = { resourceType: 'Bundle', entry: [{ resource: draft }] }
    expect(call({ context: { ...context, draftOrders } }, findHook('order-sign'))).toMatchObject({ data: [draft] })
  })

  test.each([
    ['no object', [], 'value', 'the request'],
    ['another hook', { hook: 'order-sign', context }, 'value', 'hook'],
    ['no context', { hook: 'patient-view' }, 'value', 'context'],
    ['no patient', { hook: 'patient-view', context: {} }, 'required', 'context.patientId'],
    [
      'a reference for an id',
      { hook: 'patient-view', context: { patientId: 'Patient/1' } },
      'value',
      'context.patientId',
    ],
    ['a prefetch that is a list', { hook: 'patient-view', context, prefetch: [] }, 'value', 'prefetch'],
  ])('%s is refused', (_what, body, code, expression) => {
    expect(() => callOf(body, PATIENT_VIEW, [])).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ code, expression: [expression] })] }),
    )
  })
})
