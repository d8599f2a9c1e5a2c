import type { Extension, GoalTarget, Observation } from '@medplum/fhirtypes'
import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import { compileFhirPath } from '../../fhirpath/evaluate.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import { checkLimits } from './check-limits.ts'
import { inForce, isInForce } from './limit-window.ts'
import { type Assessment, assess, type Comparator, type Limit, limitsAt, toLimit } from './limits.ts'
import { withRanges } from './ranges.ts'

/** Laws that every set of limits obeys, whatever its numbers. Values are whole tenths, as people write them and binary does not. */

type Given = {
  zone: 'red' | 'yellow' | 'baseline'
  side?: 'low' | 'high'
  comparator?: Comparator
  tenths: number
  unit?: string
  parts?: Extension[]
}

const CODE = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }
const quantity = (tenths: number, unit: string) => ({ value: Number((tenths / 10).toFixed(6)), unit, code: unit })

const target = ({ zone, side, comparator, tenths, unit = 'kg', parts = [] }: Given): GoalTarget => ({
  extension: [
    {
      url: LIMIT,
      extension: [{ url: 'zone', valueCode: zone }, ...(side ? [{ url: 'side', valueCode: side }] : []), ...parts],
    },
  ],
  measure: CODE,
  detailQuantity: { ...quantity(tenths, unit), ...(comparator ? { comparator } : {}) },
})
const limitsOf = (...given: Given[]): Limit[] => given.flatMap((one) => toLimit(target(one), 'patient'))

const NOW = new Date('2026-11-10T08:00:00Z')
const measured = (tenths: number, { unit = 'kg', at = NOW, id = 'now' } = {}): Observation => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: CODE },
  ...{ effectiveDateTime: at.toISOString(), valueQuantity: quantity(tenths, unit) },
})
const hitOf = ({ limits }: Assessment, zone: string, side: string) =>
  limits.some((one) => one.zone === zone && one.side === side && one.hit)

const tenths = fc.integer({ min: -400, max: 400 })
const low = fc.constantFrom('<', '<=') as fc.Arbitrary<Comparator>
const high = fc.constantFrom('>', '>=') as fc.Arbitrary<Comparator>

/** Red and yellow on both sides, as they can be meant. */
const fence = fc
  .record({
    at: fc.tuple(tenths, tenths, tenths, tenths),
    by: fc.tuple(low, low, high, high),
  })
  .map(({ at, by }): Given[] => {
    const [a = 0, b = 0, c = 0, d = 0] = [...at].sort((one, other) => one - other)
    return [
      { zone: 'red', side: 'low', comparator: by[0], tenths: a },
      { zone: 'yellow', side: 'low', comparator: by[1], tenths: b },
      { zone: 'yellow', side: 'high', comparator: by[2], tenths: c },
      { zone: 'red', side: 'high', comparator: by[3], tenths: d },
    ]
  })
  .filter((given) => checkLimits(given.map(target)).length === 0)

/** Where a value lies, from the low red to the high red. */
function bandOf(assessment: Assessment): number {
  if (hitOf(assessment, 'red', 'low')) return -2
  if (hitOf(assessment, 'yellow', 'low')) return -1
  if (hitOf(assessment, 'red', 'high')) return 2
  return hitOf(assessment, 'yellow', 'high') ? 1 : 0
}

test('zones lie in order, without gap or overlap: who goes up passes red, yellow, none, yellow, red and never goes back', () => {
  fc.assert(
    fc.property(fence, fc.array(tenths, { minLength: 2, maxLength: 12 }), (given, values) => {
      const limits = limitsOf(...given)
      const edges = given.flatMap(({ tenths: at }) => [at - 1, at, at + 1])
      const along = [...values, ...edges].sort((one, other) => one - other)
      const assessments = along.map((value) => assess(measured(value), limits))
      for (const one of assessments) {
        const low = hitOf(one, 'red', 'low') || hitOf(one, 'yellow', 'low')
        expect(low && (hitOf(one, 'red', 'high') || hitOf(one, 'yellow', 'high'))).toBe(false)
        for (const side of ['low', 'high']) {
          if (hitOf(one, 'red', side)) expect(hitOf(one, 'yellow', side)).toBe(true)
        }
      }
      const bands = assessments.map(bandOf)
      expect(bands).toEqual([...bands].sort((one, other) => one - other))
    }),
    { numRuns: 300 },
  )
})

