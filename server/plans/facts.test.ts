import type { DataRequirement } from '@medplum/fhirtypes'
import type { Resource } from '../core/fhir/resource.ts'
import { inTransaction } from '../db/pool.ts'
import { readChangeStamp } from './change-stamp.ts'
import { claimWork, PARTITIONS, skipEvents } from './cursor.ts'
import { readHistory, readStanding } from './facts.ts'
import { RoundFacts } from './round-facts.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'
import { readTimers } from './timers.ts'

let house: TestHouse

beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

const of = (patient: string) => ({ subject: { reference: `Patient/${patient}` }, intent: 'plan' })

test('a patient’s requests are read where a plan may ask about them, and left where they are of whoever has no CarePlan', async () => {
  for (const patient of ['followed', 'alone'])
    await house.put({ resourceType: 'ServiceRequest', id: `${patient}-request`, status: 'active', ...of(patient) })
  await house.put({ resourceType: 'CarePlan', id: 'rests', status: 'on-hold', ...of('followed') })
  await house.put({ resourceType: 'Goal', id: 'aim', lifecycleStatus: 'active', ...of('alone') })
  const read = await readStanding(house.pool, ['followed', 'alone'], ['CarePlan', 'Goal'], ['ServiceRequest'])
  expect(read.get('followed')?.requests.map(({ id }) => id)).toEqual(['followed-request'])
  expect(read.get('followed')?.carePlans.map(({ id }) => id)).toEqual(['rests'])
  expect(read.get('alone')?.requests).toEqual([])
  expect(read.get('alone')?.goals.map(({ id }) => id)).toEqual(['aim'])
})

test('what each round asks is planned once for a connection, of however many patients it is asked', async () => {
  const planned = await inTransaction(house.pool, async (tx) => {
    for (let count = 1; count <= 10; count++) {
      const patients = Array.from({ length: count * count }, (_, n) => `planned-${n}`)
      await readStanding(tx, patients, ['CarePlan', 'Goal', 'Task'], ['ServiceRequest'])
      await readTimers(tx, patients, ['occurrence', 'step-down'])
      await readChangeStamp(tx, ['PlanDefinition', 'ValueSet'])
    }
    const { rows } = await tx.query<{ custom: string; generic: string }>(
      `SELECT custom_plans AS custom, generic_plans AS generic FROM pg_prepared_statements WHERE generic_plans + custom_plans = 10`,
    )
    return rows
  })
  expect(planned).toHaveLength(3)
  for (const { custom } of planned) expect(Number(custom)).toBeLessThanOrEqual(5)
})

test('what the round makes of a CarePlan wakes a rule: what that one looks back at is read then', async () => {
  const pulse = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }
  await house.put({
    ...{ resourceType: 'PlanDefinition', id: 'aimed', url: 'http://example.org/PlanDefinition/aimed', version: '1' },
    status: 'active',
    action: [
      {
        id: 'looks-back',
        trigger: [
          {
            type: 'data-added',
            data: [{ type: 'Observation', codeFilter: [{ path: 'code', code: [SPO2] }] }],
            condition: { language: 'text/fhirpath', expression: '%careplan.goal.exists()' },
          },
        ],
        input: [{ id: 'pulses', type: 'Observation', codeFilter: [{ path: 'code', code: pulse.coding }] }],
      },
    ],
  })
  const carePlan = {
    ...{ resourceType: 'CarePlan', id: 'aimed-plan', status: 'active', ...of('aimed') },
    instantiatesCanonical: ['http://example.org/PlanDefinition/aimed|1'],
  }
  await house.put(carePlan)
  await house.measure('aimed', 70, { code: pulse, valueQuantity: { value: 70 } })
  await skipEvents(house.pool)
  await house.measure('aimed', 97)
  const { now } = house.clock
  const seen = await inTransaction(house.pool, async (tx) => {
    const book = await house.readBook(tx)
    const facts = new RoundFacts({ tx, book, now, readBefore: new Set() })
    const { events } = await claimWork(tx, { partitions: PARTITIONS, kinds: [], now, countMax: 10 })
    const { heard, changed } = await facts.read(events.map((event) => ({ kind: 'event', event })))
    const keepUp = async () => {
      for (const one of heard) await facts.keepUp(one, (one.kind === 'event' && changed.get(one.event)) || {})
      return facts.historyOf('aimed').length
    }
    const before = await keepUp()
    facts.noteRequest({ ...carePlan, goal: [{ reference: 'Goal/g' }] } as Resource, 'aimed')
    return { heard: heard.length, before, after: await keepUp() }
  })
  expect(seen).toEqual({ heard: 1, before: 0, after: 1 })
})

test('a code that a rule looks back for without a system is read of any system', async () => {
  const coded = (system?: string) => ({ code: { coding: [{ ...(system ? { system } : {}), code: 'gait-speed' }] } })
  const measured = [
    await house.measure('walks', 1, coded('http://example.org/codes')),
    await house.measure('walks', 2, coded()),
  ]
  await house.measure('walks', 97)
  const asked = async (system?: string) => {
    const code = coded(system).code.coding
    const requirement: DataRequirement = { type: 'Observation', codeFilter: [{ path: 'code', code }] }
    const wanted = [{ patient: 'walks', requirement }]
    const read = await inTransaction(house.pool, (tx) => readHistory(tx, wanted, house.clock.now))
    return read.get('walks')?.map(({ id }) => id)
  }
  expect(await asked()).toEqual(measured)
  expect(await asked('http://example.org/codes')).toEqual(measured.slice(0, 1))
  expect(await asked('http://example.org/others')).toBeUndefined()
})

const SPO2 = { system: 'http://loinc.org', code: '59408-5' }
