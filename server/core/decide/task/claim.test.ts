import type { PractitionerRole, Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { Refusal } from '../../fhir/outcome.ts'
import { SKILL, TASK_CODE } from '../plan/vocabulary.ts'
import { claimTask, queueOf, releaseTask } from './claim.ts'
import { snoozeTask } from './snooze.ts'
import { PRIORITIES, urgencyIn } from './task-marks.ts'
import { checkTaskChange, MOVES, type TaskStatus, takenBy } from './task-status.ts'
import { byUrgency, isFor } from './worklist.ts'

const NOW = new Date('2026-11-13T14:00:00Z')
const TEAM = { reference: 'CareTeam/response' }
const KARI = { reference: 'Practitioner/kari' }
const JONAS = { reference: 'Practitioner/jonas' }
const waiting: Task = {
  resourceType: 'Task',
  id: 't',
  status: 'requested',
  intent: 'order',
  code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
  owner: TEAM,
}
const codeOf = (work: () => unknown) => {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.issues[0]?.code
    throw error
  }
}

test('whoever claims it has it; the queue is remembered and gets it back', () => {
  const taken = claimTask(waiting, KARI, NOW)
  expect(taken).toMatchObject({ status: 'accepted', owner: KARI })
  expect(queueOf(taken)).toEqual(TEAM)
  const back = releaseTask(taken, { to: TEAM, reason: 'Vaktskifte', by: KARI, now: NOW })
  expect(back).toMatchObject({ status: 'requested', owner: TEAM, note: [{ authorReference: KARI }] })
  expect(back.extension).toBeUndefined()
})

const until = new Date(NOW.getTime() + 3_600_000)
test.each<[string, Task, string | undefined]>([
  ['one that another has', claimTask(waiting, JONAS, NOW), 'conflict'],
  ['one’s own', claimTask(waiting, KARI, NOW), undefined],
  ['one that was offered to another', { ...waiting, owner: JONAS }, undefined],
  ['one that the team has accepted', { ...waiting, status: 'accepted' }, undefined],
  ['one that is put aside', snoozeTask(waiting, { reason: 'x', until, by: KARI, now: NOW }), 'business-rule'],
  ['a draft', { ...waiting, status: 'draft' }, 'business-rule'],
  ['a handover', { ...waiting, code: { coding: [{ system: TASK_CODE, code: 'handover' }] } }, 'business-rule'],
  ['a referral', { ...waiting, code: { coding: [{ system: TASK_CODE, code: 'referral' }] } }, 'business-rule'],
  ['one that is done', { ...waiting, status: 'completed' }, 'business-rule'],
])('claiming %s', (_name, task, code) => expect(codeOf(() => claimTask(task, KARI, NOW))).toBe(code))

test('what nobody has taken is not given back', () => {
  expect(codeOf(() => releaseTask(waiting, { to: TEAM, by: KARI, now: NOW }))).toBe('business-rule')
})

test('every claim and release is a change that the table lets through, and at any time one person has it or none', () => {
  const act = fc.record({ release: fc.boolean(), who: fc.constantFrom(KARI, JONAS) })
  const first = fc.constantFrom(...(Object.keys(MOVES) as TaskStatus[]))
  fc.assert(
    fc.property(first, fc.array(act, { maxLength: 20 }), (status, acts) => {
      let task: Task = { ...waiting, status }
      for (const { release, who } of acts) {
        const before = task
        const holder = takenBy(before)
        const code = codeOf(() => {
          task = release ? releaseTask(task, { to: TEAM, by: who, now: NOW }) : claimTask(task, who, NOW)
        })
        if (code === undefined) {
          expect(codeOf(() => checkTaskChange(before, task))).toBeUndefined()
          if (!release) expect(takenBy(task)).toBe(who.reference)
        } else expect(task).toBe(before)
        if (!release && holder && holder !== who.reference) expect(code).toBe('conflict')
      }
    }),
  )
})

test('a worklist: urgency first, then the deadline, then who has waited longest; always the same order', () => {
  const tasks = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 3 }),
      priority: fc.constantFrom(...PRIORITIES, undefined),
      deadline: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      authored: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    }),
    { selector: ({ id }) => id, maxLength: 8 },
  )
  const day = (number: number | undefined) => (number === undefined ? undefined : `2026-11-0${number}T00:00:00Z`)
  fc.assert(
    fc.property(tasks, (given) => {
      const list = given.map(
        ({ id, priority, deadline, authored }): Task => ({
          ...waiting,
          ...{ id, priority, authoredOn: day(authored), restriction: { period: { end: day(deadline) } } },
        }),
      )
      const sorted = [...list].sort(byUrgency)
      expect([...list].reverse().sort(byUrgency)).toEqual(sorted)
      const urgencies = sorted.map(urgencyIn)
      expect(urgencies).toEqual([...urgencies].sort((one, other) => other - one))
    }),
  )
})

const concept = (code: string) => ({ coding: [{ system: 'http://example.org', code }] })
const role = (rest: Partial<PractitionerRole>): PractitionerRole => ({ resourceType: 'PractitionerRole', ...rest })
const needsSkill = { extension: [{ url: SKILL, valueCodeableConcept: concept('wound') }] }
test.each<[string, Partial<Task>, PractitionerRole[], boolean]>([
  ['asks for nothing, of anybody', {}, [], true],
  ['asks for a role, of whom nothing is known', { performerType: [concept('nurse')] }, [], true],
  ['asks for a skill, of whom nothing is known', needsSkill, [], false],
  ['asks for the role that one has', { performerType: [concept('nurse')] }, [role({ code: [concept('nurse')] })], true],
  ['asks for another role', { performerType: [concept('nurse')] }, [role({ code: [concept('doctor')] })], false],
  [
    'asks for one of two roles',
    { performerType: [concept('nurse'), concept('doctor')] },
    [role({ code: [concept('doctor')] })],
    true,
  ],
  ['asks for the skill that one has', needsSkill, [role({ specialty: [concept('wound')] })], true],
  ['asks for a skill that one has not', needsSkill, [role({ specialty: [concept('foot')] })], false],
])('a Task that %s', (_name, task, roles, expected) => expect(isFor({ ...waiting, ...task }, roles)).toBe(expected))
