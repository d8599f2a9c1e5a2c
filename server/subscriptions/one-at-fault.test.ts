import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import { NO_AUDIT } from '../audit/audit.ts'
import { refuse } from '../core/fhir/outcome.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { type Definitions, loadDefinitions } from '../definitions/definitions.ts'
import { readStanding } from '../store/relations/read-standing.ts'
import type { Store } from '../store/store.ts'
import { createDecidingStore } from '../store/test-store.ts'
import { type AskedBy, createAskedBy } from './known-asked.ts'
import { createLife } from './life.ts'
import { matchEvents } from './match.ts'
import { claimDue } from './rows.ts'
import { type SendRooms, serve } from './send.ts'
import { subscriptionWrites } from './subscription-writes.ts'
import { sweep } from './sweep.ts'

// What is wrong with one Subscription, or with us, is told where it belongs, and nobody else is told less, more or later by it.

const BASE = 'http://localhost/fhir'
const writer = engineAccess('test')
const token = { key: 'token', expiresAt: '2099-01-01T00:00:00Z' }
const accessOf = (clientId: string, scopes: string): Access => ({
  ...{ actor: `Client/${clientId}`, clientId, scopes: parseScopes(scopes), token },
})
const SYSTEM = accessOf('system', 'system/*.cruds')

let database: TestDatabase
let store: Store
let definitions: Definitions = loadDefinitions()
let askedBy: AskedBy
let sent: string[] = []
let isCodeSetThere = true

beforeAll(async () => {
  database = await startTestDatabase()
  const { pool } = database
  const bare = createDecidingStore({
    ...{ pool, definitions, baseUrl: BASE },
    codesAsked: async () => {
      if (!isCodeSetThere) throw refuse('not-found', 'There is no ValueSet http://nowhere/vs.')
      return [{ system: 'urn:c', code: 'a' }]
    },
  })
  store = subscriptionWrites(bare, { pool, asked: () => ({ definitions, mayUse: () => true }) })
})
afterAll(() => database.stop())
beforeEach(async () => {
  await database.pool.query('TRUNCATE subscription, subscription_event')
  await database.pool.query('UPDATE subscription_cursor SET xid = pg_current_xact_id(), seq = 0')
  askedBy = createAskedBy(() => ({ definitions, mayUse: () => true }))
  sent = []
  isCodeSetThere = true
})

const put = (resource: object) => {
  const change = { interaction: 'update' as const, resource: resource as Resource, id: (resource as Resource).id ?? '' }
  return store.write(writer, change)
}

const bases = {
  async now(id: string) {
    const { pool } = database
    const { rows } = await pool.query<{ access: Access }>(sql`SELECT access FROM subscription_basis WHERE id = ${id}`)
    const access = rows[0]?.access ?? SYSTEM
    const standing = await readStanding(pool, access, new Date())
    return { access: { ...access, ...(standing ? { standing } : {}) } }
  },
  lookUp: async () => (id: string) => bases.now(id),
}

const life = () => createLife({ pool: database.pool, store, definitions: () => definitions, now: () => new Date() })

const matching = () => ({ pool: database.pool, store, bases, askedBy, life: life(), onBroken: () => {} })

const sending = (): SendRooms => ({
  ...{ store, bases, askedBy, audit: NO_AUDIT, baseUrl: BASE, now: () => new Date(), onNotice: () => {} },
  ...{ pool: database.pool, life: life(), toXml: (text: string) => text },
  retry: { attemptCountMax: 3, firstMillis: 0, longestMillis: 0 },
  deliver: async ({ url, body }) => void sent.push(`${url.pathname.slice(1)} ${body?.text}`),
})

/** Asks by R4’s own criteria. @returns the id, when it is active */
async function ask(access: Access, criteria: string, more: object = {}): Promise<string> {
  const channel = { type: 'rest-hook', endpoint: 'https://example.org/hook', ...more }
  const resource = { resourceType: 'Subscription', status: 'requested', reason: 'test', criteria, channel }
  const { id } = await store.write(access, { interaction: 'create', resource: resource as unknown as Resource })
  await read()
  await send()
  return id
}

const read = async () => {
  while ((await matchEvents(matching())).count > 0);
}

async function send(rooms = sending()) {
  const sender = crypto.randomUUID()
  for (const row of await claimDue(database.pool, sender, 10)) await serve(rooms, row, sender, () => false)
}

async function rowOf(id: string) {
  const { rows } = await database.pool.query<{
    status: string
    reason: string | null
    last: number
    delivered: number
  }>(sql`
    SELECT status, reason, last_number::int AS last, delivered_number::int AS delivered FROM subscription WHERE id = ${id}`)
  return rows[0]
}

const observation = (id: string, more: object = {}) =>
  put({
    ...{ resourceType: 'Observation', id, status: 'final', subject: { reference: 'Patient/x' } },
    ...{ code: { coding: [{ system: 'urn:c', code: 'a' }] }, ...more },
  })

test('an event is for whoever asks for it, also when what was known of them is forgotten in the middle of a round', async () => {
  const id = await ask(SYSTEM, 'Observation?code=urn:c|a')
  await observation('forgotten')
  const forgetful = Object.assign((...given: Parameters<AskedBy>) => askedBy(...given), {
    known: () => {
      const before = askedBy.known()
      // Another search parameter, at this moment.
      definitions = { ...definitions }
      return before
    },
  })
  await matchEvents({ ...matching(), askedBy: forgetful })
  expect(await rowOf(id)).toMatchObject({ last: 1 })
})