test('what is written on the measurement says the same as what was decided, at the edges too', () => {
  const said = ['LL', 'L', 'N', 'H', 'HH']
  fc.assert(
    fc.property(fence, fc.nat({ max: 3 }), fc.integer({ min: -1, max: 1 }), (given, which, step) => {
      const limits = limitsOf(...given)
      const observation = measured((given[which]?.tenths ?? 0) + step)
      const written = withRanges(observation as unknown as Resource, [{ own: limits, defaults: [] }], NOW)
      const [interpretation] = (written as unknown as Observation).interpretation ?? []
      expect(interpretation?.coding?.[0]?.code).toBe(said[bandOf(assess(observation, limits)) + 2])
    }),
    { numRuns: 300 },
  )
})

const OPPOSITE: Record<Comparator, Comparator> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' }
const baseline = (at: number): Given => ({ zone: 'baseline', tenths: at })
const relative: Extension = { url: 'relativeTo', valueCode: 'baseline' }
const trend = (method: 'slope' | 'change', days: number): Extension[] => [
  { url: 'trend', valueCode: method },
  { url: 'window', valueDuration: { value: days, unit: 'd', code: 'd' } },
]

/** Measurements of some days, the last of them now. */
const course = fc
  .uniqueArray(fc.record({ hours: fc.integer({ min: 1, max: 24 * 10 }), tenths }), {
    selector: ({ hours }) => hours,
    minLength: 3,
    maxLength: 8,
  })
  .chain((earlier) => tenths.map((last) => ({ earlier, last })))
type Course = { earlier: { hours: number; tenths: number }[]; last: number }

function assessCourse({ earlier, last }: Course, given: Given, { unit = 'kg', shift = 0 } = {}): Assessment {
  const at = (hours: number) => new Date(NOW.getTime() + shift - hours * 3_600_000)
  const history = earlier.map(({ hours, tenths: value }, i) => measured(value, { unit, at: at(hours), id: `e${i}` }))
  const facts = { history: history as unknown as Resource[], now: NOW }
  return assess(measured(last, { unit, at: at(0) }), limitsOf(given), facts)
}
const only = ({ limits }: Assessment) => limits.find(({ zone }) => zone !== 'baseline')?.hit

test.each(['absolute', 'relative', 'slope', 'change'] as const)(
  'a limit and its opposite at the same %s value: exactly one is hit',
  (kind) => {
    fc.assert(
      fc.property(course, tenths, fc.constantFrom<Comparator>('<', '<=', '>', '>='), (run, at, comparator) => {
        const parts = { absolute: [], relative: [relative], slope: trend('slope', 11), change: trend('change', 11) }[
          kind
        ]
        const given = { zone: 'red', side: 'low', tenths: at, parts, unit: kind === 'slope' ? 'kg/d' : 'kg' } as const
        const of = (by: Comparator) => {
          if (kind !== 'relative') return only(assessCourse(run, { ...given, comparator: by }))
          return only(assess(measured(run.last), limitsOf({ ...given, comparator: by }, baseline(100))))
        }
        expect([of(comparator), of(OPPOSITE[comparator])].filter((hit) => hit === true)).toHaveLength(1)
      }),
    )
  },
)

test('a limit that is counted from the usual value is the limit at usual value plus difference, wherever that lies', () => {
  fc.assert(
    fc.property(
      tenths,
      tenths,
      // On the limit, beside it, or anywhere: what binary cannot write shows at the edge alone.
      fc.oneof(fc.constantFrom(-1, 0, 1), tenths),
      tenths,
      fc.constantFrom<Comparator>('<', '<=', '>', '>='),
      (usual, by, beside, shift, comparator) => {
        const given = { zone: 'red', side: 'low', comparator } as const
        const value = usual + by + beside
        const relatively = (move: number) =>
          only(
            assess(
              measured(value + move),
              limitsOf({ ...given, tenths: by, parts: [relative] }, baseline(usual + move)),
            ),
          )
        const absolutely = only(assess(measured(value), limitsOf({ ...given, tenths: usual + by })))
        expect([relatively(0), relatively(shift)]).toEqual([absolutely, absolutely])
      },
    ),
    { numRuns: 500 },
  )
})

const inPercent: Extension = { url: 'relativeTo', valueCode: 'baseline-percent' }
/** Whole percent, as people write them, on both sides of the baseline; no side reaches down to nothing. */
const percent = fc.integer({ min: -99, max: 300 })
/** A baseline of whole kilos: a tenth of a percent of it is then a gram, which is written with three decimals. */
const usualWeight = fc.integer({ min: 1, max: 300 }).map((kilos) => kilos * 10)
const comparators = fc.constantFrom<Comparator>('<', '<=', '>', '>=')
const byPercent = (whole: number, comparator: Comparator): Given => ({
  ...{ zone: 'red', side: whole < 0 ? 'low' : 'high', comparator },
  ...{ tenths: whole * 10, unit: '%', parts: [inPercent] },
})

