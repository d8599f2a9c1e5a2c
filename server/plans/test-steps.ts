import fc from 'fast-check'
import { type ReactRooms, react } from './react.ts'
import type { TestHouse } from './test-house.ts'

/** What happens next to somebody whose clocks run, how long after the last, and whether a round is killed meanwhile. */
export type Step<Act extends string> = { act: Act; hours: number; dies: boolean; workers: number }

/** Some steps by chance. @param acts one that stands here twice comes twice as often */
export const randomSteps = <Act extends string>(
  acts: readonly Act[],
  { hoursMax, countMax }: { hoursMax: number; countMax: number },
): fc.Arbitrary<Step<Act>[]> =>
  fc.array(
    fc.record({
      act: fc.constantFrom(...acts),
      hours: fc.integer({ min: 1, max: hoursMax }),
      dies: fc.boolean(),
      workers: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: countMax },
  )

/** What the engine and the keeper of plans write with, in a test's own house. */
const reactRooms = ({ pool, store, clock, readBook }: TestHouse): ReactRooms => ({
  ...{ pool, store, readBook },
  now: () => clock.now,
})

/** The same, but whoever writes is killed after it has written and before it commits. */
export const dyingStore = (store: TestHouse['store']): TestHouse['store'] => ({
  ...store,
  async writeIn(tx, ...rest) {
    await store.writeIn(tx, ...rest)
    throw new Error('killed')
  },
})

/** A round that is killed. */
export async function die(house: TestHouse): Promise<void> {
  await react({ ...reactRooms(house), store: dyingStore(house.store) }, { countMax: 100 }).catch(() => {})
}

/** Rounds until nothing is left to do; several workers do them at once. */
export async function reactToAll(house: TestHouse, workers = 1): Promise<void> {
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (;;) {
        const { more, waiting } = await react(reactRooms(house), { countMax: 100 })
        if (!more && !waiting) return
      }
    }),
  )
}
