import fc from 'fast-check'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { parseScopes } from '../access/scopes.ts'
import { NO_AUDIT } from '../audit/audit.ts'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { readStanding } from '../store/relations/read-standing.ts'
import type { Store } from '../store/store.ts'
import { createDecidingStore } from '../store/test-store.ts'
import type { Bases } from './basis.ts'
import { DeliveryFailure } from './deliver.ts'
import { createAskedBy } from './known-asked.ts'
import { createLife } from './life.ts'
import { matchEvents } from './match.ts'
import { claimDue } from './rows.ts'
import { type SendRooms, serve } from './send.ts'
import { subscriptionWrites } from './subscription-writes.ts'

// Random writes, relations that begin and end, records that are closed and opened, senders that are killed, receivers that fail:
// whoever is told is told in order, without a gap, and of nothing that they may not see. Compared with a model in plain loops.

const BASE = 'http://localhost/fhir'
const NURSE = 'Practitioner/kari'
const definitions = loadDefinitions()
const writer = engineAccess('test')
const token = { key: 'token', expiresAt: '2099-01-01T00:00:00Z' }
const scopes = (text: string) => parseScopes(text)
const SYSTEM: Access = { actor: 'Client/system', clientId: 'system', scopes: scopes('system/*.cruds'), token }
const PERSON: Access = { actor: NURSE, clientId: 'app', scopes: scopes('user/*.cruds'), token }
const ref = (reference: string) => ({ reference })

let database: TestDatabase
let store: Store

beforeAll(async () => {
  database = await startTestDatabase()
  const { pool } = database
  const bare = createDecidingStore({ pool, definitions, baseUrl: BASE })
  store = subscriptionWrites(bare, { pool, asked: () => ({ definitions, mayUse: () => true }) })
  await put({
    ...{ resourceType: 'PractitionerRole', id: 'role', practitioner: ref(NURSE) },
    code: [{ coding: [{ system: 'http://fylgje.no/fhir/CodeSystem/access-role', code: 'nurse' }] }],
  })
  await pool.query(
    'UPDATE subscription_cursor SET xid = (SELECT max(xid) FROM event), seq = (SELECT max(seq) FROM event)',
  )
})
afterAll(() => database.stop())

/** Who the nurse is now: a team that she has come to, or left, is part of it. */
async function asNow(access: Access): Promise<Access> {
  const standing = await readStanding(database.pool, access, new Date())
  return { ...access, ...(standing ? { standing } : {}) }
}

const put = (resource: object) => {
  const change = { interaction: 'update' as const, resource: resource as Resource, id: (resource as Resource).id ?? '' }
  return store.write(writer, change)
}

type Step =
  | { do: 'write'; id: number; patient: number; code: 'a' | 'b'; value: number }
  | { do: 'delete'; id: number }
  | { do: 'relate' | 'close'; patient: number; on: boolean }
  | { do: 'read'; killed: boolean }
  | { do: 'send'; outcomes: Outcome[] }
type Outcome = 'taken' | 'failed' | 'killed before' | 'killed after'

const few = fc.integer({ min: 0, max: 2 })
const steps = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('write' as const),
        ...{ id: few, patient: few, code: fc.constantFrom('a' as const, 'b' as const) },
        value: fc.integer({ min: 0, max: 100 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), id: few }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('relate' as const, 'close' as const),
        patient: few,
        on: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), killed: fc.boolean() }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        outcomes: fc.array(fc.constantFrom<Outcome[]>('taken', 'taken', 'failed', 'killed before', 'killed after'), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
    },
  ),
  { minLength: 10, maxLength: 40 },
)

/** Who asks for what, and what of it the model says. */
const SUBSCRIBERS = [
  { name: 'all', access: SYSTEM, filter: undefined, countMax: 3, wants: () => true },
  { name: 'high', access: SYSTEM, filter: 'value-quantity=gt50', countMax: 2, wants: ({ value }: State) => value > 50 },
  { name: 'kari', access: PERSON, filter: undefined, countMax: 3, wants: () => true },
  { name: 'kari-a', access: PERSON, filter: 'code=urn:c|a', countMax: 5, wants: ({ code }: State) => code === 'a' },
] as const

type State = { patient: number; code: string; value: number }
type Happened = { id: number; version: number; interaction: string; state: State }
/** `subject`: what they could be given of it, by where it lies. */
type Received = { number: number; focus: string | undefined }

/** More of them, and longer, were run while this was made; each takes a second. */
const RUN_COUNT = 6
let runCount = 0

