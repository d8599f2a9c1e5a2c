import type { Extension, GoalTarget } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { loadPathway } from '../../../plans/load-pathways.ts'
import { LIMIT } from '../plan/vocabulary.ts'
import { checkLimits } from './check-limits.ts'
import { assess, limitsAt, toLimit } from './limits.ts'

type Given = {
  zone: string
  side?: string
  value?: number
  range?: [number, number]
  comparator?: '<' | '<=' | '>=' | '>'
  unit?: string
  code?: string
  parts?: Extension[]
}

function target({ zone, side, value, range, comparator, unit = '%', code = '59408-5', parts = [] }: Given): GoalTarget {
  const quantity = (amount: number) => ({ value: amount, unit, code: unit })
  return {
    extension: [
      {
        url: LIMIT,
        extension: [{ url: 'zone', valueCode: zone }, ...(side ? [{ url: 'side', valueCode: side }] : []), ...parts],
      },
    ],
    measure: { coding: [{ system: 'http://loinc.org', code }], text: 'SpO2' },
    ...(value === undefined ? {} : { detailQuantity: { ...quantity(value), ...(comparator ? { comparator } : {}) } }),
    ...(range ? { detailRange: { low: quantity(range[0]), high: quantity(range[1]) } } : {}),
  }
}

const low = (zone: string, value: number, more: Partial<Given> = {}): Given => ({ zone, side: 'low', value, ...more })
const high = (zone: string, value: number, more: Partial<Given> = {}): Given => ({ zone, side: 'high', value, ...more })
const relative: Extension = { url: 'relativeTo', valueCode: 'baseline' }
const inPercent: Extension = { url: 'relativeTo', valueCode: 'baseline-percent' }
const trend = (method: string, days: number): Extension[] => [
  { url: 'trend', valueCode: method },
  { url: 'window', valueDuration: { value: days, code: 'd' } },
]
const night: Extension[] = [
  { url: 'from', valueTime: '22:00:00' },
  { url: 'to', valueTime: '07:00:00' },
]
const period = (start: string, end: string): Extension => ({ url: 'period', valuePeriod: { start, end } })

const check = (...given: Given[]) => checkLimits(given.map(target))

test.each<[string, Given[]]>([
  ['yellow outside red', [low('yellow', 90), low('red', 88)]],
  ['the same number, red strictly inside', [low('yellow', 88, { comparator: '<=' }), low('red', 88)]],
  ['both sides', [low('red', 40), low('yellow', 50), high('yellow', 110), high('red', 130)]],
  [
    'a stricter pair for the night',
    [low('yellow', 90), low('red', 88), low('yellow', 88, { parts: night }), low('red', 85, { parts: night })],
  ],
  [
    'a difference from the usual value',
    [low('yellow', -3, { parts: [relative] }), low('red', -5, { parts: [relative] })],
  ],
  [
    'a difference in percent beside one in the unit, and the usual value',
    [
      { zone: 'baseline', value: 90, unit: 'umol/L' },
      high('yellow', 50, { unit: '%', comparator: '>', parts: [inPercent] }),
      high('red', 100, { unit: '%', parts: [inPercent] }),
      high('red', 60, { unit: 'umol/L', parts: [relative] }),
    ],
  ],
  [
    'a trend',
    [
      high('red', 2, { unit: 'kg', parts: trend('change', 3) }),
      high('yellow', 0.5, { unit: 'kg/d', parts: trend('slope', 7) }),
    ],
  ],
  ['another measure altogether', [low('yellow', 90), low('red', 120, { code: '8867-4', unit: '/min' })]],
])('%s can be meant', (_name, given) => expect(check(...given)).toEqual([]))

