import { describe, expect, test } from '@jest/globals'
import type { CarePlan, PlanDefinition, PlanDefinitionAction, Timing, TriggerDefinition } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import { decide } from '../decide.ts'
import type { Decisions } from '../decisions.ts'
import type { Facts } from '../facts.ts'
import { DAY_TIME } from '../schedule/own-day.ts'
import { Play } from '../simulation/play.ts'
import type { PlayGround } from '../simulation/play-ground.ts'
import { STAGE } from '../stages/stage.ts'
import { movedTo, withBegun } from '../stages/stage-state.ts'
import { NOBODY } from '../task/staff.ts'
import { toOsloDateTime } from '../time/oslo-time.ts'
import type { Timer } from '../timer.ts'
import { compilePlan } from './compile-plan.ts'
import { TIMER_SINCE } from './vocabulary.ts'

const URL = 'http://example.org/PlanDefinition/clock'
/** A Tuesday. */
const ENROLLED = '2026-03-24T10:00:00+01:00'
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', period: { start: ENROLLED } },
  ...{ subject: { reference: 'Patient/p' }, careTeam: [{ reference: 'CareTeam/t' }] },
}
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }

const by = (trigger: Omit<TriggerDefinition, 'type'>, more: PlanDefinitionAction = {}) => {
  const action = [{ id: 'rule', title: 'Ring', trigger: [{ type: 'periodic' as const, ...trigger }], ...more }]
  const definition: PlanDefinition = { resourceType: 'PlanDefinition', url: URL, status: 'active', action }
  return compilePlan(definition, () => undefined)
}
type Plan = ReturnType<typeof by>
const on = (timingTiming: Timing): Plan => by({ timingTiming })

const decideAt = (plan: Plan, now: Date, happening: Facts['happening'], more: Partial<Facts> = {}): Decisions =>
  decide({
    ...{ plan, carePlan: CARE_PLAN, goals: [], history: [], openTasks: [], happening, now, newId: () => 'new' },
    ...more,
  })
const kept = ({ timers }: Decisions): Timer | undefined =>
  timers.flatMap((one) => (one.act === 'set' || one.act === 'start' ? [one.timer] : []))[0]

/** When the rule makes a Task, by the wall clock, of somebody whose clocks ring on time. */
function ringsOf(plan: Plan, countMax: number, more: Partial<Facts> = {}): string[] {
  const rings: string[] = []
  let timer = kept(decideAt(plan, new Date(ENROLLED), { kind: 'enrolment' }, more))
  while (timer && rings.length < countMax) {
    const now = timer.dueAt
    const decisions = decideAt(plan, now, { kind: 'timer', timer }, more)
    if (decisions.tasks.length > 0) rings.push(toOsloDateTime(now).slice(0, 16))
    timer = kept(decisions)
  }
  return rings
}