test('a limit in percent of the usual value is the limit at that part of it, the edge too, and the measurement says the same', () => {
  fc.assert(
    fc.property(
      ...[usualWeight, percent, fc.oneof(fc.constantFrom(-0.1, 0, 0.1), tenths), comparators],
      (usual, whole, beside, comparator) => {
        const at = Number(((usual * (100 + whole)) / 100).toFixed(3))
        const value = Number((at + beside).toFixed(3))
        const limits = limitsOf(byPercent(whole, comparator), baseline(usual))
        const absolute = limitsOf({ zone: 'red', side: whole < 0 ? 'low' : 'high', comparator, tenths: at })
        const hit = only(assess(measured(value), absolute))
        expect(only(assess(measured(value), limits))).toBe(hit)
        const written = withRanges(measured(value) as unknown as Resource, [{ own: limits, defaults: [] }], NOW)
        const [said] = (written as unknown as Observation).interpretation ?? []
        expect(said?.coding?.[0]?.code).toBe(hit ? (whole < 0 ? 'LL' : 'HH') : 'N')
      },
    ),
    { numRuns: 500 },
  )
})

test('percent have no unit: with baseline and value so many times as high, the same is decided', () => {
  fc.assert(
    fc.property(
      ...[usualWeight, percent, tenths, comparators, fc.constantFrom(2, 10, 1_000)],
      (usual, whole, value, comparator, times) => {
        const by = (factor: number) =>
          only(assess(measured(value * factor), limitsOf(byPercent(whole, comparator), baseline(usual * factor))))
        expect(by(times)).toBe(by(1))
      },
    ),
  )
})

test('without a baseline, or with one in another unit or of nothing, no limit in percent is hit; the last two are told', () => {
  fc.assert(
    fc.property(
      percent,
      tenths,
      comparators,
      fc.integer({ min: -300, max: 0 }),
      (whole, value, comparator, nothing) => {
        const by = (...usual: Given[]) => assess(measured(value), limitsOf(byPercent(whole, comparator), ...usual))
        const [without, inGrams, ofNothing] = [by(), by({ ...baseline(700), unit: 'g' }), by(baseline(nothing))]
        for (const { limits } of [without, inGrams, ofNothing]) expect(limits.filter(({ hit }) => hit)).toEqual([])
        expect(without.problem).toBeUndefined()
        expect(inGrams.problem?.nn).toContain('i «kg»')
        expect(ofNothing.problem?.en).toContain('not above 0')
      },
    ),
  )
})

test.each(['slope', 'change'] as const)(
  'a %s is the same however high the values lie, in whatever order they are read, and whenever it was',
  (method) => {
    fc.assert(
      fc.property(course, tenths, tenths, fc.integer({ min: -500, max: 500 }), (run, at, up, hours) => {
        const unit = method === 'slope' ? 'kg/d' : 'kg'
        const given: Given = { zone: 'red', side: 'high', comparator: '>', tenths: at, unit, parts: trend(method, 11) }
        const higher = { earlier: run.earlier.map((one) => ({ ...one, tenths: one.tenths + up })), last: run.last + up }
        const backwards = { ...run, earlier: [...run.earlier].reverse() }
        const hit = only(assessCourse(run, given))
        expect(only(assessCourse(higher, given))).toBe(hit)
        expect(only(assessCourse(backwards, given))).toBe(hit)
        expect(only(assessCourse(run, given, { shift: hours * 3_600_000 }))).toBe(hit)
      }),
    )
  },
)

test('the higher the last value, the higher the course: a rise over its limit never comes back under it', () => {
  fc.assert(
    fc.property(course, tenths, fc.nat({ max: 200 }), fc.constantFrom('slope', 'change'), (run, at, more, method) => {
      const unit = method === 'slope' ? 'kg/d' : 'kg'
      const given: Given = {
        zone: 'red',
        side: 'high',
        comparator: '>',
        tenths: at,
        unit,
        parts: trend(method as 'slope', 11),
      }
      if (only(assessCourse(run, given)))
        expect(only(assessCourse({ ...run, last: run.last + more }, given))).toBe(true)
    }),
  )
})

const UNITS = [
  ['kg', 1],
  ['g', 1_000],
  ['dag', 100],
] as const

