import type { Task } from '@medplum/fhirtypes'
import { sql } from '../db/sql.ts'
import { skipEvents } from '../plans/cursor.ts'
import { react } from '../plans/react.ts'
import { startTestHouse, type TestHouse } from '../plans/test-house.ts'
import type { Store } from '../store/store.ts'
import { demoPatients } from './roster.ts'
import { seedDemo } from './seed.ts'

const NOW = new Date('2026-11-22T10:30:00Z')
const HOUR_MS = 3_600_000

let house: TestHouse
let logged: string[]

beforeAll(async () => {
  house = await startTestHouse()
  house.clock.now = NOW
})
afterAll(() => house.stop())

const seed = (store: Store = house.store) => {
  logged = []
  return seedDemo({
    store,
    now: house.clock.now,
    skipEvents: () => skipEvents(house.pool),
    log: (line) => logged.push(line),
  })
}

const reactToAll = async () => {
  for (;;) {
    const done = await react({ ...house, now: () => house.clock.now }, { countMax: 200 })
    if (!done.more && !done.waiting) return
  }
}

async function countsByVersion() {
  const { rows } = await house.pool.query<{ version: number; count: number }>(
    sql`SELECT version, count(*)::int AS count FROM resource WHERE id LIKE 'demo-%' GROUP BY version ORDER BY version`,
  )
  return rows
}

/** Slug → colours of the open Tasks. */
const isReview = ({ code }: Task) => code?.coding?.some((coding) => coding.code === 'review-limits') === true

/** Colours of the open Tasks by patient. Proposals of other limits come after a trial, whatever was measured today: see `reviews`. */
async function worklist(): Promise<Record<string, string[]>> {
  return openTasks((task) => !isReview(task))
}

const reviews = () => openTasks(isReview)

async function openTasks(wanted: (task: Task) => boolean): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { slug } of demoPatients()) {
    const tasks = (await house.tasksOf(`demo-${slug}`)).filter((task) => task.status === 'requested' && wanted(task))
    const colours = tasks.map((task: Task) => task.businessStatus?.coding?.[0]?.code ?? '?')
    if (colours.length) found[slug] = colours.sort()
  }
  return found
}

test('a seeding that is killed halfway is finished by the next, nothing twice and nothing missing', async () => {
  let writes = 0
  const dying: Store = {
    ...house.store,
    writeAll: (...all) => (++writes > 6 ? Promise.reject(new Error('killed')) : house.store.writeAll(...all)),
  }
  await expect(seed(dying)).rejects.toThrow('killed')
  const [{ count: half } = { count: 0 }] = await countsByVersion()
  expect(half).toBeGreaterThan(1000)

  expect(await seed()).toBeGreaterThan(5000)
  const [first, second, ...others] = await countsByVersion()
  expect(others).toEqual([])
  expect(first?.count).toBeGreaterThan(12_000)
  // Only the organisations and their people are written again: they come before the patients, who show how far it got.
  expect(second?.count ?? 0).toBeLessThan(30)
})

test('a second seeding on the same day writes nothing', async () => {
  const before = await countsByVersion()
  expect(await seed()).toBe(0)
  expect(await countsByVersion()).toEqual(before)
  expect(logged).toEqual([])
})

test('the engine makes the Tasks of the first day, and 90 days of history make none', async () => {
  await reactToAll()
  expect(await worklist()).toEqual({
    fjellrev: ['red', 'red', 'yellow'],
    blaaklokke: ['red', 'red'],
    lundefugl: ['yellow'],
    multebaer: ['yellow'],
    steinbit: ['yellow'],
    snougle: ['grey'],
    havorn: ['grey'],
  })
})

test('whose trial is over is proposed limits of their own, once and green; not Line, who has hers', async () => {
  const proposed = await reviews()
  expect(Object.keys(proposed).length).toBeGreaterThan(2)
  expect(new Set(Object.values(proposed).map(String))).toEqual(new Set(['green']))
  expect(proposed.line).toBeUndefined()
})

test('nothing is missing of anyone else in the first day', async () => {
  const before = await worklist()
  house.clock.now = new Date(NOW.getTime() + 24 * HOUR_MS)
  await reactToAll()
  expect(await worklist()).toEqual(before)
})

test('89 % for Line Danser makes a yellow Task, 84 % a red one', async () => {
  const ofLine = async () => (await worklist()).line
  expect(await ofLine()).toBeUndefined()
  await house.measure('demo-line', 89)
  await reactToAll()
  expect(await ofLine()).toEqual(['yellow'])
  await house.measure('demo-line', 84)
  await reactToAll()
  expect(await ofLine()).toEqual(['red', 'yellow'])
})

test('a week later the days since are there, once, quiet, and nobody but the silent is missing', async () => {
  const before = await worklist()
  house.clock.now = new Date(NOW.getTime() + 7 * 24 * HOUR_MS)
  const written = await seed()
  expect(written).toBeGreaterThan(7 * 45 * 2)
  expect(await seed()).toBe(0)
  await reactToAll()
  expect(await worklist()).toEqual(before)
})

test('started again on the same day, nothing is added', async () => {
  house.clock.now = new Date(NOW.getTime() + 7 * 24 * HOUR_MS + 5 * HOUR_MS)
  expect(await seed()).toBe(0)
})
