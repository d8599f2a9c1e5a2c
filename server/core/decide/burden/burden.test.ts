import type { CarePlan, ServiceRequest, Task, Timing } from '@medplum/fhirtypes'
import { toAskedFor } from '../schedule/asked-for.ts'
import { burdenOf } from './burden.ts'
import { BURDEN, minutesSaid } from './minutes-said.ts'
import { DAILY_BURDEN, withBurden } from './proposed-burden.ts'

const NOW = new Date('2026-11-02T00:00:00Z')
const minutes = (value: number) => ({ url: BURDEN, valueDuration: { value, unit: 'min', code: 'min' } })
const daily: Timing = { repeat: { frequency: 1, period: 1, periodUnit: 'd', timeOfDay: ['09:00:00'] } }
const carePlan = (id: string): CarePlan => ({
  ...{ resourceType: 'CarePlan', id, status: 'active', intent: 'plan', subject: { reference: 'Patient/p' } },
  instantiatesCanonical: [`http://example.org/${id}|1`],
})
const request = (id: string, plan: string, change: Partial<ServiceRequest> = {}): ServiceRequest => ({
  ...{ resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject: { reference: 'Patient/p' } },
  ...{ code: { text: id, coding: [{ code: id }] }, occurrenceTiming: daily, authoredOn: '2026-11-01' },
  basedOn: [{ reference: `CarePlan/${plan}` }],
  ...change,
})

function burden(requests: ServiceRequest[], tasks: Task[] = []) {
  const { asked } = toAskedFor({ carePlans: [carePlan('kols'), carePlan('svikt')], requests, tasks })
  return burdenOf(asked, NOW)
}

test('minutes a day: what the activity says, else by its kind; of each plan and summed', () => {
  expect(
    burden([
      request('spo2', 'kols', { extension: [minutes(4)] }),
      request('weight', 'svikt'),
      request('weekly', 'svikt', {
        extension: [minutes(14)],
        occurrenceTiming: { repeat: { frequency: 1, period: 1, periodUnit: 'wk' } },
      }),
    ]),
  ).toEqual({
    minutesPerDay: 9,
    byPlan: [
      { plan: 'http://example.org/kols|1', minutesPerDay: 4 },
      { plan: 'http://example.org/svikt|1', minutesPerDay: 5 },
    ],
  })
})

test('what two plans share is asked for once, and counted once', () => {
  const basedOn = [{ reference: 'CarePlan/kols' }, { reference: 'CarePlan/svikt' }]
  expect(burden([request('weight', 'kols', { basedOn })]).minutesPerDay).toBe(3)
})

test('what rests, has ended, or is as needed takes nothing', () => {
  expect(
    burden([request('a', 'kols', { status: 'on-hold' }), request('b', 'kols', { asNeededBoolean: true })]),
  ).toEqual({
    minutesPerDay: 0,
    byPlan: [],
  })
})

test('a form that is to be answered once counts once in the four weeks', () => {
  const task: Task = {
    ...{ resourceType: 'Task', id: 't', status: 'requested', intent: 'order', for: { reference: 'Patient/p' } },
    ...{ focus: { reference: 'Questionnaire/q' }, authoredOn: '2026-11-01', extension: [minutes(28)] },
    restriction: { period: { end: '2026-11-10T12:00:00Z' } },
  }
  expect(burden([], [task]).minutesPerDay).toBe(1)
})

test.each([[{ value: 5, code: 'parsec' }], [{ value: -1, code: 'min' }], [undefined]])(
  '%j says nothing',
  (valueDuration) => {
    expect(minutesSaid([{ url: BURDEN, ...(valueDuration ? { valueDuration } : {}) }])).toBeUndefined()
  },
)

test('a proposal says what it will ask for, before it is stored', () => {
  const proposed = { ...carePlan('kols'), contained: [request('spo2', 'kols', { status: 'draft', intent: 'option' })] }
  expect(withBurden(proposed, NOW).extension).toEqual([{ url: DAILY_BURDEN, valueDecimal: 3 }])
  expect(withBurden(carePlan('kols'), NOW)).toEqual(carePlan('kols'))
})
