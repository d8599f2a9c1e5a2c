import { inTransaction } from '../db/pool.ts'
import { skipEvents } from './cursor.ts'
import { CHANGED_MEASUREMENTS, claimKeeperCursor, ENROLMENTS, moveKeeperCursor, readFollowed } from './keeper-cursor.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
  for (const followed of [ENROLMENTS, CHANGED_MEASUREMENTS])
    await inTransaction(house.pool, async (tx) => {
      const place = await claimKeeperCursor(tx, followed)
      const events = place ? await readFollowed(tx, followed, place, 10_000) : []
      const last = events.at(-1)
      if (last) await moveKeeperCursor(tx, followed, last)
    })
})
afterAll(() => house.stop())

const enrolment = (id: string) => ({
  ...{ resourceType: 'CarePlan' as const, id, status: 'active', intent: 'plan' },
  subject: { reference: 'Patient/p' },
})

/** Whether the place can be had, and whether asking for it has given the transaction an id, which holds back the feed. */
const claim = () =>
  inTransaction(house.pool, async (tx) => {
    const place = await claimKeeperCursor(tx, ENROLMENTS)
    const { rows } = await tx.query('SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS "hasId"')
    return { isClaimed: place !== undefined, ...rows[0] }
  })

test('where nothing has happened that is followed, a keeper locks nothing', async () => {
  await house.measure('p', 96)
  expect(await claim()).toEqual({ isClaimed: false, hasId: false })
})

test('what happens is read by one keeper, once, while others are let pass', async () => {
  await house.put(enrolment('first'))
  const read = await inTransaction(house.pool, async (tx) => {
    const place = await claimKeeperCursor(tx, ENROLMENTS)
    const events = place ? await readFollowed(tx, ENROLMENTS, place, 10) : []
    const other = await claim()
    await moveKeeperCursor(tx, ENROLMENTS, events.at(-1) as never)
    return { ids: events.map(({ id }) => id), other }
  })
  expect(read).toEqual({ ids: ['first'], other: { isClaimed: false, hasId: false } })
  expect(await claim()).toEqual({ isClaimed: false, hasId: false })
  await house.put(enrolment('second'))
  expect(await claim()).toEqual({ isClaimed: true, hasId: true })
})

test('what waits for an older transaction is not claimed before it can be read', async () => {
  await inTransaction(house.pool, async (older) => {
    await older.query('SELECT pg_current_xact_id()')
    await inTransaction(house.pool, async (tx) => {
      const place = await claimKeeperCursor(tx, ENROLMENTS)
      const events = place ? await readFollowed(tx, ENROLMENTS, place, 10) : []
      const last = events.at(-1)
      if (last) await moveKeeperCursor(tx, ENROLMENTS, last)
    })
    await house.put(enrolment('third'))
    expect(await claim()).toEqual({ isClaimed: false, hasId: false })
  })
  expect(await claim()).toEqual({ isClaimed: true, hasId: true })
})
