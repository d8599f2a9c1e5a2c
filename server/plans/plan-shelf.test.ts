import type { PlanDefinition } from '@medplum/fhirtypes'
import type { Definition } from '../core/decide/plan/compile-plan.ts'
import { inTransaction, type Queryable } from '../db/pool.ts'
import { toPlanBook } from './plan-book.ts'
import { PlanShelf } from './plan-shelf.ts'
import { startTestHouse, type TestHouse } from './test-house.ts'

const URL = 'http://example.org/PlanDefinition/shelved'
const ASK = 'http://example.org/ActivityDefinition/ask'
const plan = (title: string) => ({
  ...{ resourceType: 'PlanDefinition', id: 'shelved', url: URL, version: '1', status: 'active', title },
  action: [{ id: 'ask', title: 'Spør', definitionCanonical: ASK }],
})
const activity = (title: string) => ({
  ...{ resourceType: 'ActivityDefinition', id: 'ask', url: ASK, version: '1', status: 'active', kind: 'Task', title },
})

let house: TestHouse
beforeAll(async () => {
  house = await startTestHouse()
})
afterAll(() => house.stop())

/** Of one version number they come in any order. */
const namesOf = (definitions: Definition[]) => definitions.map((one) => JSON.stringify(one)).sort()

const titlesOf = (definitions: Definition[]) =>
  definitions.filter(({ url }) => url === URL || url === ASK).map(({ title }) => title)

test('what was read once is the same again, what is new is read, and what is gone is left out', async () => {
  const shelf = new PlanShelf()
  const before = await shelf.read(house.pool)
  await house.put(plan('Første'))
  await house.put(plan('Andre'))
  const after = await shelf.read(house.pool)
  expect(titlesOf(after)).toEqual(['Andre', 'Første'])
  expect(new Set(after).isSupersetOf(new Set(before))).toBe(true)
  const anew = await new PlanShelf().read(house.pool)
  expect(namesOf(await shelf.read(house.pool))).toEqual(namesOf(anew))
})

test('a version that was rolled back is not taken for the one that was stored in its place', async () => {
  const shelf = new PlanShelf()
  const rolledBack = inTransaction(house.pool, async (tx) => {
    await tx.query(`UPDATE resource SET content = replace(content, 'Andre', 'Nei') WHERE id = 'shelved'`)
    expect(titlesOf(await shelf.read(tx))).toContain('Nei')
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(titlesOf(await shelf.read(house.pool))).not.toContain('Nei')
})

test('who reads while another reads what only that one can see is given all of it', async () => {
  const shelf = new PlanShelf()
  await inTransaction(house.pool, async (tx) => {
    await tx.query(`UPDATE resource SET content = replace(content, 'Andre', 'Egen') WHERE id = 'shelved'`)
    await shelf.read(tx)
    // What is asked knows the own version; by the time of the answer another reader has left the shelf without it.
    const overtaken = {
      query: async (...asked: Parameters<Queryable['query']>) => {
        const answer = await tx.query(...asked)
        await shelf.read(house.pool)
        return answer
      },
    } as Queryable
    expect(titlesOf(await shelf.read(overtaken))).toContain('Egen')
  })
})

test('a plan is compiled again when what it names is another, or the codes that it filters by; else it is the same', () => {
  const shelf = new PlanShelf()
  const valueSet = 'http://example.org/ValueSet/lungs'
  const trigger = [{ type: 'data-added', data: [{ type: 'Condition', codeFilter: [{ path: 'code', valueSet }] }] }]
  const filtering = { ...plan('Filtrerer'), action: [{ ...plan('').action[0], trigger }] } as unknown as PlanDefinition
  const [one, other] = [activity('En'), activity('En')] as unknown as Definition[]
  const compiled = (named: Definition | undefined, ...codes: string[]) =>
    toPlanBook([filtering, ...(named ? [named] : [])], { shelf, codesOf: () => new Set(codes) }).find(URL)
  const first = compiled(one, 'x|a')
  expect(first?.used).toEqual([one])
  expect(compiled(one, 'x|a')).toBe(first)
  expect(compiled(other, 'x|a')).not.toBe(first)
  const second = compiled(undefined, 'x|a')
  expect(second?.used).toEqual([])
  expect(compiled(undefined, 'x|b')?.codes.get(valueSet)).toEqual(['x|b'])
  expect(compiled(undefined, 'x|b', 'x|c')?.codes.get(valueSet)).toEqual(['x|b', 'x|c'])
})
