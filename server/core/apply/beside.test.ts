import type { CarePlan, RequestGroup, RequestGroupAction } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { beside, pathsBeside } from './beside.ts'
import type { Proposed } from './edited-proposal.ts'

const action = (id: string, rest: RequestGroupAction = {}): RequestGroupAction => ({ id, ...rest })
const asks = (id: string): RequestGroupAction => action(id, { resource: { reference: `#${id}` } })
const inner = (id: string, ...actions: RequestGroupAction[]): Resource => ({
  ...{ resourceType: 'RequestGroup', id, status: 'draft', intent: 'option', subject: { reference: 'Patient/p' } },
  action: actions,
})
const proposed = (actions: RequestGroupAction[], ...contained: Resource[]): Proposed => ({
  carePlan: { resourceType: 'CarePlan' } as CarePlan,
  contained: new Map(contained.map((one) => [String(one.id), one])),
  group: { resourceType: 'RequestGroup', action: actions } as RequestGroup,
})
const newTo = (whole: Proposed, ...known: string[]) => [...pathsBeside(beside(whole, new Set(known)), new Set(known))]

test.each([
  ['beside what is known', [asks('a'), asks('b')], ['a'], ['b']],
  ['of words alone', [action('words')], [], ['words']],
  ['in a group that was there', [action('g', { action: [asks('a'), asks('b')] })], ['g', 'a'], ['b']],
  ['a new group around what was there', [action('g', { action: [asks('a'), asks('b')] })], ['a'], ['g', 'b']],
  [
    'no further alternative, where somebody has chosen before',
    [action('g', { selectionBehavior: 'exactly-one', action: [asks('a'), asks('b')] })],
    ['g', 'a'],
    [],
  ],
  [
    'alternatives that are all new',
    [action('g', { selectionBehavior: 'at-most-one', action: [asks('a'), asks('b')] })],
    [],
    ['g', 'a', 'b'],
  ],
  ['nothing', [asks('a')], ['a'], []],
])('new is %s', (_what, actions, known, paths) => {
  expect(newTo(proposed(actions), ...known)).toEqual(paths)
})

test('in a plan within the plan, actions go by the path through it', () => {
  const whole = proposed([action('n', { resource: { reference: '#group' } })], inner('group', asks('a'), asks('b')))
  expect(newTo(whole, 'n', 'n.a')).toEqual(['n.b'])
  expect(newTo(whole, 'n', 'n.a', 'n.b')).toEqual([])
  expect(newTo(whole)).toEqual(['n', 'n.a', 'n.b'])
})
