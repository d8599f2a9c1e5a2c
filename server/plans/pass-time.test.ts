import type { DemoClock } from '../clock/demo-clock.ts'
import type { Pool } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { passTime } from './pass-time.ts'

const BEGIN = Date.parse('2026-11-23T00:00:00Z')
const at = (offset: number) => new Date(BEGIN + offset)
const SECOND = 1_000
const HOUR = 3_600_000

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
beforeEach(() => database.pool.query(sql`DELETE FROM timer`))
afterAll(() => database.stop())

/** A clock whose engine is always done: what is due when it stops has rung there. */
function clockOfIdleEngine(stops: number[]): DemoClock {
  let now = at(0)
  return {
    now: () => now,
    async advanceTo(moment) {
      now = moment
      stops.push(moment.getTime() - BEGIN)
      await database.pool.query(sql`DELETE FROM timer WHERE due_at <= ${moment.toISOString()}::timestamptz`)
    },
    stop: () => {},
  }
}

async function setTimers(offsets: number[]): Promise<void> {
  for (const [i, offset] of offsets.entries()) {
    await database.pool.query(sql`
      INSERT INTO timer (kind, about, name, plan, patient, partition, due_at)
      VALUES ('occurrence', ${`ServiceRequest/${i}`}, '', '', 'p', 0, ${at(offset).toISOString()}::timestamptz)`)
  }
}

test('a timer shortly after another one is not slept through until the third: it rings within a minute of its time', async () => {
  await setTimers([10 * HOUR, 10 * HOUR + 30 * SECOND, 12 * HOUR])
  const stops: number[] = []
  const passed = await passTime(database.pool, clockOfIdleEngine(stops), at(24 * HOUR))
  expect(passed).toEqual({ now: at(24 * HOUR), isThere: true })
  expect(stops).toEqual([10 * HOUR + 30 * SECOND, 12 * HOUR, 24 * HOUR])
})

test('a timer that rings within seconds of now is not slept through either', async () => {
  await setTimers([5 * SECOND, 3 * HOUR])
  const stops: number[] = []
  await passTime(database.pool, clockOfIdleEngine(stops), at(4 * HOUR))
  expect(stops).toEqual([5 * SECOND, 3 * HOUR, 4 * HOUR])
})

test('what rings after the end is left alone', async () => {
  await setTimers([2 * HOUR])
  const stops: number[] = []
  await passTime(database.pool, clockOfIdleEngine(stops), at(HOUR))
  expect(stops).toEqual([HOUR])
})

/** A clock that goes on while nobody handles what is due. */
function clockWithoutEngine(): DemoClock {
  let now = at(0)
  return {
    now: () => now,
    advanceTo: async (moment) => {
      now = moment
    },
    stop: () => {},
  }
}

describe('what is due stays due', () => {
  test('an engine that gets no further is told of', async () => {
    await setTimers([HOUR])
    const passing = passTime(database.pool, clockWithoutEngine(), at(2 * HOUR), { stillMilliseconds: 1 })
    await expect(passing).rejects.toMatchObject({ issues: [{ code: 'timeout' }] })
  })

  test('an engine that gets on is waited for; what is left when the time is used up is told', async () => {
    await setTimers([HOUR])
    // Each time that somebody looks, the engine has got on.
    const query = async (text: never) => {
      await database.pool.query(sql`UPDATE engine_cursor SET seq = seq + 1`)
      return database.pool.query(text)
    }
    const patience = { stillMilliseconds: 1, budgetMilliseconds: 0 }
    const passed = await passTime({ query } as unknown as Pool, clockWithoutEngine(), at(2 * HOUR), patience)
    expect(passed.isThere).toBe(false)
  })
})
