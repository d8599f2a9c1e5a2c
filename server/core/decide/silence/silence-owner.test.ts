import type { PlanDefinition } from '@medplum/fhirtypes'
import { compilePlan } from '../plan/compile-plan.ts'
import { unhandledTask } from '../task/trouble-task.ts'
import { sameInAll } from '../words/told.ts'
import { ownedBy, SILENCE_OWNER, silenceOwnersOf } from './silence-owner.ts'

const plan = (...extension: NonNullable<PlanDefinition['extension']>): PlanDefinition => ({
  ...{ resourceType: 'PlanDefinition', id: 'p', url: 'http://x/p', status: 'draft' },
  extension,
})
const ROLE = { text: 'Vakt' }
const TEAM = { reference: 'CareTeam/1' }
const owning = (silence: string, owner: object) => ({
  url: SILENCE_OWNER,
  extension: [
    { url: 'silence', valueCode: silence },
    { url: 'owner', ...owner },
    { url: 'after', valueDuration: { value: 30, code: 'min' } },
  ],
})

test('a silence is owned only when it is known, has an owner and a time', () => {
  const whole = owning('not-opened', { valueReference: TEAM })
  expect(silenceOwnersOf(plan(whole))).toMatchObject([{ silence: 'not-opened', owner: TEAM }])
  for (const missing of whole.extension) {
    const extension = whole.extension.filter((part) => part !== missing)
    expect(silenceOwnersOf(plan({ ...whole, extension }))).toEqual([])
  }
  expect(silenceOwnersOf(plan(owning('not-danced', { valueReference: TEAM })))).toEqual([])
})

test('a role may choose among its people, a team by name has it', () => {
  const both = plan(
    owning('not-opened', { valueReference: TEAM }),
    owning('not-decided', { valueCodeableConcept: ROLE }),
  )
  expect(ownedBy(both, 'not-opened')).toEqual({ owner: TEAM })
  expect(ownedBy(both, 'not-decided')).toEqual({ performerType: [ROLE] })
  expect(ownedBy(both, 'not-measured')).toEqual({})
})

test.each([
  ['to the team of the person, where the plan says nothing', [], { owner: { reference: 'CareTeam/own' } }],
  [
    'to whoever owns what is not evaluated',
    [owning('not-evaluated', { valueCodeableConcept: ROLE })],
    { performerType: [ROLE], owner: { reference: 'CareTeam/own' } },
  ],
  ['to another team, where it is named', [owning('not-evaluated', { valueReference: TEAM })], { owner: TEAM }],
])('what cannot be evaluated goes %s', (_where, extension, expected) => {
  const compiled = compilePlan(plan(...extension), () => undefined)
  const carePlan = {
    ...({ resourceType: 'CarePlan', id: 'c', status: 'active', intent: 'plan' } as const),
    ...{ subject: { reference: 'Patient/p' }, careTeam: [{ reference: 'CareTeam/own' }] },
  }
  const task = unhandledTask('t', { carePlan, plan: compiled }, 'x', sameInAll('x'), new Date(0))
  expect(task).toMatchObject(expected)
})
