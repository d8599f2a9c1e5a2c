import type { PlanDefinition } from '@medplum/fhirtypes'
import { toldAs } from '../core/decide/words/told.ts'
import { proposedParts } from './proposed-parts.ts'

const P = { type: 'documentation' as const, label: 'P' }
const G = { type: 'documentation' as const, label: 'G' }
const limit = {
  extension: [
    {
      url: 'http://fylgje.no/fhir/StructureDefinition/limit',
      extension: [
        { url: 'zone', valueCode: 'red' },
        { url: 'side', valueCode: 'low' },
      ],
    },
  ],
  measure: { text: 'SpO2' },
  detailQuantity: { value: 88, comparator: '<' as const, unit: '%' },
}
const PLAN: PlanDefinition = {
  ...{ resourceType: 'PlanDefinition', status: 'active' },
  goal: [
    { description: { text: 'SpO2' }, target: [limit], documentation: [G, P] },
    { description: { text: 'Puls' }, target: [limit], documentation: [G] },
  ],
  action: [
    { id: 'measure', ...toldAs('title', { nb: 'Mål', nn: 'Mål', en: 'Measure' }), documentation: [P] },
    {
      trigger: [{ type: 'data-added' }],
      action: [
        { prefix: 'R1', title: 'Low', documentation: [P] },
        { prefix: 'R2', title: 'High', documentation: [G] },
      ],
    },
  ],
}

test('limits, activities and rules that rest on a proposal, alone or beside a source; none that has a source alone', () => {
  expect(proposedParts(PLAN, 'en')).toEqual([
    { kind: 'limit', about: 'SpO2: red low <88 %', isAlone: false, path: 'PlanDefinition.goal[0].target[0]' },
    { kind: 'activity', about: 'Measure', isAlone: true, path: 'PlanDefinition.action[0]' },
    { kind: 'rule', about: 'R1: Low', isAlone: true, path: 'PlanDefinition.action[1].action[0]' },
  ])
})

test('a limit that has sources of its own rests on them, not on those of its goal, and they are no part of what it says', () => {
  const sourced = (...sources: (typeof P)[]) => {
    const parts = sources.map((one) => ({ url: 'source', valueRelatedArtifact: one }))
    return { ...limit, extension: limit.extension.map((one) => ({ ...one, extension: [...one.extension, ...parts] })) }
  }
  const target = [sourced(G), sourced(P), sourced(G, P), limit]
  const plan: PlanDefinition = {
    ...PLAN,
    goal: [{ description: { text: 'SpO2' }, target, documentation: [P] }],
    action: [],
  }
  const about = 'SpO2: red low <88 %'
  expect(proposedParts(plan, 'en')).toEqual([
    { kind: 'limit', about, isAlone: true, path: 'PlanDefinition.goal[0].target[1]' },
    { kind: 'limit', about, isAlone: false, path: 'PlanDefinition.goal[0].target[2]' },
    { kind: 'limit', about, isAlone: true, path: 'PlanDefinition.goal[0].target[3]' },
  ])
})
