import type { CarePlan, Duration, Extension, PlanDefinition, ServiceRequest } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { toAskedFor } from './asked-for.ts'
import { OCCURRENCE_POLICY, type OccurrencePolicy } from './policy.ts'
import { sharedAndFollowed, strictest } from './strictest-policy.ts'

const hours = (value: number): Duration => ({ value, unit: 'h', code: 'h', system: 'http://unitsofmeasure.org' })
const part = (url: string, length: number): Extension => ({ url, valueDuration: hours(length) })
const missing = (valueCode: string): Extension => ({ url: 'missing', valueCode })
const saying = (...extension: Extension[]): Extension[] =>
  extension.length > 0 ? [{ url: OCCURRENCE_POLICY, extension }] : []

test.each<[string, OccurrencePolicy['missing'][], OccurrencePolicy['missing']]>([
  ['a Task before an event', ['event', 'task'], 'task'],
  ['an event before nothing', ['none', 'event'], 'event'],
  ['what is unsaid, which is a Task, before nothing', ['none', undefined], undefined],
])('of what an absence becomes: %s', (_which, given, expected) => {
  const policies = given.map((one) => ({ reminders: [], nudges: [], ...(one ? { missing: one } : {}) }))
  expect(strictest(policies).missing).toBe(expected)
  expect(strictest(policies.toReversed()).missing).toBe(expected)
})

test('everybody is reminded as each asks, once; windows are the shortest that is said', () => {
  const both = strictest([
    { reminders: [hours(1), hours(2)], nudges: [], grace: hours(6), early: hours(1) },
    { reminders: [hours(2)], nudges: [hours(3)], grace: hours(4) },
  ])
  expect(both).toEqual({ reminders: [hours(1), hours(2)], nudges: [hours(3)], grace: hours(4), early: hours(1) })
})

const request = (id: string, carePlan: string, ...policy: Extension[]): ServiceRequest => ({
  ...{ resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject: { reference: 'Patient/p' } },
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
  basedOn: [{ reference: `CarePlan/${carePlan}` }],
  occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] } },
  ...(policy.length > 0 ? { extension: saying(...policy) } : {}),
})
const carePlan = (id: string): CarePlan => ({
  ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  ...{ period: { start: '2026-11-01' }, careTeam: [{ reference: `CareTeam/${id}` }] },
})
const planOf = (...policy: Extension[]): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', status: 'active', extension: saying(...policy) },
})

/** Two plans want one weight: how it is followed, whichever of them came first, and by whom. */
const followed = (one: [Extension[], PlanDefinition], other: [Extension[], PlanDefinition]) => {
  const shared = sharedAndFollowed(
    request('r', 'a', ...one[0]) as unknown as Resource,
    request('x', 'b', ...other[0]) as unknown as Resource,
    'CarePlan/b',
  )
  const plans: Record<string, PlanDefinition> = { a: one[1], b: other[1] }
  const { asked } = toAskedFor({
    ...{ requests: [shared as unknown as ServiceRequest], carePlans: [carePlan('a'), carePlan('b')], tasks: [] },
    plansOf: ({ id }) => [plans[String(id)] as PlanDefinition],
  })
  const [only] = asked
  return { ...only?.policy, by: only?.carePlan?.id }
}

test.each<[string, Extension[], PlanDefinition, Extension[], PlanDefinition, object]>([
  ['what each asks itself', [missing('none')], planOf(), [missing('task')], planOf(), { missing: 'task', by: 'a' }],
  ['one that says nothing', [missing('none')], planOf(), [], planOf(), { missing: 'task' }],
  [
    'what the other plan says in general',
    [part('grace', 6)],
    planOf(),
    [],
    planOf(part('grace', 3)),
    { grace: hours(3) },
  ],
  ['both of one mind', [missing('none')], planOf(), [missing('none')], planOf(), { missing: 'none' }],
  [
    'the team of the strict one',
    [],
    planOf(missing('event'), part('reminder', 1)),
    [],
    planOf(missing('task'), part('reminder', 2)),
    { missing: 'task', by: 'b', reminders: [hours(1), hours(2)] },
  ],
])('what two plans ask for is followed as the stricter of both: %s', (_which, own, plan, other, beside, expected) => {
  expect(followed([own, plan], [other, beside])).toMatchObject(expected)
})

test.each<[string, OccurrencePolicy['missing'], OccurrencePolicy['missing'], string | undefined]>([
  ['not who would have been told nothing', 'none', 'task', undefined],
  ['not who would have heard an event', 'event', undefined, undefined],
  ['whoever is named where it becomes the same', 'task', 'task', 'CareTeam/x'],
  ['whoever is named where unsaid is a Task too', undefined, 'task', 'CareTeam/x'],
])('who answers for an absence: %s', (_who, of, other, expected) => {
  const said = (missing: OccurrencePolicy['missing']) => ({
    reminders: [],
    nudges: [],
    ...(missing ? { missing } : {}),
  })
  const policies = [{ ...said(of), owner: { reference: 'CareTeam/x' } }, said(other)]
  expect(strictest(policies).owner?.reference).toBe(expected)
  expect(strictest(policies.toReversed()).owner?.reference).toBe(expected)
})

test('what another plan has left that cannot be read keeps nobody out; what comes in must be readable', () => {
  const [unreadable, plain] = [
    request('r', 'a', part('grace', 45 * 24)),
    request('x', 'b', part('grace', 3)),
  ] as unknown as [Resource, Resource]
  const joined = sharedAndFollowed(unreadable, plain, 'CarePlan/b')
  expect([joined.id, joined.extension]).toEqual(['r', unreadable.extension])
  expect(joined.basedOn).toContainEqual({ reference: 'CarePlan/b' })
  expect(() => sharedAndFollowed(plain, unreadable, 'CarePlan/a')).toThrow('grace')
})
