import type { CarePlan, ServiceRequest } from '@medplum/fhirtypes'
import fc from 'fast-check'
import { OCCURRENCE_POLICY } from '../core/decide/schedule/policy.ts'
import { skipEvents } from './cursor.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { die, randomSteps, reactToAll } from './test-steps.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const GRACE = HOUR / 2
const EARLY = 2 * HOUR
const START = Date.parse('2026-03-27T12:00:00Z')
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Vekt' }

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

const steps = randomSteps(['pass', 'pass', 'measure', 'measure', 'measure-late', 'pause', 'resume'], {
  hoursMax: 60,
  countMax: 10,
})

/** Eight o'clock in Oslo, over the night of 29 March, written down by hand: 07:00Z until the 28th, 06:00Z from the 29th on. */
const DUE = Array.from({ length: 60 }, (_, day) => {
  const at = Date.parse('2026-03-28T07:00:00Z') + day * DAY
  return day === 0 ? at : at - HOUR
})

/** What a schedule must do, said in another way. */
class Model {
  readonly missed: number[] = []
  private from: number | undefined = START
  private passed = START
  private readonly measured: number[] = []

  pass(now: number): void {
    const { from, passed } = this
    this.passed = now
    if (from === undefined) return
    const closed = DUE.filter((due) => due >= from && due + GRACE > passed && due + GRACE <= now)
    this.missed.push(...closed.filter((due) => !this.measured.some((at) => isFor(due, at))))
  }
  measure(at: number): void {
    this.measured.push(at)
  }
  pause(): void {
    this.from = undefined
  }
  resume(now: number): void {
    this.from ??= now
  }
}

/** In its window, or late: after it and before the window of the next. */
const isFor = (due: number, at: number) =>
  at >= due - EARLY && at < (DUE.find((other) => other > due) ?? Number.POSITIVE_INFINITY) - EARLY

const carePlanOf = (patient: string, status: CarePlan['status']): CarePlan => ({
  ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status, intent: 'plan' },
  subject: { reference: `Patient/${patient}` },
  careTeam: [{ reference: 'CareTeam/response' }],
})

const requestOf = (patient: string): ServiceRequest => ({
  ...{ resourceType: 'ServiceRequest', id: `${patient}-weight`, status: 'active', intent: 'order', code: WEIGHT },
  subject: { reference: `Patient/${patient}` },
  basedOn: [{ reference: `CarePlan/${patient}-plan` }],
  authoredOn: '2026-03-27',
  occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['08:00:00'] } },
  extension: [
    {
      url: OCCURRENCE_POLICY,
      extension: [{ url: 'grace', valueDuration: { value: 30, system: 'http://unitsofmeasure.org', code: 'min' } }],
    },
  ],
})

test('no absence is overlooked and none told twice, whatever is measured, paused, slept through or killed', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const patient = `schedule-${process.pid}-${run++}`
      const model = new Model()
      house.clock.now = new Date(START)
      await house.pool.query('DELETE FROM timer')
      await house.put(carePlanOf(patient, 'active'), requestOf(patient))
      await reactToAll(house)
      for (const { act, hours, dies, workers } of given) {
        house.clock.now = new Date(house.clock.now.getTime() + hours * HOUR)
        const now = house.clock.now.getTime()
        if (dies) await die(house)
        await reactToAll(house, workers)
        model.pass(now)
        if (act === 'measure' || act === 'measure-late') {
          const at = act === 'measure' ? now : now - 30 * HOUR
          await house.measure(patient, 80, { code: WEIGHT, effectiveDateTime: new Date(at).toISOString() })
          model.measure(at)
        } else if (act === 'pause') {
          await house.put(carePlanOf(patient, 'on-hold'))
          model.pause()
        } else if (act === 'resume') {
          await house.put(carePlanOf(patient, 'active'))
          model.resume(now)
        }
        if (dies) await die(house)
        await reactToAll(house)
      }
      const moments = (await house.tasksOf(patient)).flatMap((task) =>
        (task.input ?? []).flatMap((input) => (input.valueDateTime ? [Date.parse(input.valueDateTime)] : [])),
      )
      expect(moments.sort((one, other) => one - other)).toEqual(model.missed)
    }),
    { numRuns: 12 },
  )
})
