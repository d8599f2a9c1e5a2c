import { jest } from '@jest/globals'
import type { Basic } from '@medplum/fhirtypes'
import type { Access } from '../access/access.ts'
import { withheld } from '../access/address/withhold.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import { accessedIn, toDataAccess } from '../core/decide/plan/data-access.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { settleHere } from '../expressions/expressions.ts'
import type { Change } from '../store/change.ts'
import { followAccessTriggers } from './access-triggers.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { simulate } from './simulation/simulate.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { reactToAll } from './test-steps.ts'

const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
const data = [{ type: 'Observation', codeFilter: [{ path: 'code', code: [SPO2] }] }]
const PLAN = {
  ...{ resourceType: 'PlanDefinition', id: 'read', url: 'http://example.org/PlanDefinition/read', version: '1' },
  ...{ status: 'active', title: 'Lest' },
  action: [
    { id: 'seen', title: 'Noen har lest', trigger: [{ type: 'data-accessed', data }] },
    {
      ...{ id: 'each', title: 'Lest hver for seg', cardinalityBehavior: 'multiple' },
      trigger: [{ type: 'data-accessed', data: [{ type: 'DiagnosticReport' }] }],
    },
    {
      ...{ id: 'contacts', title: 'Pårørende vist' },
      trigger: [{ type: 'data-accessed', data: [{ type: 'RelatedPerson' }] }],
    },
  ],
}
const NURSE: Access = { actor: 'Practitioner/n', clientId: 'app', scopes: parseScopes('user/*.cruds') }

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
  const carePlan = {
    ...{ resourceType: 'CarePlan', id: 'line-read', status: 'active', intent: 'plan' },
    ...{ subject: { reference: 'Patient/line' }, instantiatesCanonical: [`${PLAN.url}|${PLAN.version}`] },
  }
  const olas = { ...carePlan, id: 'ola-read', subject: { reference: 'Patient/ola' } }
  await house.put(PLAN, carePlan, olas, spo2('line-spo2', 'line'), spo2('ola-spo2', 'ola'))
  await house.put(report('line-first', 'line'), report('line-second', 'line'))
  await reactToAll(house)
})
afterAll(() => house.stop())

const spo2 = (id: string, patient: string) => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { coding: [SPO2] } },
  subject: { reference: `Patient/${patient}` },
})
const report = (id: string, patient: string) => ({
  ...{ resourceType: 'DiagnosticReport', id, status: 'final', code: { text: 'Spirometri' } },
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
/** As a process has it. */
const followed = (write: (changes: Change[]) => Promise<unknown>) =>
  followAccessTriggers({
    ...{ db: house.pool, readBook: house.readBook, patientOf: house.patientOf, now: () => house.clock.now },
    write: (_access, changes) => write(changes),
    onFailure: (error) => expect(error).toBeUndefined(),
  })
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

test('of two resources of one answer each reading is an occasion of its own', async () => {
  await tell(
    'data-access',
    basic('both', 'DiagnosticReport/line-first/_history/1', 'DiagnosticReport/line-second/_history/1'),
  )
  await reactToAll(house)
  const each = (await house.tasksOf('line')).filter(({ description }) => description === 'Lest hver for seg')
  expect(each.map(({ focus }) => focus?.reference)).toEqual([
    'DiagnosticReport/line-first',
    'DiagnosticReport/line-second',
  ])
  expect(each[0]?.input?.map(({ valueReference }) => valueReference?.display)).toEqual([
    'Lest av noen',
    'DiagnosticReport',
  ])
})

test('a simulation believes what the engine believes, and makes the very Tasks', async () => {
  const rooms = { pool: house.pool, settle: settleHere, readBook: house.readBook }
  const hour = (hours: number) => new Date(house.clock.now.getTime() + hours * 3_600_000)
  const asked = { plan: 'read', start: hour(-1), end: hour(1), clock: 'stored' as const }
  const { tally, failures } = await simulate(rooms, asked)
  expect(failures).toEqual([])
  expect(tally.total).toMatchObject({ actual: 3, simulated: 3 })
  expect(tally.outcomes).toMatchObject({ same: 3, fresh: 0, missed: 0 })
})

describe('what is told', () => {
  const look = async (...seen: { resource: object; patients: string[] }[]) => {
    const written: Basic[] = []
    const triggers = followed(async (changes) => void written.push(...changes.map(basicOf)))
    await triggers.refresh()
    await triggers.tell(
      NURSE,
      seen.map(({ resource, patients }) => ({ text: JSON.stringify(resource), patients })),
    )
    return written
  }
  const basicOf = (change: Change) => ('resource' in change ? change.resource : {}) as unknown as Basic
  const meta = { versionId: '1' }

  test('is of whose it is, and not of who is only named in it', async () => {
    const measuredByOla = { ...spo2('line-spo2', 'line'), meta, performer: [{ reference: 'Patient/ola' }] }
    const told = await look({ resource: measuredByOla, patients: ['line', 'ola'] })
    expect(told.map(({ subject }) => subject?.reference)).toEqual(['Patient/line'])
    const ofNobody = { ...measuredByOla, subject: undefined }
    expect(await look({ resource: ofNobody, patients: ['ola'] })).toEqual([])
  })

  test('is one Basic a patient, with all that was given', async () => {
    const given = (id: string, patient: string) => ({ resource: { ...report(id, patient), meta }, patients: [patient] })
    const told = await look(given('a', 'line'), given('b', 'ola'), given('c', 'line'))
    expect(told.map((one) => accessedIn(one as unknown as Resource))).toEqual([
      ['DiagnosticReport/a/_history/1', 'DiagnosticReport/c/_history/1'],
      ['DiagnosticReport/b/_history/1'],
    ])
  })

  test('says what was not given whole; of what nothing was left, nothing is told', async () => {
    const whole = {
      ...report('partly', 'line'),
      meta,
      contained: [{ resourceType: 'Location', id: 'l', name: 'Hjemme' }],
    }
    const told = await look({ resource: withheld(whole as Resource), patients: ['line'] })
    expect(told[0]?.extension?.[0]?.valueReference).toEqual({
      reference: 'DiagnosticReport/partly/_history/1',
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'masked' }],
    })
    const contact = {
      ...{ resourceType: 'RelatedPerson', id: 'contact', meta, active: true, patient: { reference: 'Patient/line' } },
      telecom: [{ system: 'phone', value: '900' }],
    }
    expect(await look({ resource: contact, patients: ['line'] })).toHaveLength(1)
    expect(await look({ resource: withheld(contact as Resource), patients: ['line'] })).toEqual([])
  })
})

