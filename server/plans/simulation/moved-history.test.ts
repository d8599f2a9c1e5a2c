import type { ActivityDefinition, CarePlan, PlanDefinition, PlanDefinitionAction } from '@medplum/fhirtypes'
import { compilePlan } from '../../core/decide/plan/compile-plan.ts'
import type { StoredVersion } from '../../core/decide/simulation/play-ground.ts'
import type { Resource } from '../../core/fhir/resource.ts'
import { notSimulated } from '../../lifecycle/not-simulated.ts'
import { movedHistory } from './moved-history.ts'

const URL = 'http://x/PlanDefinition/p'
const daily = (period: number) => ({ repeat: { frequency: 1, period, periodUnit: 'd' as const } })
const WEIGH: ActivityDefinition = {
  ...{ resourceType: 'ActivityDefinition', url: 'http://x/weigh', version: '1', status: 'active' },
  ...{ kind: 'ServiceRequest', timingTiming: daily(1) },
}
const plan = (version: string, action: PlanDefinitionAction[], extension: PlanDefinition['extension'] = []) =>
  compilePlan(
    { ...{ resourceType: 'PlanDefinition', url: URL, version, status: 'active', action }, extension },
    () => WEIGH,
  )
const weigh = (more: PlanDefinitionAction = {}) => ({ id: 'weigh', definitionCanonical: 'http://x/weigh|1', ...more })
const CARE_PLAN: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  instantiatesCanonical: [`${URL}|1`],
}
const version = (resource: object, at = '2026-11-10T08:00:00Z'): StoredVersion => {
  const one = resource as Resource
  return { type: one.resourceType, id: String(one.id), at: new Date(at), resource: one, byEngine: false }
}
const ordered = version({
  ...{ resourceType: 'ServiceRequest', id: 's', status: 'active', occurrenceTiming: daily(1) },
  ...{ instantiatesCanonical: ['http://x/weigh|1'], basedOn: [{ reference: 'CarePlan/c' }] },
})
const measured = version({ resourceType: 'Observation', id: 'o', status: 'final' })

test('a draft is played with its own schedules, and without what it does not have; what was measured stays', () => {
  const from = plan('1', [weigh()])
  const play = (...action: PlanDefinitionAction[]) =>
    movedHistory([ordered, measured], [{ carePlan: CARE_PLAN, from }], plan('2', action)).map(
      ({ resource }) => resource,
    )
  expect(play(weigh({ timingTiming: daily(3) }))).toEqual([
    { ...ordered.resource, occurrenceTiming: daily(3) },
    measured.resource,
  ])
  expect(play()[0]).toMatchObject({ status: 'revoked' })
  expect(play()[1]).toBe(measured.resource)
})

test('the version that people are in, and another plan, change nothing', () => {
  const from = plan('1', [weigh()])
  const versions = [ordered, measured]
  expect(movedHistory(versions, [{ carePlan: CARE_PLAN, from }], from)).toBe(versions)
  const other = { ...plan('2', []), url: 'http://x/PlanDefinition/other' }
  expect(movedHistory(versions, [{ carePlan: CARE_PLAN, from }], other)).toBe(versions)
})

const part = (name: string) => `http://fylgje.no/fhir/StructureDefinition/${name}`
const ROUTED = {
  url: part('routing'),
  extension: [{ url: 'assign', valueCode: 'person' }],
}

test.each([
  ['nothing of a version that people are in', plan('1', [weigh()]), []],
  ['what only a draft asks for', plan('2', [weigh()]), ['PlanDefinition.action']],
  [
    'nothing where it asks for nothing at the beginning',
    plan('2', [{ id: 'rule', trigger: [{ type: 'data-added' }] }]),
    [],
  ],
  ['proposals of limits', plan('1', [], [{ url: part('limits-review') }]), [expect.stringContaining('limits-review')]],
  ['what is asked for less often', plan('1', [], [{ url: part('step-down') }]), [expect.stringContaining('step-down')]],
  ['who of a team', plan('1', [{ id: 'a', extension: [ROUTED] }]), [expect.stringContaining('routing')]],
])('left out of a simulation is %s', (_what, tried, expressions) => {
  const issues = notSimulated(tried, [CARE_PLAN])?.issue ?? []
  expect(issues.flatMap(({ expression = [] }) => expression)).toEqual(expressions)
  for (const { severity, code } of issues) expect([severity, code]).toEqual(['information', 'informational'])
})
