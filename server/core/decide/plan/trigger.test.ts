import type { TriggerDefinition } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import type { DataHappening } from '../happening.ts'
import { checkFilters } from './check-filters.ts'
import { checkGoals } from './check-goals.ts'
import { checkTriggers } from './check-triggers.ts'
import { accessedIn, toDataAccess } from './data-access.ts'
import { matches } from './data-requirement.ts'
import { toNamedEvent } from './named-event.ts'
import { isTriggered } from './trigger.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
const measured = (status: string, more: object = {}): Resource => ({
  ...{ resourceType: 'Observation', id: 'o', status, code: { coding: [SPO2] } },
  ...{ effectiveDateTime: NOW.toISOString(), ...more },
})
const DATA = [{ type: 'Observation' as const, codeFilter: [{ path: 'code', code: [SPO2] }] }]
const on = (type: TriggerDefinition['type'], expression?: string): TriggerDefinition => ({
  ...{ type, data: DATA },
  ...(expression ? { condition: { language: 'text/fhirpath', expression } } : {}),
})
const added = (current: Resource): DataHappening => ({ kind: 'data', interaction: 'create', current })
const modified = (previous: Resource, current: Resource): DataHappening => ({
  ...{ kind: 'data', interaction: 'update', previous, current },
})
const removed = (previous: Resource): DataHappening => ({ kind: 'data', interaction: 'delete', previous })
const pulled = (trigger: TriggerDefinition, happening: DataHappening, history: Resource[] = []) =>
  isTriggered([trigger], { happening, history, carePlanId: 'c', variables: {}, now: NOW })

const FINAL = measured('final')
const DRAFT = measured('preliminary')
const ERROR = measured('entered-in-error')
const OTHER = measured('final', { code: { coding: [{ ...SPO2, code: '8867-4' }] } })

test.each<[string, TriggerDefinition, DataHappening, string]>([
  ['data-removed is pulled by what goes', on('data-removed'), removed(FINAL), 'yes'],
  ['data-changed is pulled by what goes', on('data-changed'), removed(FINAL), 'yes'],
  ['data-added is not pulled by what goes', on('data-added'), removed(FINAL), 'no'],
  ['data-removed is not pulled by what comes', on('data-removed'), added(FINAL), 'no'],
  ['data-modified is not pulled by what comes', on('data-modified'), added(FINAL), 'no'],
  ['what is preliminary pulls nothing', on('data-added'), added(DRAFT), 'no'],
  ['what was entered in error pulls nothing', on('data-modified'), modified(FINAL, ERROR), 'no'],
  [
    'unless the trigger asks for the status',
    on('data-modified', "%current.status = 'entered-in-error'"),
    modified(FINAL, ERROR),
    'yes',
  ],
  [
    'a condition sees the version before',
    on('data-changed', "%previous.status = 'preliminary' and %current.status = 'final'"),
    modified(DRAFT, FINAL),
    'yes',
  ],
  [
    'and that there was none',
    on('data-changed', "%previous.status = 'preliminary' and %current.status = 'final'"),
    added(FINAL),
    'no',
  ],
  ['a condition sees what went', on('data-removed', "%previous.status = 'final'"), removed(FINAL), 'yes'],
  ['no value is no', on('data-added', '%current.value > 1'), added(FINAL), 'no'],
  ['two values cannot be judged', on('data-added', '(1 | 2)'), added(FINAL), 'unevaluable'],
])('%s', (_rule, trigger, happening, outcome) => {
  expect(pulled(trigger, happening).outcome).toBe(outcome)
})

test('the status of what is no result does not matter: a Condition, a Task, a MedicationRequest', () => {
  const trigger: TriggerDefinition = { type: 'data-added', data: [{ type: 'MedicationRequest' }] }
  expect(pulled(trigger, added({ resourceType: 'MedicationRequest', id: 'm', status: 'active' })).outcome).toBe('yes')
})

const WEIGHT = { type: 'Observation' as const, codeFilter: [{ path: 'code', code: [{ ...SPO2, code: '29463-7' }] }] }
const weighed = measured('final', { id: 'w', code: { coding: [{ ...SPO2, code: '29463-7' }] } })

