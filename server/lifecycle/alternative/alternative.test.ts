import type { GoalTarget, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { checkLimits } from '../../core/decide/limits/check-limits.ts'
import { compilePlan } from '../../core/decide/plan/compile-plan.ts'
import type { RuleRate } from '../../core/decide/plan/rule-rates.ts'
import { LIMIT, SUMMARY_WINDOW, TRIAGE_COLOUR } from '../../core/decide/plan/vocabulary.ts'
import { alternativesTo, asAlternative } from './alternative.ts'
import { bestOf, type Figures, figuresOf, isEnough, type TriedAlternative } from './figures.ts'
import { isOfTrial, withTrial } from './trial-inputs.ts'
import { alternativeInWords, asItIs } from './trial-words.ts'

const LOINC = 'http://loinc.org'
type Zone = 'red' | 'yellow'
type Side = 'low' | 'high'
const limit = (code: string, zone: Zone, value: number, side: Side = 'low', parts: object[] = []): GoalTarget => ({
  extension: [
    { url: LIMIT, extension: [{ url: 'zone', valueCode: zone }, { url: 'side', valueCode: side }, ...(parts as [])] },
  ],
  measure: { coding: [{ system: LOINC, code }], text: code },
  detailQuantity: { value, comparator: side === 'low' ? '<' : '>', unit: '1', code: '1' },
})
const rule = (id: string, code: string, colour: Zone, expression = '%limits.where(hit).exists()') =>
  ({
    id,
    code: [{ coding: [{ system: TRIAGE_COLOUR, code: colour }] }],
    condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }],
    trigger: [
      {
        type: 'data-added',
        data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [{ system: LOINC, code }] }] }],
      },
    ],
  }) as PlanDefinitionAction
const planOf = (change: Partial<PlanDefinition>): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', url: 'http://x/p', version: '1', status: 'active' },
  ...change,
})
const targets = (...target: GoalTarget[]) => [{ description: { text: 'g' }, target }]
const rate = (actionId: string, taskCount: number, actedOnCount = 0): RuleRate => ({
  ...{ actionId, taskCount, actedOnCount, occasionCount: taskCount, suppressedCount: 0, closedCount: taskCount },
})
const tried = (plan: PlanDefinition, rates: RuleRate[]) =>
  alternativesTo(
    compilePlan(plan, () => undefined),
    rates,
  ).map((one) => alternativeInWords(one).en)

const TWO = planOf({
  goal: targets(
    limit('a', 'red', 88),
    limit('a', 'yellow', 94),
    limit('b', 'red', 130, 'high'),
    limit('b', 'yellow', 100, 'high'),
  ),
  // A rule without a trigger of its own has that of the group around it.
  action: [
    { ...rule('group', 'a', 'red'), action: [{ ...rule('a', 'a', 'yellow'), trigger: [] }] },
    rule('b', 'b', 'yellow'),
    rule('red', 'a', 'red'),
  ],
})
const GATHERED = 'findings within 24 hours are gathered in one Task'

test('the loudest is tried first and alone, then what findings gathered would do, then all that is loud', () => {
  expect(tried(TWO, [rate('a', 9, 8), rate('b', 5), rate('red', 40)])).toEqual([
    'yellow limit of b from 100 to 110 1',
    'yellow limit of b from 100 to 120 1',
    GATHERED,
    'yellow limit of b from 100 to 110 1; yellow limit of a from 94 to 92 1',
    'yellow limit of b from 100 to 120 1; yellow limit of a from 94 to 90 1',
    `yellow limit of b from 100 to 110 1; yellow limit of a from 94 to 92 1; ${GATHERED}`,
    `yellow limit of b from 100 to 120 1; yellow limit of a from 94 to 90 1; ${GATHERED}`,
  ])
})

