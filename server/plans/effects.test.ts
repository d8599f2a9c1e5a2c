import type { CarePlan } from '@medplum/fhirtypes'
import { toNamedEvent } from '../core/decide/plan/named-event.ts'
import { WAITS_FOR } from '../core/decide/plan/vocabulary.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { skipEvents } from './cursor.ts'
import { readDecisions } from './decision-table.ts'
import { keepPlanBook } from './kept-plan-book.ts'
import { type ReactRooms, react } from './react.ts'
import { replay } from './replay.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

let house: TestHouse
let rooms: ReactRooms

const URL = 'http://example.org/PlanDefinition/effects'
const WEIGHT = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] }
const LUNGS = 'http://example.org/ValueSet/lungs'
const heard = (name: string) => [{ type: 'named-event' as const, name }]
const PLAN = {
  ...{ resourceType: 'PlanDefinition', id: 'effects', url: URL, version: '1', status: 'active' },
  action: [
    { id: 'weigh', trigger: heard('discharged'), definitionCanonical: 'http://example.org/ActivityDefinition/weigh' },
    {
      id: 'pause',
      trigger: heard('admitted'),
      extension: [{ url: 'http://fylgje.no/fhir/StructureDefinition/activity-effect', valueCode: 'pause' }],
      relatedAction: [{ actionId: 'weigh', relationship: 'concurrent' }],
    },
    { id: 'inform', trigger: heard('worse'), definitionCanonical: 'http://example.org/ActivityDefinition/inform' },
    {
      id: 'chain',
      trigger: heard('chain'),
      type: { coding: [{ code: 'fire-event' }] },
      code: [{ coding: [{ code: 'admitted' }] }],
    },
    {
      id: 'new-lung-disease',
      trigger: [{ type: 'data-added', data: [{ type: 'Condition', codeFilter: [{ path: 'code', valueSet: LUNGS }] }] }],
    },
  ],
}
const INFORM = {
  ...{ resourceType: 'ActivityDefinition', id: 'inform', url: 'http://example.org/ActivityDefinition/inform' },
  ...{ version: '1', status: 'active', kind: 'CommunicationRequest', code: { text: 'Ring oss' } },
}
const WEIGH = {
  ...{ resourceType: 'ActivityDefinition', id: 'weigh', url: 'http://example.org/ActivityDefinition/weigh' },
  ...{ version: '1', status: 'active', kind: 'ServiceRequest', code: WEIGHT },
}

beforeAll(async () => {
  house = await startTestHouse()
  rooms = {
    ...{ pool: house.pool, store: house.store, now: () => house.clock.now },
    readBook: keepPlanBook({
      listCodes: async (valueSet) => (valueSet === LUNGS ? new Set(['http://example.org/codes|copd']) : undefined),
    }),
  }
  await house.put(PLAN, WEIGH, INFORM)
  await skipEvents(house.pool)
})
afterAll(() => house.stop())

async function reactToAll(): Promise<void> {
  for (;;) {
    const { more, waiting } = await react(rooms, { countMax: 50 })
    if (!more && !waiting) return
  }
}

const enrol = (patient: string, more: Partial<CarePlan> = {}) =>
  house.put({
    ...{ resourceType: 'CarePlan', id: `${patient}-plan`, status: 'active', intent: 'plan' },
    ...{ subject: { reference: `Patient/${patient}` }, instantiatesCanonical: [`${URL}|1`], ...more },
  })

let eventCount = 0
const happens = (patient: string, name: string) =>
  house.put({
    ...toNamedEvent({ name, subject: `Patient/${patient}`, at: house.clock.now.toISOString() }),
    id: `event-${++eventCount}`,
  })

async function requestsOf(patient: string, type = 'ServiceRequest'): Promise<Resource[]> {
  const { rows } = await house.pool.query<{ content: string }>(
    sql`SELECT content FROM resource WHERE patient = ${patient} AND type = ${type} AND NOT deleted ORDER BY rk`,
  )
  return rows.map(({ content }) => JSON.parse(content) as Resource)
}

test('an event starts an activity, another pauses it; what is heard twice is done once', async () => {
  await enrol('starts')
  await happens('starts', 'discharged')
  await happens('starts', 'discharged')
  await reactToAll()
  const [started, ...more] = await requestsOf('starts')
  expect(more).toEqual([])
  expect(started).toMatchObject({ status: 'active', intent: 'order', basedOn: [{ reference: 'CarePlan/starts-plan' }] })
  await happens('starts', 'admitted')
  await reactToAll()
  expect(await requestsOf('starts')).toMatchObject([{ id: started?.id, status: 'on-hold', meta: { versionId: '2' } }])
})

test('an event that a rule lets happen is heard in a later round, and the chain has an end', async () => {
  await enrol('chained')
  await happens('chained', 'discharged')
  await reactToAll()
  await happens('chained', 'chain')
  await reactToAll()
  expect(await requestsOf('chained')).toMatchObject([{ status: 'on-hold' }])
  expect(await requestsOf('chained', 'Basic')).toHaveLength(3)
})

