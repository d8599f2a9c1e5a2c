import { expect, test } from '@jest/globals'
import type { Task } from '@medplum/fhirtypes'
import { FINDING } from '../../../server/core/decide/plan/vocabulary.ts'
import { taskCode, taskOutput } from '../../../server/core/decide/words/coded-words.ts'
import type { StoredTask } from '../worklist/row.ts'
import { referralGround, yesNeedsReason } from './referral.ts'

const referral: StoredTask = {
  ...{ resourceType: 'Task', id: '1', status: 'requested', intent: 'order', code: taskCode('referral') },
}
const question = (status: Task['status']): StoredTask => ({
  ...{ resourceType: 'Task', id: '2', status, intent: 'order', partOf: [{ reference: 'Task/1' }] },
  identifier: [{ system: FINDING, value: 'http://example.org/p|*eligibility:http://example.org/q|Patient/7|Task/1' }],
  lastModified: '2026-11-23T10:00:00Z',
})
const proposing = (code: string): StoredTask => ({
  ...referral,
  output: [
    { type: taskOutput('eligibility'), valueCode: code },
    { type: taskOutput('eligibility-reason'), valueString: '12 poeng, innenfor' },
  ],
})
const ground = (task: Task, ...tasks: StoredTask[]) => referralGround(task, { tasks, communications: [] })

test('a referral is told with who was asked, when they answered, and what their answers speak for', () => {
  expect(ground(proposing('accepted'), question('completed'))).toMatchObject({
    questions: [{ answeredAt: new Date('2026-11-23T10:00:00Z') }],
    ...{ proposed: 'accepted', reason: '12 poeng, innenfor' },
  })
  expect(ground(referral, question('requested'))?.questions[0]).not.toHaveProperty('answeredAt')
  // A Task that came of it for another reason is no question of the plan's.
  expect(ground(referral, { ...question('requested'), identifier: [] })?.questions).toEqual([])
  expect(ground({ ...referral, code: taskCode('handover') })).toBeUndefined()
})

test.each([
  ['answers speak for it', proposing('accepted'), [question('completed')], false],
  ['answers speak against it', proposing('rejected'), [question('completed')], true],
  ['somebody has not answered', referral, [question('requested')], true],
  ['nothing was asked', referral, [], false],
] as const)('who says yes where %s says why: %#', (_, task, questions, needs) => {
  const known = ground(task, ...questions)
  expect(known && yesNeedsReason(known)).toBe(needs)
})
