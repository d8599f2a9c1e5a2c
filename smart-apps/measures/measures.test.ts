import { describe, expect, test } from '@jest/globals'
import type { Observation, Questionnaire, QuestionnaireResponse } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { courseOf, thinOut } from '../clinician/patient/course.ts'
import { formAnswers } from '../clinician/patient/form-answers.ts'
import { bandsOf, limitSteps } from '../clinician/patient/limit-steps.ts'
import { trendOf } from '../clinician/patient/trend-words.ts'
import { axisOf, KNOWN_MEASURES } from './known-measures.ts'
import { type Measure, type Point, toMeasures } from './measures.ts'

const DAY_MILLIS = 86_400_000
const START = Date.parse('2026-11-01T07:00:00Z')
const dayOf = (day: number) => new Date(START + day * DAY_MILLIS)
const point = (day: number, value: number, rest: Partial<Point> = {}): Point => ({
  id: `p${day}-${value}`,
  at: dayOf(day),
  value,
  zone: 'green',
  limits: { yellow: { low: 90 }, red: { low: 88 } },
  isInvalid: false,
  source: 'device',
  ...rest,
})

const spo2 = (id: string, at: string, value: number, rest: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }] },
  effectiveDateTime: at,
  valueQuantity: { value, unit: '%' },
  ...rest,
})

