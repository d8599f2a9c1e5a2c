import type { Timing } from '@medplum/fhirtypes'
import type { Resource } from '../fhir/resource.ts'
import { ASKED_TIMING, askedAnew, askedTiming, isOrderedBeside } from './asked-timing.ts'
import { notShared, shared } from './same-activity.ts'

const every = (period: number): Timing => ({ repeat: { frequency: 1, period, periodUnit: 'd' } })
const ask = (carePlan: string, occurrenceTiming: Timing | undefined, more: object = {}): Resource => ({
  ...{ resourceType: 'ServiceRequest', id: carePlan, status: 'active', intent: 'order' },
  ...{ basedOn: [{ reference: `CarePlan/${carePlan}` }], ...more },
  ...(occurrenceTiming ? { occurrenceTiming } : {}),
})
/** The first one's request, shared with the others one by one. */
const together = (first: Resource, ...others: Resource[]): Resource =>
  others.reduce((known, one) => shared(known, one, `CarePlan/${one.id}`), first)
const without = (request: Resource, ...left: string[]): Resource =>
  left.reduce((known, one) => notShared(known, `CarePlan/${one}`), request)

test.each<[string, string[], Timing]>([
  ['all three', [], every(1)],
  ['without the one that wanted it oftenest', ['b'], every(3)],
  ['without one that wanted it more seldom', ['a'], every(1)],
  ['as the last one wanted it', ['b', 'c'], every(7)],
  ['as the last one wanted it, in whatever order the others left', ['c', 'b'], every(7)],
  ['as the oftenest wanted it, when it is the last', ['a', 'c'], every(1)],
])('what three plans want is asked for as often as those want it that are left: %s', (_who, left, expected) => {
  const three = together(ask('a', every(7)), ask('b', every(1)), ask('c', every(3)))
  const request = without(three, ...left)
  expect(request.occurrenceTiming).toEqual(expected)
  const asking = ['a', 'b', 'c'].filter((one) => !left.includes(one)).map((one) => `CarePlan/${one}`)
  expect(request.basedOn).toEqual(asking.map((reference) => ({ reference })))
  const kept = asking.filter((one) => askedTiming(request, one) !== undefined)
  expect(kept).toEqual(asking.length > 1 ? asking : [])
})

test('where all are of one mind, nothing is kept beside the request', () => {
  const both = together(ask('a', every(1)), ask('b', every(1)))
  expect(both).toEqual(ask('a', every(1), { basedOn: [{ reference: 'CarePlan/a' }, { reference: 'CarePlan/b' }] }))
  expect(without(both, 'a').occurrenceTiming).toEqual(every(1))
})

test('what one plan asks for twice it asks for as often as it did oftener, alone and beside another', () => {
  expect(together(ask('a', every(7)), ask('a', every(2)))).toEqual(ask('a', every(2)))
  const three = together(ask('a', every(7)), ask('b', every(3)), ask('b', every(1)), ask('b', every(5)))
  expect(three.occurrenceTiming).toEqual(every(1))
  expect(without(three, 'b').occurrenceTiming).toEqual(every(7))
})

test('as somebody has set it for this person it stays, whoever leaves', () => {
  const both = together(ask('a', every(7)), ask('b', every(1)))
  expect(without({ ...both, occurrenceTiming: every(2) }, 'b').occurrenceTiming).toEqual(every(2))
})

test('of what was shared before that was kept, nobody knows: it goes on as it is', () => {
  const merged = ask('a', every(1), { basedOn: [{ reference: 'CarePlan/a' }, { reference: 'CarePlan/b' }] })
  expect(without(merged, 'b')).toEqual(ask('a', every(1)))
})

test('one that asks once does not make the others ask once, and a request says one time only', () => {
  const once = ask('a', undefined, { occurrenceDateTime: '2026-11-10' })
  const both = together(once, ask('b', every(1)))
  expect([both.occurrenceDateTime, both.occurrenceTiming]).toEqual([undefined, every(1)])
  const other = together(ask('b', every(1)), once)
  expect([other.occurrenceDateTime, other.occurrenceTiming]).toEqual([undefined, every(1)])
})

test('one of several may ask otherwise from now on; the oftenest counts, unless somebody has set it', () => {
  const both = together(ask('a', every(7)), ask('b', every(1)))
  const seldom = askedAnew(both, 'CarePlan/b', every(14), ['CarePlan/a'])
  expect(seldom.occurrenceTiming).toEqual(every(7))
  expect(without(seldom, 'a').occurrenceTiming).toEqual(every(14))
  expect(
    askedAnew({ ...both, occurrenceTiming: every(2) }, 'CarePlan/b', every(14), ['CarePlan/a']).occurrenceTiming,
  ).toEqual(every(2))
})

test('one of those who were of one mind asks otherwise, and the others as they did', () => {
  const both = together(ask('a', every(1)), ask('b', every(1)))
  const anew = askedAnew(both, 'CarePlan/b', every(7), ['CarePlan/a'])
  expect(anew.occurrenceTiming).toEqual(every(1))
  expect(without(anew, 'a').occurrenceTiming).toEqual(every(7))
  expect(without(anew, 'b').occurrenceTiming).toEqual(every(1))
})

describe('what somebody has ordered beside all plans', () => {
  const own = (occurrenceTiming: Timing | undefined) => ask('own', occurrenceTiming, { basedOn: undefined })

  test.each<[string, Timing | undefined, Resource[], string[], Timing | undefined]>([
    ['more seldom than the plan', every(7), [ask('a', every(1))], ['a'], every(7)],
    ['oftener than the plan', every(1), [ask('a', every(7))], ['a'], every(1)],
    [
      'more seldom than two plans, of which one is left',
      every(7),
      [ask('a', every(1)), ask('b', every(3))],
      ['a'],
      every(3),
    ],
    [
      'more seldom than two plans, of which none is left',
      every(7),
      [ask('a', every(1)), ask('b', every(3))],
      ['b', 'a'],
      every(7),
    ],
  ])('is as it was once the plans have left: %s', (_how, ordered, others, left, expected) => {
    const request = together(own(ordered), ...others)
    expect(isOrderedBeside(request)).toBe(true)
    const after = without(request, ...left)
    expect(after.occurrenceTiming).toEqual(expected)
    expect(isOrderedBeside(after)).toBe(left.length < others.length)
    if (left.length === others.length) expect(Object.keys(after)).not.toContain('basedOn')
  })

  test('is known also where it said no time, and where all are of one mind', () => {
    expect(isOrderedBeside(together(own(undefined), ask('a', every(1)), ask('b', every(3))))).toBe(true)
    expect(isOrderedBeside(together(own(every(1)), ask('a', every(1))))).toBe(true)
    expect(isOrderedBeside(together(ask('a', every(1)), ask('b', every(3))))).toBe(false)
  })
})

test('other extensions stay where they are', () => {
  const other = { url: 'http://example.org/other', valueString: 'x' }
  const both = together(ask('a', every(7), { extension: [other] }), ask('b', every(1)))
  expect((both.extension as { url: string }[]).map(({ url }) => url)).toEqual([other.url, ASKED_TIMING, ASKED_TIMING])
  expect(without(both, 'b').extension).toEqual([other])
})
