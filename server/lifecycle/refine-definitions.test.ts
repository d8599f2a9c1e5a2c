import type { PlanDefinition, Questionnaire } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { refineCopies, withoutMerged } from './refine-definitions.ts'

const plan = (...named: [id: string, canonical: string][]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active' },
  action: [{ id: 'group', action: named.map(([id, definitionCanonical]) => ({ id, definitionCanonical })) }],
})
const form = (url: string, version: string, items: Questionnaire['item'], more: object = {}): Resource =>
  ({ resourceType: 'Questionnaire', url, version, status: 'active', title: 'Dagbok', item: items, ...more }) as Resource
const REGION = 'http://region/q'
const OURS = 'http://hospital/q'
const asked = (linkId: string, text = linkId) => ({ linkId, text, type: 'boolean' as const })
const group = (...item: ReturnType<typeof asked>[]) => ({ linkId: 'group', type: 'group' as const, item })

const PLANS = {
  base: plan(['diary', `${REGION}|1`]),
  theirs: plan(['diary', `${REGION}|2`]),
  ours: plan(['diary', `${OURS}|1`]),
}
const given = (base: Questionnaire['item'], theirs: Questionnaire['item'], ours: Questionnaire['item']) => ({
  base: new Map([[`${REGION}|1`, form(REGION, '1', base)]]),
  theirs: new Map([[`${REGION}|2`, form(REGION, '2', theirs, { description: 'Ny' })]]),
  ours: new Map([[`${OURS}|1`, form(OURS, '1', ours, { id: 'q', title: 'Dagbok i Bodø' })]]),
})

test('a form that was copied takes what the template has changed and added, and keeps what it says itself', () => {
  const [copy, ...others] = refineCopies(
    PLANS,
    given(
      [group(asked('breath'), asked('cough'))],
      [group(asked('breath', 'Tung pust?'), asked('cough'), asked('slime'))],
      [group(asked('breath'), asked('cough', 'Hoste i natt?')), asked('own')],
    ),
  )
  expect(others).toEqual([])
  expect(copy).toEqual({
    conflicts: [],
    definition: {
      ...{ resourceType: 'Questionnaire', id: 'q', url: OURS, version: '1', status: 'active' },
      ...{ title: 'Dagbok i Bodø', description: 'Ny' },
      item: [
        { ...group(asked('breath', 'Tung pust?'), asked('cough', 'Hoste i natt?'), asked('slime')) },
        asked('own'),
      ],
    },
  })
})

test('what both have changed is a conflict: ours is kept, and the question is named', () => {
  const definitions = given([asked('breath')], [asked('breath', 'A')], [asked('breath', 'B')])
  const [copy] = refineCopies(PLANS, definitions)
  expect(copy?.conflicts).toEqual([
    { about: `Questionnaire ${OURS} item breath`, element: 'text', theirs: 'A', ours: 'B' },
  ])
  expect(copy?.definition.item).toEqual([asked('breath', 'B')])
  // That both name another form than before is no conflict of its own any more.
  const named = [
    { about: 'rule diary', element: 'definitionCanonical' },
    { about: 'rule diary', element: 'title' },
    { about: 'rule other', element: 'definitionCanonical' },
  ]
  expect(withoutMerged(named, PLANS.ours, copy ? [copy] : [])).toEqual(named.slice(1))
  expect(withoutMerged(named, PLANS.ours, [])).toEqual(named)
})

test.each<[string, Partial<typeof PLANS>]>([
  ['the template has changed nothing', { theirs: PLANS.base }],
  ['it was not copied', { ours: PLANS.base }],
  ['ours names that of the newer template already', { ours: PLANS.theirs }],
  ['the template has no such action any more', { theirs: plan(['other', `${REGION}|2`]) }],
  ['it cannot be read', { ours: plan(['diary', 'http://elsewhere/q|1']) }],
])('where %s, nothing is merged', (_what, changed) => {
  const items = [asked('breath')]
  expect(refineCopies({ ...PLANS, ...changed }, given(items, items, items))).toEqual([])
})

test('a form in place of an activity is no copy of it', () => {
  const definitions = given([asked('breath')], [asked('breath', 'A')], [asked('breath')])
  const activity = { resourceType: 'ActivityDefinition', url: OURS, version: '1', status: 'active' } as Resource
  expect(refineCopies(PLANS, { ...definitions, ours: new Map([[`${OURS}|1`, activity]]) })).toEqual([])
})
