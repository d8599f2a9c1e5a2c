import type { CarePlan, Duration, Extension, PlanDefinition, ServiceRequest } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { steered } from '../plan/steer.ts'
import { toAskedFor } from './asked-for.ts'
import { askerOf, OCCURRENCE_POLICY, type OccurrencePolicy } from './policy.ts'
import { leftBy, sharedAndFollowed, strictest } from './strictest-policy.ts'

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

const asResource = (one: object) => one as unknown as Resource
/** How one weight is followed while these CarePlans run, and by whom. */
const followedFor = (shared: Resource, running: string[], plans: Record<string, PlanDefinition> = {}) => {
  const { asked } = toAskedFor({
    ...{ requests: [shared as unknown as ServiceRequest], carePlans: running.map(carePlan), tasks: [] },
    plansOf: ({ id }) => [plans[String(id)] ?? planOf()],
  })
  const [only] = asked
  return { ...only?.policy, by: only?.carePlan?.id }
}

/** Two plans want one weight: how it is followed, whichever of them came first, and by whom. */
const followed = (one: [Extension[], PlanDefinition], other: [Extension[], PlanDefinition]) => {
  const [known, wanted] = [request('r', 'a', ...one[0]), request('x', 'b', ...other[0])].map(asResource)
  const shared = sharedAndFollowed(known as Resource, wanted as Resource, 'CarePlan/b')
  return followedFor(shared, ['a', 'b'], { a: one[1], b: other[1] })
}

test.each<[string, Extension[], PlanDefinition, Extension[], PlanDefinition, object]>([
  ['what each asks itself', [missing('none')], planOf(), [missing('task')], planOf(), { missing: 'task', by: 'b' }],
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
  expect(joined.id).toBe('r')
  expect((joined.extension as Extension[]).map(askerOf)).toEqual(['CarePlan/a', 'CarePlan/b'])
  expect(joined.basedOn).toContainEqual({ reference: 'CarePlan/b' })
  expect(() => sharedAndFollowed(plain, unreadable, 'CarePlan/a')).toThrow('grace')
})

describe('what a plan has brought goes with it', () => {
  const ask = (id: string, ...policy: Extension[]) => asResource(request(id, id, ...policy))
  const share = (...all: [string, Resource][]) =>
    all
      .slice(1)
      .reduce((known, [id, wanted]) => sharedAndFollowed(known, wanted, `CarePlan/${id}`), all[0]?.[1] as Resource)
  const three = share(
    ['a', ask('a', missing('none'), part('grace', 6))],
    ['b', ask('b', missing('task'), part('grace', 3), part('reminder', 1))],
    ['c', ask('c', part('grace', 4))],
  )

  test.each<[string[], object]>([
    [['a', 'b', 'c'], { missing: 'task', grace: hours(3), reminders: [hours(1)], by: 'b' }],
    [['a', 'c'], { missing: 'task', grace: hours(4), reminders: [], by: 'c' }],
    [['a'], { missing: 'none', grace: hours(6), reminders: [], by: 'a' }],
    [['b'], { missing: 'task', grace: hours(3), by: 'b' }],
  ])('while %j run', (running, expected) => {
    expect(followedFor(three, running)).toMatchObject(expected)
    // The same when the others have left the request.
    const left = ['a', 'b', 'c'].filter((one) => !running.includes(one))
    const without = left.reduce((known, one) => leftBy(known, `CarePlan/${one}`), three)
    expect((without.extension as Extension[]).map(askerOf)).toEqual(running.map((one) => `CarePlan/${one}`))
    expect(followedFor(without, ['a', 'b', 'c'])).toMatchObject(expected)
  })

  test('what one plan asks for twice it asks for as the stricter of both, for as long as it runs', () => {
    const twice = share(
      ['a', ask('a', missing('none'))],
      ['b', ask('b', part('grace', 6))],
      ['b', ask('b', part('grace', 3))],
    )
    expect((twice.extension as Extension[]).map(askerOf)).toEqual(['CarePlan/a', 'CarePlan/b'])
    expect(followedFor(twice, ['a', 'b'])).toMatchObject({ grace: hours(3), by: 'b' })
    expect(followedFor(twice, ['a']).grace).toBeUndefined()
    const once = share(['a', ask('a', part('grace', 6))], ['a', ask('a', part('grace', 3), missing('event'))])
    expect(followedFor(once, ['a'])).toMatchObject({ grace: hours(3) })
    expect((once.extension as Extension[]).map(askerOf)).toEqual([undefined])
  })

  test('what somebody has ordered beside all plans says so whoever joins it', () => {
    const { basedOn: _, ...own } = request('r', 'a', part('grace', 3), missing('task'))
    const joined = sharedAndFollowed(asResource(own), ask('b', part('grace', 6), missing('none')), 'CarePlan/b')
    expect(followedFor(joined, ['b'])).toMatchObject({ grace: hours(3), missing: 'task', by: 'b' })
  })

  test('what somebody has ordered beside all plans is asked for while a plan that shares it rests, and is not stopped with it', () => {
    const { basedOn: _, ...own } = { ...request('r', 'a'), authoredOn: '2026-11-01' }
    const joined = sharedAndFollowed(asResource(own), ask('b'), 'CarePlan/b')
    const resting = { ...carePlan('b'), status: 'on-hold' as const }
    const askedWhile = (shared: Resource) =>
      toAskedFor({ requests: [shared as unknown as ServiceRequest], carePlans: [resting], tasks: [] }).asked.length
    expect(askedWhile(joined)).toBe(1)
    expect(askedWhile(ask('b'))).toBe(0)
    const why = { carePlan: 'CarePlan/b', reason: { nb: 'x', nn: 'x', en: 'x' }, now: new Date('2026-11-10T08:00:00Z') }
    expect(steered(joined, { does: 'pause', ...why })).toBe(joined)
    expect(steered(joined, { does: 'stop', ...why })).toEqual(own)
    expect(steered(ask('b'), { does: 'stop', ...why })).toMatchObject({ status: 'revoked' })
  })

  test('a request that was shared before what each said was kept goes on as it says', () => {
    const merged = { ...request('r', 'a', part('grace', 3), missing('task')), basedOn: [] as object[] }
    merged.basedOn = [{ reference: 'CarePlan/a' }, { reference: 'CarePlan/b' }]
    expect(followedFor(asResource(merged), ['a', 'b'])).toMatchObject({ grace: hours(3), missing: 'task' })
    const joined = sharedAndFollowed(asResource(merged), ask('c', part('grace', 2)), 'CarePlan/c')
    expect((joined.extension as Extension[]).map(askerOf)).toEqual(['CarePlan/a', 'CarePlan/b', 'CarePlan/c'])
    expect(followedFor(joined, ['a'])).toMatchObject({ grace: hours(3), missing: 'task' })
  })
})
