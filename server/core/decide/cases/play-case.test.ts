import type { CaseEvent, PathwayCase } from './pathway-case.ts'
import { playCase } from './play-case.ts'
import { heartPlan, PULSE } from './test-heart-plan.ts'

const plan = heartPlan()
const at = '2026-11-10T08:00:00+01:00'
const pulse: CaseEvent = { at, measured: { id: 'p', code: PULSE, value: 130, unit: '/min' } }
const given = (...events: CaseEvent[]): PathwayCase => ({ title: '', patient: {}, events, tasks: [] })

test.each<[string, PathwayCase, string]>([
  ['an event that is none', given({ at, danced: true } as never), 'danced'],
  ['a moment that is none', given({ ...pulse, at: 'later' }), 'moment'],
  ['no event and no end', given(), 'needs an event'],
  [
    'a move that no Task may make',
    given(pulse, { at, taskBecomes: 'accepted', rule: 'pulse' }, { at, taskBecomes: 'received', rule: 'pulse' }),
    'cannot become received',
  ],
  [
    'a snooze that is too long',
    given(pulse, { at, snoozed: 'pulse', until: '2027-11-10T08:00:00+01:00', reason: 'x' }),
    'pulse: until',
  ],
  [
    'a Task that another has',
    given(pulse, { at, claimed: 'pulse', by: 'Practitioner/a' }, { at, claimed: 'pulse', by: 'Practitioner/b' }),
    'has taken this Task already',
  ],
])('%s cannot be played', async (_what, wrong, told) => {
  await expect(playCase(plan, wrong)).rejects.toThrow(told)
})

test('deciding can be left to another: every decision is asked of the judge', async () => {
  let count = 0
  const judge = async () => {
    count += 1
    return { tasks: [], timers: [], trace: [] }
  }
  expect((await playCase(plan, given(pulse, { ...pulse, at: '2026-11-10T09:00:00+01:00' }), judge)).tasks).toEqual([])
  // Of the enrolment, of the measurement, and of its correction.
  expect(count).toBe(3)
})

test('what somebody is given pulls what waits for it, and leaves alone what it has led to', async () => {
  const data = [{ type: 'Observation' as const }]
  const condition = { language: 'text/fhirpath' as const, expression: "%access.author.reference = 'Practitioner/gp'" }
  const seen = { id: 'seen', title: 'Legen har lest', trigger: [{ type: 'data-accessed' as const, data, condition }] }
  const readBy = (by: string, time: string): CaseEvent => ({
    ...{ at: `2026-11-10T${time}:00+01:00`, accessed: 'Observation/p', by },
  })
  const events = [pulse, readBy('Patient/case', '09:00'), readBy('Practitioner/gp', '10:00')]
  const [before, after] = await Promise.all(
    [events.slice(0, 2), events].map((some) => playCase(heartPlan({ more: [seen] }), given(...some))),
  )
  const [alarm, ...others] = after?.tasks ?? []
  expect(before?.tasks).toEqual([alarm])
  expect(others).toMatchObject([{ description: 'Legen har lest', focus: { reference: 'Observation/p' } }])
  // Who read it stands there too.
  expect(others[0]?.input?.map(({ valueReference }) => valueReference?.reference)).toEqual([
    ...['Basic/event-2/_history/1', 'Observation/p/_history/1'],
  ])
})
