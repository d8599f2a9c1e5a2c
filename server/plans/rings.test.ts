import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RingFacts, Rings } from '../core/decide/ring.ts'
import type { Timer, TimerDecision } from '../core/decide/timer.ts'
import { migrate } from '../db/migrate.ts'
import { inTransaction } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { openLog } from '../log.ts'
import { skipEvents } from './cursor.ts'
import { type ReactRooms, react } from './react.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { noTimerChanges, noteTimer, type PlacedTimer, writeTimers } from './timers.ts'

const START = new Date('2026-11-10T08:00:00Z')
const HOUR = 3_600_000

let house: TestHouse
let heard: RingFacts[]

beforeAll(async () => {
  house = await startTestHouse()
  await house.put({
    resourceType: 'Task',
    id: 'marked',
    status: 'requested',
    intent: 'order',
    for: { reference: 'Patient/p' },
  })
  await skipEvents(house.pool)
})
beforeEach(async () => {
  house.clock.now = START
  heard = []
  await house.pool.query('DELETE FROM timer')
})
afterAll(() => house.stop())

const later = (hours: number) => new Date(START.getTime() + hours * HOUR)
const mark = (name: string, hours: number, about = 'Task/marked'): Timer => ({
  kind: 'task-mark',
  about,
  name,
  dueAt: later(hours),
})

function note(decisions: TimerDecision[], place: Pick<PlacedTimer, 'patient' | 'partition'>): Promise<void> {
  const changes = noTimerChanges()
  for (const decision of decisions) noteTimer(changes, decision, place)
  return inTransaction(house.pool, (tx) => writeTimers(tx, changes))
}
const set = (...timers: Timer[]) =>
  note(
    timers.map((timer) => ({ act: 'set', timer })),
    { patient: 'p', partition: 3 },
  )

async function passTo(hours: number, rings: Rings): Promise<void> {
  house.clock.now = later(hours)
  const rooms: ReactRooms = { ...house, now: () => house.clock.now, rings }
  for (let i = 0; i < 20; i++) if (!(await react(rooms, { countMax: 100 })).more) return
  throw new Error('It never ends.')
}

/** Rings that are only heard, and decide what `decided` says of timers. */
const hearing = (decided: (facts: RingFacts) => TimerDecision[] = () => []): Rings => ({
  'task-mark': (facts) => {
    heard.push(facts)
    return { tasks: [], timers: decided(facts), trace: [] }
  },
})

const standing = async () =>
  (
    await house.pool.query<{ name: string; due_at: Date }>(sql`SELECT name, due_at FROM timer ORDER BY due_at`)
  ).rows.map(({ name, due_at }) => `${name} ${(due_at.getTime() - START.getTime()) / HOUR}`)

test('timers ring in the order of their moments, with what they are about and what they carry, and are then gone', async () => {
  await set(
    { ...mark('deadline', 2), payload: { step: 2, of: ['a'].map((x) => ({ x })) } },
    mark('goal', 1),
    mark('x', 9),
  )
  await passTo(3, hearing())
  expect(heard.map(({ timer }) => timer)).toMatchObject([
    { kind: 'task-mark', about: 'Task/marked', name: 'goal', dueAt: later(1) },
    { name: 'deadline', dueAt: later(2), payload: { step: 2, of: [{ x: 'a' }] } },
  ])
  expect(heard[0]?.about).toMatchObject({ resourceType: 'Task', id: 'marked' })
  expect(await standing()).toEqual(['x 9'])
})

test('what is decided sets, moves and drops timers', async () => {
  await set(mark('goal', 1), mark('deadline', 2), mark('passed', 3))
  await passTo(
    1,
    hearing(() => [
      { act: 'set', timer: mark('goal', 5) },
      { act: 'start', timer: mark('deadline', 8) },
      { act: 'drop', timer: mark('passed', 0) },
    ]),
  )
  expect(await standing()).toEqual(['deadline 2', 'goal 5'])
})

test('clear takes all of one kind about one resource, and nothing else', async () => {
  await set(mark('goal', 1), mark('passed', 2), mark('goal', 3, 'Task/other'), { ...mark('end', 4), kind: 'snooze' })
  await note([{ act: 'clear', kind: 'task-mark', about: 'Task/marked' }], { partition: 3 })
  expect(await standing()).toEqual(['goal 3', 'end 4'])
})

