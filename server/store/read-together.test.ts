import fc from 'fast-check'
import type { Access } from '../access/access.ts'
import { engineAccess } from '../access/engine-access.ts'
import { Refusal } from '../core/fhir/outcome.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import type { IndexRow } from '../search/index-row.ts'
import { compartmentToken, tokenHash } from '../search/token-hash.ts'
import { readResource } from './read.ts'
import { createReader } from './read-together.ts'
import type { StoreRooms } from './rooms.ts'
import { createStore } from './store.ts'

let database: TestDatabase
let rooms: StoreRooms
let ids: string[]

const everyone = engineAccess('test')
const only = (patient: string): Access => ({ ...everyone, patient })
const CALLERS = [everyone, only('anna'), only('bo'), only('nobody')]

beforeAll(async () => {
  database = await startTestDatabase()
  rooms = {
    pool: database.pool,
    index: (resource): IndexRow => {
      const patient = String(resource.owner)
      return {
        patient,
        dateLow: null,
        dateHigh: null,
        loinc: null,
        side: {},
        tokens: [tokenHash(compartmentToken(patient))],
      }
    },
    reachOf: ({ patient }) =>
      patient === 'nobody' ? { kind: 'none' } : patient ? { kind: 'compartment', patient } : { kind: 'all' },
    onCommit: () => {},
    now: () => new Date(),
    slot: 1,
    baseUrl: 'http://localhost/fhir',
  }
  const store = createStore(rooms)
  const written = await store.writeAll(
    everyone,
    ['anna', 'bo', 'anna', 'bo'].map((owner) => ({
      interaction: 'create' as const,
      resource: { resourceType: 'Observation', owner },
    })),
  )
  const chosen = {
    interaction: 'update' as const,
    id: 'chosen',
    resource: { resourceType: 'Observation', owner: 'anna' },
  }
  await store.write(everyone, chosen)
  ids = [...written.map(({ id }) => id), 'chosen', 'absent', String(written[0]?.id).replace(/.$/, 'z')]
  await store.write(everyone, { interaction: 'delete', type: 'Observation', id: String(written[3]?.id) })
})
afterAll(() => database.stop())

const outcome = (reading: Promise<unknown>) =>
  reading.catch((error: unknown) => {
    if (error instanceof Refusal) return error.issues
    throw error
  })

test('reads that come together find what each would find alone, under its own condition', async () => {
  const reader = createReader(rooms)
  const wish = fc.record({
    access: fc.constantFrom(...CALLERS),
    type: fc.constantFrom('Observation', 'Patient'),
    id: fc.constantFrom(...ids),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(wish, { maxLength: 100 }), async (wishes) => {
      const together = await Promise.all(wishes.map(({ access, type, id }) => outcome(reader(access, type, id))))
      const alone = await Promise.all(
        wishes.map(({ access, type, id }) => outcome(readResource(rooms, access, type, id))),
      )
      expect(together).toEqual(alone)
    }),
    { numRuns: 50 },
  )
})

test('the one whose compartment it is reads it, the other learns nothing, not even that it is there', async () => {
  const reader = createReader(rooms)
  const [id = ''] = ids
  const [own, foreign, absent] = await Promise.all([
    outcome(reader(only('anna'), 'Observation', id)),
    outcome(reader(only('bo'), 'Observation', id)),
    outcome(reader(only('bo'), 'Observation', ids.at(-1) ?? '')),
  ])
  expect(own).toMatchObject({ type: 'Observation', id })
  expect(foreign).toEqual([expect.objectContaining({ code: 'not-found' })])
  expect(absent).toEqual([expect.objectContaining({ code: 'not-found' })])
})
