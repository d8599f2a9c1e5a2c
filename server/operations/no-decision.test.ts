import type { CarePlan, ServiceRequest } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { withChanges } from '../core/decide/planned-change/planned-change.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { Exchange, Rooms } from '../exchange.ts'
import { startTestHouse, type TestHouse } from '../plans/test-house.ts'
import { whyNothing } from './no-decision.ts'

let house: TestHouse
beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const START = Date.parse('2026-11-10T08:00:00Z')
const minutes = (count: number) => new Date(START + count * 60_000)
const PAUSE = { id: 'pause', at: minutes(600).toISOString(), reason: 'Innlagt', status: 'on-hold' as const }
const subject = { reference: 'Patient/planned' }
const carePlan: CarePlan = {
  ...{ resourceType: 'CarePlan', id: 'planned-plan', status: 'active', intent: 'plan', subject },
  instantiatesCanonical: ['http://example.org/PlanDefinition/planned|1'],
}
const weigh: ServiceRequest = {
  ...{ resourceType: 'ServiceRequest', id: 'planned-weigh', status: 'active', intent: 'order', subject },
  ...{ basedOn: [{ reference: 'CarePlan/planned-plan' }], code: { text: 'Vekt' } },
}

/** Why there was nothing, and of what something was planned then. */
async function nothingAt(at: Date): Promise<[string, string[]]> {
  const rooms = { store: house.store, definitions: loadDefinitions(), planLife: { scheduled: async () => [] } }
  const exchange = { access: engineAccess('test') } as unknown as Exchange
  const version = { type: 'Patient', id: 'planned', versionId: 1, lastUpdated: '', interaction: 'create' as const }
  const resource = { resourceType: 'Patient', id: 'planned' } as Resource
  const asked = { version, resource, patient: 'planned' } as unknown as Parameters<typeof whyNothing>[2]
  const { reason, planned } = await whyNothing(exchange, rooms as unknown as Rooms, asked, at.toISOString())
  return [reason, planned.map(({ of, at: when }) => `${of} ${when}`)]
}

test('a pause that was planned then is told, whether or not it was withdrawn since; one that had been withdrawn is not', async () => {
  house.clock.now = minutes(0)
  await house.put(
    { resourceType: 'Patient', id: 'planned' },
    withChanges(carePlan, [PAUSE]),
    withChanges(weigh, [PAUSE]),
  )
  house.clock.now = minutes(10)
  await house.put(carePlan, weigh)
  expect(await nothingAt(minutes(5))).toEqual([
    'nothing-came',
    [`CarePlan/planned-plan/_history/1 ${PAUSE.at}`, `ServiceRequest/planned-weigh/_history/1 ${PAUSE.at}`],
  ])
  expect(await nothingAt(minutes(20))).toEqual(['nothing-came', []])
  house.clock.now = minutes(30)
  await house.put({ ...carePlan, status: 'on-hold' })
  expect(await nothingAt(minutes(20))).toEqual(['nothing-came', []])
  expect(await nothingAt(minutes(40))).toEqual(['on-hold', []])
})
