import type { Duration, RequestGroupAction, RequestGroupActionRelatedAction } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { placeActions } from './related-times.ts'

/** Monday. */
const BEGINS = new Date('2026-11-23T08:00:00Z')
const hours = (value: number): Duration => ({ value, system: 'http://unitsofmeasure.org', code: 'h' })
const at = (text: string) => `2026-11-${text}:00.000Z`

/** From ten to twelve on Tuesday. */
const EXAMINATION: RequestGroupAction = { id: 'b', timingPeriod: { start: at('24T10:00'), end: at('24T12:00') } }

type Relationship = NonNullable<RequestGroupActionRelatedAction['relationship']>
const related = (relationship: Relationship, more: object = {}): RequestGroupActionRelatedAction[] => [
  { actionId: 'b', relationship, ...more },
]

// Worked by hand; `a` takes an hour where it says so.
test.each<[Relationship, object, Duration | undefined, string, string | undefined]>([
  // relationship            offset                         takes      from               until
  ['after-end', {}, undefined, at('24T12:00'), undefined],
  ['after-end', { offsetDuration: hours(3) }, undefined, at('24T15:00'), undefined],
  ['after', { offsetDuration: hours(3) }, hours(1), at('24T15:00'), at('24T16:00')],
  ['after-start', { offsetDuration: hours(1) }, undefined, at('24T11:00'), undefined],
  ['concurrent-with-start', {}, hours(1), at('24T10:00'), at('24T11:00')],
  ['concurrent', {}, undefined, at('24T10:00'), undefined],
  ['concurrent-with-end', {}, hours(1), at('24T11:00'), at('24T12:00')],
  ['before-start', { offsetDuration: hours(2) }, hours(1), at('24T07:00'), at('24T08:00')],
  ['before', {}, hours(1), at('24T09:00'), at('24T10:00')],
  ['before-end', { offsetDuration: hours(1) }, hours(1), at('24T10:00'), at('24T11:00')],
])('%s %j, taking %j', (relationship, offset, takes, start, end) => {
  const action: RequestGroupAction = { id: 'a', relatedAction: related(relationship, offset) }
  const placed = placeActions([{ ...action, ...(takes ? { timingDuration: takes } : {}) }, EXAMINATION], BEGINS).get(
    'a',
  )
  expect([placed?.start.toISOString(), placed?.end?.toISOString(), placed?.waits]).toEqual([start, end, []])
})

test('months and years are the calendar’s, and the clocks’ change moves no time of the day', () => {
  const begins = new Date('2026-01-31T08:00:00+01:00')
  const placed = placeActions(
    [
      { id: 'b', timingDuration: { value: 1, code: 'mo' } },
      { id: 'a', relatedAction: related('after-end', { offsetDuration: { value: 2, code: 'mo' } }) },
    ],
    begins,
  )
  expect(placed.get('b')?.end).toEqual(new Date('2026-02-28T08:00:00+01:00'))
  expect(placed.get('a')?.start).toEqual(new Date('2026-04-28T08:00:00+02:00'))
})

test('a range says from when until when it may begin', () => {
  const offsetRange = { low: hours(24), high: hours(48) }
  const placed = placeActions([{ id: 'a', relatedAction: related('after-end', { offsetRange }) }, EXAMINATION], BEGINS)
  expect(placed.get('a')).toMatchObject({ start: new Date(at('25T12:00')), startMax: new Date(at('26T12:00')) })
})

const days = (value: number): Duration => ({ value, system: 'http://unitsofmeasure.org', code: 'd' })

test.each([
  ['from seven to nine days', { low: days(7), high: days(9) }, '2026-11-30T08:00:00.000Z', '2026-12-02T08:00:00.000Z'],
  ['from two days on', { low: days(2) }, at('25T08:00'), undefined],
  ['within two days', { high: days(2) }, at('23T08:00'), at('25T08:00')],
])('a timingRange is counted from when the plan begins: %s', (_case, timingRange, start, end) => {
  const placed = placeActions([{ id: 'a', timingRange }], BEGINS).get('a')
  expect([placed?.start.toISOString(), placed?.end?.toISOString()]).toEqual([start, end])
})

