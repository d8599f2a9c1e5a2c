import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { createDefinitionBook } from './definition-book.ts'
import { loadDefinitions } from './definitions.ts'
import { followStoredDefinitions } from './stored-definitions.ts'

const URL = 'http://example.org/p'
const definitions = loadDefinitions()
let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

let key = 0
let listCount = 0

/** Stores a version of a profile as the store would: the row and its event, in one statement. */
async function store(id: string, version: number, { deleted = false } = {}): Promise<void> {
  const content = deleted
    ? null
    : JSON.stringify({
        resourceType: 'StructureDefinition',
        url: `${URL}-${id}`,
        version: String(version),
        type: 'Patient',
        derivation: 'constraint',
      })
  const rk = id === 'a' ? 1 : ++key + 1
  await database.pool.query(sql`
    WITH row AS (
      INSERT INTO resource (bucket, rk, type, id, version, last_updated, deleted, content)
      VALUES (1, ${rk}, 'StructureDefinition', ${id}, ${version}, now(), ${deleted}, ${content})
      ON CONFLICT (bucket, rk) DO UPDATE SET version = excluded.version, deleted = excluded.deleted, content = excluded.content
      RETURNING 1)
    INSERT INTO event (bucket, rk, version, type, id, interaction, recorded_at, actor)
    SELECT 1, ${rk}, ${version}, 'StructureDefinition', ${id}, ${deleted ? 'delete' : 'update'}, now(), 'Device/test' FROM row`)
}

function follow() {
  const book = createDefinitionBook(definitions)
  const listCodes = async () => new Set([`http://example.org/cs|${listCount++}`])
  const followed = followStoredDefinitions({ pool: database.pool, book, listCodes, onFailure: () => {} })
  return { book, ...followed, versionOf: (id: string) => book.profile(`${URL}-${id}`)?.version }
}

test('each process takes in what is stored, changed and deleted, by whichever; and nothing again that is the same', async () => {
  const [one, other] = [follow(), follow()]
  try {
    await store('a', 1)
    await Promise.all([one.refresh(), other.refresh()])
    expect([one.versionOf('a'), other.versionOf('a')]).toEqual(['1', '1'])
    const { generation } = one.book
    await one.refresh()
    expect(one.book.generation).toBe(generation)

    await store('a', 2)
    await store('b', 1)
    await one.refresh()
    expect([one.versionOf('a'), one.versionOf('b')]).toEqual(['2', '1'])
    await store('a', 3, { deleted: true })
    await one.refresh()
    expect([one.versionOf('a'), one.versionOf('b')]).toEqual([undefined, '1'])
  } finally {
    one.stop()
    other.stop()
  }
})

test('who asks while another look is under way sees what was there when they asked', async () => {
  const one = follow()
  try {
    const first = one.refresh()
    await store('c', 1)
    await one.refresh()
    expect(one.versionOf('c')).toBe('1')
    await first
  } finally {
    one.stop()
  }
})

test('without being asked, within seconds', async () => {
  const one = follow()
  try {
    await store('d', 1)
    const deadline = Date.now() + 5_000
    while (one.versionOf('d') === undefined && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50))
    expect(one.versionOf('d')).toBe('1')
  } finally {
    one.stop()
  }
})
