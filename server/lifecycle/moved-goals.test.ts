import type { CarePlan, Goal, PlanDefinition, PlanDefinitionGoal } from '@medplum/fhirtypes'
import { toLimit } from '../core/decide/limits/limits.ts'
import { compilePlan } from '../core/decide/plan/compile-plan.ts'
import { moveGoals, withoutOwn } from './moved-goals.ts'

const NOW = new Date('2026-11-10T23:30:00Z')
const aim = (text: string, id?: string): PlanDefinitionGoal => ({ ...(id ? { id } : {}), description: { text } })
const planOf = (version: string, ...goal: PlanDefinitionGoal[]) => {
  const plan: PlanDefinition = { resourceType: 'PlanDefinition', url: 'http://x/p', version, status: 'active', goal }
  return compilePlan(plan, () => undefined)
}
const stored = (text: string, change: Partial<Goal> = {}): Goal => ({
  ...{ resourceType: 'Goal', id: text, lifecycleStatus: 'active', description: { text } },
  ...{ subject: { reference: 'Patient/p' }, meta: { versionId: '1' } },
  ...change,
})
const carePlan = (...goals: Goal[]): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  goal: goals.map(({ id }) => ({ reference: `Goal/${id}` })),
})
const move = (goals: Goal[], from: PlanDefinitionGoal[], to: PlanDefinitionGoal[], named = goals) =>
  moveGoals(carePlan(...named), goals, { from: planOf('1', ...from), to: planOf('2', ...to), now: NOW })

test('what only the next version aims at is wanted, once', () => {
  expect(move([stored('walk')], [aim('walk')], [aim('walk'), aim('sleep')]).wanted).toEqual(new Set(['sleep']))
  // Somebody has set it for this person already.
  expect(move([stored('walk'), stored('sleep')], [aim('walk')], [aim('walk'), aim('sleep')]).wanted).toEqual(new Set())
})

test('what it no longer aims at is closed, on the day by Norwegian clocks, with why', () => {
  const { closed, kept } = move([stored('walk')], [aim('walk')], [])
  expect(closed).toMatchObject([
    {
      after: {
        ...{ lifecycleStatus: 'cancelled', statusDate: '2026-11-11' },
        statusReason: 'http://x/p|2 har ikke lenger dette målet.',
      },
    },
  ])
  expect(kept).toEqual([])
})

test.each<[string, Goal, Goal[]]>([
  ['what somebody has changed for this person', stored('walk', { meta: { versionId: '2' } }), []],
  ['what the plan has never had', stored('dance'), []],
  ['what has ended already', stored('walk', { lifecycleStatus: 'completed' }), []],
  ['what is of another CarePlan', stored('walk'), [stored('other')]],
])('%s is not closed', (_case, goal, others) => {
  const { closed } = move([goal, ...others], [aim('walk')], [], others.length > 0 ? others : [goal])
  expect(closed).toEqual([])
})

test('a goal whose words are others, but whose id in the plan is the same, goes on', () => {
  expect(move([stored('walk')], [aim('walk', 'g1')], [aim('walk more', 'g1')])).toEqual({
    ...{ closed: [], kept: [], wanted: new Set() },
  })
})

test('a limit that the person has of their own is not made again beside it', () => {
  const limit = (zone: string, value: number) => ({
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/limit',
        extension: [
          { url: 'zone', valueCode: zone },
          { url: 'side', valueCode: 'low' },
        ],
      },
    ],
    measure: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'SpO2' },
    detailQuantity: { value, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
  })
  const next = stored('breathe', { target: [limit('red', 88), limit('yellow', 92)] })
  const own = (next.target ?? []).slice(0, 1).flatMap((one) => toLimit(one, 'patient'))
  expect(withoutOwn(next, own).target).toEqual([limit('yellow', 92)])
  expect(withoutOwn(stored('breathe', { target: [limit('red', 86)] }), own).target).toBeUndefined()
  expect(withoutOwn(next, [])).toEqual(next)
})

test('a limit in percent of the usual value is another than one counted from it: the next version’s is made beside it', () => {
  const limit = (relativeTo: string, value: number, unit: string) => ({
    extension: [
      {
        url: 'http://fylgje.no/fhir/StructureDefinition/limit',
        extension: Object.entries({ zone: 'red', side: 'high', relativeTo }).map(([url, valueCode]) => ({
          ...{ url, valueCode },
        })),
      },
    ],
    measure: { coding: [{ system: 'http://loinc.org', code: '14682-9' }], text: 'Kreatinin' },
    detailQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  })
  const [counted, inPercent] = [limit('baseline', 40, 'umol/L'), limit('baseline-percent', 50, '%')]
  const next = stored('kidneys', { target: [counted, inPercent] })
  expect(withoutOwn(next, toLimit(counted, 'patient')).target).toEqual([inPercent])
  expect(withoutOwn(next, toLimit(inPercent, 'patient')).target).toEqual([counted])
})
