import type { Task } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { Refusal } from '../../fhir/outcome.ts'
import { FINDING, TASK_CODE } from '../plan/vocabulary.ts'
import { checkTaskChange, MOVES, mayBecome, OPEN_STATUSES, type TaskStatus } from './task-status.ts'

const STATUSES = Object.keys(MOVES) as TaskStatus[]
const task = (status: TaskStatus, rest: Partial<Task> = {}): Task => ({
  resourceType: 'Task',
  status,
  intent: 'order',
  code: { coding: [{ system: TASK_CODE, code: 'assess-measurement' }] },
  ...rest,
})

function issuesOf(before: Task, after: Task) {
  try {
    checkTaskChange(before, after)
    return []
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return error.issues
  }
}

test.each([
  // from          to              allowed
  ['draft', 'requested', true],
  ['draft', 'in-progress', false],
  ['requested', 'received', true],
  ['received', 'accepted', true],
  ['received', 'rejected', true],
  ['accepted', 'in-progress', true],
  ['accepted', 'rejected', false],
  ['accepted', 'requested', true],
  ['in-progress', 'on-hold', true],
  ['on-hold', 'in-progress', true],
  ['in-progress', 'completed', true],
  ['requested', 'completed', true],
  ['requested', 'failed', false],
  ['completed', 'in-progress', false],
  ['completed', 'requested', false],
  ['cancelled', 'requested', false],
  ['rejected', 'accepted', false],
  ['completed', 'entered-in-error', true],
  ['entered-in-error', 'requested', false],
] as const)('a Task that is %s may become %s: %s', (from, to, allowed) => expect(mayBecome(from, to)).toBe(allowed))

test('the table knows every status of R4, leads to nothing else, and never to where it stands', () => {
  expect([...STATUSES].sort()).toEqual(
    [
      ...['accepted', 'cancelled', 'completed', 'draft', 'entered-in-error', 'failed'],
      ...['in-progress', 'on-hold', 'ready', 'received', 'rejected', 'requested'],
    ].sort(),
  )
  for (const from of STATUSES) {
    expect(MOVES[from].filter((to) => !STATUSES.includes(to) || to === from)).toEqual([])
    expect(new Set(MOVES[from]).size).toBe(MOVES[from].length)
  }
})

test('whatever is open can end, and what has ended is never opened again, by any way through the table', () => {
  const step = fc.constantFrom(...STATUSES)
  fc.assert(
    fc.property(step, fc.array(step, { maxLength: 30 }), (first, wanted) => {
      let status = first
      let hasEnded = !OPEN_STATUSES.has(first)
      for (const next of wanted) {
        if (!mayBecome(status, next)) continue
        status = next
        if (hasEnded) expect(OPEN_STATUSES.has(status)).toBe(false)
        hasEnded ||= !OPEN_STATUSES.has(status)
      }
      if (!hasEnded) expect(MOVES[status]).toContain('cancelled')
      if (status !== 'entered-in-error') expect(MOVES[status]).toContain('entered-in-error')
    }),
  )
})

test('a refused move says what it could become instead; every other move of work is let through', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STATUSES), fc.constantFrom(...STATUSES), (from, to) => {
      const issues = issuesOf(task(from), task(to, { statusReason: { text: 'Grunn' } }))
      if (mayBecome(from, to)) expect(issues).toEqual([])
      else {
        expect(issues).toMatchObject([{ code: 'business-rule', expression: ['Task.status'] }])
        for (const allowed of MOVES[from]) expect(issues[0]?.diagnostics).toContain(allowed)
      }
    }),
  )
})

test('who rejects a Task says why', () => {
  expect(issuesOf(task('received'), task('rejected'))).toMatchObject([
    { code: 'business-rule', expression: ['Task.statusReason'] },
  ])
})

test('Tasks of other workflows move as they like', () => {
  const theirs = { code: { coding: [{ system: 'http://koppeltaal.nl', code: 'x' }] } }
  expect(issuesOf(task('completed', theirs), task('requested', theirs))).toEqual([])
})

test('a Task that a rule made is work whatever its code, and stays work', () => {
  const made = { code: undefined, identifier: [{ system: FINDING, value: 'p|a|Patient/1|e' }] }
  expect(issuesOf(task('completed', made), task('requested', made))).toMatchObject([{ code: 'business-rule' }])
  expect(issuesOf(task('requested', made), task('requested', { code: undefined }))).toMatchObject([
    { code: 'business-rule', expression: ['Task.code'] },
  ])
})

const kari = { owner: { reference: 'Practitioner/kari' } }
const jonas = { owner: { reference: 'Practitioner/jonas' } }
const team = { owner: { reference: 'CareTeam/response' } }

test.each([
  ['out of the queue by a person', task('requested', team), task('accepted', kari), []],
  ['from a person to another', task('accepted', kari), task('accepted', jonas), ['Task.owner']],
  ['from a person to the team while it is going on', task('in-progress', kari), task('on-hold', team), ['Task.owner']],
  ['given back', task('in-progress', kari), task('requested', team), []],
  ['ended by another', task('in-progress', kari), task('completed', jonas), []],
  ['between teams', task('accepted', team), task('accepted', jonas), []],
] as const)('who has it: %s', (_name, before, after, expression) => {
  const issues = issuesOf(before, after)
  expect(issues.flatMap((issue) => issue.expression ?? [])).toEqual(expression)
  expect(issues.map(({ code }) => code)).toEqual(expression.map(() => 'conflict'))
})
