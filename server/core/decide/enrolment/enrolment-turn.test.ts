import type { CarePlan, ServiceRequest, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import { shared } from '../../requests/same-activity.ts'
import { askedBy, askerOf, OCCURRENCE_POLICY } from '../schedule/policy.ts'
import { type Activity, closingOf, followTurn, turnOf } from './enrolment-turn.ts'

const NOW = new Date('2026-11-10T08:00:00Z')
const carePlan = (status: CarePlan['status'], more: Partial<CarePlan> = {}): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: 'c', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ status, instantiatesCanonical: ['urn:plan|1.0.0'], ...more },
})
const activity = (status: ServiceRequest['status'], id = 's'): ServiceRequest => ({
  ...{ resourceType: 'ServiceRequest', id, status, intent: 'order', subject: { reference: 'Patient/p' } },
})
const task = (status: Task['status']): Task => ({ resourceType: 'Task', id: 't', status, intent: 'order' })
const follow = (turn: 'ended' | 'paused' | 'resumed', plan: CarePlan, activities: Activity[], openTasks: Task[] = []) =>
  followTurn(turn, { carePlan: plan, activities, openTasks, now: NOW })

test.each([
  ['active', 'completed', 'ended'],
  ['active', 'revoked', 'ended'],
  ['on-hold', 'entered-in-error', 'ended'],
  ['active', undefined, 'ended'],
  ['active', 'on-hold', 'paused'],
  ['on-hold', 'active', 'resumed'],
  ['active', 'active', undefined],
  ['draft', 'active', undefined],
  ['draft', 'completed', undefined],
  ['completed', 'completed', undefined],
  [undefined, 'completed', undefined],
] as const)('from %s to %s an enrolment has %s', (before, after, turn) => {
  expect(turnOf(before && carePlan(before), after && carePlan(after))).toBe(turn)
})

test('a CarePlan that follows no plan is nobody’s enrolment: it neither turns nor is over', () => {
  const period = { end: '2013-01-01' }
  const written = carePlan('active', { instantiatesCanonical: undefined, period })
  expect(turnOf(written, { ...written, status: 'completed' })).toBeUndefined()
  expect(closingOf(written)).toBeUndefined()
  expect(closingOf(carePlan('active', { period }))?.toISOString()).toBe('2013-01-01T23:00:00.000Z')
  expect(closingOf(carePlan('completed', { period }))).toBeUndefined()
  expect(closingOf(carePlan('on-hold'))).toBeUndefined()
})

test('what ends takes its activities and its work with it, and says when', () => {
  const detail = (status: 'in-progress' | 'scheduled' | 'completed') => ({ detail: { status } })
  const plan = carePlan('completed', {
    period: { start: '2026-01-01' },
    activity: [detail('in-progress'), detail('scheduled'), detail('completed')],
  })
  const after = follow(
    'ended',
    plan,
    [activity('active'), activity('completed'), activity('draft')],
    [task('in-progress')],
  )
  expect(after).toMatchObject([
    { resourceType: 'ServiceRequest', status: 'completed' },
    { resourceType: 'ServiceRequest', status: 'revoked' },
    { resourceType: 'Task', status: 'cancelled', statusReason: { text: expect.any(String) } },
    {
      period: { start: '2026-01-01', end: NOW.toISOString() },
      activity: [
        { detail: { status: 'completed' } },
        { detail: { status: 'stopped' } },
        { detail: { status: 'completed' } },
      ],
    },
  ])
  // What is closed is closed: the second time there is nothing to do.
  expect(follow('ended', after.at(-1) as CarePlan, after.slice(0, 2) as Activity[])).toEqual([])
})

test('what is stopped leaves nothing completed', () => {
  expect(follow('ended', carePlan('revoked'), [activity('active')])[0]).toMatchObject({ status: 'revoked' })
})

test('pausing rests what goes on by itself, not the work', () => {
  expect(follow('paused', carePlan('on-hold'), [activity('active')], [task('requested')])).toMatchObject([
    { resourceType: 'ServiceRequest', status: 'on-hold' },
  ])
})

test('pausing and resuming gives back exactly what was there, however often and whatever rested for another reason', () => {
  const status = fc.constantFrom('active', 'on-hold', 'completed', 'revoked', 'draft' as const)
  fc.assert(
    fc.property(fc.array(status, { maxLength: 6 }), fc.integer({ min: 1, max: 4 }), (statuses, times) => {
      const before = statuses.map((one, i) => activity(one as ServiceRequest['status'], `s${i}`))
      let now: Activity[] = before
      const write = (changed: object[]) => {
        now = now.map((one) => (changed as Activity[]).find(({ id }) => id === one.id) ?? one)
      }
      for (let i = 0; i < times; i++) {
        write(follow('paused', carePlan('on-hold'), now))
        expect(now.some((one) => one.status === 'active')).toBe(false)
        write(follow('resumed', carePlan('active'), now))
      }
      expect(now).toEqual(before)
    }),
  )
})

