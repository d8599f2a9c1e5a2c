import type { Access } from '../access/access.ts'
import type { Role } from '../access/policy/policy.ts'
import { parseScopes } from '../access/scopes.ts'
import type { CareRelation } from '../access/standing.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { auditOfLook, decisionOf, kindsShowingAll, mustPermit } from './look-decision.ts'

const relation = (kind: string): CareRelation => ({
  ...{ patient: 'line', kind, grantee: 'Practitioner/kari', source: `Task/${kind}` },
})
const decided = (kinds: string[], closedBy: string[] = []) => {
  try {
    return decisionOf({ relations: kinds.map(relation), closedBy }, 'kjernejournal')
  } catch (error) {
    return error instanceof Refusal ? error.issues[0]?.code : error
  }
}

test.each([
  ['a care team', ['team'], { id: 'Task/team', isUserSelected: false }],
  ['a broken glass', ['break-glass'], { id: 'Task/break-glass', isUserSelected: true }],
  ['a care team beside a broken glass', ['break-glass', 'team'], { id: 'Task/team', isUserSelected: false }],
  ['a broken glass beside a question', ['asked', 'break-glass'], { id: 'Task/break-glass', isUserSelected: true }],
  ['nothing', [], 'business-rule'],
  ['a question that was asked of them', ['asked'], 'business-rule'],
  ['a birth', ['birth'], 'business-rule'],
  ['what was opened of a record that is not theirs', ['opened'], 'business-rule'],
])('the decision that is attested, by %s', (_case, kinds, expected) => {
  expect(decided(kinds)).toEqual(expected)
})

test('nobody looks to whom the patient has closed anything, and who has nothing to do with them is not told', () => {
  expect(decided(['team'], ['Consent/closed'])).toBe('suppressed')
  expect(decided(['break-glass'], ['Consent/closed'])).toBe('suppressed')
  expect(decided(['asked'], ['Consent/closed'])).toBe('business-rule')
})

test('what the patient has granted a part of opens nothing elsewhere, and what stands beside it does', () => {
  const grant: CareRelation = { ...relation('granted'), isLimited: true }
  const asked =
    (...relations: CareRelation[]) =>
    () =>
      decisionOf({ relations, closedBy: [] }, 'the EHR')
  expect(asked(grant)).toThrow('A part of this patient’s record is open to you, and the EHR could tell more than that.')
  expect(asked(grant, relation('care-team'))()).toEqual({ id: 'Task/care-team', isUserSelected: false })
  expect(asked(relation('granted'))()).toEqual({ id: 'Task/granted', isUserSelected: false })
})

test('a relation by which the policy shows nothing of the types opens nothing elsewhere', () => {
  const asked = (kind: string) => () =>
    decisionOf({ relations: [relation(kind)], closedBy: [] }, 'the EHR', new Set(['care-team']))
  expect(asked('granted')).toThrow('Only of a patient with whom you have something to do')
  expect(asked('care-team')().id).toBe('Task/care-team')
})

const kari = (scopes: string, patient?: string, roles: Role[] = ['nurse']): Access => ({
  ...{ actor: 'Practitioner/kari', clientId: 'app', scopes: parseScopes(scopes), ...(patient ? { patient } : {}) },
  standing: {
    ...{ roles, grantees: ['Practitioner/kari'], records: [] },
    attest: { who: 'Practitioner/kari', practitionerRoles: [], roles, policyVersion: '1' },
  },
})
const DIAGNOSES =
  'user/Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item'

test.each([
  ['of all of a type', kari('user/Condition.rs user/CarePlan.rs'), undefined],
  ['of a part of it', kari(`${DIAGNOSES} user/CarePlan.rs`), 'forbidden'],
  ['of a part of it beside all', kari(`${DIAGNOSES} user/*.rs`), undefined],
  ['of the patient in context', kari('patient/*.rs', 'line'), undefined],
  ['of another patient in context', kari('patient/*.rs', 'ola'), 'forbidden'],
  ['of one type alone', kari('user/Condition.rs'), 'forbidden'],
])('a scope %s', (_case, access, expected) => {
  const types = ['Condition', 'CarePlan'].map((type) => [type, 's'] as const)
  const tried = () => {
    mustPermit(access, types)
    return kindsShowingAll(access, 'line', types)
  }
  if (expected === undefined) expect([...(tried() ?? [])]).toEqual(expect.arrayContaining(['care-team', 'granted']))
  else expect(tried).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ code: expected })] }))
})

test('what a patient has granted a responder shows them nothing, by the policy', () => {
  const kinds = kindsShowingAll(kari('user/*.rs', undefined, ['responder']), 'line', [['Condition', 's']])
  expect([kinds?.has('granted'), kinds?.has('care-team')]).toEqual([false, true])
})

test('the purpose that is attested to kjernejournal hides from no log here that the glass was broken', () => {
  const told = (isUserSelected: boolean) =>
    auditOfLook({ purpose: 'TREAT', basis: 'exception', decision: { id: 'Task/1', isUserSelected } })
  expect(told(false)).toEqual({ purpose: 'TREAT', reason: 'kjernejournal: exception' })
  expect(told(true)).toEqual({ reason: 'kjernejournal: exception, TREAT' })
})
