import type { CarePlan, Condition, Goal, PlanDefinition } from '@medplum/fhirtypes'
import { LIMIT } from '../../../server/core/decide/plan/vocabulary.ts'
import { actionsOf, edited, fitting, NO_EDITS, proposedMeasures, warningsOf } from './proposal.ts'

const daily = { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } }
const goal: Goal = {
  ...{ resourceType: 'Goal', id: 'goal-1', lifecycleStatus: 'proposed', description: { text: 'SpO2' } },
  subject: { reference: 'Patient/p' },
  target: [
    {
      extension: [
        {
          url: LIMIT,
          extension: [
            { url: 'zone', valueCode: 'yellow' },
            { url: 'side', valueCode: 'low' },
          ],
        },
      ],
      measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
      detailQuantity: { value: 92, comparator: '<', unit: '%' },
    },
  ],
}
const PROPOSAL: CarePlan = {
  ...{ resourceType: 'CarePlan', status: 'draft', intent: 'proposal', subject: { reference: 'Patient/p' } },
  contained: [
    goal,
    {
      ...{ resourceType: 'ServiceRequest', id: 'measure', status: 'draft', intent: 'option' },
      ...{ subject: { reference: 'Patient/p' }, occurrenceTiming: daily },
    },
    {
      ...{ resourceType: 'DeviceRequest', id: 'lend', status: 'draft', intent: 'option' },
      subject: { reference: 'Patient/p' },
      basedOn: [{ reference: '#form' }],
    },
    { resourceType: 'Task', id: 'form', status: 'draft', intent: 'option' },
    {
      ...{ resourceType: 'RequestGroup', id: 'group', status: 'draft', intent: 'proposal' },
      action: [
        { id: 'measure', title: 'Mål', resource: { reference: '#measure' } },
        { id: 'inner', action: [{ id: 'lend', title: 'Lån ut', resource: { reference: '#lend' } }] },
      ],
    },
    {
      resourceType: 'OperationOutcome',
      id: 'told',
      issue: [{ severity: 'warning', code: 'informational', diagnostics: 'Obs.' }],
    },
  ],
  activity: [{ reference: { reference: '#group' } }],
  goal: [{ reference: '#goal-1' }],
}
const ids = ({ contained = [] }: CarePlan) => contained.map(({ id }) => id)

test('what a plan proposes is told action by action, also of groups; and what it warns of', () => {
  expect(actionsOf(PROPOSAL).map(({ id, request, timing }) => [id, request, timing])).toEqual([
    ['measure', 'measure', daily],
    ['lend', 'lend', undefined],
  ])
  expect(proposedMeasures(PROPOSAL)).toMatchObject([
    { key: 'http://loinc.org|59408-5', own: { yellowLow: { value: 92 } } },
  ])
  expect(warningsOf(PROPOSAL)).toEqual(['Obs.'])
})

test('the rules of the plan, and what belongs to them, are not asked for at the beginning', () => {
  const plan = {
    action: [{ id: 'measure' }, { id: 'inner', trigger: [{ type: 'data-added' }], action: [{ id: 'lend' }] }],
  } as PlanDefinition
  expect(actionsOf(PROPOSAL, plan).map(({ id }) => id)).toEqual(['measure'])
})

test('what is left out goes with all that only it led to; the rest stays as it was', () => {
  expect(ids(edited(PROPOSAL, NO_EDITS))).toEqual(['goal-1', 'measure', 'lend', 'form', 'group', 'told'])
  const without = edited(PROPOSAL, { ...NO_EDITS, left: new Set(['lend']) })
  expect(ids(without)).toEqual(['goal-1', 'measure', 'group', 'told'])
  expect(actionsOf(without).map(({ id }) => id)).toEqual(['measure'])
})

test('other times and limits stand in what is stored', () => {
  const weekly = { repeat: { frequency: 1, period: 1, periodUnit: 'wk' as const } }
  const made = edited(PROPOSAL, {
    ...NO_EDITS,
    timings: { measure: weekly },
    bounds: { 'http://loinc.org|59408-5': { yellowLow: 90, redLow: 80 } },
  })
  expect(actionsOf(made)[0]?.timing).toEqual(weekly)
  // The plan proposes no red limit: none is made up.
  expect(made.contained?.[0]).toMatchObject({ target: [{ detailQuantity: { value: 90, comparator: '<', unit: '%' } }] })
})

const PLAN = {
  topic: [
    {
      coding: [
        { system: 'http://hl7.org/fhir/sid/icd-10', code: 'J44' },
        { system: 'http://snomed.info/sct', code: '13645005' },
      ],
    },
  ],
} as PlanDefinition
const condition = (system: string, code: string, clinical = 'active') =>
  ({ code: { coding: [{ system, code }] }, clinicalStatus: { coding: [{ code: clinical }] } }) as Condition
test.each([
  ['the code itself', condition('http://snomed.info/sct', '13645005'), 1],
  ['a narrower one of ICD-10', condition('http://hl7.org/fhir/sid/icd-10', 'J44.1'), 1],
  ['another one', condition('http://hl7.org/fhir/sid/icd-10', 'J45'), 0],
  ['one that begins alike in SNOMED CT', condition('http://snomed.info/sct', '136450051'), 0],
  ['one that is over', condition('http://snomed.info/sct', '13645005', 'resolved'), 0],
])('a plan is for a diagnosis: %s', (_, given, count) => {
  expect(fitting(PLAN, [given])).toHaveLength(count)
})