test.each<[string, Resource[], string]>([
  ['the other was there before', [weighed], 'yes'],
  ['the other never came', [], 'no'],
  ['the other is in error', [{ ...weighed, status: 'entered-in-error' }], 'no'],
])('of several requirements all must be met: %s', (_case, history, outcome) => {
  const trigger: TriggerDefinition = { type: 'data-added', data: [...DATA, WEIGHT] }
  expect(pulled(trigger, added(FINAL), history).outcome).toBe(outcome)
})

test('several requirements are not met by what was there alone', () => {
  const other = added(measured('final', { code: { coding: [{ ...SPO2, code: '8867-4' }] } }))
  expect(pulled({ type: 'data-added', data: [...DATA, WEIGHT] }, other, [weighed, FINAL]).outcome).toBe('no')
})

const event = (more: object = {}) =>
  toNamedEvent({ name: 'discharge', subject: 'Patient/p', at: NOW.toISOString(), ...more }) as unknown as Resource

test.each<[string, TriggerDefinition, DataHappening, string]>([
  ['its name', { type: 'named-event', name: 'discharge' }, added(event()), 'yes'],
  ['another name', { type: 'named-event', name: 'admission' }, added(event()), 'no'],
  ['for this CarePlan', { type: 'named-event', name: 'discharge' }, added(event({ carePlan: 'CarePlan/c' })), 'yes'],
  ['for another', { type: 'named-event', name: 'discharge' }, added(event({ carePlan: 'CarePlan/d' })), 'no'],
  ['corrected afterwards', { type: 'named-event', name: 'discharge' }, modified(event(), event()), 'no'],
  ['a Basic of another kind', { type: 'named-event', name: 'x' }, added({ resourceType: 'Basic', code: {} }), 'no'],
])('a named event is heard by its name: %s', (_case, trigger, happening, outcome) => {
  expect(pulled(trigger, happening).outcome).toBe(outcome)
})

const ACCESS = toDataAccess({
  ...{ subject: 'Patient/p', at: NOW.toISOString(), author: 'Practitioner/n' },
  given: ['Observation/o/_history/1'],
}) as unknown as Resource
const read = (current: Resource): DataHappening => ({ kind: 'data', interaction: 'access', current, access: ACCESS })

test.each<[string, TriggerDefinition, DataHappening, string]>([
  ['data-accessed is pulled', on('data-accessed'), read(FINAL), 'yes'],
  ['and data-access-ended: over REST it has ended with the answer', on('data-access-ended'), read(FINAL), 'yes'],
  ['not by what somebody was given that has another code', on('data-accessed'), read(OTHER), 'no'],
  ['not by what comes', on('data-accessed'), added(FINAL), 'no'],
  ['and a trigger that waits for changes is not', on('data-changed'), read(FINAL), 'no'],
  ['a condition sees who', on('data-accessed', "%access.author.reference = 'Practitioner/n'"), read(FINAL), 'yes'],
  ['or who else', on('data-accessed', "%access.author.reference = 'Practitioner/d'"), read(FINAL), 'no'],
  ['and nobody where nobody was', on('data-added', '%access.exists()'), added(FINAL), 'no'],
])('what somebody is given: %s', (_case, trigger, happening, outcome) => {
  expect(pulled(trigger, happening).outcome).toBe(outcome)
})

test('what was given is told by version, and by nothing else', () => {
  expect(accessedIn(ACCESS)).toEqual(['Observation/o/_history/1'])
  expect(accessedIn(event({ about: 'Observation/o' }))).toEqual([])
  expect([accessedIn(FINAL), accessedIn(undefined)]).toEqual([[], []])
})

test.each([
  ...['Observation/o', 'Observation/o/_history/', 'Observation/o/_history/x', 'Observation/o/_history/0'],
  ...['Observation/o/_history/1.5', 'Observation/o/_history/9999999999', 'http://x/Observation/o/_history/1', '#o'],
])('%s names no version of ours that somebody was given', (reference) => {
  const about = { subject: 'Patient/p', at: NOW.toISOString() }
  const basic = toDataAccess({ ...about, given: [reference, 'Observation/o/_history/2'] }) as unknown as Resource
  expect(accessedIn(basic)).toEqual(['Observation/o/_history/2'])
})