test('a clear that is followed by a set in the same round leaves the new one', async () => {
  await set(mark('goal', 1), mark('passed', 2))
  const clear: TimerDecision = { act: 'clear', kind: 'task-mark', about: 'Task/marked' }
  await note([{ act: 'set', timer: mark('x', 6) }, clear, { act: 'start', timer: mark('goal', 7) }], { partition: 3 })
  expect(await standing()).toEqual(['goal 7'])
})

test('a timer may be about what is no patient, and about what is gone', async () => {
  const about = 'PlanDefinition/copd'
  await note([{ act: 'set', timer: mark('start', 1, about) }], { partition: 0 })
  await set(mark('goal', 2, 'Task/gone'))
  await passTo(3, hearing())
  expect(heard.map((facts) => facts.about?.id)).toEqual(['copd', undefined])
  expect(await standing()).toEqual([])
})

test('a worker with nothing to do is told when the next timer rings that it can handle', async () => {
  await set(mark('goal', 2), { ...mark('end', 1), kind: 'snooze' }, mark('past', 5))
  const rooms: ReactRooms = { ...house, now: () => house.clock.now }
  expect(await react({ ...rooms, rings: hearing() }, { countMax: 100 })).toMatchObject({ untilTimer: 2 * HOUR })
  expect(await react({ ...rooms, rings: {} }, { countMax: 100 })).toMatchObject({ untilTimer: undefined })
})

test('a kind that this worker does not know is left to one that does', async () => {
  await set({ ...mark('end', 1), kind: 'snooze' }, mark('goal', 2))
  await passTo(3, hearing())
  expect(heard.map(({ timer }) => timer.name)).toEqual(['goal'])
  expect(await standing()).toEqual(['end 1'])
})

test('one that cannot be handled is set aside once, holds up nobody, and rings again in an hour', async () => {
  await set(mark('bad', 1), mark('good', 2))
  await passTo(
    3,
    hearing(({ timer }) => {
      if (timer.name === 'bad') throw new Error('no marks')
      return []
    }),
  )
  expect(heard.map(({ timer }) => timer.name)).toEqual(['bad', 'good'])
  expect(await standing()).toEqual(['bad 4'])
  const { rows } = await house.pool.query(sql`SELECT happening, error FROM engine_set_aside WHERE patient = 'p'`)
  expect(rows).toMatchObject([{ happening: `bad ${later(1).toISOString()}`, error: expect.stringMatching('no marks') }])
})

test('what the table may not hold is refused by it', async () => {
  const large = { ...mark('goal', 1), payload: { text: 'x'.repeat(5_000) } }
  await expect(set(large)).rejects.toThrow('timer_payload_is_small')
  await expect(set(mark('goal', 1, 'Task'))).rejects.toThrow('timer_about_is_reference')
})

test('clocks of a database of before go on as they were', async () => {
  const source = join(import.meta.dirname, '../db/migrations')
  const folder = await mkdtemp(join(tmpdir(), 'fylgje-before-'))
  const names = (await readdir(source)).filter((name) => name < '0008')
  await Promise.all(names.map((name) => copyFile(join(source, name), join(folder, name))))
  const { pool } = house
  const log = openLog('silent')
  await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
  await migrate(pool, log, folder)
  await pool.query(`INSERT INTO timer (care_plan, plan, action, patient, partition, due_at)
    VALUES ('c1', 'http://fylgje.no/fhir/PlanDefinition/copd', 'missing', 'p', 7, '2026-11-12T08:00:00Z')`)
  await migrate(pool, log)
  expect((await pool.query('SELECT * FROM timer')).rows).toEqual([
    {
      kind: 'rule',
      about: 'CarePlan/c1',
      plan: 'http://fylgje.no/fhir/PlanDefinition/copd',
      name: 'missing',
      patient: 'p',
      partition: 7,
      due_at: new Date('2026-11-12T08:00:00Z'),
      payload: null,
    },
  ])
  await rm(folder, { recursive: true, force: true })
})
