import type { Task } from '@medplum/fhirtypes'
import { type Outcome, PUSH_FINDING, watchFailures } from './failure-watch.ts'

const NOW = new Date('2026-11-23T11:00:00Z')
const watching = () => {
  const asked: (Task | undefined)[] = []
  const watch = watchFailures(
    () => NOW,
    async (wanted) => void asked.push(wanted),
  )
  return { watch, open: () => asked.at(-1), asked }
}

test.each([
  ['a service that refuses one device', [['refused'], ['given-up'], ['again']], false],
  ['services that refuse each device', [['refused', 'refused'], ['refused']], true],
  ['what was told meanwhile', [['refused', 'refused'], ['told'], ['refused']], false],
  [
    'what is told again',
    [
      ['refused', 'refused', 'refused'],
      ['refused', 'told'],
    ],
    false,
  ],
  [
    'services that are away',
    [
      ['again', 'again'],
      ['again', 'gone'],
    ],
    false,
  ],
] as [string, Outcome[][], boolean][])('%s', async (_, turns, isOpen) => {
  const { watch, open } = watching()
  for (const outcomes of turns) await watch.heard(outcomes)
  expect(open() !== undefined).toBe(isOpen)
})

test('a key that cannot be opened is a Task for whoever runs the server, until somebody is told', async () => {
  const { watch, open } = watching()
  await watch.keyFailed()
  expect(open()).toMatchObject({
    status: 'requested',
    identifier: [{ value: expect.stringContaining(`${PUSH_FINDING}key|`) }],
    performerType: [{ coding: [{ code: 'administrator' }] }],
  })
  await watch.heard(['told'])
  expect(open()).toBeUndefined()
})