test('one that asks for codes that nobody knows is in error with a Task, and the others are told', async () => {
  const [broken, other] = [
    await ask(SYSTEM, 'Observation?code:in=http://nowhere/vs'),
    await ask(SYSTEM, 'Observation?'),
  ]
  isCodeSetThere = false
  await observation('a')
  await observation('b')
  await read()
  expect(await rowOf(other)).toMatchObject({ status: 'active', last: 2 })
  const reason = 'It cannot be understood any more: There is no ValueSet http://nowhere/vs.'
  expect(await rowOf(broken)).toMatchObject({ status: 'error', reason, last: 0 })
  const { rows } = await database.pool.query(
    sql`SELECT FROM resource WHERE type = 'Task' AND content LIKE ${`%Subscription/${broken}"%`}`,
  )
  expect(rows).toHaveLength(1)
  // One that cannot be asked now, for a fault of ours, holds the place instead of passing over it.
  await observation('c')
  const down = { ...store, seen: () => Promise.reject(refuse('timeout', 'It took too long.')) }
  await expect(matchEvents({ ...matching(), store: down })).rejects.toThrow('It took too long.')
  await read()
  expect(await rowOf(other)).toMatchObject({ status: 'active', last: 3 })
})

test('the same question by chain is answered to each by what of the other end they may see', async () => {
  const narrow = accessOf('narrow', 'system/Observation.rs system/Subscription.cruds')
  const criteria = 'Observation?subject:Patient.family=Dahl'
  const [all, less] = [await ask(SYSTEM, criteria), await ask(narrow, criteria)]
  await put({ resourceType: 'Patient', id: 'x', name: [{ family: 'Dahl' }] })
  await observation('chained')
  await read()
  expect([await rowOf(all), await rowOf(less)]).toMatchObject([{ last: 1 }, { last: 0 }])
})

const sweeping = () => ({ ...sending(), bases, store, eventHours: 1 })

test('a person’s app that may read measurements and no Patient is told until they have nothing to do with the patient', async () => {
  const app = {
    ...accessOf('app', 'patient/Observation.rs patient/Subscription.cruds'),
    actor: 'Patient/x',
    patient: 'x',
  }
  await put({ resourceType: 'Patient', id: 'x' })
  await put({ resourceType: 'Patient', id: 'y' })
  const standing = await readStanding(database.pool, app, new Date())
  const access = { ...app, ...(standing ? { standing } : {}) }
  const [own, other] = [await ask(access, 'Observation?patient=x'), await ask(access, 'Observation?patient=y')]
  await sweep(sweeping(), false)
  expect(await rowOf(own)).toMatchObject({ status: 'active' })
  expect(await rowOf(other)).toMatchObject({ status: 'off' })
})

test('what cannot be sent for a fault of ours is tried as often as what is not taken, and then told', async () => {
  const id = await ask(SYSTEM, 'Observation?', { payload: 'application/fhir+xml' })
  await observation('no-xml')
  await read()
  const toXml = () => {
    throw new Error('no XML')
  }
  const seen: unknown[] = []
  for (let attempt = 0; attempt < 4; attempt++) {
    await expect(send({ ...sending(), toXml }))
      .rejects.toThrow('no XML')
      .catch(() => seen.push('nothing was tried'))
    seen.push((await rowOf(id))?.status)
  }
  expect(seen).toEqual(['active', 'active', 'error', 'nothing was tried', 'error'])
  expect((await rowOf(id))?.reason).toContain('a fault of its own')
})

test('an event that was not taken is forgotten with the Subscription that ends by it, and not before', async () => {
  const { pool } = database
  const id = await ask(SYSTEM, 'Observation?')
  await observation('old')
  await read()
  await pool.query(`UPDATE subscription_event SET recorded_at = now() - interval '2 hours'`)
  const kept = async () => (await pool.query('SELECT FROM subscription_event')).rows.length
  // Its owner is quicker.
  await sweep({ ...sweeping(), life: { ...life(), end: async () => {} } }, true)
  expect([(await rowOf(id))?.status, await kept()]).toEqual(['active', 1])
  await sweep(sweeping(), true)
  expect([(await rowOf(id))?.status, await kept()]).toEqual(['off', 0])
})

test('of numbers whose events are not kept any more one heartbeat is sent, and no other until it is time', async () => {
  const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'
  const id = await ask(SYSTEM, 'http://fylgje.no/fhir/SubscriptionTopic/measurements', {
    extension: [{ url: `${BACKPORT}/backport-heartbeat-period`, valueUnsignedInt: 60 }],
  })
  await database.pool.query(sql`UPDATE subscription SET last_number = 3, due_at = now() WHERE id = ${id}`)
  sent = []
  const sender = crypto.randomUUID()
  for (const row of await claimDue(database.pool, sender, 10))
    await serve(sending(), row, sender, () => sent.length > 3)
  expect(sent).toHaveLength(1)
  expect(await rowOf(id)).toMatchObject({ last: 3, delivered: 3 })
})

test('nobody who follows the feed waits while subscriptions are asked about, and two readers number nothing twice', async () => {
  const { pool } = database
  const id = await ask(SYSTEM, 'Observation?')
  await observation('asked')
  let writing: number | undefined
  let beside: number | undefined
  const seen: Store['seen'] = async (...given) => {
    const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE backend_xid IS NOT NULL AND datname = current_database()`)
    writing = rows[0]?.count
    beside = (await matchEvents(matching())).count
    return store.seen(...given)
  }
  await matchEvents({ ...matching(), store: { ...store, seen } })
  expect({ writing, beside }).toEqual({ writing: 0, beside: 0 })
  await read()
  expect(await rowOf(id)).toMatchObject({ last: 1 })
})
