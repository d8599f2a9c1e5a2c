import fc from 'fast-check'
import type { Resource } from '../../fhir/resource.ts'
import type { Rule } from './compile-plan.ts'
import { select } from './data-requirement.ts'
import { mayMove, nextTurn, nextTurnAmong, turningConditions, turningMoments } from './life-clock.ts'
import { FINDING, WAITS_FOR } from './vocabulary.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const DAY = 86_400_000
const URL = 'http://example.org/PlanDefinition/plan'

const ruleOf = (start: string, stop: string, more: Partial<Rule> = {}): Rule => {
  const asked = (expression: string) => (expression ? [{ language: 'text/fhirpath', expression }] : [])
  return {
    ...{ id: 'weigh', cause: 'weigh', action: {}, triggers: [], conditions: [], inputs: [], related: [] },
    ...{ firstChildOnly: false, children: [], effect: { does: 'raise' } },
    ...{ life: { start: asked(start), stop: asked(stop) }, ...more },
  }
}
const request = (status: string, isHeld = false): Resource => ({
  ...{ resourceType: 'ServiceRequest', id: 's', status },
  identifier: [{ system: FINDING, value: `${URL}|weigh|Patient/p|CarePlan/c` }],
  ...(isHeld ? { extension: [{ url: WAITS_FOR, extension: [{ url: 'action', valueString: '*start' }] }] } : {}),
})
const window = { dateFilter: [{ path: 'effective', valueDuration: { value: 2, code: 'd' } }] }

test('what time alone turns within a day is asked at that moment', () => {
  const seconds = fc.integer({ min: 1, max: DAY / 1_000 })
  fc.assert(
    fc.property(seconds, fc.boolean(), (after, before) => {
      const turnsAt = NOW.getTime() + after * 1_000
      const dueAt = nextTurn(NOW, (at) => String(at.getTime() >= turnsAt ? !before : before))
      expect(dueAt.getTime()).toBe(turnsAt)
    }),
  )
})

test('the first of several turns counts', () => {
  const hours = (at: Date) => (at.getTime() - NOW.getTime()) / 3_600_000
  const isWindow = (at: Date) => hours(at) >= 7.25 && hours(at) < 9.5
  expect(nextTurn(NOW, (at) => String(isWindow(at)))).toEqual(new Date(NOW.getTime() + 7.25 * 3_600_000))
})

test('what looks back so long turns when something is too long ago for it: found among those moments as by looking at every half hour', () => {
  const minutes = fc.uniqueArray(fc.integer({ min: -4_000, max: 300 }), {
    selector: (at) => Math.floor(at / 60),
    maxLength: 8,
  })
  fc.assert(
    fc.property(minutes, fc.integer({ min: 1, max: 5 }), (given, wanted) => {
      const history = given.map((minute, i) => ({
        ...{ resourceType: 'Observation', id: `o${i}` },
        effectiveDateTime: new Date(NOW.getTime() + minute * 60_000).toISOString(),
      }))
      const input = { id: 'w', type: 'Observation' as const, ...window }
      const stateAt = (at: Date) => String(select(history, input, at).length >= wanted)
      const turning = turningConditions([ruleOf('', '%w.empty()', { inputs: [input] })], URL, [request('active')])
      const moments = turningMoments(turning, history, NOW)
      expect(nextTurnAmong(NOW, moments ?? [], stateAt)).toEqual(nextTurn(NOW, stateAt))
    }),
  )
})

test.each<[string, Rule]>([
  ['the clock itself', ruleOf('', 'now() > %w.effective')],
  [
    'a month',
    ruleOf('', '%w.empty()', {
      inputs: [
        { id: 'w', type: 'Observation', dateFilter: [{ path: 'effective', valueDuration: { value: 1, code: 'mo' } }] },
      ],
    }),
  ],
])('where %s is asked for, any moment may be one', (_what, rule) => {
  const history = [{ resourceType: 'Observation', id: 'o', effectiveDateTime: NOW.toISOString() }]
  const turning = turningConditions([rule], URL, [request('active')])
  expect([turning.length, turningMoments(turning, history, NOW)]).toEqual([1, undefined])
})

test.each([
  ['Observation', true],
  ['ServiceRequest', true],
  ['Patient', true],
  ['QuestionnaireResponse', false],
])('a change of %s may move the clock: %s', (resourceType, expected) => {
  const rule = ruleOf('', '%w.empty()', { inputs: [{ id: 'w', type: 'Observation', ...window }] })
  expect(mayMove(turningConditions([rule], URL, [request('active')]), { resourceType })).toBe(expected)
})

test.each([
  ['nothing turns', () => 'false'],
  ['it turns later than within a day', (at: Date) => String(at.getTime() > NOW.getTime() + DAY)],
])('once a day where %s', (_case, stateAt) => {
  expect(nextTurn(NOW, stateAt)).toEqual(new Date(NOW.getTime() + DAY))
})

const TIMED = 'now() > %careplan.period.start + 3 days'

test.each<[string, Rule, Resource[], string[]]>([
  ['what waits for a time', ruleOf(TIMED, ''), [request('draft', true)], [TIMED]],
  ['what ends at a time', ruleOf('', 'today() >= @2026-12-01'), [request('active')], ['today() >= @2026-12-01']],
  [
    'what looks at the last days',
    ruleOf('', '%w.empty()', { inputs: [{ id: 'w', type: 'Observation', ...window }] }),
    [request('active')],
    ['%w.empty()'],
  ],
  ['not what has begun', ruleOf(TIMED, ''), [request('active')], []],
  ['not what has ended', ruleOf('', TIMED), [request('completed')], []],
  ['not what time does not turn', ruleOf('%w.exists()', ''), [request('draft', true)], []],
])('what the clock looks ahead for: %s', (_which, rule, requests, expected) => {
  const turning = turningConditions([rule], URL, requests)
  expect(turning.flatMap(({ conditions }) => conditions.map(({ expression }) => expression))).toEqual(expected)
})

test('only what an input gives now can leave it', () => {
  const input = {
    id: 'w',
    type: 'Observation' as const,
    ...window,
    codeFilter: [{ path: 'code', code: [{ code: 'w' }] }],
  }
  const observation = (id: string, code: string, hours: number) => ({
    ...{ resourceType: 'Observation', id, code: { coding: [{ code }] } },
    effectiveDateTime: new Date(NOW.getTime() - hours * 3_600_000).toISOString(),
  })
  const turning = turningConditions([ruleOf('', '%w.empty()', { inputs: [input] })], URL, [request('active')])
  const history = [observation('a', 'w', 40), observation('b', 'other', 40), observation('c', 'w', 50)]
  expect(turningMoments(turning, history, NOW)).toEqual([NOW.getTime() + 8 * 3_600_000])
})

test('among very many moments it is searched, and found all the same', () => {
  const turnsAt = NOW.getTime() + 20 * 3_600_000
  const moments = Array.from({ length: 2_000 }, (_, i) => NOW.getTime() + (i + 1) * 40_000)
  let count = 0
  const stateAt = (at: Date) => {
    count++
    return String(at.getTime() >= turnsAt)
  }
  expect(nextTurnAmong(NOW, moments, stateAt)).toEqual(new Date(turnsAt))
  expect(count).toBeLessThan(100)
})
