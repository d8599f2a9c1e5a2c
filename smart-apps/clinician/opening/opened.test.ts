import { expect, test } from '@jest/globals'
import type { Task } from '@medplum/fhirtypes'
import { findOpened, keepOpened, openedBy } from './opened.ts'

const TASK = {
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', reasonCode: { text: 'Bevisstløs hjemme' } },
  restriction: { period: { start: '2026-11-23T08:00:00Z', end: '2026-11-23T08:30:00Z' } },
} as Task

test('an opening is known until it ends, and for its patient alone', () => {
  const opened = openedBy(TASK)
  expect(opened).toEqual({ until: '2026-11-23T08:30:00Z', reason: 'Bevisstløs hjemme' })
  if (opened) keepOpened('line', opened)
  expect(findOpened('line', new Date('2026-11-23T08:29:00Z'))).toEqual(opened)
  expect(findOpened('other', new Date('2026-11-23T08:29:00Z'))).toBeUndefined()
  expect(findOpened('line', new Date('2026-11-23T08:30:00Z'))).toBeUndefined()
})

test('what has no end is no opening', () => {
  const { restriction: _end, ...endless } = TASK
  expect(openedBy(endless as Task)).toBeUndefined()
})