test.each<[string, Given[], number, string, RegExp]>([
  ['yellow inside red', [low('yellow', 86), low('red', 88)], 1, 'detail', /red must be yellow too/],
  [
    'red that includes what yellow leaves out',
    [low('yellow', 88), low('red', 88, { comparator: '<=' })],
    1,
    'detail',
    /must be yellow/,
  ],
  ['high yellow above red', [high('yellow', 140), high('red', 130)], 1, 'detail', /must be yellow/],
  ['low above high', [low('red', 130), high('red', 110)], 0, 'detail', /must lie below/],
  [
    'red outside what is plausible',
    [{ zone: 'plausible', range: [50, 100] }, low('red', 40)],
    1,
    'detail',
    /plausible/,
  ],
  ['a usual value that would be red', [{ zone: 'baseline', value: 86 }, low('red', 88)], 0, 'detail', /would be red/],
  ['one limit twice', [low('red', 88), low('red', 87)], 1, 'detail', /two limits/],
  ['two units', [low('yellow', 90), low('red', 0.88, { unit: '1' })], 1, 'detail', /is in/],
  ['an unknown zone', [low('orange', 88)], 0, `extension('${LIMIT}').extension('zone')`, /red, yellow/],
  [
    'an unknown side',
    [{ zone: 'red', side: 'left', value: 88 }],
    0,
    `extension('${LIMIT}').extension('side')`,
    /low or high/,
  ],
  ['no value', [{ zone: 'red', side: 'low' }], 0, 'detail', /needs its value/],
  ['no unit', [low('red', 88, { unit: '' })], 0, 'detail', /unit/],
  [
    'a comparator of the other side',
    [low('red', 88, { comparator: '>' })],
    0,
    'detail.ofType(Quantity).comparator',
    /low side/,
  ],
  ['a difference in the wrong direction', [low('red', 5, { parts: [relative] })], 0, 'detail', /below 0/],
  [
    'a difference in percent that is in another unit',
    [high('red', 50, { unit: 'kg', parts: [inPercent] })],
    0,
    `extension('${LIMIT}').extension('relativeTo')`,
    /is in %/,
  ],
  [
    'all of it less',
    [low('red', -100, { parts: [inPercent] })],
    0,
    `extension('${LIMIT}').extension('relativeTo')`,
    /leaves nothing/,
  ],
  [
    'a difference from something else',
    [low('red', -5, { parts: [{ url: 'relativeTo', valueCode: 'median' }] })],
    0,
    `extension('${LIMIT}').extension('relativeTo')`,
    /baseline or baseline-percent/,
  ],
  [
    'yellow in percent inside red',
    [high('yellow', 100, { parts: [inPercent] }), high('red', 50, { parts: [inPercent] })],
    1,
    'detail',
    /must be yellow/,
  ],
  [
    'percent of nothing',
    [{ zone: 'baseline', value: 0, unit: 'kg' }, high('red', 50, { parts: [inPercent] })],
    1,
    'detail',
    /must be above 0/,
  ],
  [
    'a trend without its window',
    [high('red', 2, { parts: [{ url: 'trend', valueCode: 'change' }] })],
    0,
    `extension('${LIMIT}').extension('window')`,
    /together/,
  ],
  [
    'a slope that is not a day’s',
    [high('red', 2, { unit: 'kg', parts: trend('slope', 3) })],
    0,
    `extension('${LIMIT}').extension('trend')`,
    /kg\/d/,
  ],
  [
    'half a part of the day',
    [low('red', 88, { parts: night.slice(0, 1) })],
    0,
    `extension('${LIMIT}').extension('to')`,
    /together/,
  ],
  [
    'a period that ends before it begins',
    [low('red', 88, { parts: [period('2026-11-10', '2026-11-01')] })],
    0,
    `extension('${LIMIT}').extension('period')`,
    /before it begins/,
  ],
  [
    'yellow inside red, at night only',
    [low('yellow', 90), low('red', 88), low('red', 92, { parts: night })],
    2,
    'detail',
    /must be yellow/,
  ],
  [
    'yellow inside red, during an exacerbation only',
    [low('red', 88), low('yellow', 90), low('yellow', 86, { parts: [period('2026-11-01', '2026-11-10')] })],
    0,
    'detail',
    /must be yellow/,
  ],
])('%s is refused', (_name, given, at, path, diagnostics) => {
  const [problem, ...others] = check(...given)
  expect(others).toEqual([])
  expect(problem).toMatchObject({ target: at, path, diagnostics: expect.stringMatching(diagnostics) })
})

test('against the limits that count beside them: red above the plan’s yellow', () => {
  const beside = toLimit(target(low('yellow', 92)), 'plan')
  expect(checkLimits([target(low('red', 90))], beside)).toEqual([])
  expect(checkLimits([target(low('red', 94))], beside)).toHaveLength(1)
})

test('the limits that our pathway ships can be meant', () => {
  const { plan } = loadPathway('copd')
  for (const goal of plan.definition.goal ?? []) expect(checkLimits(goal.target ?? [])).toEqual([])
})

const limit = fc.record({
  zone: fc.constantFrom('red', 'yellow'),
  side: fc.constantFrom('low', 'high'),
  value: fc.integer({ min: 80, max: 99 }),
  inclusive: fc.boolean(),
  night: fc.boolean(),
})

test('whatever the limits, if they are taken: red is always yellow too, and low red never high red', () => {
  let taken = 0
  fc.assert(
    fc.property(
      fc.array(limit, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 78, max: 101 }),
      fc.integer({ min: 0, max: 23 }),
      (limits, observed, hour) => {
        const targets = limits.map(({ zone, side, value, inclusive, night: atNight }) =>
          target({
            ...{ zone, side, value },
            comparator: `${side === 'low' ? '<' : '>'}${inclusive ? '=' : ''}` as '<',
            parts: atNight ? night : [],
          }),
        )
        if (checkLimits(targets).length > 0) return
        taken++
        const at = new Date(Date.UTC(2026, 10, 10, hour, 30))
        const counting = limitsAt(
          targets.flatMap((one) => toLimit(one, 'patient')),
          [],
          at,
        )
        const observation = {
          ...{ resourceType: 'Observation' as const, status: 'final' as const },
          code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
          valueQuantity: { value: observed, unit: '%', code: '%' },
        }
        const assessed = assess(observation, counting).limits
        for (const side of ['low', 'high']) {
          const of = (zone: string) => assessed.filter((one) => one.zone === zone && one.side === side)
          const [red, yellow] = [of('red'), of('yellow')]
          if (red.some(({ hit }) => hit) && yellow.length > 0) expect(yellow.some(({ hit }) => hit)).toBe(true)
        }
        const redOn = (side: string) => assessed.some((one) => one.zone === 'red' && one.side === side && one.hit)
        expect(redOn('low') && redOn('high')).toBe(false)
      },
    ),
    { numRuns: 600 },
  )
  expect(taken).toBeGreaterThan(30)
})
