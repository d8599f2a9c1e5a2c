import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import { toDataAccess } from '../core/decide/plan/data-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import type { Change } from '../store/change.ts'
import { followAccessTriggers } from './access-triggers.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
const data = [{ type: 'Observation', codeFilter: [{ path: 'code', code: [SPO2] }] }]
const PLAN = {
  ...{ resourceType: 'PlanDefinition', id: 'read', url: 'http://example.org/PlanDefinition/read', version: '1' },
  ...{ status: 'active', title: 'Lest' },
  action: [{ id: 'seen', title: 'Noen har lest', trigger: [{ type: 'data-accessed', data }] }],
}
const NURSE: Access = { actor: 'Practitioner/n', clientId: 'app', scopes: parseScopes('user/*.cruds') }

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  const carePlan = {
    ...{ resourceType: 'CarePlan', id: 'line-read', status: 'active', intent: 'plan' },
    ...{ subject: { reference: 'Patient/line' }, instantiatesCanonical: [`${PLAN.url}|${PLAN.version}`] },
  }
  await house.put(PLAN, carePlan, spo2('line-spo2', 'line'), spo2('ola-spo2', 'ola'))
  await reactToAll(house)
})
afterAll(() => house.stop())

const spo2 = (id: string, patient: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [SPO2] } },
  subject: { reference: `Patient/${patient}` },
})
const basic = (id: string, ...given: string[]) => ({
  ...toDataAccess({ subject: 'Patient/line', at: house.clock.now.toISOString(), given }),
  id,
})
const tell = (actor: string, ...basics: object[]) =>
  house.store.writeAll(
    engineAccess(actor),
    basics.map((one) => ({ interaction: 'create', resource: one as Resource })),
  )
const focuses = async () => (await house.tasksOf('line')).map(({ focus }) => focus?.reference)

test('the engine believes what the server tells of the patient’s own record, and nobody else', async () => {
  await tell('somebody', basic('forged', 'Observation/line-spo2/_history/1'))
  await tell('data-access', basic('other', 'Observation/ola-spo2/_history/1', 'Observation/line-spo2/_history/9'))
  await reactToAll(house)
  expect(await focuses()).toEqual([])
  await tell('data-access', basic('own', 'Observation/ola-spo2/_history/1', 'Observation/line-spo2/_history/1'))
  await reactToAll(house)
  expect(await focuses()).toEqual(['Observation/line-spo2'])
})

test('a reading that could not be told is told when it is looked at again, and then not for ten minutes', async () => {
  const written: Change[][] = []
  const outcomes = [() => Promise.reject(new Error('no connection'))]
  const triggers = followAccessTriggers({
    ...{ db: house.pool, readBook: house.readBook, now: () => house.clock.now },
    write: (_access, changes) => outcomes.pop()?.() ?? Promise.resolve(written.push(changes)),
    onFailure: (error) => expect(error).toBeUndefined(),
  })
  await triggers.refresh()
  const resource = { ...spo2('line-spo2', 'line'), meta: { versionId: '1' } }
  const look = () => triggers.tell(NURSE, [{ text: JSON.stringify(resource), patients: ['line', 'ola'] }])
  await expect(look()).rejects.toThrow('no connection')
  await look()
  await look()
  expect(written).toMatchObject([
    [
      {
        interaction: 'create',
        resource: { subject: { reference: 'Patient/line' }, author: { reference: NURSE.actor } },
      },
    ],
  ])
  house.clock.now = new Date(house.clock.now.getTime() + 11 * 60_000)
  await look()
  expect(written).toHaveLength(2)
})
