import type { CarePlan, ServiceRequest } from '@medplum/fhirtypes'
import { plannedAhead, plannedInWords } from './planned-ahead.ts'
import { type PlannedChange, withChanges } from './planned-change.ts'

const THEN = new Date('2026-11-10T08:00:00Z')
const day = (days: number) => new Date(THEN.getTime() + days * 86_400_000).toISOString()
const [HERE, THERE] = [{ reference: 'CareTeam/here' }, { reference: 'CareTeam/there', display: 'Legevakten' }]
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', meta: { versionId: '3' }, status: 'active', intent: 'plan', title: 'KOLS' },
  ...{ subject: { reference: 'Patient/p' }, careTeam: [HERE] },
}
const of = 'CarePlan/c/_history/3'
const pause = (id: string, days: number, rest: Partial<PlannedChange> = {}): PlannedChange =>
  ({ ...{ id, at: day(days), status: 'on-hold', reason: 'Ferie' }, ...rest }) as PlannedChange
const goesOn = (id: string, days: number, rest: Partial<PlannedChange> = {}): PlannedChange =>
  ({ ...{ id, at: day(days), status: 'active', reason: 'Ferie' }, ...rest }) as PlannedChange
const goesTo = (id: string, days: number, careTeam: typeof HERE, rest: Partial<PlannedChange> = {}): PlannedChange =>
  ({ ...{ id, at: day(days), careTeam, reason: 'Ferie' }, ...rest }) as PlannedChange
const done = (days: number) => ({ done: day(days), outcome: 'changed' as const })
const seen = (resource: CarePlan | ServiceRequest, ...changes: PlannedChange[]) =>
  plannedAhead(withChanges(resource, changes), THEN)

test('what was carried out bears on it as long as it is still so', () => {
  const paused = { ...CARE_PLAN, status: 'on-hold' as const }
  expect(seen(paused, pause('a', -1, done(-1)))).toEqual([
    { of, title: 'KOLS', at: day(-1), status: 'on-hold', reason: 'Ferie', done: day(-1) },
  ])
  // The pause is over, by a plan or by somebody.
  expect(seen(CARE_PLAN, pause('a', -3, done(-3)), goesOn('b', -1, done(-1)))).toMatchObject([{ status: 'active' }])
  expect(seen(CARE_PLAN, pause('a', -3, done(-3)))).toEqual([])
  // What was so already when it came has made nothing.
  expect(seen(paused, pause('a', -1, { done: day(-1), outcome: 'not-needed' }))).toEqual([])
  expect(seen(CARE_PLAN, goesTo('a', -1, HERE, done(-1)))).toMatchObject([{ careTeam: HERE, done: day(-1) }])
  expect(seen(CARE_PLAN, goesTo('a', -1, THERE, done(-1)))).toEqual([])
})

test('what comes within thirty days bears on it, the end of the plan among that; what has ended awaits nothing', () => {
  const ending = { ...CARE_PLAN, period: { end: '2026-11-20' } }
  expect(seen(ending, pause('a', 2, { by: 'Practitioner/1' }), goesTo('b', 3, THERE), pause('c', 31))).toEqual([
    { of, title: 'KOLS', at: day(2), status: 'on-hold', reason: 'Ferie', by: 'Practitioner/1' },
    { of, title: 'KOLS', at: day(3), careTeam: THERE, reason: 'Ferie' },
    // A day ends at midnight in Norway.
    { of, title: 'KOLS', at: '2026-11-20T23:00:00.000Z', status: 'completed' },
  ])
  expect(seen({ ...ending, period: { end: '2027-11-20' } })).toEqual([])
  expect(seen({ ...ending, status: 'revoked' }, pause('a', 2))).toEqual([])
  const request: ServiceRequest = {
    ...{ resourceType: 'ServiceRequest', id: 's', status: 'active', intent: 'order', code: { text: 'Vekt' } },
    subject: { reference: 'Patient/p' },
  }
  expect(seen(request, pause('a', 2))).toMatchObject([{ title: 'Vekt', status: 'on-hold' }])
})

test('each is a sentence in each language', () => {
  const common = { of, title: 'KOLS', at: '2026-12-01T07:00:00Z' }
  expect(plannedInWords({ ...common, status: 'on-hold', reason: 'Ferie' }, 'nb')).toBe(
    '«KOLS» skal hvile fra 2026-12-01 kl. 08:00: Ferie.',
  )
  expect(plannedInWords({ ...common, status: 'on-hold', done: day(0), reason: 'Innlagt!' }, 'nn')).toBe(
    '«KOLS» kviler frå 2026-12-01 kl. 08:00, som planlagt: Innlagt!',
  )
  expect(plannedInWords({ ...common, careTeam: THERE }, 'en')).toBe(
    'Legevakten is to be responsible for “KOLS” from 2026-12-01 08:00.',
  )
  expect(plannedInWords({ of: 'PlanDefinition/p', at: common.at, version: '1.2.0', share: 5 }, 'nb')).toBe(
    'Versjon 1.2.0 av planen skal gjelde fra 2026-12-01 kl. 08:00, for 5 % av pasientene.',
  )
  expect(plannedInWords({ of, at: common.at, status: 'completed' }, 'nn')).toBe(
    'Planen skal avsluttast 2026-12-01 kl. 08:00.',
  )
})