/** One random life. @throws what `expect` finds */
async function live(all: Step[]): Promise<void> {
  const run = `r${runCount++}`
  const { pool } = database
  const nameOf = (id: number) => `${run}-o${id}`
  const patientOf = (patient: number) => `${run}-p${patient}`
  await pool.query('TRUNCATE subscription, subscription_event')

  const received = new Map<string, Received[]>(SUBSCRIBERS.map(({ name }) => [name, []]))
  const violations: string[] = []
  const related = new Set<number>()
  const closed = new Set<number>()
  const current = new Map<number, State & { version: number; deleted: boolean }>()
  let unread: Happened[] = []
  const numbered = new Map<string, Happened[]>(SUBSCRIBERS.map(({ name }) => [name, []]))
  const seesPatient = (access: Access, patient: number) =>
    access.actor === SYSTEM.actor || (related.has(patient) && !closed.has(patient))
  const sees = (access: Access, { id, state }: Happened) =>
    seesPatient(access, state.patient) && seesPatient(access, current.get(id)?.patient ?? -1)

  const bases: Bases = {
    async now(id) {
      const { rows } = await pool.query<{ access: Access }>(sql`SELECT access FROM subscription_basis WHERE id = ${id}`)
      return { access: await asNow(rows[0]?.access ?? SYSTEM) }
    },
    forget: () => {},
    lookUp: async () => (id) => bases.now(id),
  }
  const askedBy = createAskedBy(() => ({ definitions, mayUse: () => true }))
  const life = createLife({ pool, store, definitions: () => definitions, now: () => new Date() })
  const matching = {
    ...{ pool, store, bases, askedBy, life },
    onBroken: (_: string, error: unknown) => void violations.push(String(error)),
  }
  let outcomes: Outcome[] = []
  let isKilled = false
  const mortal = {
    query: (...given: unknown[]) =>
      isKilled
        ? Promise.reject(new Error('killed'))
        : (pool.query as (...all: unknown[]) => Promise<unknown>)(...given),
  }
  const rooms: SendRooms = {
    ...{ store, bases, askedBy, audit: NO_AUDIT, baseUrl: BASE, now: () => new Date(), onNotice: () => {} },
    pool: mortal as never,
    life,
    toXml: (text) => text,
    retry: { attemptCountMax: 1_000, firstMillis: 0, longestMillis: 0 },
    async deliver({ url, body }) {
      const outcome = outcomes.shift() ?? 'taken'
      if (outcome === 'failed') throw new DeliveryFailure('not taken')
      const kill = () => {
        isKilled = true
        throw new Error('killed')
      }
      if (outcome === 'killed before') kill()
      const name = url.pathname.slice(1)
      for (const event of eventsIn(String(body?.text ?? '{}'))) {
        received.get(name)?.push(event)
        const happened = numbered.get(name)?.[event.number - 1]
        const { access } = SUBSCRIBERS.find((one) => one.name === name) ?? { access: SYSTEM }
        const expected = happened && sees(access, happened) ? `${BASE}/Observation/${nameOf(happened.id)}` : undefined
        if (event.focus !== expected) violations.push(`${name} ${event.number}: ${event.focus} and not ${expected}`)
      }
      if (outcome === 'killed after') kill()
    },
  }
  const sendAll = async (given: Outcome[]) => {
    outcomes = [...given]
    for (let turn = 0; turn < 40; turn++) {
      // Whoever was killed has had its time.
      await pool.query(`UPDATE subscription SET claimed_until = NULL, due_at = least(due_at, now())
                         WHERE last_number > delivered_number OR status = 'requested'`)
      const rows = await claimDue(pool, crypto.randomUUID(), 10)
      if (rows.length === 0) return
      for (const row of rows) {
        isKilled = false
        const { rows: held } = await pool.query<{ claimed_by: string }>(
          sql`SELECT claimed_by FROM subscription WHERE id = ${row.id}`,
        )
        await serve(rooms, row, held[0]?.claimed_by ?? '', () => false).catch((error: Error) => {
          if (error.message !== 'killed') throw error
        })
      }
      isKilled = false
      if (given.length > 0 && outcomes.length === 0) return
    }
  }

  const read = async (killed: boolean) => {
    const dying = {
      ...store,
      seen: async (...given: Parameters<Store['seen']>) => {
        const found = await store.seen(...given)
        if (killed) throw new Error('killed')
        return found
      },
    }
    try {
      while ((await matchEvents({ ...matching, store: dying })).count > 0);
    } catch (error) {
      if ((error as Error).message === 'killed') return
      throw error
    }
    for (const { name, access, wants } of SUBSCRIBERS)
      numbered.get(name)?.push(...unread.filter((one) => wants(one.state) && sees(access, one)))
    unread = []
  }

  for (const { name, access, filter, countMax } of SUBSCRIBERS) {
    await store.write(await asNow(access), {
      interaction: 'create',
      resource: asked(name, filter, countMax),
    })
  }
  while ((await matchEvents(matching)).count > 0);
  await sendAll([])

  for (const step of all) {
    switch (step.do) {
      case 'write': {
        const { id, patient, code, value } = step
        const written = await put({
          ...{
            resourceType: 'Observation',
            id: nameOf(id),
            status: 'final',
            subject: ref(`Patient/${patientOf(patient)}`),
          },
          code: { coding: [{ system: 'urn:c', code }] },
          valueQuantity: { value },
        })
        const before = current.get(id)
        const interaction = !before || before.deleted ? 'create' : 'update'
        current.set(id, { patient, code, value, version: written.versionId, deleted: false })
        unread.push({ id, version: written.versionId, interaction, state: { patient, code, value } })
        break
      }
      case 'delete': {
        const before = current.get(step.id)
        if (!before || before.deleted) break
        const gone = await store.write(writer, { interaction: 'delete', type: 'Observation', id: nameOf(step.id) })
        current.set(step.id, { ...before, version: gone.versionId, deleted: true })
        unread.push({ id: step.id, version: gone.versionId, interaction: 'delete', state: before })
        break
      }
      case 'relate': {
        const { patient, on } = step
        await put({
          ...{ resourceType: 'CareTeam', id: `${run}-t${patient}`, status: on ? 'active' : 'inactive' },
          ...{ subject: ref(`Patient/${patientOf(patient)}`), participant: [{ member: ref(NURSE) }] },
        })
        if (on) related.add(patient)
        else related.delete(patient)
        break
      }
      case 'close': {
        const { patient, on } = step
        await put({
          ...{ resourceType: 'Consent', id: `${run}-c${patient}`, status: on ? 'active' : 'inactive' },
          patient: ref(`Patient/${patientOf(patient)}`),
          scope: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }],
          },
          category: [{ text: 'sperring' }],
          provision: { type: 'deny', actor: [{ role: { text: 'sperret' }, reference: ref(NURSE) }] },
        })
        if (on) closed.add(patient)
        else closed.delete(patient)
        break
      }
      case 'read':
        await read(step.killed)
        break
      case 'send':
        await sendAll(step.outcomes)
        break
    }
  }
  await read(false)
  await sendAll([])

  expect(violations).toEqual([])
  for (const { name } of SUBSCRIBERS) {
    const numbers = received.get(name)?.map(({ number }) => number) ?? []
    // A number that came before may come again, with those after it; none is passed over.
    let highest = 0
    for (const number of numbers) {
      expect(number).toBeLessThanOrEqual(highest + 1)
      highest = Math.max(highest, number)
    }
    expect([name, highest]).toEqual([name, numbered.get(name)?.length])
  }
}

