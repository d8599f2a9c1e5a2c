import fc from 'fast-check'
import { createGather } from './gather.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test('what comes at the same time shares a round, and each gets its own answer', async () => {
  const rounds: number[][] = []
  const gather = createGather<number, number>(
    async (items) => {
      rounds.push(items)
      return items.map((item) => item * 10)
    },
    { roundCountMax: 1, itemCountMax: 100, keyOf: () => undefined },
  )
  expect(await Promise.all([1, 2, 3].map((item) => gather.add(item)))).toEqual([10, 20, 30])
  expect(rounds).toEqual([[1, 2, 3]])
})

test('a round that fails fails its own items and no others', async () => {
  const gather = createGather<string, string>(
    async (items) => {
      if (items.includes('bad')) throw new Error('no')
      return items
    },
    { roundCountMax: 1, itemCountMax: 1, keyOf: () => undefined },
  )
  const results = await Promise.allSettled(['a', 'bad', 'b'].map((item) => gather.add(item)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('items of one key are done one after the other, in the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 40 }), async (keys) => {
      const underWay = new Set<string>()
      const done: Record<string, number[]> = { a: [], b: [], c: [] }
      const gather = createGather<{ key: string; n: number }, number>(
        async (items) => {
          for (const { key } of items) {
            if (underWay.has(key)) throw new Error(`${key} is under way twice`)
            underWay.add(key)
          }
          await pause(0)
          for (const { key, n } of items) {
            underWay.delete(key)
            done[key]?.push(n)
          }
          return items.map(({ n }) => n)
        },
        { roundCountMax: 3, itemCountMax: 5, keyOf: ({ key }) => key },
      )
      await Promise.all(keys.map((key, n) => gather.add({ key, n })))
      for (const key of ['a', 'b', 'c']) {
        expect(done[key]).toEqual(keys.flatMap((k, n) => (k === key ? [n] : [])))
      }
      expect(gather.waiting()).toBe(0)
    }),
    { numRuns: 50 },
  )
})

test('a round with patience lets the process look once for other work, takes what comes meanwhile, and waits no longer', async () => {
  const rounds: number[][] = []
  const gather = createGather<number, number>(
    async (items) => {
      rounds.push(items)
      return items
    },
    { roundCountMax: 1, itemCountMax: 100, keyOf: () => undefined, patienceMillis: 60_000 },
  )
  const first = gather.add(1)
  await turn()
  expect(rounds).toEqual([])
  expect(await Promise.all([first, gather.add(2)])).toEqual([1, 2])
  expect(rounds).toEqual([[1, 2]])
})
