import type { Task } from '@medplum/fhirtypes'
import { type Outcome, PUSH_FINDING, watchFailures } from './failure-watch.ts'

const NOW = new Date('2026-11-23T11:00:00Z')
const watching = () => {
  const clock = { now: NOW }
  const asked: (Task | undefined)[] = []
  const watch = watchFailures(
    () => clock.now,
    async (wanted) => void asked.push(wanted),
  )
  const later = async (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1000)
    await watch.heard([])
  }
  return { watch, open: () => asked.at(-1), asked, later }
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
  const { watch, open, later } = watching()
  for (const outcomes of turns) await watch.heard(outcomes)
  await later(15)
  expect(open() !== undefined).toBe(isOpen)
})

test('one service that refuses, among others that tell, makes no Task that comes and goes', async () => {
  const { watch, asked, later } = watching()
  for (let turn = 0; turn < 5; turn++) {
    for (const outcome of ['refused', 'refused', 'refused', 'refused', 'told'] as const) await watch.heard([outcome])
    await later(3)
  }
  expect(asked.filter((wanted) => wanted !== undefined)).toEqual([])
})

test('while nobody is told there is one Task, asked for once and with each that is refused after it', async () => {
  const { watch, open, asked, later } = watching()
  await watch.heard(['refused', 'refused', 'refused'])
  expect(asked).toEqual([])
  await later(14)
  expect(asked).toEqual([])
  await later(1)
  await later(1)
  expect([asked.length, open()?.status]).toEqual([1, 'requested'])
  await watch.heard(['refused'])
  expect(asked).toHaveLength(2)
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

test('a Task that could not be stored is asked for again in the next turn', async () => {
  const asked: (Task | undefined)[] = []
  const clock = { now: NOW }
  let isAway = true
  const watch = watchFailures(
    () => clock.now,
    async (wanted) => {
      if (isAway) throw new Error('The database is away.')
      asked.push(wanted)
    },
  )
  await watch.heard(['refused', 'refused', 'refused'])
  clock.now = new Date(NOW.getTime() + 60_000)
  await expect(watch.heard([])).rejects.toThrow('away')
  isAway = false
  await watch.heard([])
  await watch.heard([])
  expect(asked).toHaveLength(1)
})
