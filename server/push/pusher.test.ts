import type { CommunicationRequest, Task } from '@medplum/fhirtypes'
import { engineAccess } from '../access/engine-access.ts'
import { reachOf } from '../access/reach.ts'
import { parseScopes } from '../access/scopes.ts'
import { openPushKey } from '../authorization-server/keys/push-key.ts'
import { createSeal } from '../authorization-server/keys/seal.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import type { PushWish } from '../exchange.ts'
import { eventually } from '../journeys/harness/eventually.ts'
import { createIndexer } from '../search/indexer.ts'
import { hasPatientColumn } from '../search/parameters.ts'
import { createAccessRows } from '../store/relations/create-access-rows.ts'
import { readStanding } from '../store/relations/read-standing.ts'
import { createStore, type Store } from '../store/store.ts'
import { createDeliver } from '../subscriptions/deliver.ts'
import { AT_ONE_HOST_MAX, keepPlace, openSending, type PushSending, startPusher } from './pusher.ts'
import { createPushSubscriptions } from './subscriptions.ts'
import { startPushService, type TestDevice, type TestPushService } from './test-push-service.ts'

const BASE_URL = 'http://localhost/fhir'
const TESTER = engineAccess('test')
const definitions = loadDefinitions()
// Noon in Oslo.
const NOON = new Date('2026-11-23T11:00:00Z')
const clock = { now: NOON }
const mayUse = ({ hostname }: URL) => hostname === '127.0.0.1'
const deliver = createDeliver(mayUse)
const line = {
  ...{ actor: 'Patient/line', clientId: 'phone', scopes: parseScopes('patient/*.rs') },
  token: { key: 'k', expiresAt: '2026-01-01T00:00:00Z', grant: 'g' },
}

let database: TestDatabase
let store: Store
let service: TestPushService
let sending: PushSending
/** Until all that was due has been tried. */
const turn = async () => {
  while (await sending.turn());
  await sending.idle()
}
let rooms: Parameters<typeof openSending>[0]
let roomCount: number
let warned: object[]
let outcomes: string[]
let task: Task | undefined
let onKey: () => Promise<unknown>
const key = async () => {
  await onKey()
  return openPushKey(database.pool, createSeal([]))()
}
const subscriptions = () => createPushSubscriptions({ pool: database.pool, key, mayUse })
const subscribe = (device: TestDevice, wish: Partial<PushWish> = {}, patient = 'line') =>
  subscriptions().subscribe(line, patient, {
    language: 'nb',
    quietFrom: undefined,
    quietUntil: undefined,
    ...device,
    ...wish,
  })

const reminder = (changes: Partial<CommunicationRequest> = {}): CommunicationRequest => ({
  ...{ resourceType: 'CommunicationRequest', status: 'active' },
  ...{ subject: { reference: 'Patient/line' }, recipient: [{ reference: 'Patient/line' }] },
  payload: [{ contentString: 'Husk: Mål oksygenmetning, i dag kl. 09:00.' }],
  ...changes,
})
const remind = (changes: Partial<CommunicationRequest> = {}) =>
  store.write(TESTER, { interaction: 'create', resource: reminder(changes) as unknown as Resource })
/** Of others than Line, each with an account of their own. */
const subscribeAs = async (patient: string, device: TestDevice) => {
  await database.pool.query(sql`
    INSERT INTO account (account_id, fhir_user, name, allowed_scope)
    VALUES (${patient}, ${`Patient/${patient}`}, ${patient}, 'patient/*.rs') ON CONFLICT DO NOTHING`)
  const wish: PushWish = { language: 'nb', quietFrom: undefined, quietUntil: undefined, ...device }
  await subscriptions().subscribe({ ...line, actor: `Patient/${patient}` }, patient, wish)
}
const remindOf = (patient: string) =>
  remind({ subject: { reference: `Patient/${patient}` }, recipient: [{ reference: `Patient/${patient}` }] })
const subscribed = async () =>
  (
    await database.pool.query<{ endpoint: string }>(sql`SELECT endpoint FROM push_subscription ORDER BY endpoint`)
  ).rows.map(({ endpoint }) => endpoint)
