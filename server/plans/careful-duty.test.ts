import { createCarefulDuty } from './careful-duty.ts'

/** Work of these pieces, done from the front; some of them cannot be done. */
function workOf(pieces: number[], isBad: (piece: number) => boolean, batches: number[]) {
  const left = [...pieces]
  const done: number[] = []
  const aside: number[] = []
  const duty = createCarefulDuty<undefined>({
    countMax: 10,
    async work(_rooms, countMax) {
      const batch = left.slice(0, countMax)
      batches.push(batch.length)
      if (batch.some(isBad)) throw new Error('bad')
      done.push(...left.splice(0, batch.length))
      return batch.length
    },
    async setAside() {
      aside.push(left.shift() ?? -1)
    },
  })
  return { duty, done, aside }
}

async function runAll(duty: (rooms: undefined) => Promise<boolean>): Promise<void> {
  for (let rounds = 0; rounds < 200; rounds++) {
    const more = await duty(undefined).catch(() => true)
    if (!more) return
  }
}

test('one piece that cannot be done is found and set aside; all others are done, in order, and then in batches again', async () => {
  const pieces = Array.from({ length: 25 }, (_, i) => i)
  const batches: number[] = []
  const { duty, done, aside } = workOf(pieces, (piece) => piece === 3, batches)
  await runAll(duty)
  expect(aside).toEqual([3])
  expect(done).toEqual(pieces.filter((piece) => piece !== 3))
  expect([batches[0], batches[1]]).toEqual([10, 1])
})

test('a database that is away is not the fault of what comes next', async () => {
  const { duty, aside } = workOf([1], () => false, [])
  const away = createCarefulDuty<undefined>({
    countMax: 10,
    work: async () => {
      throw Object.assign(new Error('the connection is gone'), { code: '57P01' })
    },
    setAside: async () => {
      aside.push(1)
    },
  })
  for (let i = 0; i < 10; i++) await expect(away(undefined)).rejects.toThrow('gone')
  expect(aside).toEqual([])
  await runAll(duty)
})