const asked = (name: string, filter: string | undefined, countMax: number): Resource => ({
  ...{ resourceType: 'Subscription', status: 'requested', reason: 'test' },
  criteria: 'http://fylgje.no/fhir/SubscriptionTopic/measurements',
  ...(filter
    ? {
        _criteria: {
          extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueString: `Observation?${filter}` }],
        },
      }
    : {}),
  channel: {
    ...{ type: 'rest-hook', endpoint: `https://example.org/${name}` },
    extension: [{ url: `${BACKPORT}/backport-max-count`, valuePositiveInt: countMax }],
    _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: 'id-only' }] },
  },
})
const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition'

type Part = { name: string; valueString?: string; valueReference?: { reference: string } }

function eventsIn(text: string): Received[] {
  const { entry = [] } = JSON.parse(text) as { entry?: { resource: { parameter: { name: string; part: Part[] }[] } }[] }
  return (entry[0]?.resource.parameter ?? [])
    .filter(({ name }) => name === 'notification-event')
    .map(({ part }) => ({
      number: Number(part.find(({ name }) => name === 'event-number')?.valueString),
      focus: part.find(({ name }) => name === 'focus')?.valueReference?.reference,
    }))
}

test('each is told in order, without a gap, at least once, and of nothing that they may not see', async () => {
  await fc.assert(fc.asyncProperty(steps, live), { numRuns: RUN_COUNT, endOnFailure: true })
})
