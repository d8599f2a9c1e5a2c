import type { CareRelation } from '../access/standing.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { decisionOf } from './look-decision.ts'

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