const WINDOW = [
  { url: SUMMARY_WINDOW, valueDuration: { value: 1, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' } },
]
test.each<[string, PlanDefinition, RuleRate[], string[]]>([
  [
    'a rule that asks for no limits',
    planOf({ ...TWO, action: [rule('a', 'a', 'yellow', 'true')] }),
    [rate('a', 9)],
    [GATHERED],
  ],
  ['a red rule', TWO, [rate('red', 9)], [GATHERED]],
  ['findings that are gathered already', { ...TWO, extension: WINDOW }, [rate('red', 9)], []],
  ['all of whose Tasks led to something', TWO, [rate('a', 9, 9)], [GATHERED]],
  [
    'a yellow limit without a red one of its kind',
    planOf({
      goal: targets(
        limit('a', 'red', 88),
        limit('a', 'yellow', -3, 'low', [{ url: 'relativeTo', valueCode: 'baseline' }]),
      ),
      action: [rule('a', 'a', 'yellow')],
    }),
    [rate('a', 9)],
    [GATHERED],
  ],
  [
    'limits with nothing between them',
    planOf({
      goal: targets(limit('a', 'red', 88), limit('a', 'yellow', 89)),
      action: [rule('a', 'a', 'yellow')],
      extension: WINDOW,
    }),
    [rate('a', 9)],
    [],
  ],
])('no limit is moved for %s', (_what, plan, rates, expected) => {
  expect(tried(plan, rates)).toEqual(expected)
})

test('whatever the limits are: yellow moves towards red and never reaches it, red stays, and nothing contradicts itself', () => {
  const value = fc.integer({ min: 0, max: 400 }).map((tenths) => tenths / 10)
  fc.assert(
    fc.property(value, value, fc.constantFrom<Side>('low', 'high'), (one, other, side) => {
      fc.pre(one !== other)
      const [low, high] = [Math.min(one, other), Math.max(one, other)]
      const [red, yellow] = side === 'low' ? [low, high] : [high, low]
      const plan = planOf({
        goal: targets(limit('a', 'red', red, side), limit('a', 'yellow', yellow, side)),
        action: [rule('a', 'a', 'yellow')],
      })
      for (const alternative of alternativesTo(
        compilePlan(plan, () => undefined),
        [rate('a', 1)],
      )) {
        const target = asAlternative(plan, alternative).goal?.[0]?.target ?? []
        const [still, moved] = target.map(({ detailQuantity }) => detailQuantity?.value ?? Number.NaN)
        expect(still).toBe(red)
        expect(alternative.limits.every(({ to }) => low < to && to < high)).toBe(true)
        expect(moved).toBe(alternative.limits[0]?.to ?? yellow)
        expect(checkLimits(target)).toEqual([])
      }
    }),
  )
})

const figures = (tasks: number, change: Partial<Figures> = {}): Figures => ({
  ...{ patientDays: 60, tasksPer100PatientDays: tasks, actedOnPercent: 50, redsMissed: 0, actedOnMissed: 0, ...change },
})
const attempt = (hours: number, given: Figures): TriedAlternative => ({
  ...{ alternative: { limits: [], summaryHours: hours }, tried: { figures: given } },
})
const BUDGET = { tasksPer100PatientDays: 4, actedOnPercent: 40 }

test.each<[string, TriedAlternative[], number | undefined]>([
  ['the first that keeps the budget', [attempt(1, figures(9)), attempt(2, figures(4)), attempt(3, figures(1))], 2],
  ['else the quietest', [attempt(1, figures(9)), attempt(2, figures(7)), attempt(3, figures(8))], 2],
  ['none that misses a red', [attempt(1, figures(1, { redsMissed: 1 })), attempt(2, figures(9))], 2],
  ['nothing where nothing is quieter', [attempt(1, figures(10)), attempt(2, figures(1, { redsMissed: 2 }))], undefined],
  ['one that is quiet, though too little of it led to anything', [attempt(1, figures(3, { actedOnPercent: 30 }))], 1],
  ['nothing where nothing could be played', [{ ...attempt(1, figures(1)), tried: { problem: 'x' } }], undefined],
])('%s is proposed', (_what, all, hours) => {
  expect(bestOf({ figures: figures(10) }, all, BUDGET)?.alternative.summaryHours).toBe(hours)
  expect(bestOf({ problem: 'x' }, all, BUDGET)).toBeUndefined()
  expect(bestOf(undefined, [], BUDGET)).toBeUndefined()
})

test('enough is within the budget without a missed red', () => {
  expect(isEnough({ figures: figures(4) }, BUDGET)).toBe(true)
  expect(isEnough({ figures: figures(4, { redsMissed: 1 }) }, BUDGET)).toBe(false)
  expect(isEnough({ figures: figures(4.1) }, BUDGET)).toBe(false)
  expect(isEnough({ figures: figures(4, { actedOnPercent: 39 }) }, BUDGET)).toBe(false)
  expect(isEnough({ figures: figures(4, { actedOnPercent: null }) }, BUDGET)).toBe(true)
  expect(isEnough({ problem: 'x' }, BUDGET)).toBe(false)
})

test('what could not be tried says why in each language; what a refusal said stands as it was said', () => {
  const problem = { nb: 'Ingen', nn: 'Inga', en: 'Nobody' }
  expect(asItIs({ problem }).nn).toContain('kunne ikkje prøvast (Inga)')
  expect(asItIs({ problem }).en).toContain('could not be tried (Nobody)')
  expect(asItIs({ problem: 'Too costly.' }).nb).toContain('kunne ikke prøves (Too costly.)')
})

test('of days on which nobody was followed there are no figures', () => {
  expect(
    figuresOf({ resourceType: 'Parameters', parameter: [{ name: 'patientDays', valueDecimal: 0 }] }),
  ).toBeUndefined()
})

test.each([
  ['nothing to try', undefined, /^Det er ingen gul grense/],
  ['a plan that cannot be played', { problem: 'for tungt' }, /^Planen slik den er kunne ikke spilles av/],
  ['nothing that helps', { figures: figures(10) }, /^Ingenting av det som ble prøvd/],
] as const)(
  'a Task says why nothing is proposed: %s; what was said before is replaced, what the alarms are stays',
  (_what, before, why) => {
    const period = { start: new Date('2026-10-11T08:00:00Z'), end: new Date('2026-11-10T08:00:00Z') }
    const task = { resourceType: 'Task' as const, status: 'requested' as const, intent: 'order' as const }
    const loud = { type: { text: 'Lav verdi' }, valueString: '6 oppgaver' }
    const all = [attempt(24, figures(10))]
    const once = withTrial({ ...task, input: [loud] }, { period, before, all: before ? all : [] })
    const twice = withTrial(once, { period, before, all: before ? all : [] })
    expect(twice).toEqual(once)
    expect(once.input?.filter((one) => !isOfTrial(one))).toEqual([loud])
    expect(once.input?.at(-1)?.valueString).toMatch(why)
  },
)
