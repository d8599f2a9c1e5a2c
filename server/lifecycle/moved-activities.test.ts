import type { ActivityDefinition, PlanDefinition, PlanDefinitionAction, Timing } from '@medplum/fhirtypes'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { askedTiming } from '../core/requests/asked-timing.ts'
import { shared } from '../core/requests/same-activity.ts'
import { moveActivities } from './moved-activities.ts'

const URL = 'http://x/PlanDefinition/p'
const CARE_PLAN = 'CarePlan/c'
const timing = (period: number, bounds: object = {}): Timing => ({
  repeat: { frequency: 1, period, periodUnit: 'd', ...bounds },
})
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }
const definitions: ActivityDefinition[] = [1, 2, 3].map((version) => ({
  ...{ resourceType: 'ActivityDefinition', url: 'http://x/weigh', version: String(version), status: 'active' },
  kind: version === 3 ? 'DeviceRequest' : 'ServiceRequest',
  code: WEIGHT,
  timingTiming: timing(version),
}))
const plan = (version: string, ...action: PlanDefinitionAction[]) =>
  compilePlan(
    { resourceType: 'PlanDefinition', url: URL, version, status: 'active', action } as PlanDefinition,
    (canonical) => definitions.find(({ url, version: own }) => canonical === `${url}|${own}`),
  )
const weigh = (version: number, rest: PlanDefinitionAction = {}): PlanDefinitionAction => ({
  ...{ id: 'weigh', definitionCanonical: `http://x/weigh|${version}` },
  ...rest,
})
const FINDING = 'http://fylgje.no/fhir/NamingSystem/finding'
const ordered = (change: object = {}, by = `${URL}|weigh|Patient/p|${CARE_PLAN}`): Resource => ({
  ...{ resourceType: 'ServiceRequest', id: 's', status: 'active', instantiatesCanonical: ['http://x/weigh|1'] },
  ...{ identifier: [{ system: FINDING, value: by }], basedOn: [{ reference: CARE_PLAN }] },
  ...{ occurrenceTiming: timing(1), ...change },
})
const move = (request: Resource, to: PlanDefinitionAction[], from: PlanDefinitionAction[] = [weigh(1)]) =>
  moveActivities([request], {
    ...{ carePlan: CARE_PLAN, from: plan('1', ...from), to: plan('2', ...to) },
    now: new Date('2026-11-10T08:00:00Z'),
  })[0]?.after

test.each([
  ['by the next definition and its schedule', ordered(), [weigh(2)], timing(2)],
  ['by the action’s own time, which comes first', ordered(), [weigh(2, { timingTiming: timing(5) })], timing(5)],
  ['with a schedule of the person’s own', ordered({ occurrenceTiming: timing(9) }), [weigh(2)], timing(9)],
  [
    'with the days that it was given when the person began',
    ordered({ occurrenceTiming: timing(1, { boundsPeriod: { start: '2026-11-01' } }) }),
    [weigh(2)],
    timing(2, { boundsPeriod: { start: '2026-11-01' } }),
  ],
  ['while it rests', ordered({ status: 'on-hold' }), [weigh(2)], timing(2)],
])('what both versions have goes on %s', (_how, request, to, occurrenceTiming) => {
  expect(move(request, to)).toEqual({ ...request, instantiatesCanonical: ['http://x/weigh|2'], occurrenceTiming })
})

test('the same definition at another time is another schedule', () => {
  const from = [weigh(1, { timingTiming: timing(1) })]
  const request = ordered()
  expect(move(request, [weigh(1, { timingTiming: timing(4) })], from)).toEqual({
    ...request,
    occurrenceTiming: timing(4),
  })
  expect(move(request, from, from)).toBeUndefined()
})

test.each([
  ['an active one', ordered(), 'revoked'],
  ['one that waits', ordered({ status: 'draft' }), 'revoked'],
  ['a Task that was made at the enrolment', ordered({ resourceType: 'Task', status: 'requested' }), 'cancelled'],
  ['one that somebody else than us has ordered by it', ordered({ identifier: undefined }), 'revoked'],
])('what the next version does not have ends: %s', (_what, request, status) => {
  expect(move(request, [])).toMatchObject({ status })
})

