import { inTurns } from './turns.ts'

const spin = (milliseconds: number) => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

test('results come in order, of plain and of asynchronous work', async () => {
  expect(await inTurns([1, 2, 3], (n) => n * 2)).toEqual([2, 4, 6])
  expect(await inTurns([1, 2, 3], async (n, index) => n + index)).toEqual([1, 3, 5])
  expect(await inTurns([], () => 1)).toEqual([])
})

test('others have their turn while long work is done', async () => {
  let turns = 0
  const others = setInterval(() => {
    turns += 1
  }, 1)
  await inTurns(Array.from({ length: 60 }), () => spin(2))
  clearInterval(others)
  expect(turns).toBeGreaterThan(3)
})

test('what the work throws ends it', async () => {
  const done: number[] = []
  const failing = inTurns([1, 2, 3], (n) => {
    if (n === 2) throw new Error('no')
    done.push(n)
  })
  await expect(failing).rejects.toThrow('no')
  expect(done).toEqual([1])
})