const waiting = async () =>
  (await database.pool.query<{ due_at: Date }>(sql`SELECT due_at FROM push_notice`)).rows.map(({ due_at }) =>
    due_at.toISOString(),
  )
const later = (minutes: number) => {
  clock.now = new Date(clock.now.getTime() + minutes * 60_000)
}

beforeAll(async () => {
  ;[database, service] = await Promise.all([startTestDatabase(), startPushService()])
  const indexer = createIndexer(() => definitions, { baseUrl: BASE_URL })
  store = createStore({
    ...{ pool: database.pool, index: (resource) => indexer.index(resource), reachOf, slot: 1, baseUrl: BASE_URL },
    accessRows: createAccessRows(() => definitions, BASE_URL),
    reaching: {
      now: () => clock.now,
      hasPatient: (type) => hasPatientColumn(definitions, type),
      filtersOf: () => undefined,
    },
    ...{ onCommit: () => {}, now: () => clock.now },
  })
  for (const id of ['line', 'ola'])
    await store.write(TESTER, { interaction: 'update', id, resource: { resourceType: 'Patient', id } })
  await database.pool.query(sql`
    INSERT INTO oauth_client (client_id, client_name, token_endpoint_auth_method, allowed_scope, grant_types, redirect_uris)
    VALUES ('phone', 'Phone', 'none', 'patient/*.rs', '{authorization_code}', '{https://app.example/}')`)
  await database.pool.query(
    sql`INSERT INTO account (account_id, fhir_user, name, allowed_scope) VALUES ('line', 'Patient/line', 'Line', 'patient/*.rs')`,
  )
  rooms = {
    ...{ pool: database.pool, now: () => clock.now, key, contact: 'mailto:drift@example.org', demo: true, deliver },
    log: { warn: (told: object) => warned.push(told) } as never,
    onOutcome: (outcome) => outcomes.push(outcome),
    tellTask: async (wanted) => {
      task = wanted
    },
    standingOf: async (access) => {
      const standing = await readStanding(database.pool, access, clock.now)
      return standing ? { ...access, standing } : access
    },
  }
  sending = openSending(rooms, () => void roomCount++)
})
afterAll(async () => {
  deliver.close()
  await service.stop()
  await database.stop()
})
beforeEach(async () => {
  clock.now = NOON
  warned = []
  outcomes = []
  roomCount = 0
  onKey = async () => {}
  task = undefined
  service.received.length = service.answers.length = 0
  await database.pool.query('TRUNCATE push_subscription, push_notice, push_place')
  await database.pool.query(sql`
    INSERT INTO oidc_artifact (model, id, payload) VALUES ('Grant', 'g', '{}') ON CONFLICT DO NOTHING`)
  await keepPlace(database.pool)
})

test('a reminder is told to each device of the patient in its language, and nothing of what it is about', async () => {
  const [phone, tablet, olas] = [service.newDevice(), service.newDevice(), service.newDevice()]
  await subscribe(phone)
  await subscribe(tablet, { language: 'en' })
  await subscribe(olas, {}, 'ola')
  await remind()
  await remind()
  await turn()
  expect(
    service.received.toSorted((one, other) => String(one.notice).localeCompare(String(other.notice))),
  ).toHaveLength(2)
  const noticeOf = ({ endpoint }: TestDevice) => service.received.find((one) => one.endpoint === endpoint)
  expect(noticeOf(phone)).toMatchObject({
    notice: { body: 'Du har noe å gjøre i Fylgje.', lang: 'nb' },
    ...{ topic: 'fylgje', ttl: 4 * 3600, contact: 'mailto:drift@example.org' },
  })
  expect(noticeOf(tablet)?.notice).toEqual({ body: 'You have something to do in Fylgje.', lang: 'en' })
  await turn()
  expect([service.received.length, await waiting()]).toEqual([2, []])
})

test.each([
  ['one to somebody else', { recipient: [{ reference: 'CareTeam/x' }] }],
  ['one that is not asked for yet', { status: 'draft' }],
] as const)('%s is not told', async (_, changes) => {
  await subscribe(service.newDevice())
  await remind(changes as Partial<CommunicationRequest>)
  await turn()
  expect(service.received).toEqual([])
})

