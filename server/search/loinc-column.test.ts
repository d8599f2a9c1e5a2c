import fc from 'fast-check'
import type { Resource } from '../core/fhir/resource.ts'
import { sql } from '../db/sql.ts'
import { startTestDatabase, type TestDatabase } from '../db/test-database.ts'
import { loadDefinitions } from '../definitions/definitions.ts'
import { loincOf } from './loinc-column.ts'
import { createTestStore } from './test-store.ts'
import { tokenHash } from './token-hash.ts'

const LOINC = 'http://loinc.org'
const SNOMED = 'http://snomed.info/sct'
const definitions = loadDefinitions()

let database: TestDatabase
beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database.stop())

const observation = (coding: object[] | undefined, more: object = {}): Resource => ({
  resourceType: 'Observation',
  status: 'final',
  code: coding ? { coding } : { text: 'SpO2' },
  ...more,
})
const spo2 = { system: LOINC, code: '59408-5' }
const hash = tokenHash(`Observation.code@${LOINC}|59408-5`)

test.each<[string, Resource, string | null]>([
  ['one LOINC code', observation([spo2]), hash],
  ['one, beside codes of other systems', observation([{ system: SNOMED, code: '431314004' }, spo2]), hash],
  ['the same twice', observation([spo2, { ...spo2, display: 'SpO2' }]), hash],
  ['two', observation([spo2, { system: LOINC, code: '2708-6' }]), '0'],
  ['none', observation([{ system: SNOMED, code: '431314004' }]), null],
  ['a code without a code', observation([{ system: LOINC }]), null],
  ['a text alone', observation(undefined), null],
  ['another type', { ...observation([spo2]), resourceType: 'DiagnosticReport' }, null],
])('%s', (_, resource, expected) => expect(loincOf(resource)).toBe(expected))

const codings = fc.subarray([
  spo2,
  { system: LOINC, code: '8867-4' },
  { system: SNOMED, code: '431314004' },
  { code: '59408-5' },
])
const measurement = fc.record({
  coding: codings,
  day: fc.option(fc.integer({ min: 1, max: 5 })),
  /** Stored before the column was. */
  old: fc.boolean(),
  removed: fc.boolean(),
})

test('pages of a patient’s newest are those of a search by the text, whatever the rows are coded in and however old they are', async () => {
  let number = 0
  await fc.assert(
    fc.asyncProperty(fc.array(measurement, { maxLength: 14 }), fc.integer({ min: 1, max: 5 }), async (given, count) => {
      const patient = `p${number++}`
      const store = createTestStore(database.pool, definitions)
      await database.pool.query('TRUNCATE resource, placed_id')
      const ids = given.map((_, i) => `${patient}-${i}`)
      for (const [i, { coding, day, old, removed }] of given.entries()) {
        const id = ids[i] as string
        await store.insert(
          observation(coding, {
            id,
            subject: { reference: `Patient/${patient}` },
            ...(day === null ? {} : { effectiveDateTime: `2026-03-0${day}` }),
          }),
        )
        if (old) await database.pool.query(sql`UPDATE resource SET loinc = 0 WHERE id = ${id}`)
        if (removed) await store.remove('Observation', id)
      }
      const found = await store.pages(
        `Observation?patient=${patient}&code=${LOINC}|59408-5&_sort=-date&_count=${count}`,
      )
      const expected = given
        .map((one, i) => ({ ...one, i }))
        .filter(({ coding, removed }) => coding.includes(spo2) && !removed)
        .sort((a, b) => (b.day ?? 0) - (a.day ?? 0) || b.i - a.i)
        .map(({ i }) => ids[i])
      expect(found.flat()).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
