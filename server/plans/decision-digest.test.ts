import { hash } from 'node:crypto'
import type { ClinicalImpression } from '@medplum/fhirtypes'
import type { Decisions } from '../core/decide/decisions.ts'
import { evaluateCondition } from '../core/decide/plan/condition.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { digestOf, textOf } from './decision-digest.ts'

const now = new Date('2026-03-02T08:00:00Z')
const limits = [
  { measure: 'SpO2 «målt»', zone: 'red', value: 88, hit: false, valueMax: undefined },
  { measure: 'SpO2', zone: 'yellow', value: 92, hit: true },
]
const current = {
  resourceType: 'Observation',
  id: '1',
  meta: { versionId: '2' },
  valueQuantity: { value: 84, unit: '%' },
}
const variables = {
  limits,
  current,
  baseline: [],
  mixed: [limits, [current]],
  none: undefined,
  nothing: null,
  text: '"',
}
const ask = (expression: string) =>
  evaluateCondition({ expression, language: 'text/fhirpath' }, current as Resource, variables, {}, { now })

const ofLimits = ask("%limits.where(zone = 'red' and hit).exists()")
const traced: Decisions['trace'] = [
  { actionId: 'group', outcome: 'applicable', conditions: [] },
  {
    actionId: 'red "1"',
    outcome: 'not-applicable',
    conditions: [ofLimits, ask('%limits.exists() and %baseline.empty()')],
  },
  // What a walk has laid over a condition: what it saw is no longer worked out when it is asked for.
  { actionId: 'stopped', outcome: 'not-applicable', conditions: [{ ...ofLimits, outcome: 'true' }] },
  {
    actionId: 'all',
    outcome: 'unevaluable',
    conditions: [ask('%mixed.exists() and %none and %nothing and %text and %current'), ask('%unknown'), ask('1 +')],
  },
]
const impression: ClinicalImpression = {
  resourceType: 'ClinicalImpression',
  status: 'completed',
  subject: {},
  note: undefined,
}
const timer = { kind: 'rule', about: 'CarePlan/1', name: 'x', plan: 'p', dueAt: now } as const

test.each<[string, Decisions]>([
  ['nothing', { tasks: [], timers: [], trace: [] }],
  ['a trace alone', { tasks: [], timers: [], trace: traced }],
  [
    'all that there can be',
    {
      tasks: [
        { act: 'create', task: { resourceType: 'Task', status: 'requested', intent: 'order', description: 'æøå 😀' } },
      ],
      requests: [{ act: 'update', resource: current as Resource }],
      timers: [{ act: 'set', timer }],
      triage: { act: 'create', impression },
      trace: traced,
    },
  ],
  [
    'members in another order, and one that is not there',
    { trace: traced, timers: [], tasks: [], triage: undefined } as never,
  ],
])('a digest is of the text that JSON has for a decision, as every stored one is: %s', (_name, decisions) => {
  expect(textOf(decisions)).toBe(JSON.stringify(decisions))
  expect(digestOf(decisions)).toBe(hash('sha256', JSON.stringify(decisions), 'hex'))
})