test('what comes in quiet hours is told once when they are over', async () => {
  await subscribe(service.newDevice(), { quietFrom: '11:30', quietUntil: '13:00' })
  await remind()
  await turn()
  later(30)
  await remind()
  await turn()
  expect([service.received, await waiting()]).toEqual([[], ['2026-11-23T12:00:00.000Z']])
  later(30)
  await turn()
  expect(service.received).toHaveLength(1)
})

test('what is tried again waits for the end of quiet hours that have begun, or that were changed meanwhile', async () => {
  const [phone, tablet] = [service.newDevice(), service.newDevice()]
  await subscribe(phone, { quietFrom: '12:01', quietUntil: '18:00' })
  await subscribe(tablet)
  service.answers.push(503, 503)
  await remind()
  await turn()
  await subscribe(tablet, { quietFrom: '11:00', quietUntil: '18:00' })
  later(1)
  await turn()
  expect([service.received, await waiting()]).toEqual([[], Array(2).fill('2026-11-23T17:00:00.000Z')])
  later(6 * 60 - 1)
  await turn()
  expect(service.received).toHaveLength(2)
})

test('for a phone that is off, the service keeps a notice until quiet hours begin, and no longer', async () => {
  await subscribe(service.newDevice(), { quietFrom: '13:30', quietUntil: '18:00' })
  await remind()
  await turn()
  expect(service.received).toMatchObject([{ ttl: 90 * 60 }])
})

test.each([404, 410])('a device that is gone (%s) is forgotten', async (status) => {
  const [gone, there] = [service.newDevice(), service.newDevice()]
  await subscribe(gone)
  service.answers.push(status)
  await remind()
  await turn()
  await subscribe(there)
  await remind()
  await turn()
  expect(await subscribed()).toEqual([there.endpoint])
  expect(service.received.map(({ endpoint }) => endpoint)).toEqual([there.endpoint])
})

test.each([429, 503])('a service that has too much to do (%s) is asked again later, and told once', async (status) => {
  await subscribe(service.newDevice())
  service.answers.push(status)
  await remind()
  await turn()
  await turn()
  expect(service.received).toEqual([])
  later(1)
  await turn()
  await turn()
  expect(service.received).toHaveLength(1)
})

test('so late that it is no reminder any more, it is not told', async () => {
  await subscribe(service.newDevice())
  service.answers.push(503)
  await remind()
  await turn()
  later(5 * 60)
  await turn()
  expect([service.received, await waiting()]).toEqual([[], []])
})

test('what a service refuses is given up and told to the operator, by its host alone', async () => {
  const phone = service.newDevice()
  await subscribe(phone)
  service.answers.push(400)
  await remind()
  await turn()
  expect(warned).toEqual([{ service: new URL(phone.endpoint).host, reason: 'The receiver answered with 400.' }])
  expect([await waiting(), await subscribed()]).toEqual([[], [phone.endpoint]])
})

test('a device for which nothing can be encrypted is given up, and the others are told', async () => {
  const [broken, phone] = [service.newDevice(), service.newDevice()]
  await subscribe(broken)
  await subscribe(phone)
  await database.pool.query(sql`UPDATE push_subscription SET p256dh = ${OFF_CURVE} WHERE endpoint = ${broken.endpoint}`)
  await remind()
  await turn()
  expect(warned).toMatchObject([{ reason: expect.stringMatching(/^Nothing can be encrypted for it/) }])
  expect([service.received.map(({ endpoint }) => endpoint), await waiting()]).toEqual([[phone.endpoint], []])
})

test('what is to be told anew is tried as often as the first', async () => {
  await subscribe(service.newDevice())
  service.answers.push(503, 503, 503, 503)
  await remind()
  for (const minutes of [1, 2, 10]) {
    await turn()
    later(minutes)
  }
  await remind()
  await turn()
  later(1)
  await turn()
  expect([service.received.length, warned]).toEqual([1, []])
})