test.each<[string, Omit<TriggerDefinition, 'type'>, string[]]>([
  [
    'a period alone: as long after the enrolment',
    { timingTiming: { repeat: { frequency: 1, period: 2, periodUnit: 'd' } } },
    ['2026-03-26T10:00', '2026-03-28T10:00', '2026-03-30T11:00'],
  ],
  [
    'a period of months: by the calendar',
    { timingTiming: { repeat: { period: 1, periodUnit: 'mo' } } },
    ['2026-04-24T10:00', '2026-05-24T10:00', '2026-06-24T10:00'],
  ],
  [
    'a period alone within bounds: until they end',
    { timingTiming: { repeat: { period: 1, periodUnit: 'd', boundsDuration: { value: 3, code: 'd' } } } },
    ['2026-03-25T10:00', '2026-03-26T10:00'],
  ],
  [
    'a period alone that begins later',
    { timingTiming: { repeat: { period: 1, periodUnit: 'd', boundsPeriod: { start: '2026-04-01T09:00:00+02:00' } } } },
    ['2026-04-02T09:00', '2026-04-03T09:00', '2026-04-04T09:00'],
  ],
  [
    'days of the week alone: at the first usual time of the day',
    { timingTiming: { repeat: { dayOfWeek: ['mon', 'thu'] } } },
    ['2026-03-26T08:00', '2026-03-30T08:00', '2026-04-02T08:00'],
  ],
  [
    'a time of the day, through the night of summer time',
    {
      timingTiming: {
        repeat: { period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'], boundsPeriod: { start: '2026-03-28' } },
      },
    },
    ['2026-03-28T08:00', '2026-03-29T08:00', '2026-03-30T08:00'],
  ],
  [
    'a code',
    { timingTiming: { code: { coding: [{ code: 'BID' }] } } },
    ['2026-03-24T20:00', '2026-03-25T08:00', '2026-03-25T20:00'],
  ],
  [
    'a frequency',
    { timingTiming: { repeat: { frequency: 3, period: 1, periodUnit: 'd' } } },
    ['2026-03-24T14:00', '2026-03-24T20:00', '2026-03-25T08:00'],
  ],
  [
    'events; what is past rings no more',
    { timingTiming: { event: ['2026-03-20', '2026-04-01', '2026-03-30T15:30:00+02:00'] } },
    ['2026-03-30T15:30', '2026-04-01T08:00'],
  ],
  ['a date before the enrolment: nothing, and nothing is wrong', { timingDate: '2026-03-01' }, []],
  ['a date', { timingDate: '2026-04-01' }, ['2026-04-01T08:00']],
  ['a dateTime', { timingDateTime: '2026-04-01T15:30:00+02:00' }, ['2026-04-01T15:30']],
  [
    'bounds: nothing after them',
    {
      timingTiming: {
        repeat: { period: 1, periodUnit: 'd', timeOfDay: ['12:00:00'], boundsDuration: { value: 2, code: 'd' } },
      },
    },
    ['2026-03-24T12:00', '2026-03-25T12:00'],
  ],
  [
    'bounds that were over before the enrolment: nothing, and nothing is wrong',
    { timingTiming: { repeat: { dayOfWeek: ['mon'], boundsPeriod: { end: '2026-03-01' } } } },
    [],
  ],
  [
    'a count: what may be done beyond it rings for nobody',
    { timingTiming: { repeat: { dayOfWeek: ['wed'], count: 2, countMax: 5 } } },
    ['2026-03-25T08:00', '2026-04-01T08:00'],
  ],
])('%s', (_what, trigger, expected) => expect(ringsOf(by(trigger), 3)).toEqual(expected))

test('each periodic trigger of a rule has a clock of its own', () => {
  const trigger = ['2026-04-01', '2026-04-03'].map((timingDate) => ({ type: 'periodic' as const, timingDate }))
  const { timers } = decideAt(by({}, { trigger }), new Date(ENROLLED), { kind: 'enrolment' })
  expect(timers).toMatchObject([
    { act: 'start', timer: { name: 'rule', dueAt: new Date('2026-04-01T06:00:00Z') } },
    { act: 'start', timer: { name: 'rule#2', dueAt: new Date('2026-04-03T06:00:00Z') } },
  ])
})

test('a simulation rings at the very moments', async () => {
  const plan = on({ repeat: { dayOfWeek: ['mon', 'thu'], timeOfDay: ['08:00:00', '20:00:00'] } })
  const ground: PlayGround = {
    ...{ subject: 'Patient/p', planOf: () => plan, urls: new Set([URL]), staff: NOBODY },
    ...{ judge: async (facts) => decide(facts), answeredAfter: () => 60_000 },
  }
  const play = new Play(ground, new Date(ENROLLED), [CARE_PLAN as unknown as Resource], [])
  await play.begin()
  await play.ringUntil(new Date('2026-04-03T00:00:00Z'))
  const made = [...play.made.values()].map(({ at }) => toOsloDateTime(at).slice(0, 16))
  expect(made).toEqual(ringsOf(plan, 6))
  expect(made.at(-1)).toBe('2026-04-02T20:00')
})

test("the marks are those of the person's own day", () => {
  const extension = [
    {
      url: DAY_TIME,
      extension: [
        { url: 'when', valueCode: 'HS' },
        { url: 'time', valueTime: '23:30:00' },
      ],
    },
  ]
  const more = { carePlan: { ...CARE_PLAN, extension } }
  expect(ringsOf(on({ code: { coding: [{ code: 'BED' }] } }), 1, more)).toEqual(['2026-03-24T23:30'])
})

describe('a clock that runs', () => {
  const MONDAYS = on({ repeat: { dayOfWeek: ['mon'], timeOfDay: ['08:00:00'] } })
  const timerAt = (at: string): Timer => ({
    ...{ kind: 'rule', about: 'CarePlan/c', plan: URL, name: 'rule', dueAt: new Date(at) },
  })
  const ring = (plan: Plan, due: string, now = due) =>
    decideAt(plan, new Date(now), { kind: 'timer', timer: timerAt(due) })

  test('by what the Timing said before moves on to what it says now, under its own key', () => {
    expect(ring(MONDAYS, '2026-03-25T10:00:00Z')).toEqual({
      ...{ tasks: [], trace: [] },
      timers: [{ act: 'set', timer: timerAt('2026-03-30T08:00:00+02:00') }],
    })
  })

  test('and is looked at late rings once, and not for the moments that were slept through', () => {
    const decisions = ring(MONDAYS, '2026-03-30T08:00:00+02:00', '2026-04-14T12:00:00+02:00')
    expect(decisions.tasks).toHaveLength(1)
    expect(decisions.timers).toEqual([{ act: 'set', timer: timerAt('2026-04-20T08:00:00+02:00') }])
  })

  test('of one moment that came before anybody heard of the enrolment rings late, once, and says so', () => {
    const once = by({ timingDateTime: '2026-03-24T10:30:00+01:00' })
    const late = new Date('2026-03-24T12:00:00+01:00')
    const timer = kept(decideAt(once, late, { kind: 'enrolment', since: new Date(ENROLLED) })) as Timer
    expect(timer.dueAt).toEqual(new Date('2026-03-24T10:30:00+01:00'))
    const rung = decideAt(once, late, { kind: 'timer', timer })
    expect(rung.tasks.map(({ task }) => task.reasonCode?.text)).toEqual([
      'Ring (gjaldt 2026-03-24 kl. 10:30, sett for sent)',
    ])
    expect(rung.timers).toMatchObject([{ act: 'drop' }])
    // The CarePlan was changed after it had rung.
    expect(decideAt(once, late, { kind: 'enrolment', since: late }).timers).toEqual([])
  })

  test('that is looked at in time says nothing of being late', () => {
    const [made] = ring(MONDAYS, '2026-03-30T08:00:00+02:00').tasks
    expect(made?.task.reasonCode?.text).toBe('Ring')
  })

  test('is gone after its last moment, and is not started again', () => {
    const once = by({ timingDate: '2026-04-01' })
    const last = ring(once, '2026-04-01T08:00:00+02:00')
    expect(last.tasks).toHaveLength(1)
    expect(last.timers).toMatchObject([{ act: 'drop' }])
    expect(decideAt(once, new Date('2026-04-02T12:00:00Z'), { kind: 'enrolment' }).timers).toEqual([])
  })
})

test('what came since the moment before counts for the next one', () => {
  const input = [{ id: 'weight', type: 'Observation', codeFilter: [{ path: 'code', code: WEIGHT.coding }] }]
  const trigger = {
    extension: [{ url: TIMER_SINCE, valueId: 'weight' }],
    timingTiming: { repeat: { dayOfWeek: ['mon' as const] } },
  }
  const plan = by(trigger, { input })
  const weighed = (effectiveDateTime: string): Partial<Facts> => ({
    history: [{ resourceType: 'Observation', id: 'o', status: 'final', code: WEIGHT, effectiveDateTime } as Resource],
  })
  expect(ringsOf(plan, 2)).toEqual(['2026-03-30T08:00', '2026-04-06T08:00'])
  const timer = kept(decideAt(plan, new Date(ENROLLED), { kind: 'enrolment' })) as Timer
  const ring = (more: Partial<Facts>) => decideAt(plan, timer.dueAt, { kind: 'timer', timer }, more)
  const answered = ring(weighed('2026-03-29T12:00:00Z'))
  expect(answered.tasks).toEqual([])
  expect(kept(answered)?.dueAt).toEqual(new Date('2026-04-06T08:00:00+02:00'))
  // Before the enrolment nobody was asked.
  expect(ring(weighed('2026-03-10T12:00:00Z')).tasks).toHaveLength(1)
})

describe('a clock of a stage', () => {
  const BEGAN = new Date('2026-04-07T12:00:00+02:00')
  const LATER = { id: 'later', title: { nb: '', nn: '', en: '' }, isAlternate: false }
  const inStage = (since: Date) => ({ carePlan: withBegun(movedTo(CARE_PLAN, URL, LATER, { now: since }), URL) })
  const staged = (trigger: Omit<TriggerDefinition, 'type'>, more: PlanDefinitionAction = {}): Plan => {
    const rule = { id: 'rule', title: 'Ring', trigger: [{ type: 'periodic' as const, ...trigger }], ...more }
    const action = [{ id: 'later', extension: [{ url: STAGE }], action: [rule] }]
    return compilePlan({ resourceType: 'PlanDefinition', url: URL, status: 'active', action }, () => undefined)
  }
  const startedBy = (plan: Plan, since: Date, more: Partial<Facts> = {}) =>
    kept(decideAt(plan, BEGAN, { kind: 'enrolment' }, { ...inStage(since), ...more }))?.dueAt

  test.each<[string, Timing, string]>([
    ['a period', { repeat: { period: 2, periodUnit: 'd' } }, '2026-04-09T12:00:00+02:00'],
    ['days of the week', { repeat: { dayOfWeek: ['tue'] } }, '2026-04-14T08:00:00+02:00'],
    [
      'bounds',
      { repeat: { dayOfWeek: ['wed'], boundsDuration: { value: 2, code: 'd' } } },
      '2026-04-08T08:00:00+02:00',
    ],
  ])('counts %s from when the stage began, not from the enrolment', (_what, timingTiming, expected) => {
    expect(startedBy(staged({ timingTiming }), BEGAN)).toEqual(new Date(expected))
  })

  test('waits for what comes in the stage: what came before it began answers nothing', () => {
    const input = [{ id: 'weight', type: 'Observation' as const, codeFilter: [{ path: 'code', code: WEIGHT.coding }] }]
    const extension = [{ url: TIMER_SINCE, valueId: 'weight' }]
    const plan = staged({ extension, timingTiming: { repeat: { period: 1, periodUnit: 'd' } } }, { input })
    const weighed = (effectiveDateTime: string) => ({
      history: [{ resourceType: 'Observation', id: 'o', status: 'final', code: WEIGHT, effectiveDateTime } as Resource],
    })
    expect(startedBy(plan, BEGAN, weighed('2026-04-07T08:00:00+02:00'))).toEqual(new Date('2026-04-08T12:00:00+02:00'))
    const yesterday = new Date('2026-04-06T12:00:00+02:00')
    expect(startedBy(plan, yesterday, weighed('2026-04-07T08:00:00+02:00'))).toEqual(
      new Date('2026-04-08T08:00:00+02:00'),
    )
  })

  test('is gone when the patient has been moved on', () => {
    const plan = staged({ timingTiming: { repeat: { period: 2, periodUnit: 'd' } } })
    const timer = kept(decideAt(plan, BEGAN, { kind: 'enrolment' }, inStage(BEGAN))) as Timer
    const elsewhere = { carePlan: movedTo(inStage(BEGAN).carePlan, URL, { ...LATER, id: 'other' }, { now: BEGAN }) }
    expect(decideAt(plan, timer.dueAt, { kind: 'timer', timer }, elsewhere)).toEqual({
      ...{ tasks: [], trace: [] },
      timers: [{ act: 'drop', timer }],
    })
  })
})

test.each<[string, Omit<TriggerDefinition, 'type'>, string]>([
  ['no time', {}, 'timingDateTime'],
  ['a Schedule', { timingReference: { reference: 'Schedule/s' } }, 'timingDateTime'],
  ['a Timing that says nothing', { timingTiming: { repeat: { count: 3 } } }, 'says no time'],
  ['a code that is not known', { timingTiming: { code: { text: 'nå og da' } } }, 'nå og da'],
  ['a period of nothing', { timingTiming: { repeat: { period: 0, periodUnit: 'd' } } }, 'more than 0'],
  [
    'bounds before the first moment',
    { timingTiming: { repeat: { dayOfWeek: ['mon'], boundsDuration: { value: 1, code: 'd' } } } },
    'no moment',
  ],
])(
  '%s: the team is told at once and each day that the rule is not looked at, until the plan is mended',
  (_what, trigger, why) => {
    const now = new Date(ENROLLED)
    const broken = by(trigger)
    const timer = kept(decideAt(broken, now, { kind: 'enrolment' })) as Timer
    expect(timer.dueAt).toEqual(now)
    const told = decideAt(broken, now, { kind: 'timer', timer })
    expect(told.tasks).toMatchObject([{ act: 'create', task: { code: { coding: [{ code: 'rule-unevaluable' }] } } }])
    expect(told.tasks[0]?.task.reasonCode?.text).toContain(why)
    expect(kept(told)?.dueAt).toEqual(new Date(now.getTime() + 86_400_000))
    const mended = decideAt(on({ repeat: { dayOfWeek: ['mon'] } }), now, { kind: 'timer', timer })
    expect(mended.tasks).toEqual([])
    expect(kept(mended)?.dueAt).toEqual(new Date('2026-03-30T08:00:00+02:00'))
  },
)

test('a clock that is looked at late, however late, goes on at the moment after now that one on time has', () => {
  const timings: Timing[] = [
    { repeat: { dayOfWeek: ['mon', 'fri'], timeOfDay: ['08:00:00', '21:15:00'] } },
    { code: { coding: [{ code: 'TID' }] } },
    { repeat: { frequency: 1, period: 5, periodUnit: 'h', timeOfDay: ['13:00:00'] } },
    { repeat: { frequency: 2, period: 9, periodUnit: 'h' } },
  ]
  fc.assert(
    fc.property(fc.constantFrom(...timings), fc.integer({ min: 0, max: 12 * 86_400 }), (timing, seconds) => {
      const plan = on(timing)
      const first = kept(decideAt(plan, new Date(ENROLLED), { kind: 'enrolment' })) as Timer
      const now = new Date(first.dueAt.getTime() + seconds * 1_000)
      let onTime = first
      while (onTime.dueAt <= now) onTime = kept(decideAt(plan, onTime.dueAt, { kind: 'timer', timer: onTime })) as Timer
      const late = decideAt(plan, now, { kind: 'timer', timer: first })
      expect(late.tasks).toHaveLength(1)
      expect(kept(late)).toEqual(onTime)
    }),
    { numRuns: 30 },
  )
})
