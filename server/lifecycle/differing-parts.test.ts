import fc from 'fast-check'
import { toldAs } from '../core/decide/words/told.ts'
import { differingParts } from './differing-parts.ts'

const UCUM = 'http://unitsofmeasure.org'
const advice = (zone: string, call: string) => ({
  url: 'http://x/zone-advice',
  extension: [
    { url: 'zone', valueCode: zone },
    { url: 'call', ...toldAs('valueString', { nb: call, nn: `${call} no`, en: `${call}!` }) },
  ],
})
const hours = (value: number) => ({ value, unit: 'timer', system: UCUM, code: 'h' })

test.each<[string, unknown, unknown, object[]]>([
  [
    'the words of one zone, in the language of who asks',
    [advice('green', 'Ring 1'), advice('red', 'Ring 2')],
    [advice('green', 'Ring 1'), advice('red', 'Ring 3')],
    [{ path: 'red › call', before: 'Ring 2!', after: 'Ring 3!' }],
  ],
  [
    'a translation alone, in whichever language it is',
    toldAs('title', { nb: 'Ring', nn: 'Ring', en: 'Call' }),
    toldAs('title', { nb: 'Ring', nn: 'Ring no', en: 'Call' }),
    [{ path: 'title › [nn]', before: 'Ring', after: 'Ring no' }],
  ],
  [
    'a deadline as a whole',
    { timingDuration: hours(8) },
    { timingDuration: hours(1.5) },
    [{ path: 'timingDuration', before: '8 timer', after: '1.5 timer' }],
  ],
  [
    'how often',
    { timingTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['09:00:00'] } } },
    { timingTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00', '20:00:00'] } } },
    [{ path: 'timingTiming', before: '1 × / 1 d · 09:00', after: '2 × / 1 d · 08:00, 20:00' }],
  ],
  [
    'a condition by what it says and how',
    { condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression: 'a' } }] },
    {
      condition: [
        { kind: 'applicability', expression: { description: 'When b', language: 'text/fhirpath', expression: 'b' } },
      ],
    },
    [{ path: 'condition › 1 › expression', before: 'a', after: 'When b (b)' }],
  ],
  [
    'another order',
    [{ id: 'a' }, { id: 'b' }],
    [{ id: 'b' }, { id: 'a' }],
    [{ path: '', before: 'a, b', after: 'b, a' }],
  ],
  ['what was not there', {}, { priority: 'asap' }, [{ path: 'priority', after: 'asap' }]],
  [
    'a code by its name',
    { code: { coding: [{ system: 'http://x', code: 'a', display: 'One' }] } },
    { code: { coding: [{ system: 'http://x', code: 'b' }] } },
    [{ path: 'code', before: 'One', after: 'b' }],
  ],
])('%s is told', (_what, before, after, expected) => {
  expect(differingParts({ before, after }, 'en')).toEqual(expected)
})

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('x', 'y', 1, true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('id', 'url', 'title', 'value', 'code', 'system', 'extension'), tie('value'), {
      noNullPrototype: true,
    }),
  ),
})).value

test('of what is the same nothing is told, of what is not something, and the other way round the same places', () => {
  fc.assert(
    fc.property(json, json, (one, other) => {
      expect(differingParts({ before: one, after: one }, 'nb')).toEqual([])
      const there = differingParts({ before: one, after: other }, 'nb')
      const back = differingParts({ before: other, after: one }, 'nb')
      expect(there.length > 0).toBe(JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)))
      expect(back.map(({ path }) => path)).toEqual(there.map(({ path }) => path))
    }),
  )
})

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => [name, sorted(one)]),
  )
}
