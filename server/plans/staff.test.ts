import { engineAccess } from '../access/engine-access.ts'
import { isOnShift } from '../core/decide/task/staff.ts'
import { inTransaction } from '../db/pool.ts'
import { RoundFacts } from './round-facts.ts'
import { keepStaff } from './staff.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

const TESTER = engineAccess('test')
const HOUR = 3_600_000
const NOW = new Date('2026-03-05T10:00:00Z')
/** As a plan asks that chooses among people. */
const LOAD = { withLoad: true }
const after = (hours: number) => new Date(NOW.getTime() + hours * HOUR)

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const role = (id: string) => ({
  ...{ resourceType: 'PractitionerRole', id, active: true },
  practitioner: { reference: `Practitioner/${id}` },
})
const task = (id: string, owner: string, status = 'requested') => ({
  ...{ resourceType: 'Task', id, status, intent: 'order', owner: { reference: owner } },
  for: { reference: 'Patient/somebody' },
})

test('who works where is the same object until some of it changes, and what each has to do is counted each time', async () => {
  const readStaff = keepStaff()
  const read = (now = NOW) => inTransaction(house.pool, (tx) => readStaff(tx, now, LOAD))
  await house.put(role('kari'))
  const first = await read()
  expect(first.load.get('Practitioner/kari')).toBeUndefined()
  await house.put(task('hers', 'Practitioner/kari'))
  const second = await read()
  expect(second.roles).toBe(first.roles)
  expect(second.load.get('Practitioner/kari')).toBe(1)
  await house.put(task('hers', 'Practitioner/kari', 'completed'))
  expect((await read()).load.get('Practitioner/kari')).toBeUndefined()

  await house.put(role('ola'), task('his', 'Practitioner/ola'))
  const third = await read()
  expect(third.roles.map(({ id }) => id)).toEqual(expect.arrayContaining(['kari', 'ola']))
  expect(third.load.get('Practitioner/ola')).toBe(1)
  await house.put({ ...role('ola'), active: false })
  expect((await read()).roles.find(({ id }) => id === 'ola')?.active).toBe(false)
})

test('what each has to do is counted only for whoever asks for it', async () => {
  const readStaff = keepStaff()
  await house.put(role('asked'), task('one', 'Practitioner/asked'))
  const read = (withLoad: boolean) => inTransaction(house.pool, (tx) => readStaff(tx, NOW, { withLoad }))
  for (const _again of [1, 2]) expect((await read(false)).load.size).toBe(0)
  expect((await read(true)).load.get('Practitioner/asked')).toBe(1)
})

test('what is kept is given until some of it changes or its time is over, and nothing is read for it', async () => {
  const readStaff = keepStaff()
  await house.put(role('kept'))
  const kept = (now = NOW) => inTransaction(house.pool, (tx) => readStaff.kept(tx, now))
  expect(await kept()).toBeUndefined()
  const read = await inTransaction(house.pool, (tx) => readStaff(tx, NOW, { withLoad: false }))
  expect((await kept())?.roles).toBe(read.roles)
  expect((await kept())?.load.size).toBe(0)
  expect(await kept(after(1))).toBeUndefined()
  expect(await kept(after(-1))).toBeUndefined()
  await house.put({ ...role('kept'), active: false })
  expect(await kept()).toBeUndefined()
})

test('whom the round has given a Task before anybody asked how much each has to do, has one more', async () => {
  await house.put(role('busy'), task('two', 'Practitioner/busy'), task('three', 'Practitioner/busy'))
  const facts = await inTransaction(house.pool, async (tx) => {
    const book = await house.readBook(tx)
    const facts = new RoundFacts({ tx, book, now: NOW, readBefore: new Set() })
    const before = await facts.staff({ withLoad: false })
    facts.noteStaff({ ...before, load: new Map([['Practitioner/busy', 1]]) })
    const [all, again] = [await facts.staff(LOAD), await facts.staff({ withLoad: false })]
    return { before: before.load.size, all: all.load.get('Practitioner/busy'), again: again === all }
  })
  expect(facts).toEqual({ before: 0, all: 3, again: true })
})

test('a shift counts from its moment on, and what was read for this time is not what counts for another', async () => {
  const readStaff = keepStaff()
  const read = (now: Date) => inTransaction(house.pool, (tx) => readStaff(tx, now, LOAD))
  const nurse = role('nurse')
  const slot = (id: string, from: Date) => ({
    ...{ resourceType: 'Slot', id, schedule: { reference: 'Schedule/hers' }, status: 'free' },
    ...{ start: from.toISOString(), end: new Date(from.getTime() + HOUR).toISOString() },
  })
  const schedule = { resourceType: 'Schedule', id: 'hers', actor: [{ reference: 'PractitionerRole/nurse' }] }
  await house.put(nurse, schedule, slot('soon', after(0.5)), slot('tomorrow', after(30)), slot('long-ago', after(-100)))
  const isAtWork = async (now: Date) => isOnShift(nurse as never, await read(now), now)
  const first = await read(NOW)
  expect(await isAtWork(NOW)).toBe(false)
  expect(await isAtWork(after(0.6))).toBe(true)
  expect((await read(after(0.6))).slots).toBe(first.slots)
  expect(await isAtWork(after(1.7))).toBe(false)
  expect(await isAtWork(after(30.5))).toBe(true)
  // A clock that is put back, as a test's may be.
  expect(await isAtWork(after(-99.5))).toBe(true)
  expect(await isAtWork(after(0.6))).toBe(true)
})

test('what a transaction wrote that came to nothing is nobody’s staff', async () => {
  const readStaff = keepStaff()
  const names = async () =>
    (await inTransaction(house.pool, (tx) => readStaff(tx, NOW, LOAD))).roles.map(({ id }) => String(id))
  await house.put(role('before'))
  expect(await names()).toContain('before')
  const failed = inTransaction(house.pool, async (tx) => {
    const resource = { ...role('never'), meta: {} }
    await house.store.writeIn(tx, TESTER, [{ interaction: 'update', resource, id: 'never' }])
    expect((await readStaff(tx, NOW, LOAD)).roles.map(({ id }) => id)).toContain('never')
    throw new Error('rolled back')
  })
  await expect(failed).rejects.toThrow('rolled back')
  expect(await names()).not.toContain('never')
})
