import { handledKinds } from '../core/decide/rings.ts'
import { inTransaction, type Tx } from '../db/pool.ts'
import { sql } from '../db/sql.ts'
import { claimWork, findWork, moveCursors, PARTITIONS, partitionOf, skipEvents } from './cursor.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
beforeEach(async () => {
  await house.pool.query('DELETE FROM timer')
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

const asked = (countMax = 200, partitions: readonly number[] = PARTITIONS) => ({
  ...{ partitions, kinds: handledKinds(), countMax },
  now: house.clock.now,
})

const claim = (countMax?: number, partitions?: readonly number[]) =>
  inTransaction(house.pool, (tx) => claimWork(tx, asked(countMax, partitions)))

/** Rings at this many minutes from now. */
const setTimer = (name: string, partition: number, minutes: number, kind = 'rule') =>
  house.pool.query(sql`
    INSERT INTO timer (kind, about, plan, name, patient, partition, due_at, payload)
    VALUES (${kind}, 'CarePlan/1', 'http://example.org/plan', ${name}, 'somebody', ${partition},
            ${new Date(house.clock.now.getTime() + minutes * 60_000).toISOString()}, ${JSON.stringify({ given: name })})`)

/** The numbers of the parts that nobody has locked. */
const freeParts = () =>
  inTransaction(house.pool, async (tx) => {
    const { rows } = await tx.query<{ partition: number }>(
      'SELECT partition FROM engine_cursor ORDER BY partition FOR UPDATE SKIP LOCKED',
    )
    return rows.map(({ partition }) => partition)
  })

const bucketsOf = async (tx: Tx, id: string) =>
  (await tx.query<{ bucket: number }>(sql`SELECT bucket FROM event WHERE id = ${id}`)).rows.map(({ bucket }) => bucket)

test('where nothing is to be done nothing is locked, and the transaction writes nothing', async () => {
  await setTimer('later', 3, 1)
  const claimed = await inTransaction(house.pool, async (tx) => {
    const work = await claimWork(tx, asked())
    const { rows } = await tx.query('SELECT pg_current_xact_id_if_assigned() AS xid')
    return { work, rows, free: await freeParts() }
  })
  expect(claimed.work).toEqual({ events: [], timers: [], readBefore: new Set() })
  expect(claimed.rows).toEqual([{ xid: null }])
  expect(claimed.free).toEqual(PARTITIONS)
})

test('parts with an event or with a timer that has rung are locked, and no others', async () => {
  const id = await house.measure('measured', 95)
  await setTimer('rung', 5, -1)
  const { events, timers, free, parts } = await inTransaction(house.pool, async (tx) => {
    const work = await claimWork(tx, asked())
    return { ...work, free: await freeParts(), parts: (await bucketsOf(tx, id)).map(partitionOf) }
  })
  expect(events).toMatchObject([{ type: 'Observation', id, interaction: 'create', patient: 'measured', version: 1 }])
  expect(events[0]?.recorded_at).toBeInstanceOf(Date)
  expect(timers).toEqual([
    {
      ...{ kind: 'rule', about: 'CarePlan/1', plan: 'http://example.org/plan', name: 'rung', patient: 'somebody' },
      ...{ partition: 5, dueAt: new Date(house.clock.now.getTime() - 60_000), payload: { given: 'rung' } },
    },
  ])
  expect(free).toEqual(PARTITIONS.filter((part) => part !== 5 && part !== parts[0]))
})

test('timers come by the moment at which they rang, and none rings while more events wait than are taken', async () => {
  for (const [name, minutes] of [
    ['second', -2],
    ['third', -1],
    ['first', -3],
  ] as const)
    await setTimer(name, 5, minutes)
  await house.measure('one', 95)
  await house.measure('two', 95)
  expect((await claim(3)).timers.map(({ name }) => name)).toEqual(['first', 'second', 'third'])
  expect(await claim(2)).toMatchObject({ events: { length: 2 }, timers: [] })
  expect(await claim(1)).toMatchObject({ events: { length: 1 }, timers: [] })
})

test('a timer of a kind that this worker cannot handle is left, and its part too', async () => {
  await setTimer('newer', 5, -1, 'of-a-newer-worker')
  expect(await claim()).toMatchObject({ events: [], timers: [] })
})

test('what another worker has, and what lies in other parts than were asked for, is left', async () => {
  await setTimer('held', 5, -1)
  await setTimer('free', 6, -1)
  await setTimer('elsewhere', 7, -1)
  const names = await inTransaction(house.pool, async (tx) => {
    await tx.query('SELECT FROM engine_cursor WHERE partition = 5 FOR UPDATE')
    return (await claim(200, [5, 6])).timers.map(({ name }) => name)
  })
  expect(names).toEqual(['free'])
})

test('events of all parts come in one order, by transaction and sequence', async () => {
  const ids: string[] = []
  for (let n = 0; n < 20; n++) ids.push(await house.measure(`ordered-${n}`, 95))
  const { events } = await claim()
  expect(events.map(({ id }) => id)).toEqual(ids)
  expect(new Set(events.map(({ bucket }) => partitionOf(bucket))).size).toBeGreaterThan(1)
})

/** Claims, but stands still between what the statement sees and its first lock, until `meanwhile` is done. */
async function claimAround(meanwhile: (tx: Tx) => Promise<unknown>) {
  const gate = await house.pool.connect()
  await gate.query('SELECT pg_advisory_lock(79)')
  const gated = (tx: Tx): Tx =>
    new Proxy(tx, {
      get: (of, key) =>
        key === 'query' ? ({ text, values }: Statement) => of.query(held(text), values) : Reflect.get(of, key),
    })
  const claimed = inTransaction(house.pool, (tx) => claimWork(gated(tx), asked()))
  try {
    for (let waits = false; !waits; ) {
      const { rows } = await gate.query(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 79 AND NOT granted",
      )
      waits = rows.length > 0
    }
    await inTransaction(house.pool, meanwhile)
  } finally {
    await gate.query('SELECT pg_advisory_unlock(79)')
    gate.release()
  }
  return claimed
}
type Statement = { text: string; values: unknown[] }

function held(text: string): string {
  const waiting = text
    .replace('WITH part AS', 'WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock(79)), part AS')
    .replace('WHERE partition = ANY', 'WHERE (SELECT count(*) FROM gate) = 1 AND partition = ANY')
  expect(waiting).toMatch(/gate AS .*FROM gate/s)
  return waiting
}

test('what another worker has done between the look and the lock is not done again', async () => {
  await house.measure('twice', 95)
  const second = await house.measure('twice', 94)
  await setTimer('later', 5, -3)
  await setTimer('dropped', 5, -2)
  await setTimer('still', 5, -1)
  const { events, timers } = await claimAround(async (tx) => {
    const work = await claimWork(tx, asked(1))
    await moveCursors(tx, work.events)
    await tx.query("UPDATE timer SET due_at = due_at + interval '1 day' WHERE name = 'later'")
    await tx.query("DELETE FROM timer WHERE name = 'dropped'")
  })
  expect(events.map(({ id }) => id)).toEqual([second])
  expect(timers.map(({ name }) => name)).toEqual(['still'])
})

test('of a part in which another worker has done all meanwhile nothing is left', async () => {
  await house.measure('done', 95)
  const { events, timers } = await claimAround(async (tx) => moveCursors(tx, (await claimWork(tx, asked())).events))
  expect([events, timers]).toEqual([[], []])
})

/** As the engine writes them: of its own decisions. */
const addTriages = (bucket: number, count: number) =>
  house.pool.query(sql`
    INSERT INTO event (bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor)
    SELECT ${bucket}, n, 1, 'ClinicalImpression', 'triage-' || n, 'create', 'somebody', now(), 1, 'plan-engine'
      FROM generate_series(1, ${count}::int) n`)

describe('the engine’s own triages', () => {
  const left = (hearsTriages = false) =>
    inTransaction(house.pool, async (tx) => {
      const { events } = await claimWork(tx, { ...asked(1_000), hearsTriages })
      const { ready, waiting } = await findWork(tx, { ...asked(), hearsTriages })
      return { claimed: events.map(({ type }) => type), isReady: ready.length > 0, waiting }
    })

  test('are no reason for a round, and are passed with what comes next in their part', async () => {
    await addTriages(3, 2)
    expect(await left()).toEqual({ claimed: [], isReady: false, waiting: false })
    await house.pool.query(sql`
      INSERT INTO event (bucket, rk, version, type, id, interaction, patient, recorded_at, depth, actor)
      VALUES (3, 9, 1, 'Observation', 'next', 'create', 'somebody', now(), 0, 'test')`)
    const claimed = ['ClinicalImpression', 'ClinicalImpression', 'Observation']
    expect(await left()).toEqual({ claimed, isReady: true, waiting: false })
  })

  test('of another part are left when something comes', async () => {
    await addTriages(3, 2)
    const id = await house.measure('measured', 95)
    const { rows } = await house.pool.query<{ part: number }>(
      sql`SELECT bucket % 16 AS part FROM event WHERE id = ${id}`,
    )
    const { claimed } = await left()
    expect(claimed.filter((type) => type === 'Observation')).toHaveLength(1)
    expect(claimed).toHaveLength(rows[0]?.part === 3 ? 3 : 1)
  })

  test('are passed when a timer of their part rings', async () => {
    await addTriages(5, 2)
    await setTimer('rung', 5, -1)
    expect((await left()).claimed).toHaveLength(2)
  })

  test('are passed by themselves where they are many', async () => {
    await addTriages(3, 199)
    expect(await left()).toEqual({ claimed: [], isReady: false, waiting: false })
    await addTriages(3, 1)
    const { claimed, isReady } = await left()
    expect([claimed.length, isReady]).toEqual([200, true])
  })

  test('are work where a plan listens to them, and so are triages that somebody else has written', async () => {
    await addTriages(3, 1)
    expect(await left(true)).toEqual({ claimed: ['ClinicalImpression'], isReady: true, waiting: false })
    await skipEvents(house.pool)
    await house.put({
      ...{ resourceType: 'ClinicalImpression', id: 'theirs', status: 'completed' },
      subject: { reference: 'Patient/somebody' },
    })
    expect((await left()).claimed).toEqual(['ClinicalImpression'])
  })
})
