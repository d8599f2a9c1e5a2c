import type { RequestGroupAction } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { checkEdited, choose, flatten, keyOf } from './selection.ts'

const action = (id: string, more: Partial<RequestGroupAction> = {}): RequestGroupAction => ({ id, ...more })
const usual = { precheckBehavior: 'yes' as const }
const unusual = { precheckBehavior: 'no' as const }
const groupOf = (selectionBehavior: RequestGroupAction['selectionBehavior'], ...children: RequestGroupAction[]) => [
  action('group', { ...(selectionBehavior ? { selectionBehavior } : {}), action: children }),
]
const namesOf = (actions: RequestGroupAction[]) =>
  flatten(actions)
    .map(keyOf)
    .filter((id) => id !== 'group')

const A = action('a')
const B = action('b')
const must = action('m', { requiredBehavior: 'must', ...unusual })

test.each<[string, RequestGroupAction[], string[], string[] | 'undecided']>([
  ['without behaviours all are done', [A, B], [], ['a', 'b']],
  ['what is not usually done is left out', [A, action('b', unusual)], [], ['a']],
  ['unless it is named', [A, action('b', unusual)], ['b'], ['a', 'b']],
  ['or must be done', [A, must], [], ['a', 'm']],
  ['all are all', groupOf('all', A, action('b', unusual)), [], ['a', 'b']],
  ['all or none: all', groupOf('all-or-none', A, action('b', unusual)), [], ['a', 'b']],
  ['all or none: none', groupOf('all-or-none', action('a', unusual), action('b', unusual)), [], []],
  ['all or none: named', groupOf('all-or-none', action('a', unusual), action('b', unusual)), ['b'], ['a', 'b']],
  ['exactly one is not chosen by itself', groupOf('exactly-one', A, B), [], 'undecided'],
  ['exactly one is what is usual', groupOf('exactly-one', A, action('b', usual)), [], ['b']],
  ['exactly one is what is named', groupOf('exactly-one', A, action('b', usual)), ['a'], ['a']],
  ['exactly one is not two', groupOf('exactly-one', A, B), ['a', 'b'], 'undecided'],
  ['at most one may be none', groupOf('at-most-one', A, B), [], []],
  ['at most one is not two', groupOf('at-most-one', A, B), ['a', 'b'], 'undecided'],
  ['one or more is not none', groupOf('one-or-more', action('a', unusual), action('b', unusual)), [], 'undecided'],
  ['one or more may be two', groupOf('one-or-more', A, B), [], ['a', 'b']],
  ['any may be none', groupOf('any', action('a', unusual)), [], []],
  [
    'in groups of groups',
    groupOf('exactly-one', action('x', { action: [A] }), action('y', { action: [B] })),
    ['b'],
    ['y', 'b'],
  ],
])('choosing where nobody has: %s', (_rule, actions, named, chosen) => {
  const result = choose(actions, new Set(named))
  if (chosen === 'undecided') {
    expect(result.issues).toMatchObject([
      { code: 'business-rule', expression: ["RequestGroup.action.where(id = 'group').action"] },
    ])
  } else {
    expect(result.issues).toEqual([])
    expect(namesOf(result.actions)).toEqual(chosen)
  }
})

test('a name that is no action of the plan is refused', () => {
  expect(choose([A], new Set(['dance'])).issues).toMatchObject([{ code: 'value', expression: ['select'] }])
})

const told = [{ actionId: 'd', reason: 'Not wanted' }]
const documented = action('d', { requiredBehavior: 'must-unless-documented' })

test.each<[string, RequestGroupAction[], RequestGroupAction[], string[]]>([
  ['as it was', [A, B], [A, B], []],
  ['one left out', [A, B], [A], []],
  ['one that must be left out', [A, must], [A], ["The action 'm' must be done."]],
  ['one that nobody proposed', [A], [A, B], ["The plan proposes no action 'b' here; it may have changed since."]],
  ['one twice', [A], [A, A], ["The action 'a' is done once."]],
  ['one twice that may be', [action('a', { cardinalityBehavior: 'multiple' })], [A, A], []],
  ['half of all', groupOf('all', A, B), groupOf('all', A), ['All of them are done.']],
  ['half of all or none', groupOf('all-or-none', A, B), groupOf('all-or-none', A), ['All of them are done, or none.']],
  ['two of one', groupOf('exactly-one', A, B), groupOf('exactly-one', A, B), ['Exactly one of them is done.']],
  ['none of one', groupOf('exactly-one', A, B), groupOf('exactly-one'), ['Exactly one of them is done.']],
  ['two of at most one', groupOf('at-most-one', A, B), groupOf('at-most-one', A, B), ['At most one of them is done.']],
  ['none of some', groupOf('one-or-more', A), groupOf('one-or-more'), ['At least one of them is done.']],
  // Who edits the behaviours away is still held to the plan's.
  ['two of one that was edited', groupOf('exactly-one', A, B), groupOf('any', A, B), ['Exactly one of them is done.']],
])('an edited proposal: %s', (_case, proposed, edited, problems) => {
  expect(checkEdited(proposed, edited).map(({ diagnostics }) => diagnostics)).toEqual(problems)
})

test('what must be done unless documented may be left out with a reason', () => {
  expect(checkEdited([documented], [])).toMatchObject([{ code: 'business-rule' }])
  expect(checkEdited([documented], [], [{ actionId: 'd', reason: ' ' }])).toHaveLength(1)
  expect(checkEdited([documented], [], told)).toEqual([])
})

const trees = fc.letrec<{ actions: RequestGroupAction[] }>((tie) => ({
  actions: fc.uniqueArray(
    fc
      .record({
        id: fc.string({ minLength: 1, maxLength: 3 }).map((text) => `x${text}`),
        selectionBehavior: fc.constantFrom('any', 'all', 'all-or-none', 'one-or-more', undefined),
        requiredBehavior: fc.constantFrom('must', 'could', undefined),
        precheckBehavior: fc.constantFrom('yes', 'no', undefined),
        action: fc.oneof({ maxDepth: 2, depthSize: 'small' }, fc.constant(undefined), tie('actions')),
      })
      .map((one) => JSON.parse(JSON.stringify(one)) as RequestGroupAction),
    { maxLength: 4, selector: keyOf },
  ),
})).actions

test('what is chosen where nobody has is a proposal that may be stored', () => {
  fc.assert(
    fc.property(trees, (actions) => {
      const { actions: chosen, issues } = choose(actions, new Set())
      if (issues.length === 0) expect(checkEdited(actions, chosen)).toEqual([])
    }),
  )
})