test.each([
  ['backwards', { low: days(9), high: days(7) }, 'ends before it begins'],
  ['of no time', { low: { value: 1, code: 'kg' } }, 'not a duration'],
])('a timingRange %s is told', (_case, timingRange, said) => {
  expect(() => placeActions([{ id: 'a', timingRange }], BEGINS)).toThrow(said)
})

test('an age is placed by $apply alone, which knows the subject', () => {
  expect(() => placeActions([{ id: 'a', timingAge: { value: 60, code: 'a' } }], BEGINS)).toThrow('$apply')
})

test('what is over when it is done is waited for, and so is what comes after that', () => {
  const actions: RequestGroupAction[] = [
    { id: 'b' },
    { id: 'a', relatedAction: related('after-end', { offsetDuration: hours(2) }) },
    { id: 'c', relatedAction: [{ actionId: 'a', relationship: 'after-start' }] },
    { id: 'd', relatedAction: related('after-start', { offsetDuration: hours(2) }) },
  ]
  const placed = placeActions(actions, BEGINS)
  expect(placed.get('a')?.waits).toEqual([{ actionId: 'b', relationship: 'after-end', offset: { duration: hours(2) } }])
  expect(placed.get('c')?.waits).toEqual([{ actionId: 'a', relationship: 'after-start' }])
  expect(placed.get('d')).toMatchObject({ waits: [], start: new Date(at('23T10:00')) })
})

test.each<[Relationship, object, object]>([
  ['concurrent', {}, {}],
  ['concurrent-with-start', {}, {}],
  ['concurrent-with-end', {}, {}],
  ['after-start', {}, {}],
  ['after', {}, {}],
  ['before', {}, {}],
  ['before-start', { offsetDuration: hours(2) }, { offset: { duration: hours(2) } }],
  ['before-end', { offsetRange: { low: hours(2) } }, { offset: { range: { low: hours(2) } } }],
])('%s what waits itself is a wait', (relationship, offset, more) => {
  const waits: RequestGroupAction = { id: 'b', relatedAction: [{ actionId: 'c', relationship: 'after-end' }] }
  const placed = placeActions([{ id: 'a', relatedAction: related(relationship, offset) }, waits, { id: 'c' }], BEGINS)
  expect(placed.get('a')?.waits).toEqual([{ actionId: 'b', relationship, ...more }])
  expect(placed.get('b')?.waits).toEqual([{ actionId: 'c', relationship: 'after-end' }])
})

test.each<[Relationship]>([['before'], ['before-start']])(
  'what begins with the plan waits for what is to be done %s it',
  (relationship) => {
    const first = { id: 'a', relatedAction: related(relationship, { offsetDuration: hours(2) }) }
    const placed = placeActions([{ id: 'b' }, first, { id: 'd', relatedAction: related('after-start') }], BEGINS)
    expect(placed.get('a')).toEqual({ start: BEGINS, waits: [] })
    expect(placed.get('b')?.waits).toEqual([
      { actionId: 'a', relationship: 'after-end', offset: { duration: hours(2) } },
    ])
    expect(placed.get('d')?.waits).toEqual([{ actionId: 'b', relationship: 'after-start' }])
  },
)

test('to be done before the end of what begins with the plan, it begins with it', () => {
  const placed = placeActions([{ id: 'a', relatedAction: related('before-end') }, { id: 'b' }], BEGINS)
  expect(placed.get('a')).toEqual({ start: BEGINS, waits: [] })
})

test('a known time counts beside a wait', () => {
  const relatedAction = [...related('after-end'), { actionId: 'c', relationship: 'after-end' as const }]
  const placed = placeActions([{ id: 'a', relatedAction }, EXAMINATION, { id: 'c' }], BEGINS)
  expect(placed.get('a')?.waits).toEqual([
    { actionId: 'c', relationship: 'after-end', notBefore: '2026-11-24T12:00:00.000Z' },
  ])
})

