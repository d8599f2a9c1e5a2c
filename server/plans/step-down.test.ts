import type { CommunicationRequest, Extension, ServiceRequest } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { STEP_DOWN, STEPPED_DOWN } from '../core/decide/burden/step-down.ts'
import { sql } from '../db/sql.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const START = new Date('2026-11-10T08:00:00Z')
const DAY = 86_400_000
const TESTER = engineAccess('test')
const DAILY = { repeat: { frequency: 1, period: 1, periodUnit: 'd' as const } }
const WEEKLY = { repeat: { frequency: 1, period: 1, periodUnit: 'wk' as const } }
let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
beforeEach(() => {
  house.clock.now = START
})
afterAll(() => house.stop())

async function passTo(days: number): Promise<void> {
  house.clock.now = new Date(START.getTime() + days * DAY)
  await reactToAll(house)
}

const agreed: Extension = {
  url: STEP_DOWN,
  extension: [
    { url: 'after', valueDuration: { value: 14, unit: 'd', code: 'd' } },
    { url: 'timing', valueTiming: WEEKLY },
  ],
}

async function ask(patient: string): Promise<void> {
  await house.enrol(patient)
  const request: ServiceRequest = {
    ...{ resourceType: 'ServiceRequest', id: `${patient}-spo2`, status: 'active', intent: 'order' },
    ...{ subject: { reference: `Patient/${patient}` }, basedOn: [{ reference: `CarePlan/${patient}-copd` }] },
    ...{ code: { coding: [{ system: 'http://loinc.org', code: '59408-5' }], text: 'Oksygenmetning' } },
    ...{ occurrenceTiming: DAILY, authoredOn: START.toISOString(), extension: [agreed] },
  }
  await house.put(request)
  await reactToAll(house)
}

async function requestOf(patient: string): Promise<ServiceRequest> {
  return JSON.parse((await house.store.read(TESTER, 'ServiceRequest', `${patient}-spo2`)).text ?? '{}')
}
const toldTo = async (patient: string) => {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE patient = ${patient} AND type = 'CommunicationRequest' ORDER BY rk`,
  )
  return rows
    .map(({ content }) => JSON.parse(content) as CommunicationRequest)
    .filter(({ category }) => category?.[0]?.coding?.[0]?.code === 'instruction')
    .map(({ payload }) => payload?.[0]?.contentString)
}

test('stable for two weeks, the patient measures weekly; a yellow value, and it is daily again at once', async () => {
  await ask('stable')
  await passTo(13)
  expect((await requestOf('stable')).occurrenceTiming).toEqual(DAILY)
  await passTo(14)
  const down = await requestOf('stable')
  expect(down.occurrenceTiming).toEqual(WEEKLY)
  expect(down.extension?.find(({ url }) => url === STEPPED_DOWN)).toMatchObject({
    extension: [
      { url: 'since', valueDateTime: '2026-11-24T08:00:00.000Z' },
      { url: 'timing', valueTiming: DAILY },
    ],
  })
  expect(await toldTo('stable')).toEqual([expect.stringContaining('gjøre dette sjeldnere: Oksygenmetning')])
  await passTo(20)
  await house.measure('stable', 89)
  await reactToAll(house)
  const up = await requestOf('stable')
  expect(up.occurrenceTiming).toEqual(DAILY)
  expect(up.extension).toEqual([agreed])
  expect(await toldTo('stable')).toHaveLength(2)
  // And stable once more, two weeks later.
  await passTo(33)
  expect((await requestOf('stable')).occurrenceTiming).toEqual(DAILY)
  await passTo(35)
  expect((await requestOf('stable')).occurrenceTiming).toEqual(WEEKLY)
})

test('what is not stable is not stepped down', async () => {
  await ask('unstable')
  await passTo(12)
  // It comes while no worker looks, and is read together with the moment that has passed.
  await house.measure('unstable', 84)
  await passTo(14)
  expect((await requestOf('unstable')).occurrenceTiming).toEqual(DAILY)
  await passTo(27)
  expect((await requestOf('unstable')).occurrenceTiming).toEqual(DAILY)
  expect(await toldTo('unstable')).toEqual([])
})

test('a request that was stopped is asked for neither more nor less', async () => {
  await ask('stopped')
  await house.put({ ...(await requestOf('stopped')), status: 'revoked' })
  await passTo(30)
  expect(await requestOf('stopped')).toMatchObject({ status: 'revoked', occurrenceTiming: DAILY })
})
