import type { Library, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { refineCases, refinePlan } from './refine-plan.ts'

const region = (version: string, more: Partial<PlanDefinition> = {}): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url: 'http://region/p', version, status: 'active', title: 'KOLS' },
  relatedArtifact: [
    { type: 'predecessor', resource: 'http://region/p|0.9' },
    { type: 'documentation', label: 'GOLD 2025' },
    { type: 'composed-of', label: 'cases', resource: `http://region/cases|${version}` },
  ],
  goal: [{ id: 'spo2', description: { text: 'SpO2' }, target: [{ detailQuantity: { value: 88 } }] }],
  action: [
    { id: 'red', title: 'Rød', action: [{ id: 'red-spo2', title: 'SpO2 under 88 %' }] },
    { id: 'missing', title: 'Mangler' },
  ],
  ...more,
})
const CASES = { type: 'composed-of' as const, label: 'cases', resource: 'http://hospital/cases|0.1.0' }
const hospital = (more: Partial<PlanDefinition> = {}, of = region('1.0.0')): PlanDefinition => ({
  ...of,
  ...{ id: 'h', url: 'http://hospital/p', version: '0.1.0', status: 'draft' },
  relatedArtifact: [
    { type: 'derived-from', resource: 'http://region/p|1.0.0' },
    { type: 'documentation', label: 'GOLD 2025' },
    CASES,
  ],
  ...more,
})
const base = region('1.0.0')
const refined = (theirs: PlanDefinition, ours: PlanDefinition) => refinePlan({ base, theirs, ours })
const [red, missing] = base.action as [PlanDefinitionAction, PlanDefinitionAction]

test('what the region has changed is taken, what the hospital says otherwise stays', () => {
  const theirs = region('1.1.0', {
    description: 'Ny',
    goal: [{ id: 'spo2', description: { text: 'Oksygen' }, target: [{ detailQuantity: { value: 88 } }] }],
    action: [red, { id: 'sputum', title: 'Slim' }, missing],
    relatedArtifact: [{ type: 'documentation', label: 'GOLD 2026' }],
  })
  const ours = hospital({
    title: 'KOLS i Bodø',
    goal: [{ id: 'spo2', description: { text: 'SpO2' }, target: [{ detailQuantity: { value: 86 } }] }],
    action: [{ ...red, action: [...(red.action ?? []), { id: 'red-own', title: 'Vår egen' }] }, missing],
  })
  expect(refined(theirs, ours)).toEqual({
    conflicts: [],
    plan: {
      ...{ resourceType: 'PlanDefinition', id: 'h', url: 'http://hospital/p', version: '0.1.0', status: 'draft' },
      ...{ title: 'KOLS i Bodø', description: 'Ny' },
      relatedArtifact: [
        { type: 'derived-from', resource: 'http://region/p|1.1.0' },
        CASES,
        { type: 'documentation', label: 'GOLD 2026' },
      ],
      goal: [{ id: 'spo2', description: { text: 'Oksygen' }, target: [{ detailQuantity: { value: 86 } }] }],
      action: [
        { ...red, action: [...(red.action ?? []), { id: 'red-own', title: 'Vår egen' }] },
        { id: 'sputum', title: 'Slim' },
        missing,
      ],
    },
  })
})

test.each<
  [string, Partial<PlanDefinition>, Partial<PlanDefinition>, object[], (plan: PlanDefinition) => unknown, unknown]