test('what both say, before and after, is said once', () => {
  const first = { id: 'a', relatedAction: related('before-start') }
  const then: RequestGroupAction = { id: 'b', relatedAction: [{ actionId: 'a', relationship: 'after-end' }] }
  const placed = placeActions([first, then], BEGINS)
  expect(placed.get('a')?.waits).toEqual([])
  expect(placed.get('b')?.waits).toMatchObject([{ actionId: 'a', relationship: 'after-end' }])
})

test('a group is no thing to do: all in it wait, and all in it are waited for', () => {
  const group = (id: string, children: string[], more: object = {}): RequestGroupAction => ({
    ...{ id, action: children.map((child) => ({ id: child })), ...more },
  })
  const first = group('b', ['b1', 'b2'])
  const then = group('a', ['a1', 'a2'], { relatedAction: related('after-end') })
  const placed = placeActions([then, first], BEGINS)
  const waits = ['b1', 'b2'].map((actionId) => ({ actionId, relationship: 'after-end' }))
  expect([placed.get('a1')?.waits, placed.get('a2')?.waits]).toEqual([waits, waits])
})

test('several relations hold together: the latest counts', () => {
  const relatedAction = [...related('after-start'), ...related('after-end', { offsetDuration: hours(5) })]
  const placed = placeActions([{ id: 'a', relatedAction }, EXAMINATION], BEGINS).get('a')
  expect(placed?.start).toEqual(new Date(at('24T17:00')))
})

test('nothing begins before the plan does; a time of its own stands; what was not chosen is not waited for', () => {
  const early: RequestGroupAction = { id: 'a', relatedAction: related('before-start', { offsetDuration: hours(999) }) }
  expect(placeActions([early, EXAMINATION], BEGINS).get('a')?.start).toEqual(BEGINS)
  const fixed = { ...early, timingDateTime: at('25T10:00') }
  expect(placeActions([fixed, EXAMINATION], BEGINS).get('a')?.start).toEqual(new Date(at('25T10:00')))
  const alone: RequestGroupAction = { id: 'a', relatedAction: related('after-end') }
  expect(placeActions([alone], BEGINS).get('a')).toEqual({ start: BEGINS, waits: [] })
})

test('an offset that is no time is told at once, also where there is only a wait', () => {
  const offsetDuration = { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' }
  const action: RequestGroupAction = { id: 'a', relatedAction: related('after-end', { offsetDuration }) }
  expect(() => placeActions([action, { id: 'b' }], BEGINS)).toThrow('not a duration')
})

test('actions that wait for each other cannot be placed', () => {
  const waits = (id: string, actionId: string): RequestGroupAction => ({
    ...{ id, relatedAction: [{ actionId, relationship: 'after-end' }] },
  })
  expect(() => placeActions([waits('a', 'b'), waits('b', 'a')], BEGINS)).toThrow('a → b → a')
})

test('a chain of actions that follow each other is in order, however it is written down', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(lengths, fc.boolean(), (given, backwards) => {
      const chain = given.map(
        (value, i): RequestGroupAction => ({
          ...{ id: `a${i}`, timingDuration: hours(value) },
          ...(i > 0 ? { relatedAction: [{ actionId: `a${i - 1}`, relationship: 'after-end' as const }] } : {}),
        }),
      )
      const placed = placeActions(backwards ? [...chain].reverse() : chain, BEGINS)
      const total = given.reduce((sum, value) => sum + value, 0)
      expect(placed.get(`a${given.length - 1}`)?.end).toEqual(new Date(BEGINS.getTime() + total * 3_600_000))
      for (let i = 1; i < given.length; i++) {
        expect(placed.get(`a${i}`)?.start).toEqual(placed.get(`a${i - 1}`)?.end)
      }
    }),
  )
})
