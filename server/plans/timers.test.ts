import fc from 'fast-check'
import { skipEvents } from './cursor.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { die, randomSteps, reactToAll } from './test-steps.ts'

const DAY = 86_400_000
const PERIOD = 2 * DAY
const START = Date.parse('2026-11-10T08:00:00Z')

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

const steps = randomSteps(['pass', 'pass', 'measure', 'measure-late', 'pause', 'resume'], {
  hoursMax: 130,
  countMax: 12,
})

/** What a clock must do, said in another way: the moments at which it rings. */
class Model {
  readonly rings: number[] = []
  private due: number | undefined = START + PERIOD
  private newest = Number.NEGATIVE_INFINITY

  pass(now: number): void {
    if (this.due === undefined || this.due > now) return
    this.rings.push(this.due)
    while (this.due <= now) this.due += PERIOD
  }
  measure(at: number): void {
    this.newest = Math.max(this.newest, at)
    if (this.due !== undefined) this.due = Math.max(this.due, at + PERIOD)
  }
  pause(): void {
    this.due = undefined
  }
  resume(now: number): void {
    this.due ??= Math.max(this.newest + PERIOD, START + PERIOD, now)
  }
}

test('no clock is lost and none rings twice, whatever is measured, paused, slept through or killed', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const patient = `clock-${process.pid}-${run++}`
      const model = new Model()
      house.clock.now = new Date(START)
      // A clock of the run before that rang now would only be work.
      await house.pool.query('DELETE FROM timer')
      // The plan began at the start, whenever it is paused and resumed.
      const enrol = (status?: 'on-hold') => house.enrol(patient, status, new Date(START))
      await enrol()
      await reactToAll(house)
      for (const { act, hours, dies, workers } of given) {
        house.clock.now = new Date(house.clock.now.getTime() + hours * 3_600_000)
        const now = house.clock.now.getTime()
        if (dies) await die(house)
        await reactToAll(house, workers)
        model.pass(now)
        if (act === 'measure' || act === 'measure-late') {
          const at = act === 'measure' ? now : now - 30 * 3_600_000
          await house.measure(patient, 95, { effectiveDateTime: new Date(at).toISOString() })
          model.measure(at)
        } else if (act === 'pause') {
          await enrol('on-hold')
          model.pause()
        } else if (act === 'resume') {
          await enrol()
          model.resume(now)
        }
        if (dies) await die(house)
        await reactToAll(house)
        model.pass(now)
      }
      const moments = (await house.tasksOf(patient)).flatMap((task) =>
        (task.input ?? []).flatMap((input) => (input.valueDateTime ? [Date.parse(input.valueDateTime)] : [])),
      )
      expect(moments).toEqual(model.rings)
    }),
    { numRuns: 20 },
  )
})