describe('what two plans ask for together', () => {
  const other = (status: CarePlan['status']) => ({ ...carePlan(status), id: 'o' })
  const both = (status: ServiceRequest['status']): ServiceRequest => ({
    ...activity(status),
    basedOn: [{ reference: 'CarePlan/c' }, { reference: 'CarePlan/o' }],
    extension: [
      askedBy({ url: OCCURRENCE_POLICY, extension: [{ url: 'missing', valueCode: 'task' }] }, 'CarePlan/c'),
      askedBy({ url: OCCURRENCE_POLICY, extension: [{ url: 'missing', valueCode: 'none' }] }, 'CarePlan/o'),
    ],
  })
  const turned = (
    turn: 'ended' | 'paused' | 'resumed',
    beside: CarePlan,
    activities: Activity[],
    openTasks: Task[] = [],
  ) =>
    followTurn(turn, { carePlan: carePlan('completed'), activities, openTasks, others: [beside], now: NOW }).filter(
      ({ resourceType }) => resourceType !== 'CarePlan',
    )

  test('goes on for the other when one ends, without what that one said of it', () => {
    const form: Task = { ...task('requested'), basedOn: both('active').basedOn }
    const [request, left, ...more] = turned('ended', other('active'), [both('active')], [form])
    expect(more).toEqual([])
    expect(request).toMatchObject({ status: 'active', basedOn: [{ reference: 'CarePlan/o' }] })
    expect((request as ServiceRequest).extension?.map(askerOf)).toEqual(['CarePlan/o'])
    expect(left).toMatchObject({ resourceType: 'Task', status: 'requested', basedOn: [{ reference: 'CarePlan/o' }] })
  })

  test.each(['completed', 'revoked', 'entered-in-error', 'draft'] as const)(
    'ends with the one when the other is %s',
    (status) => {
      expect(turned('ended', other(status), [both('active')])).toMatchObject([{ status: 'completed' }])
    },
  )

  test('rests when both do, and goes on with the first of them that does', () => {
    expect(turned('paused', other('active'), [both('active')])).toEqual([])
    const resting = turned('paused', other('on-hold'), [both('active')]) as Activity[]
    expect(resting).toMatchObject([{ status: 'on-hold' }])
    const followed = { activities: resting, openTasks: [], others: [carePlan('on-hold')], now: NOW }
    const [resumed] = followTurn('resumed', { ...followed, carePlan: other('active') })
    expect(resumed).toEqual(both('active'))
  })

  test('what somebody had ordered beside all plans neither rests nor ends with those that came to share it', () => {
    const daily = { occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } } }
    const weekly = { occurrenceTiming: { repeat: { frequency: 1, period: 7, periodUnit: 'd' as const } } }
    const code = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }
    const ordered = { ...activity('active'), ...weekly, code }
    const wanted = (id: string) => ({ ...ordered, ...daily, basedOn: [{ reference: `CarePlan/${id}` }] })
    const joined = (known: Activity, id: string) =>
      shared(known as unknown as Resource, wanted(id) as unknown as Resource, `CarePlan/${id}`) as unknown as Activity
    const forOne = joined(ordered, 'c')
    expect(forOne).toMatchObject(daily)
    expect(turned('paused', other('active'), [forOne])).toEqual([])
    expect(turned('ended', other('active'), [forOne])).toEqual([ordered])
    const forBoth = joined(forOne, 'o')
    expect(turned('paused', other('on-hold'), [forBoth])).toEqual([])
    expect(turned('ended', other('on-hold'), [forBoth])).toMatchObject([
      { status: 'active', basedOn: [{ reference: 'CarePlan/o' }] },
    ])
  })

  test('rests with the other when the one ends, and goes on with it', () => {
    const resting = turned('paused', other('on-hold'), [both('active')]) as Activity[]
    for (const before of [resting, [both('active')]]) {
      const left = turned('ended', other('on-hold'), before) as Activity[]
      expect(left).toMatchObject([{ status: 'on-hold', basedOn: [{ reference: 'CarePlan/o' }] }])
      const followed = { activities: left, openTasks: [], others: [carePlan('completed')], now: NOW }
      const [resumed] = followTurn('resumed', { ...followed, carePlan: other('active') })
      expect(resumed).toMatchObject({ status: 'active' })
    }
  })
})
