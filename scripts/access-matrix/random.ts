/** The same numbers for the same seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export type Random = {
  /** From 0 up to, and without, `count`. */
  below(count: number): number
  happens(share: number): boolean
  pick<T>(list: readonly T[]): T
  some<T>(list: readonly T[], count: number): T[]
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0 || 1
  const next = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    happens: (share) => next() < share,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    some: (list, count) => Array.from({ length: count }, () => list[below(list.length)] as (typeof list)[number]),
  }
}