test('a reading that could not be told is told when it is looked at again, and then not for ten minutes', async () => {
  const written: Change[][] = []
  const outcomes = [() => Promise.reject(new Error('no connection'))]
  const triggers = followed((changes) => outcomes.pop()?.() ?? Promise.resolve(written.push(changes)))
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

test('a plan that another process has brought into force is heard by the first who reads', async () => {
  const own = keepPlanBook()
  const process = followAccessTriggers({
    ...{ db: house.pool, readBook: own, patientOf: house.patientOf, now: () => house.clock.now },
    ...{ write: () => Promise.resolve(), onFailure: (error) => expect(error).toBeUndefined() },
  })
  await process.look()
  expect([process.look(), process.hears('DocumentReference')]).toEqual([undefined, false])
  const action = [
    {
      id: 'letter',
      title: 'Brevet er lest',
      trigger: [{ type: 'data-accessed', data: [{ type: 'DocumentReference' }] }],
    },
  ]
  await house.put({ ...PLAN, id: 'letter', url: `${PLAN.url}-letter`, action })
  const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 3_000)
  try {
    const [first, second] = [process.look(), process.look()]
    expect(first).toBe(second)
    await first
  } finally {
    now.mockRestore()
  }
  expect(process.hears('DocumentReference')).toBe(true)
})

test('where the plans cannot be looked at, reading goes on with what is known, and not every read waits for another look', async () => {
  const failures: unknown[] = []
  const process = followAccessTriggers({
    ...{ db: house.pool, readBook: () => Promise.reject(new Error('no connection')), patientOf: house.patientOf },
    ...{ now: () => house.clock.now, write: () => Promise.resolve(), onFailure: (error) => failures.push(error) },
  })
  const now = jest.spyOn(Date, 'now')
  try {
    const began = Date.parse('2026-11-10T08:00:00Z')
    now.mockReturnValue(began)
    await process.look()
    expect(process.hears('Observation')).toBe(false)
    expect(failures).toMatchObject([{ message: 'no connection' }])
    now.mockReturnValue(began + 1_000)
    expect(process.look()).toBeUndefined()
    now.mockReturnValue(began + 3_000)
    await process.look()
    expect(failures).toHaveLength(2)
  } finally {
    now.mockRestore()
  }
})
