import type { Observation, ServiceRequest, Task } from '@medplum/fhirtypes'
import type { Resource } from '../../fhir/resource.ts'
import { toAskedFor } from './asked-for.ts'
import { OCCURRENCE_POLICY, policyOf } from './policy.ts'
import { type ViewFacts, viewSchedule } from './view-schedule.ts'

const NOW = new Date('2026-05-04T12:00:00Z')
const CODE = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }
const TEAM = { reference: 'CareTeam/response' }
const DAY = { from: new Date('2026-05-04T00:00:00Z'), until: new Date('2026-05-05T00:00:00Z') }

/** At 08:00, 13:30 and 20:00 by Norwegian clocks, each with two hours on both sides. */
const REQUEST: ServiceRequest = {
  ...{ resourceType: 'ServiceRequest', id: 'weight', status: 'active', intent: 'order', code: CODE },
  subject: { reference: 'Patient/p' },
  authoredOn: '2026-05-01',
  occurrenceTiming: {
    repeat: { frequency: 3, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00', '13:30:00', '20:00:00'] },
  },
  extension: [{ url: OCCURRENCE_POLICY, extension: [{ url: 'owner', valueReference: TEAM }] }],
}

const result = (id: string, time: string, status: Observation['status'] = 'final') =>
  ({
    ...{ resourceType: 'Observation', id, status, code: CODE, effectiveDateTime: `2026-05-04T${time}:00Z` },
    meta: { lastUpdated: `2026-05-04T${time}:30Z` },
  }) as Observation & Resource

const taskOf = (status: Task['status']): Task => ({
  ...{ resourceType: 'Task', id: 't', status, intent: 'order', owner: TEAM },
  ...{ authoredOn: '2026-05-04T06:10:00Z', lastModified: '2026-05-04T07:00:00Z' },
  input: [
    {
      type: { coding: [{ code: 'evidence' }] },
      valueReference: { reference: 'Observation/morning/_history/1' },
    },
  ],
})

function view(facts: Partial<ViewFacts> = {}) {
  const { asked } = toAskedFor({ carePlans: [], requests: [REQUEST], tasks: [] })
  const given = {
    subject: 'Patient/p',
    asked,
    timers: [],
    results: [],
    openTasks: [],
    now: NOW,
    handlingOf: () => 'handled' as const,
  }
  return viewSchedule({ ...given, ...facts }, DAY)
}

const states = (facts?: Partial<ViewFacts>) => view(facts).lines.map(({ state }) => state)
const silence = (facts: Partial<ViewFacts>) => view(facts).lines[0]?.silence

test('each occurrence has its state by the clock alone', () => {
  expect(states()).toEqual(['missing', 'due', 'planned'])
  expect(states({ now: new Date('2026-05-04T04:00:00Z') })).toEqual(['open', 'planned', 'planned'])
})

test('a result is for the earliest whose window it lies in, else late for the last that closed, else extra', () => {
  const results = [result('late', '08:30'), result('noon', '10:00'), result('again', '10:30')]
  const { lines, extra } = view({ results })
  expect(lines.map(({ state, result: one }) => `${state} ${one?.id ?? ''}`)).toEqual([
    'late late',
    'done noon',
    'planned ',
  ])
  expect(extra.map(({ result: one }) => one.id)).toEqual(['again'])
})

test('what was due before it was followed was not missed', () => {
  const payload = { digest: 'd', from: '2026-05-04T09:00:00Z', since: '2026-05-04T09:00:00Z' }
  const timers = [{ ...{ kind: 'occurrence' as const, about: 'ServiceRequest/weight', name: '' }, dueAt: NOW, payload }]
  expect(states({ timers })).toEqual(['due', 'planned'])
})

test.each([
  ['not-measured', {}, '2026-05-04T08:00:00Z', TEAM],
  [
    'not-sent',
    { results: [result('morning', '06:05', 'preliminary')] },
    '2026-05-04T06:05:30Z',
    { reference: 'Patient/p' },
  ],
  [
    'not-evaluated',
    { results: [result('morning', '06:05')], handlingOf: () => 'set-aside' as const },
    '2026-05-04T06:05:30Z',
    undefined,
  ],
  [
    'not-opened',
    { results: [result('morning', '06:05')], openTasks: [taskOf('requested')] },
    '2026-05-04T06:10:00Z',
    TEAM,
  ],
  [
    'not-decided',
    { results: [result('morning', '06:05')], openTasks: [taskOf('in-progress')] },
    '2026-05-04T07:00:00Z',
    TEAM,
  ],
])('silence is told apart: %s has its moment and its owner', (kind, facts, since, owner) => {
  expect(silence(facts)).toEqual({ kind, since: new Date(since), ...(owner ? { owner } : {}) })
})

test('nothing is waited for when it is evaluated and no Task rests on it', () => {
  expect(silence({ results: [result('morning', '06:05')] })).toBeUndefined()
})

const policy = (...extension: object[]) =>
  ({ extension: [{ url: OCCURRENCE_POLICY, extension }] }) as Parameters<typeof policyOf>[0]

test('each part of the policy is that of the first who says it', () => {
  const grace = (value: number) => ({ url: 'grace', valueDuration: { value, code: 'h' } })
  expect(policyOf(policy({ url: 'missing', valueCode: 'event' }), policy(grace(3)), policy(grace(9)))).toEqual({
    ...{ reminders: [], nudges: [], missing: 'event', grace: { value: 3, code: 'h' } },
  })
  expect(policyOf(undefined)).toEqual({ reminders: [], nudges: [] })
})

test.each([
  [{ url: 'grace', valueDuration: { value: -1, code: 'h' } }, 'grace: -1 h; expected 0 to 31 days'],
  [{ url: 'reminder', valueDuration: { value: 40, code: 'd' } }, 'reminder: 40 d; expected 0 to 31 days'],
  [{ url: 'early', valueDuration: { value: 1, code: 'kg' } }, 'not a duration: 1 kg'],
  [{ url: 'missing', valueCode: 'shout' }, 'missing: shout; expected task, event or none'],
])('a policy that cannot be understood is told: %j', (part, message) => {
  expect(() => policyOf(policy(part))).toThrow(message)
})

const asks = (change: Partial<ServiceRequest>) =>
  toAskedFor({ carePlans: [], requests: [{ ...REQUEST, ...change }], tasks: [] })

test.each<[string, Partial<ServiceRequest>]>([
  ['is on hold', { status: 'on-hold' }],
  ['is only proposed', { intent: 'proposal' }],
  ['is for when it is needed', { asNeededBoolean: true }],
  ['forbids it', { doNotPerform: true }],
  ['says no time', { occurrenceTiming: undefined }],
])('a request that %s asks for nothing', (_, change) => {
  expect(asks(change)).toEqual({ asked: [], problems: [] })
})

test.each<[string, Partial<ServiceRequest>, string]>([
  ['no code', { code: undefined }, 'expected a code'],
  ['a time that nobody knows', { occurrenceTiming: { code: { text: 'av og til' } } }, 'says no time that is known'],
  ['a period without an end', { occurrenceTiming: undefined, occurrencePeriod: { start: '2026-05-04' } }, 'has no end'],
])('a request with %s is a problem that is told', (_, change, message) => {
  const { asked, problems } = asks(change)
  expect(asked).toEqual([])
  expect(problems).toMatchObject([{ about: 'ServiceRequest/weight', message: expect.stringContaining(message) }])
})

test('what a device holds since before the window closed is measured and not sent; what it holds since later is something else', () => {
  const missed = { since: new Date('2026-05-04T06:05:00Z') }
  expect(silence({ unsent: [missed] })).toEqual({ kind: 'not-sent', ...missed, owner: { reference: 'Patient/p' } })
  expect(silence({ unsent: [{ since: new Date('2026-05-04T09:00:00Z') }] })).toMatchObject({ kind: 'not-measured' })
})