test('a round that is done again, since the database was lost before its end, does it once', async () => {
  await enrol('again')
  await happens('again', 'discharged')
  const store = {
    ...house.store,
    writeIn: async (...given: Parameters<typeof house.store.writeIn>) => {
      await house.store.writeIn(...given)
      throw new Error('killed')
    },
  }
  await expect(react({ ...rooms, store }, { countMax: 50 })).rejects.toThrow('killed')
  expect(await requestsOf('again')).toEqual([])
  await reactToAll()
  expect(await requestsOf('again')).toHaveLength(1)
})

const CARE_TEAM = [{ reference: 'CareTeam/response' }]
async function messageOf(patient: string): Promise<Resource> {
  await enrol(patient, { careTeam: CARE_TEAM })
  await happens(patient, 'worse')
  await reactToAll()
  const [message] = await requestsOf(patient, 'CommunicationRequest')
  return message as Resource
}
const sent = (id: string, message: Resource, more: object = {}) => ({
  ...{ resourceType: 'Communication', id, status: 'completed' },
  ...{ basedOn: [{ reference: `CommunicationRequest/${message.id}` }], ...more },
})

test('a message that was sent is done, and the next event asks for another', async () => {
  const message = await messageOf('told')
  await happens('told', 'worse')
  await reactToAll()
  expect(await requestsOf('told', 'CommunicationRequest')).toMatchObject([{ id: message.id, status: 'active' }])
  // A Communication need not say about whom it is.
  await house.put(sent('told-sent', message))
  await reactToAll()
  expect(await requestsOf('told', 'CommunicationRequest')).toMatchObject([{ id: message.id, status: 'completed' }])
  await happens('told', 'worse')
  await reactToAll()
  expect(await requestsOf('told', 'CommunicationRequest')).toMatchObject([
    { id: message.id, status: 'completed' },
    { status: 'active' },
  ])
})

test('a message that could not be sent is the team’s', async () => {
  const message = await messageOf('unreached')
  const subject = { reference: 'Patient/unreached' }
  await house.put(
    sent('unreached-sent', message, { status: 'not-done', subject, statusReason: { text: 'Feil nummer' } }),
  )
  await reactToAll()
  expect(await requestsOf('unreached', 'CommunicationRequest')).toMatchObject([
    { status: 'revoked', statusReason: { text: 'Feil nummer' } },
  ])
  expect(await house.tasksOf('unreached')).toMatchObject([
    { description: 'Gi beskjed på en annen måte: Ring oss', owner: CARE_TEAM[0], for: subject },
  ])
})

test('a trigger by value set is met by its codes alone, and the decision can be made again', async () => {
  await enrol('lungs')
  const condition = (id: string, code: string) => ({
    ...{ resourceType: 'Condition', id, subject: { reference: 'Patient/lungs' } },
    code: { coding: [{ system: 'http://example.org/codes', code }] },
  })
  await house.put(condition('leg', 'leg'), condition('copd', 'copd'))
  await reactToAll()
  expect(await house.tasksOf('lungs')).toMatchObject([{ focus: { reference: 'Condition/copd' } }])
  await expectReplayed('lungs')
})

test('what an effect decided can be made again from what it saw', async () => {
  await enrol('replayed')
  await happens('replayed', 'discharged')
  await reactToAll()
  await happens('replayed', 'admitted')
  await reactToAll()
  expect(await expectReplayed('replayed')).toBe(2)
})

async function expectReplayed(patient: string): Promise<number> {
  const decisions = await readDecisions(house.pool, { patient, countMax: 1_000 })
  expect(decisions.length).toBeGreaterThan(0)
  for (const { inputs, digest } of decisions) {
    const again = inputs && (await replay(inputs, readVersion))
    expect(again).toMatchObject({ outcome: 'decided', digest })
  }
  return decisions.length
}

async function readVersion(reference: string): Promise<Resource> {
  const [type = '', id = '', , version = ''] = reference.split('/')
  const { rows } = await house.pool.query<{ content: string }>(sql`
    SELECT content FROM resource WHERE type = ${type} AND id = ${id} AND version = ${Number(version)}
    UNION ALL
    SELECT v.content FROM resource r JOIN resource_version v USING (bucket, rk)
     WHERE r.type = ${type} AND r.id = ${id} AND v.version = ${Number(version)}`)
  return JSON.parse(rows[0]?.content ?? '') as Resource
}

test('what is stored to wait for its start condition begins in the round that sees the enrolment', async () => {
  const start = { kind: 'start', expression: { language: 'text/fhirpath', expression: '%careplan.exists()' } }
  const living = {
    ...{ ...PLAN, id: 'living', url: 'http://example.org/PlanDefinition/living' },
    action: [{ id: 'weigh', condition: [start], definitionCanonical: WEIGH.url }],
  }
  await house.put(living)
  await house.put({
    ...{ resourceType: 'ServiceRequest', id: 'waits', status: 'draft', intent: 'order', code: WEIGHT },
    subject: { reference: 'Patient/waits' },
    identifier: [
      { system: 'http://fylgje.no/fhir/NamingSystem/finding', value: `${living.url}|weigh|Patient/waits|CarePlan/x` },
    ],
    extension: [{ url: WAITS_FOR, extension: [{ url: 'action', valueString: '*start' }] }],
  })
  await enrol('waits', { instantiatesCanonical: [living.url] })
  await reactToAll()
  expect(await requestsOf('waits')).toMatchObject([{ id: 'waits', status: 'active' }])
})