test('what is to be told while the device is being told of something before it comes too', async () => {
  const slow = await startPushService()
  try {
    await subscribe(slow.newDevice())
    await remind()
    const speak = slow.fallSilent()
    await sending.turn()
    await eventually(
      async () => slow.askedCount(),
      (count) => count === 1,
    )
    later(0.1)
    await remind()
    await sending.turn()
    speak()
    await turn()
    expect([slow.received.length, (await waiting()).length]).toEqual([1, 1])
    later(1)
    await turn()
    expect([slow.received.length, await waiting()]).toEqual([2, []])
  } finally {
    await slow.stop()
  }
})

test('a service that does not answer has a part of what is under way, and those of another are told meanwhile; what waited comes when it answers', async () => {
  const silent = await startPushService()
  try {
    const allBegun = async () => {
      while (await sending.turn());
    }
    for (const patient of ['line', 'ola']) {
      for (let i = 0; i < 10; i++) await subscribeAs(patient, silent.newDevice())
      await remindOf(patient)
    }
    const speak = silent.fallSilent()
    await allBegun()
    await eventually(
      async () => silent.askedCount(),
      (count) => count === AT_ONE_HOST_MAX,
    )
    // Due after all of them.
    later(0.1)
    await subscribeAs('kari', service.newDevice())
    await remindOf('kari')
    await allBegun()
    await eventually(
      async () => service.received.length,
      (count) => count === 1,
    )
    expect([silent.askedCount(), silent.received]).toEqual([AT_ONE_HOST_MAX, []])
    speak()
    await sending.idle()
    expect([silent.received.length, roomCount > 0]).toEqual([AT_ONE_HOST_MAX, true])
    await turn()
    expect([silent.received.length, outcomes, await waiting()]).toEqual([20, Array(21).fill('told'), []])
  } finally {
    await silent.stop()
  }
})

test('what there was no room for and was asked for anew meanwhile has been tried no time, and no fewer', async () => {
  const silent = await startPushService()
  try {
    const speak = silent.fallSilent()
    for (const patient of ['line', 'ola']) {
      for (let i = 0; i < 10; i++) await subscribeAs(patient, silent.newDevice())
      await remindOf(patient)
      // Between what is taken up and what is given back.
      onKey = () => database.pool.query(sql`UPDATE push_notice SET attempts = 0`)
      while (await sending.turn());
    }
    const { rows } = await database.pool.query(
      sql`SELECT min(attempts)::int AS attempts, count(*)::int AS waiting FROM push_notice`,
    )
    expect(rows).toEqual([{ attempts: 0, waiting: 20 }])
    onKey = async () => {}
    speak()
    await sending.idle()
    await turn()
  } finally {
    await silent.stop()
  }
})

test('a fault of what was last under way is told, and stands in the way of nobody who stops the server', async () => {
  const asked = Promise.withResolvers<void>()
  const broken = Promise.withResolvers<never>()
  const pusher = await startPusher({
    ...rooms,
    deliver: () => {
      asked.resolve()
      return broken.promise
    },
  })
  await subscribe(service.newDevice())
  await remind()
  pusher.wake()
  await asked.promise
  const stopping = pusher.stop()
  broken.reject(new Error('no database'))
  await stopping
  expect(warned).toEqual([{ err: expect.objectContaining({ message: 'no database' }) }])
})

test('while services refuse this server itself, whoever runs it has a Task', async () => {
  for (let i = 0; i < 3; i++) await subscribe(service.newDevice())
  service.answers.push(403, 401, 403)
  await remind()
  await turn()
  expect([outcomes, task]).toEqual([Array(3).fill('refused'), undefined])
  later(0.25)
  await turn()
  expect([outcomes, task?.status]).toEqual([Array(3).fill('refused'), 'requested'])
  await remind()
  await turn()
  expect([outcomes.slice(3), task]).toEqual([Array(3).fill('told'), undefined])
})

test('signed out, no device is told any more, and it is forgotten', async () => {
  await subscribe(service.newDevice())
  await database.pool.query(sql`DELETE FROM oidc_artifact WHERE model = 'Grant' AND id = 'g'`)
  await remind()
  await turn()
  expect([service.received, await subscribed()]).toEqual([[], []])
})