describe('what was measured', () => {
  test('codes that mean the same are one measure, oldest first, with the limits that were written into each', () => {
    const range = (code: string, low: number) => ({
      low: { value: low },
      type: { coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/triage-colour', code }] },
    })
    const [measure, ...others] = toMeasures(
      [
        spo2('new', '2026-11-03T07:00:00Z', 86, {
          interpretation: [{ coding: [{ code: 'LL' }] }],
          referenceRange: [range('red', 88), range('yellow', 90), { low: { value: 95 }, text: 'a laboratory’s own' }],
          performer: [{ reference: 'Practitioner/1' }],
        }),
        spo2('old', '2026-11-02T07:00:00Z', 93, {
          code: { coding: [{ system: 'http://loinc.org', code: '2708-6' }] },
          status: 'entered-in-error',
        }),
      ],
      'nb',
    )
    expect(others).toEqual([])
    expect(measure).toMatchObject({ title: 'SpO₂', unit: '%' })
    expect(
      measure?.points.map(({ id, zone, limits, isInvalid, source }) => ({ id, zone, limits, isInvalid, source })),
    ).toEqual([
      { id: 'old', zone: 'none', limits: {}, isInvalid: true, source: 'unknown' },
      { id: 'new', zone: 'red', limits: { red: { low: 88 }, yellow: { low: 90 } }, isInvalid: false, source: 'staff' },
    ])
  })

  test('a blood pressure is one point with two values; the worse of them is its colour', () => {
    const component = (code: string, value: number, interpreted: string) => ({
      code: { coding: [{ system: 'http://loinc.org', code }] },
      valueQuantity: { value, unit: 'mmHg' },
      interpretation: [{ coding: [{ code: interpreted }] }],
    })
    const [measure] = toMeasures(
      [
        spo2('bp', '2026-11-02T07:00:00Z', 0, {
          valueQuantity: undefined,
          code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
          component: [component('8480-6', 168, 'H'), component('8462-4', 84, 'N')],
        }),
      ],
      'nb',
    )
    expect(measure?.points[0]).toMatchObject({ value: 168, lower: 84, zone: 'yellow' })
  })

  test('what holds no number, no time or another unit is not drawn', () => {
    const measures = toMeasures(
      [
        spo2('a', '2026-11-02T07:00:00Z', 93),
        spo2('b', '2026-11-02T08:00:00Z', 0.93, { valueQuantity: { value: 0.93, unit: '1' } }),
        spo2('c', '2026-11-02T09:00:00Z', 0, { valueQuantity: undefined, dataAbsentReason: {} }),
        spo2('d', '', 90, { effectiveDateTime: undefined }),
      ],
      'nb',
    )
    expect(measures.map(({ points }) => points.map(({ id }) => id))).toEqual([['a']])
  })
})

describe('a chart', () => {
  test('limits stand as they were, a step for each change; before there were any there is none', () => {
    const none = { limits: {} }
    const lower = { limits: { yellow: { low: 88 }, red: { low: 86 } } }
    const steps = limitSteps(
      [point(0, 93, none), point(1, 93), point(2, 92), point(3, 90, lower), point(4, 70, { isInvalid: true, ...none })],
      dayOf(5),
    )
    expect(steps.map(({ from, to, limits }) => [from, to, limits.red?.low])).toEqual([
      [dayOf(1), dayOf(3), 88],
      [dayOf(3), dayOf(5), 86],
    ])
  })

  test('yellow lies between its limit and the red one, and nothing is drawn outside of the axis', () => {
    expect(bandsOf({ yellow: { low: 90, high: 110 }, red: { low: 88 } }, [80, 100])).toEqual([
      { zone: 'red', from: 80, to: 88 },
      { zone: 'yellow', from: 88, to: 90 },
    ])
    expect(bandsOf({ yellow: { high: 110 } }, [40, 140])).toEqual([{ zone: 'yellow', from: 110, to: 140 }])
  })

  test('the line is broken where much longer than usual nothing came, and never over a few hours', () => {
    const daily = [0, 1, 2, 6, 7].map((day) => point(day, 93))
    const { pieces, gaps } = courseOf(daily)
    expect(pieces.map((piece) => piece.length)).toEqual([3, 2])
    expect(gaps.map(({ from, to }) => [from.at, to.at])).toEqual([[dayOf(2), dayOf(6)]])
    expect(courseOf([0, 0.1, 0.2, 1.2].map((day) => point(day, 93))).gaps).toEqual([])
  })

  test('of ten thousand points none outside of the limits and no extreme is left out', () => {
    const points = fc.array(
      fc.record({ day: fc.integer({ min: 0, max: 900 }), value: fc.integer({ min: 70, max: 100 }) }),
      { maxLength: 400 },
    )
    fc.assert(
      fc.property(points, (given) => {
        const all = given
          .map(({ day, value }, i) => point(day / 10, value, { id: `${i}`, zone: value < 88 ? 'red' : 'green' }))
          .sort((one, other) => one.at.getTime() - other.at.getTime())
        const kept = thinOut(all, ({ at }) => Math.floor((at.getTime() - START) / DAY_MILLIS))
        const values = (some: readonly Point[]) => some.map(({ value }) => value)
        expect(kept.filter(({ zone }) => zone === 'red')).toEqual(all.filter(({ zone }) => zone === 'red'))
        expect([Math.max(...values(kept)), Math.min(...values(kept))]).toEqual([
          Math.max(...values(all)),
          Math.min(...values(all)),
        ])
      }),
    )
    const many = Array.from({ length: 10_000 }, (_, i) => point(i / 100, 92 + (i % 3), { id: `${i}` }))
    expect(thinOut(many, ({ at }) => Math.floor((at.getTime() - START) / DAY_MILLIS)).length).toBeLessThan(500)
  })

  test('the axis is the same for everybody, and widens for what lies beyond it', () => {
    const [saturation] = KNOWN_MEASURES
    expect(axisOf(saturation, [93, 95])).toEqual([80, 100])
    expect(axisOf(saturation, [71, 95])[0]).toBeLessThan(71)
    const [low, high] = axisOf(
      KNOWN_MEASURES.find(({ title }) => title.nb === 'Vekt'),
      [70, 70.4],
    )
    expect(high - low).toBeGreaterThan(8)
  })
})

describe('a sentence', () => {
  const measure = (points: Point[]): Measure => ({ key: 'k', title: 'SpO₂', unit: '%', points })
  test('says how much lay outside, and where the last week went', () => {
    const points = [
      ...Array.from({ length: 14 }, (_, day) => point(day, 93 + (day % 2))),
      ...Array.from({ length: 6 }, (_, day) => point(15 + day, 87 - day, { zone: day > 3 ? 'red' : 'yellow' })),
      point(20.5, 40, { isInvalid: true, zone: 'red' }),
    ]
    expect(trendOf(measure(points), dayOf(21))).toMatchObject({
      lowest: 82,
      highest: 94,
      redCount: 2,
      yellowCount: 4,
      direction: 'falling',
      hasLimits: true,
    })
  })
  test('of few values no direction is told, and of none nothing', () => {
    expect(trendOf(measure([point(0, 93), point(1, 92)]), dayOf(2))?.direction).toBe('unknown')
    expect(trendOf(measure([point(0, 93, { isInvalid: true })]), dayOf(2))).toBeUndefined()
  })
})

test('answers stand in the words of the form, with what was answered the time before where that was something else', () => {
  const form: Questionnaire = {
    resourceType: 'Questionnaire',
    status: 'active',
    item: [
      {
        linkId: 'g',
        type: 'group',
        item: [
          {
            linkId: 'a',
            type: 'choice',
            text: 'Pusten?',
            answerOption: [
              { valueCoding: { code: 'worse', display: 'Verre' } },
              { valueCoding: { code: 'same', display: 'Som før' } },
            ],
          },
          { linkId: 'b', type: 'boolean', text: 'Feber?' },
        ],
      },
    ],
  }
  const response = (code: string): QuestionnaireResponse => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    item: [
      {
        linkId: 'g',
        item: [
          { linkId: 'a', answer: [{ valueCoding: { code } }] },
          { linkId: 'b', answer: [{ valueBoolean: false }] },
        ],
      },
    ],
  })
  const words = { yes: 'Ja', no: 'Nei' }
  expect(formAnswers(response('worse'), response('same'), form, 'nb', words)).toEqual([
    { linkId: 'a', question: 'Pusten?', answer: 'Verre', before: 'Som før', isScore: false },
    { linkId: 'b', question: 'Feber?', answer: 'Nei', isScore: false },
  ])
})