>([
  [
    'the same element, otherwise',
    { title: 'KOLS 2' },
    { title: 'KOLS i Bodø' },
    [{ about: 'plan', element: 'title', theirs: 'KOLS 2', ours: 'KOLS i Bodø' }],
    ({ title }) => title,
    'KOLS i Bodø',
  ],
  ['the same element, alike', { title: 'Ny' }, { title: 'Ny' }, [], ({ title }) => title, 'Ny'],
  [
    'a rule that the hospital has changed and the region has left out',
    { action: [red] },
    { action: [red, { ...missing, title: 'Mangler i Bodø' }] },
    [{ about: 'rule missing', element: 'itself', ours: expect.stringContaining('Mangler i Bodø') }],
    ({ action }) => action?.map(({ id }) => id),
    ['red', 'missing'],
  ],
  [
    'a rule that the region has changed and the hospital has left out',
    { action: [red, { ...missing, title: 'Mangler 2' }] },
    { action: [red] },
    [{ about: 'rule missing', element: 'itself', theirs: expect.stringContaining('Mangler 2') }],
    ({ action }) => action?.map(({ id }) => id),
    ['red'],
  ],
  [
    'a rule that both have left out',
    { action: [red] },
    { action: [red] },
    [],
    ({ action }) => action?.map(({ id }) => id),
    ['red'],
  ],
  [
    'a rule of the region in a group that the hospital has left out',
    { action: [{ ...red, action: [...(red.action ?? []), { id: 'red-new' }] }, missing] },
    { action: [missing] },
    [{ about: 'rule red-new', element: 'its group' }],
    ({ action }) => action?.map(({ id }) => id),
    ['missing'],
  ],
  [
    'another order, where the region has changed none',
    { title: 'Ny' },
    { action: [missing, red] },
    [],
    ({ action }) => action?.map(({ id }) => id),
    ['missing', 'red'],
  ],
])('%s', (_what, theirs, ours, conflicts, take, expected) => {
  const { plan, conflicts: told } = refined(region('1.1.0', theirs), hospital(ours))
  expect(told).toEqual(conflicts)
  expect(take(plan)).toEqual(expected)
})

test('two goals that are called the same stay two', () => {
  const goal = [1, 2].map((value) => ({ description: { text: 'Puste godt' }, target: [{ detailQuantity: { value } }] }))
  const from = region('1.0.0', { goal })
  const { plan, conflicts } = refinePlan({ base: from, theirs: region('1.1.0', { goal }), ours: hospital({}, from) })
  expect([plan.goal, conflicts]).toEqual([goal, []])
})

test('cases are merged by their titles', () => {
  const cases = (...titles: [string, string][]): Library => ({
    ...{ resourceType: 'Library', status: 'draft', type: { text: 'cases' } },
    content: titles.map(([title, data]) => ({ title, data })),
  })
  const { cases: merged, conflicts } = refineCases({
    base: cases(['red', '1'], ['green', '1']),
    theirs: cases(['red', '2'], ['green', '1'], ['new', '1']),
    ours: cases(['red', '1'], ['green', '3'], ['own', '1']),
  })
  expect(merged.content?.map(({ title, data }) => `${title} ${data}`)).toEqual(['red 2', 'green 3', 'own 1', 'new 1'])
  expect(conflicts).toEqual([])
})

/** Trees of actions with ids that are there once. */
const tree = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('x', 'y'), fc.nat(2)), {
    selector: ([id]) => id,
  })
  .map((list) => {
    const top: PlanDefinitionAction[] = []
    for (const [id, title, place] of list) {
      const group = place === 0 ? undefined : top.at(-1)
      if (group) group.action = [...(group.action ?? []), { id, title }]
      else top.push({ id, title })
    }
    return top
  })
const withActions = (plan: PlanDefinition, action: PlanDefinitionAction[]): PlanDefinition => {
  const { action: _, ...rest } = plan
  return action.length > 0 ? { ...rest, action } : rest
}

test('a template that has not changed changes nothing; a plan that says nothing otherwise becomes the template', () => {
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      const from = withActions(region('1.0.0'), one)
      const ours = withActions(hospital({}, from), other)
      const same = refinePlan({ base: from, theirs: { ...from, version: '1.1.0' }, ours })
      expect([same.plan.action, same.conflicts]).toEqual([ours.action, []])
      const taken = refinePlan({
        base: from,
        theirs: withActions(region('1.1.0'), other),
        ours: withActions(ours, one),
      })
      expect([taken.plan.action, taken.conflicts]).toEqual([ours.action, []])
    }),
  )
})