test('in whichever unit all of it is said, the same is decided', () => {
  fc.assert(
    fc.property(fence, course, tenths, fc.constantFrom(...UNITS), (given, run, at, [unit, factor]) => {
      const scaled = given.map((one) => ({ ...one, tenths: one.tenths * factor, unit }))
      const band = bandOf(assess(measured(run.last), limitsOf(...given)))
      expect(bandOf(assess(measured(run.last * factor, { unit }), limitsOf(...scaled)))).toBe(band)
      const rise: Given = { zone: 'red', side: 'high', comparator: '>', tenths: at, parts: trend('change', 11) }
      const heavier = {
        earlier: run.earlier.map((one) => ({ ...one, tenths: one.tenths * factor })),
        last: run.last * factor,
      }
      const inUnit = { ...rise, tenths: at * factor, unit }
      expect(only(assessCourse(heavier, inUnit, { unit }))).toBe(only(assessCourse(run, rise)))
    }),
  )
})

test('a value in another unit than its limit is never green and never red: it is told', () => {
  fc.assert(
    fc.property(fence, tenths, fc.constantFrom('g', 'lb', '', 'KG'), (given, value, unit) => {
      const { limits, problem } = assess(measured(value, { unit }), limitsOf(...given))
      expect(limits.filter(({ hit }) => hit)).toEqual([])
      expect(problem?.nb).toContain('kg')
    }),
  )
})

test('a condition that compares units of one kind orders them as their amounts, and in either unit alike', () => {
  const asQuantity = ({ grams, unit }: { grams: number; unit: string }) => ({
    ...{ resourceType: 'Observation', status: 'final', code: CODE },
    valueQuantity: {
      value: unit === 'kg' ? grams / 1000 : grams,
      ...{ unit, system: 'http://unitsofmeasure.org', code: unit },
    },
  })
  const compared = compileFhirPath('%one.value < %other.value')
  const amount = fc.record({ grams: fc.integer({ min: 1, max: 200_000 }), unit: fc.constantFrom('kg', 'g') })
  fc.assert(
    fc.property(amount, amount, (one, other) => {
      const given = { one: asQuantity(one), other: asQuantity(other) }
      expect(compared({}, given)).toEqual([one.grams < other.grams])
    }),
  )
})

const minute = fc.integer({ min: 0, max: 24 * 60 - 1 })
const time = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}:00`
const between = (from: number, to: number): Extension[] => [
  { url: 'from', valueTime: time(from) },
  { url: 'to', valueTime: time(to) },
]
/** Any moment of the year, the two nights on which the clocks change among them. */
const moment = fc.oneof(
  fc.date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true }),
  fc.integer({ min: 0, max: 360 }).map((m) => new Date(Date.parse('2026-03-28T22:00:00Z') + m * 60_000)),
  fc.integer({ min: 0, max: 360 }).map((m) => new Date(Date.parse('2026-10-24T22:00:00Z') + m * 60_000)),
)

test('a part of the day and the rest of it: at every moment exactly one counts', () => {
  fc.assert(
    fc.property(minute, minute, moment, (from, to, at) => {
      fc.pre(from !== to)
      const given = (one: number, other: number): Given => ({
        zone: 'red',
        side: 'low',
        tenths: 0,
        parts: between(one, other),
      })
      const both = limitsOf(given(from, to), given(to, from))
      expect(both.filter((limit) => isInForce(limit, at))).toHaveLength(1)
    }),
    { numRuns: 500 },
  )
})

test('of limits for always, for a part of the day, for a time and for both, one counts at every moment: the narrowest that holds', () => {
  fc.assert(
    fc.property(minute, minute, moment, moment, moment, (from, to, one, other, at) => {
      fc.pre(from !== to)
      const [start, end] = [one, other].sort((first, second) => first.getTime() - second.getTime())
      const during: Extension = { url: 'period', valuePeriod: { start: start?.toISOString(), end: end?.toISOString() } }
      const given = (value: number, parts: Extension[]): Given => ({ zone: 'red', side: 'low', tenths: value, parts })
      const [always, day, time, both] = [
        given(1, []),
        given(2, between(from, to)),
        given(3, [during]),
        given(4, [...between(from, to), during]),
      ]
      const counting = inForce(limitsOf(always, day, time, both), at)
      const [isDay, isTime] = [day, time].map((only) => limitsOf(only).some((limit) => isInForce(limit, at)))
      if (isDay && !isTime) expect(counting.map(({ value }) => value)).toEqual([0.2])
      else if (isTime && !isDay) expect(counting.map(({ value }) => value)).toEqual([0.3])
      else expect(counting.map(({ value }) => value)).toEqual([isDay ? 0.4 : 0.1])
      // The person's own counts in place of the plan's at the same moment, and nothing is left over.
      expect(limitsAt(limitsOf(always, day, time, both), limitsOf(given(9, [])), at)).toHaveLength(1)
    }),
    { numRuns: 500 },
  )
})