test('a parent’s device is told until the child turns twelve, and then forgotten', async () => {
  const patient = { resourceType: 'Patient', id: 'barn', birthDate: '2014-11-25' }
  await store.write(TESTER, { interaction: 'update', id: 'barn', resource: patient as Resource })
  const parent = {
    ...{ resourceType: 'RelatedPerson', id: 'mor', active: true, patient: { reference: 'Patient/barn' } },
    relationship: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'MTH' }] },
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'GUARD' }] },
    ],
  }
  await store.write(TESTER, { interaction: 'update', id: 'mor', resource: parent as unknown as Resource })
  await database.pool.query(
    sql`INSERT INTO account (account_id, fhir_user, name, allowed_scope) VALUES ('mor', 'RelatedPerson/mor', 'Mor', 'patient/*.rs')`,
  )
  await subscriptions().subscribe({ ...line, actor: 'RelatedPerson/mor' }, 'barn', {
    ...{ language: 'nb', quietFrom: undefined, quietUntil: undefined, ...service.newDevice() },
  })
  const changes = { subject: { reference: 'Patient/barn' }, recipient: [{ reference: 'Patient/barn' }] }
  await remind(changes)
  await turn()
  expect(service.received).toHaveLength(1)
  later(2 * 24 * 60)
  await remind(changes)
  await turn()
  expect([service.received.length, await subscribed()]).toEqual([1, []])
})

test('a device is one, whoever says it anew; another’s is not ended by whose it is not; of eleven the oldest goes', async () => {
  const phone = service.newDevice()
  await subscribe(phone)
  await subscribe(phone, { language: 'nn' }, 'ola')
  await subscriptions().unsubscribe('line', phone.endpoint)
  expect(await subscribed()).toEqual([phone.endpoint])
  await subscriptions().unsubscribe('ola', phone.endpoint)
  expect(await subscribed()).toEqual([])
  await subscribe(phone)
  for (let i = 0; i < 10; i++) await subscribe(service.newDevice())
  expect(await subscribed()).toHaveLength(10)
  expect(await subscribed()).not.toContain(phone.endpoint)
})

test('the key stays, sealed or not, for subscriptions end with it', async () => {
  const before = (await key()).publicKey
  const seal = createSeal([new Uint8Array(32).fill(7)])
  expect((await openPushKey(database.pool, seal)()).publicKey).toBe(before)
  const { rows } = await database.pool.query<{ jwk: unknown; sealed: string }>(sql`SELECT jwk, sealed FROM push_key`)
  expect([rows[0]?.jwk, rows[0]?.sealed.split('.').length]).toEqual([null, 5])
  expect((await openPushKey(database.pool, seal)()).publicKey).toBe(before)
})

const OFF_CURVE = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64url')
const good = { endpoint: 'https://push.example.org/1' }
test.each([
  ['an address inside of the network', { endpoint: 'https://192.168.1.4/x' }, 'endpoint'],
  ['one without TLS', { endpoint: 'http://push.example.org/x' }, 'endpoint'],
  ['no address', { endpoint: 'phone' }, 'endpoint'],
  ['one that is too long', { endpoint: `https://push.example.org/${'x'.repeat(2_000)}` }, 'endpoint'],
  ['a key that is no point', { ...good, p256dh: 'AAAA' }, 'p256dh'],
  ['a point that is not on the curve', { ...good, p256dh: OFF_CURVE }, 'p256dh'],
  ['a key in another alphabet', { ...good, p256dh: '+/+/' }, 'p256dh'],
  ['a secret that is too short', { ...good, auth: 'AAAA' }, 'auth'],
  ['quiet hours without an end', { ...good, quietFrom: '22:00' }, 'quietUntil'],
  ['quiet hours without a beginning', { ...good, quietUntil: '07:00' }, 'quietFrom'],
  ['quiet hours all day', { ...good, quietFrom: '07:00', quietUntil: '07:00' }, 'quietUntil'],
] as const)('%s is refused', async (_, wish, expression) => {
  await expect(subscribe({ ...service.newDevice() }, wish)).rejects.toMatchObject({
    issues: [{ code: 'value', expression: [expression] }],
  })
  expect(await subscribed()).toEqual([])
})