test('an input that only another engine’s query pattern narrows is told, and finds not just everything', () => {
  const pattern = { url: 'http://hl7.org/fhir/StructureDefinition/cqf-fhirQueryPattern', valueString: 'Observation?x' }
  const input = { type: 'Observation' as const, extension: [pattern] }
  expect(checkFilters({ action: [{ input: [input, { ...input, codeFilter: DATA[0]?.codeFilter }] }] })).toEqual([
    { expression: 'PlanDefinition.action[0].input[0].extension', diagnostics: expect.stringContaining('codeFilter') },
  ])
  expect(() => matches(FINAL, input, NOW)).toThrow('cqf-fhirQueryPattern')
  expect(matches(FINAL, { ...input, codeFilter: DATA[0]?.codeFilter }, NOW)).toBe(true)
})

test('a trigger on what is no patient’s would never be pulled, which is told with its place', () => {
  const on = (...types: ('Observation' | 'Organization' | 'Location' | 'Patient' | 'Coverage' | 'Group')[]) => ({
    trigger: [{ type: 'data-added' as const, data: types.map((type) => ({ type })) }],
  })
  const heard = [on('Observation'), on('Patient'), on('Coverage'), on('Group'), on('Location', 'Observation')]
  expect(checkTriggers({ action: heard })).toEqual([])
  expect(checkTriggers({ action: [{ action: [on('Organization', 'Location')] }] })).toEqual([
    ...['Organization', 'Location'].map((type, i) => ({
      expression: `PlanDefinition.action[0].action[0].trigger[0].data[${i}].type`,
      diagnostics: expect.stringContaining(`no ${type} is a patient's`),
    })),
  ])
})

test('a goal that the plan does not have is told, with its place', () => {
  const plan = { goal: [{ id: 'a', description: {} }], action: [{ goalId: ['a'], action: [{ goalId: ['a', 'b'] }] }] }
  expect(checkGoals(plan)).toEqual([
    { expression: 'PlanDefinition.action[0].action[0].goalId[1]', diagnostics: expect.stringContaining("'b'") },
  ])
})

test('a filter by a search parameter that the type does not have is told, with its place', () => {
  const data = (codeFilter: object[], dateFilter: object[] = []) => [
    { type: 'Condition' as const, codeFilter, dateFilter },
  ]
  const bad = data([{ searchParam: 'code' }, { searchParam: 'clinicalStatus' }], [{ searchParam: 'effective' }])
  const good = data([{ searchParam: 'clinical-status' }, { path: 'stage.type' }], [{ path: 'onset' }])
  const triggered = (of: typeof bad) => ({ trigger: [{ type: 'data-added' as const, data: of }] })
  const action = [triggered(good), { input: good, action: [triggered(bad)] }, { input: bad }]
  expect(checkFilters({ action }).map(({ expression }) => expression)).toEqual([
    'PlanDefinition.action[1].action[0].trigger[0].data[0].codeFilter[1].searchParam',
    'PlanDefinition.action[1].action[0].trigger[0].data[0].dateFilter[0].searchParam',
    'PlanDefinition.action[2].input[0].codeFilter[1].searchParam',
    'PlanDefinition.action[2].input[0].dateFilter[0].searchParam',
  ])
  expect(checkFilters({ action })[0]?.diagnostics).toContain('"clinicalStatus" of Condition that looks at codes')
})

test.each([
  ['Condition', 'kode'],
  ['Condition', 'stage.kode'],
  ['Observation', 'Observation.code'],
  ['Observation', 'value.ofType(CodeableConcept)'],
  ['Observation', 'code|kode'],
] as const)('a filter of %s by the path %s, which would find nothing, is told', (type, path) => {
  const action = [{ input: [{ type, codeFilter: [{ path: 'code' }, { path }], dateFilter: [{ path }] }] }]
  expect(checkFilters({ action }).map(({ expression }) => expression)).toEqual([
    'PlanDefinition.action[0].input[0].codeFilter[1].path',
    'PlanDefinition.action[0].input[0].dateFilter[0].path',
  ])
})

test.each([
  ['Observation', 'value'],
  ['Observation', 'valueCodeableConcept'],
  ['Observation', 'value.coding'],
  ['Observation', 'component.code'],
  ['Observation', 'meta.tag'],
  ['Encounter', 'period.start'],
  ['Condition', 'onset|abatement'],
] as const)('a filter of %s may go by the path %s', (type, path) => {
  expect(checkFilters({ action: [{ input: [{ type, codeFilter: [{ path }] }] }] })).toEqual([])
})
