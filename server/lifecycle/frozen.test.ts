import { whyFrozen } from './frozen.ts'

const ACTIVE = {
  ...{ resourceType: 'PlanDefinition', id: 'p', version: '1.0.0', status: 'active', date: '2026-01-01' },
  ...{ meta: { versionId: '3' }, action: [{ id: 'a', title: 'A' }] },
}
const refused = (change: object, before = ACTIVE) => whyFrozen(before, { ...before, ...change }, 'is active')?.issues[0]

test.each([
  ['the same again', {}],
  ['the same with its members in another order', { action: [{ title: 'A', id: 'a' }] }],
  ['another label in meta', { meta: { tag: [{ code: 'x' }] } }],
  ['retired, and when', { status: 'retired', date: '2026-02-02' }],
])('a version in force may become: %s', (_what, change) => {
  expect(refused(change)).toBeUndefined()
})

test.each([
  ['a rule', { action: [{ id: 'a', title: 'B' }] }, 'PlanDefinition.action'],
  ['a rule with its retirement', { status: 'retired', action: [] }, 'PlanDefinition.action'],
  ['its version', { version: '1.0.1' }, 'PlanDefinition.version'],
  ['a draft again', { status: 'draft' }, 'PlanDefinition.status'],
  ['its date alone', { date: '2026-02-02' }, 'PlanDefinition.date'],
  ['what it lacked', { goal: [] }, 'PlanDefinition.goal'],
])('%s is not changed; the element is named', (_what, change, expression) => {
  expect(refused(change)).toMatchObject({ code: 'business-rule', expression: [expression] })
})

test('what was in force does not come back by itself, and may be deleted', () => {
  const retired = { ...ACTIVE, status: 'retired' }
  expect(refused({ status: 'active' }, retired)?.expression).toEqual(['PlanDefinition.status'])
  expect(whyFrozen(retired, undefined, 'was in force')).toBeUndefined()
  expect(whyFrozen(ACTIVE, undefined, 'is active')?.issues[0]?.expression).toEqual(['PlanDefinition'])
})

test('a system may say that a retired one is active again, as it was and no other', () => {
  const retired = { ...ACTIVE, status: 'retired' }
  const returned = (change: object) =>
    whyFrozen(retired, { ...retired, status: 'active', ...change }, 'was in force', { mayReturn: true })
  expect(returned({})).toBeUndefined()
  expect(returned({ date: '2026-02-02' })).toBeUndefined()
  expect(returned({ action: [] })?.issues[0]?.expression).toEqual(['PlanDefinition.action'])
})