test('an action that asks for another kind of thing ends the one that there was', () => {
  expect(move(ordered(), [weigh(3)])).toMatchObject({ status: 'revoked' })
})

test('what another plan wants too goes on for that one', () => {
  const other = { reference: 'CarePlan/other' }
  const shared = ordered({ basedOn: [{ reference: CARE_PLAN }, other] })
  expect(move(shared, [])).toEqual({ ...shared, basedOn: [other] })
})

test.each([
  ['has ended', ordered({ status: 'completed' })],
  ['is another plan’s', ordered({}, `http://x/PlanDefinition/other|weigh|Patient/p|${CARE_PLAN}`)],
  [
    'is the Task of a finding',
    ordered({ resourceType: 'Task', status: 'requested' }, `${URL}|weigh|Patient/p|Observation/1`),
  ],
  ['was ordered by nobody’s plan', ordered({ identifier: undefined, instantiatesCanonical: ['http://x/else'] })],
  ['is for another enrolment', ordered({ identifier: undefined, basedOn: [{ reference: 'CarePlan/other' }] })],
])('what %s stays as it is', (_what, request) => {
  expect(move(request, [])).toBeUndefined()
})

test('what another plan wants too, and otherwise, follows the version as far as the other does not want it oftener', () => {
  const other: Resource = { ...ordered({ basedOn: [{ reference: 'CarePlan/other' }] }), occurrenceTiming: timing(3) }
  const both = shared(ordered(), other, 'CarePlan/other')
  const moved = move(both, [weigh(2, { timingTiming: timing(5) })])
  expect(moved?.occurrenceTiming).toEqual(timing(3))
  expect(moved && askedTiming(moved, CARE_PLAN)).toEqual(timing(5))
  const oftener = shared(ordered(), { ...other, occurrenceTiming: timing(0.5) }, 'CarePlan/other')
  expect(oftener.occurrenceTiming).toEqual(timing(0.5))
  expect(move(oftener, [weigh(2)])?.occurrenceTiming).toEqual(timing(0.5))
  expect(move(oftener, [])).toMatchObject({ occurrenceTiming: timing(0.5), basedOn: other.basedOn })
  expect(move(both, [])).toMatchObject({ occurrenceTiming: timing(3), basedOn: other.basedOn })
})

describe('what another plan has ordered and this one shares', () => {
  const OTHER = 'CarePlan/other'
  const theirs = (days: number) =>
    ordered(
      { ...{ code: WEIGHT, basedOn: [{ reference: OTHER }] }, occurrenceTiming: timing(days) },
      'http://x/q|weigh',
    )
  const joined = (days: number) => shared(theirs(days), ordered({ code: WEIGHT }), CARE_PLAN)

  test.each<[string, Resource, PlanDefinitionAction, number, Timing]>([
    ['oftener than the other, as the next version says', joined(7), weigh(2), 2, timing(2)],
    ['of one mind with the other, as the other wants it still', joined(1), weigh(2), 2, timing(1)],
    ['more seldom than the other, as the other does', joined(7), weigh(1, { timingTiming: timing(9) }), 9, timing(7)],
  ])('goes on where the next version asks for it too: %s', (_how, request, to, asked, occurrenceTiming) => {
    const moved = move(request, [to])
    expect(moved).toMatchObject({ occurrenceTiming, basedOn: [{ reference: OTHER }, { reference: CARE_PLAN }] })
    expect(moved && askedTiming(moved, CARE_PLAN)).toEqual(timing(asked))
  })

  test.each([
    ['asks for it no more', []],
    ['asks for another thing', [weigh(3)]],
  ])('is left where the next version %s, as the other wants it', (_how, to) => {
    expect(move(joined(7), to)).toMatchObject({ occurrenceTiming: timing(7), basedOn: [{ reference: OTHER }] })
  })

  test('stays as it is where the version before has not asked for it by a rule, or another one of its rules does', () => {
    const glucose = { ...joined(7), code: { coding: [{ system: 'http://loinc.org', code: '15074-8' }] } }
    expect(move(glucose, [])).toBeUndefined()
    const twice = [weigh(1), { ...weigh(1), id: 'weigh-again' }]
    expect(move(joined(7), [weigh(1)], twice)).toBeUndefined()
  })
})
